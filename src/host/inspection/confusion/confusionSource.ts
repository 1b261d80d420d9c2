import { basename } from 'node:path';
import { Failure } from '../../../base/errors.js';
import type { NextTaskEvents } from '../../../learning/evaluation/evaluatedEvents.js';
import { readEvaluation, readEvents } from '../../../learning/evaluation/evaluationFiles.js';
import { isOutdated, presentWeightsSha256 } from '../../../learning/evaluation/presentWeights.js';
import {
  collapseRare,
  countConfusion,
  knownClasses,
  OTHER,
  reordered,
  type Confusion,
} from '../../../learning/evaluation/confusion.js';
import { clusteredOrder } from '../../../learning/evaluation/seriation.js';
import type {
  ConfusionEvents,
  ConfusionMatrix,
  ConfusionPart,
  ConfusionQuery,
  ConfusionRequests,
  ConfusionRun,
  ConfusionState,
} from '../../../protocol/confusionMessages.js';
import type { Evaluation, NextTaskEvaluation } from '../../../protocol/evaluation.js';
import { CellEvents } from './cellEvents.js';
import { eventsOfSlice } from './eventsOfSlice.js';
import { recordingPath } from './recordingPath.js';
import { readTaskNames, type TaskNames } from './taskNames.js';

/** More rows than that no screen can show, and clusters take their square. */
const MOST_CLASSES = 1000;
const FIRST_CLASSES = 50;
/** Test parts first. */
const PARTS_BY_INTEREST = ['given', 'seen', 'unseen', 'validation'];

/** What is read of an evaluation once and kept until the files change. */
interface Loaded {
  readonly evaluation: Evaluation;
  readonly parts: readonly NextTaskEvaluation[];
  readonly names: TaskNames;
  /** It is of other weights than those that the run has now. */
  readonly isOutdated: boolean;
}

/** A part with the events of it that a query is about, counted. */
interface Counted {
  readonly events: NextTaskEvents;
  readonly guess: Int32Array;
  readonly chosen: Uint32Array;
  readonly confusion: Confusion;
}

/** The confusion matrices of one run, from the files of its evaluation. */
export class ConfusionSource {
  #loaded: Promise<Loaded | string> | undefined;
  readonly #events = new Map<string, Promise<NextTaskEvents>>();
  readonly #counted = new Map<string, Promise<Counted>>();
  #cell: CellEvents | undefined;

  constructor(private readonly folder: string) {}

  /** The files changed: everything is read again when it is asked for. */
  forget(): void {
    this.#loaded = undefined;
    this.#events.clear();
    this.#counted.clear();
    this.#cell = undefined;
  }

  /** Failures: those of reading an evaluation and its events. */
  async state(wanted: ConfusionQuery | null): Promise<ConfusionState> {
    const loaded = await this.#load();
    const title = basename(this.folder);
    if (typeof loaded === 'string') {
      return { kind: 'missing', title, message: loaded, canEvaluate: loaded !== TIMES_ONLY };
    }
    const query = queryFor(loaded.parts, wanted);
    return {
      kind: 'ready',
      run: runOf(this.folder, loaded),
      matrix: await this.#matrix(loaded, query),
    };
  }

