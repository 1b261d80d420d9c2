import type { Sequences } from '../../dataset/sequences.js';
import { TaskTally, TimeTally, type TaskMetrics, type TimeMetrics } from './metrics.js';
import type { TaskBaseline } from './taskBaseline.js';
import { LastTask, Markov, MostFrequent } from './taskBaselines.js';
import { ExponentialMean, LastValue, RollingMedian, TaskMedian, type TimeBaseline } from './timeBaselines.js';

const TOP = 5;
/** Events between two breaths. */
const STRETCH = 200_000;

/** A part, and the rows of it that are to be guessed. */
export interface Question {
  readonly sequences: Sequences;
  /** 1 where a row counts, one a row. */
  readonly isAsked: Uint8Array;
}

export interface BaselineOptions {
  readonly taskCount: number;
  readonly train: Sequences;
  /** Levels at which the pinball loss is told. */
  readonly quantiles: readonly number[];
  /** Called now and then: lets messages in, and may throw to end the work. */
  readonly breathe: () => Promise<void>;
}

/** By the baseline's name, for each question in turn. */
export type BaselineMetrics<M> = ReadonlyMap<string, readonly M[]>;

/** Trains the next-task baselines on the training part and asks each of them about the same rows. */
export async function taskBaselineMetrics(
  options: BaselineOptions,
  questions: readonly Question[],
): Promise<BaselineMetrics<TaskMetrics>> {
  const { taskCount, train } = options;
  const counts = new Array<number>(taskCount).fill(0);
  for (const task of train.task) counts[task] = counts[task]! + 1;
  const makers: (() => TaskBaseline)[] = [
    () => new MostFrequent(counts),
    () => new LastTask(),
    () => new Markov('most frequent successor', 1, taskCount, false),
    ...[1, 2, 3].map((order) => () => new Markov(`Markov ${order}, online`, order, taskCount, true)),
  ];
  const found = new Map<string, TaskMetrics[]>();
  for (const make of makers) {
    const metrics: TaskMetrics[] = [];
    // Each question meets what training left: what was learnt from one part must not help on the next.
    let baseline = await trained(make, train, options.breathe);
    for (const [at, { sequences, isAsked }] of questions.entries()) {
      const tally = new TaskTally();
      await replay(sequences, options.breathe, (row, isStart) => {
        if (isStart) baseline.begin();
        if (isAsked[row] === 1) tally.add(sequences.task[row]!, baseline.guesses(TOP));
        baseline.observe(sequences.task[row]!);
      });
      metrics.push(tally.metrics());
      const isLast = at === questions.length - 1;
      if (!isLast && baseline.name.endsWith('online')) baseline = await trained(make, train, options.breathe);
    }
    found.set(baseline.name, metrics);
  }
  return found;
}

/** The same for the time to the next event. */
export async function timeBaselineMetrics(
  options: BaselineOptions,
  questions: readonly Question[],
): Promise<BaselineMetrics<TimeMetrics>> {
  const ofTask = new TaskMedian();
  await observeAll(ofTask, options.train, options.breathe);
  ofTask.endTraining();
  const baselines: TimeBaseline[] = [
    new LastValue(),
    new RollingMedian(15),
    ofTask,
    new ExponentialMean(0.2),
  ];
  const found = new Map<string, TimeMetrics[]>();
  for (const baseline of baselines) {
    const metrics: TimeMetrics[] = [];
    for (const { sequences, isAsked } of questions) {
      const tally = new TimeTally(options.quantiles);
      await replay(sequences, options.breathe, (row, isStart) => {
        if (isStart) baseline.begin();
        const logDelta = Math.log1p(sequences.deltaNs[row]!);
        const guess = isAsked[row] === 1 ? baseline.guess() : null;
        if (guess !== null) tally.addPoint(logDelta, guess);
        baseline.observe(sequences.task[row]!, logDelta);
      });
      metrics.push(tally.metrics());
    }
    found.set(baseline.name, metrics);
  }
  return found;
}

async function trained(
  make: () => TaskBaseline,
  train: Sequences,
  breathe: () => Promise<void>,
): Promise<TaskBaseline> {
  const baseline = make();
  await replay(train, breathe, (row, isStart) => {
    if (isStart) baseline.begin();
    baseline.observe(train.task[row]!);
  });
  if (baseline instanceof Markov) baseline.endTraining();
  return baseline;
}

async function observeAll(
  baseline: TimeBaseline,
  train: Sequences,
  breathe: () => Promise<void>,
): Promise<void> {
  await replay(train, breathe, (row, isStart) => {
    if (isStart) baseline.begin();
    baseline.observe(train.task[row]!, Math.log1p(train.deltaNs[row]!));
  });
}

async function replay(
  { rows, starts }: Sequences,
  breathe: () => Promise<void>,
  visit: (row: number, isStart: boolean) => void,
): Promise<void> {
  let sequence = 0;
  for (let row = 0; row < rows; row += 1) {
    const isStart = row === starts[sequence];
    if (isStart) sequence += 1;
    visit(row, isStart);
    if (row % STRETCH === STRETCH - 1) await breathe();
  }
}
