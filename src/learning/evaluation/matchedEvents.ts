import { Failure } from '../../base/errors.js';
import type { PartEvaluation } from '../../protocol/evaluation.js';
import type { EvaluatedEvents } from './evaluatedEvents.js';

/** What one run was asked about in a part. */
export interface AskedPart {
  readonly evaluation: PartEvaluation;
  readonly events: EvaluatedEvents;
}

/** Places of the same events in each run's, ascending by their row in the part. */
export type Matched = readonly Uint32Array[];

/**
 * The events that all runs were asked about: those of windows of another length or stride are others, but what lies in both is
 * the same. Events are the same when their row in the part is; that their recording, time and task are, too, is checked.
 * @param asked of each run the same part of the same data set
 * Failure `bad-input`: the rows are not of the same recordings.
 */
export function matchedEvents(asked: readonly AskedPart[]): Matched {
  const [first, ...others] = asked;
  let places: number[][] = Array.from(first!.events.row, (_, place) => [place]);
  for (const { events } of others) {
    const placeOf = new Map<number, number>();
    for (let place = 0; place < events.count; place += 1) placeOf.set(events.row[place]!, place);
    places = places.flatMap((of) => {
      const place = placeOf.get(first!.events.row[of[0]!]!);
      return place === undefined ? [] : [[...of, place]];
    });
  }
  const matched = asked.map((_, run) => Uint32Array.from(places, (of) => of[run]!));
  for (const [run, other] of asked.entries()) checkSame(first!, matched[0]!, other, matched[run]!);
  return matched;
}

function checkSame(a: AskedPart, ofA: Uint32Array, b: AskedPart, ofB: Uint32Array): void {
  for (let at = 0; at < ofA.length; at += 1) {
    const [one, two] = [ofA[at]!, ofB[at]!];
    const isSame =
      a.events.timeNs[one] === b.events.timeNs[two] &&
      a.events.target[one] === b.events.target[two] &&
      a.events.cpu[one] === b.events.cpu[two] &&
      pathOf(a, one) === pathOf(b, two);
    if (!isSame) {
      throw new Failure(
        'bad-input',
        `The part "${a.evaluation.part}" is of other events in one run than in the other: evaluate both on the same recordings.`,
      );
    }
  }
}

function pathOf({ evaluation, events }: AskedPart, place: number): string | undefined {
  return evaluation.recordings[events.recording[place]!]?.path;
}