  /** A page of the events of a cell, in the order that was asked for. */
  async events(request: ConfusionRequests['confusionEvents']['params']): Promise<ConfusionEvents> {
    const { query, cell, sort, descending, offset, limit } = request;
    const { names, parts } = await this.#ready();
    const part = partOf(parts, query.part);
    const counted = await this.#count(query);
    const { classes } = collapseRare(counted.confusion, query.classes);
    const key = JSON.stringify([query, cell]);
    if (this.#cell?.key !== key) {
      this.#cell = new CellEvents(key, {
        ...counted,
        classes,
        cell,
        part,
        names,
        isModel: query.baseline === null,
      });
    }
    return this.#cell.page({ sort, descending, offset, limit });
  }

  /** Where an event lies: the file of its recording, the time by its clock, the CPU. */
  async placeOf(
    part: string,
    event: number,
  ): Promise<{ readonly path: string; readonly timeNs: bigint; readonly cpu: number }> {
    const { evaluation, parts } = await this.#ready();
    const { recordings } = partOf(parts, part);
    const { count, recording, timeNs, cpu } = await this.#eventsOf(part);
    if (event >= count) throw new Failure('not-found', 'The run was evaluated again: choose the event anew.');
    const path = await recordingPath(recordings[recording[event]!]!.path, evaluation);
    return { path, timeNs: timeNs[event]!, cpu: cpu[event]! };
  }

  async #ready(): Promise<Loaded> {
    const loaded = await this.#load();
    if (typeof loaded === 'string') throw new Failure('not-found', loaded);
    return loaded;
  }

  /** A text: why there is nothing to show. */
  #load(): Promise<Loaded | string> {
    this.#loaded ??= load(this.folder).catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  async #matrix({ names, parts }: Loaded, query: ConfusionQuery): Promise<ConfusionMatrix> {
    const { confusion, events, chosen } = await this.#count(query);
    const collapsed = collapseRare(confusion, query.classes);
    const shown = query.order === 'clustered' ? reordered(collapsed, clusteredOrder(collapsed)) : collapsed;
    const { classes, support, predicted, target, guess, count, right, rightOfOther } = shown;
    const name = names.of(partOf(parts, query.part));
    return {
      query,
      classes: Array.from(classes, (index, place) => ({
        index,
        name: index === OTHER ? 'other' : name(index),
        support: support[place]!,
        predicted: predicted[place]!,
      })),
      allClasses: knownClasses(confusion),
      covered: shown.events === 0 ? 0 : 1 - eventsOfOther(shown) / shown.events,
      ...{ target, guess, count, right, rightOfOther },
      events: shown.events,
      unknown: chosen.reduce((sum, event) => sum + Number(events.target[event] === 0), 0),
    };
  }

  #count({ part, slice, baseline }: ConfusionQuery): Promise<Counted> {
    const key = JSON.stringify([part, slice, baseline]);
    let counted = this.#counted.get(key);
    if (counted === undefined) {
      counted = this.#countAnew(part, slice, baseline);
      this.#counted.set(key, counted);
      counted.catch(() => this.#counted.delete(key));
    }
    return counted;
  }

  async #countAnew(part: string, slice: ConfusionQuery['slice'], baseline: string | null): Promise<Counted> {
    const events = await this.#eventsOf(part);
    const guess = baseline === null ? events.guess : events.baselines.get(baseline);
    if (guess === undefined)
      throw new Failure('not-found', `Nothing is known of the baseline "${String(baseline)}".`);
    const chosen = eventsOfSlice(events, slice);
    return { events, guess, chosen, confusion: countConfusion({ target: events.target, guess }, chosen) };
  }

  #eventsOf(part: string): Promise<NextTaskEvents> {
    let events = this.#events.get(part);
    if (events === undefined) {
      events = readEvents(this.folder, part).then((read) => {
        if (read.task !== 'next-task') throw new Failure('bad-input', TIMES_ONLY);
        return read;
      });
      this.#events.set(part, events);
      events.catch(() => this.#events.delete(part));
    }
    return events;
  }
}

const TIMES_ONLY =
  'This run predicts when the next event comes, not which task: there is nothing to confuse.';
const NOT_EVALUATED =
  'This run was not evaluated yet. What its model takes for what is known when it has been asked about the test parts.';

async function load(folder: string): Promise<Loaded | string> {
  const evaluation = await readEvaluation(folder);
  if (evaluation === null) return NOT_EVALUATED;
  const parts = evaluation.parts.filter((part) => part.task === 'next-task');
  if (parts.length === 0) return evaluation.model.task === 'next-task' ? NOT_EVALUATED : TIMES_ONLY;
  return {
    ...{ evaluation, parts },
    names: await readTaskNames(evaluation),
    isOutdated: isOutdated(evaluation, await presentWeightsSha256(folder)),
  };
}

function runOf(folder: string, { evaluation, parts, isOutdated: isOfOthers }: Loaded): ConfusionRun {
  const { model, evaluated, warnings } = evaluation;
  return {
    folder,
    title: basename(folder),
    model: model.name,
    evaluated,
    parts: parts.map(partView),
    baselines: parts[0]!.slices[0]!.baselines.map(({ name }) => name),
    warnings,
    isOutdated: isOfOthers,
  };
}

function partView({ part, targets, slices }: NextTaskEvaluation): ConfusionPart {
  return {
    part,
    targets,
    slices: slices.filter((each) => each.targets > 0).map(({ slice, targets }) => ({ slice, targets })),
  };
}

/** What was asked for as far as there is such, else what is shown first. */
function queryFor(parts: readonly NextTaskEvaluation[], wanted: ConfusionQuery | null): ConfusionQuery {
  const first = [...parts].sort((a, b) => interestOf(a) - interestOf(b))[0]!;
  const part = parts.find((each) => each.part === wanted?.part) ?? first;
  const hasSlice = part.slices.some(({ slice, targets }) => slice === wanted?.slice && targets > 0);
  const hasBaseline = part.slices[0]!.baselines.some(({ name }) => name === wanted?.baseline);
  return {
    part: part.part,
    slice: hasSlice ? wanted!.slice : 'all',
    baseline: hasBaseline ? wanted!.baseline : null,
    classes: Math.min(wanted?.classes ?? FIRST_CLASSES, MOST_CLASSES),
    order: wanted?.order ?? 'frequency',
  };
}

function interestOf({ part }: NextTaskEvaluation): number {
  const at = PARTS_BY_INTEREST.indexOf(part);
  return at < 0 ? PARTS_BY_INTEREST.length : at;
}

function partOf(parts: readonly NextTaskEvaluation[], name: string): NextTaskEvaluation {
  const part = parts.find((each) => each.part === name);
  if (part === undefined) throw new Failure('not-found', `The part "${name}" was not evaluated.`);
  return part;
}

/** Events whose target or guess has no row or column of its own. */
function eventsOfOther({ classes, target, guess, count }: Confusion): number {
  let sum = 0;
  for (const [cell, events] of count.entries()) {
    if (classes[target[cell]!] === OTHER || classes[guess[cell]!] === OTHER) sum += events;
  }
  return sum;
}
