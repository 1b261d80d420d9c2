import { basename } from 'node:path';
import { isRight, OTHER } from '../../../learning/evaluation/confusion.js';
import type { NextTaskEvents } from '../../../learning/evaluation/evaluatedEvents.js';
import type {
  ConfusionCell,
  ConfusionEvent,
  ConfusionEvents,
  EventSortKey,
} from '../../../protocol/confusionMessages.js';
import type { NextTaskEvaluation } from '../../../protocol/evaluation.js';
import type { TaskNames } from './taskNames.js';

export interface CellOfEvents {
  readonly events: NextTaskEvents;
  /** What was guessed of each: by the model, or a baseline. */
  readonly guess: Int32Array;
  /** Places of the events of the slice. */
  readonly chosen: Uint32Array;
  /** What has a row of its own; all else is `OTHER`. */
  readonly classes: Int32Array;
  readonly cell: ConfusionCell;
  readonly part: NextTaskEvaluation;
  readonly names: TaskNames;
  readonly isModel: boolean;
}

/** The events of one cell, sorted as they are looked at. */
export class CellEvents {
  readonly #places: readonly number[];
  #order: { readonly key: string; readonly places: readonly number[] } | undefined;

  constructor(
    readonly key: string,
    private readonly of: CellOfEvents,
  ) {
    this.#places = placesOf(of);
  }

  page(wanted: {
    readonly sort: EventSortKey;
    readonly descending: boolean;
    readonly offset: number;
    readonly limit: number;
  }): ConfusionEvents {
    const { sort, descending, offset, limit } = wanted;
    const key = `${sort} ${descending}`;
    if (this.#order?.key !== key) this.#order = { key, places: this.#sorted(sort, descending) };
    const rows = this.#order.places.slice(offset, offset + limit).map((event) => this.#row(event));
    return { total: this.#places.length, rows };
  }

  #sorted(sort: EventSortKey, descending: boolean): number[] {
    const compare = this.#comparer(sort);
    const sign = descending ? -1 : 1;
    return [...this.#places].sort((a, b) => sign * compare(a, b) || a - b);
  }

  #comparer(sort: EventSortKey): (a: number, b: number) => number {
    const { events, guess, part, names } = this.of;
    const name = names.of(part);
    const byNumber = (column: ArrayLike<number>) => (a: number, b: number) => column[a]! - column[b]!;
    const byText = (text: (event: number) => string) => (a: number, b: number) =>
      text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
    switch (sort) {
      case 'time':
        return (a, b) => Number(events.timeNs[a]! - events.timeNs[b]!);
      case 'cpu':
        return byNumber(events.cpu);
      case 'recording':
        return byNumber(events.recording);
      case 'target':
        return byText((event) => name(events.target[event]!));
      case 'guess':
        return byText((event) => name(guess[event]!));
      case 'confidence':
        return byNumber(events.confidence);
      case 'rank':
        return byNumber(events.rank);
    }
  }

  #row(event: number): ConfusionEvent {
    const { events, guess, part, names, isModel } = this.of;
    const name = names.of(part);
    const [came, said] = [events.target[event]!, guess[event]!];
    const rank = events.rank[event]!;
    return {
      event,
      timeNs: String(events.timeNs[event]!),
      cpu: events.cpu[event]!,
      recording: basename(part.recordings[events.recording[event]!]!.path),
      target: name(came),
      guess: name(said),
      isRight: isRight(came, said),
      confidence: isModel ? events.confidence[event]! : null,
      rank: isModel && rank > 0 ? rank : null,
    };
  }
}

function placesOf({ events, guess, chosen, classes, cell }: CellOfEvents): number[] {
  const apart = new Set(classes);
  const isOf = (wanted: number) =>
    wanted === OTHER ? (index: number) => !apart.has(index) : (index: number) => index === wanted;
  const [isTarget, isGuess] = [isOf(cell.target), isOf(cell.guess)];
  const places: number[] = [];
  for (const event of chosen) {
    if (isTarget(events.target[event]!) && isGuess(guess[event]!)) places.push(event);
  }
  return places;
}
