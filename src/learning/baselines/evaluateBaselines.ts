import type { Sequences } from '../../dataset/sequences.js';
import { TaskTally, TimeTally, type TaskMetrics, type TimeMetrics } from './metrics.js';
import type { TaskBaseline } from './taskBaseline.js';
import { LastTask, Markov, MostFrequent } from './taskBaselines.js';
import { ExponentialMean, LastValue, RollingMedian, TaskMedian, type TimeBaseline } from './timeBaselines.js';

const TOP = 5;
const MARKOV_ORDERS = [1, 2, 3] as const;
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

/** The next-task baselines as the training part leaves them. Each question is for a fork of them: what one part teaches must not help on the next. */
export async function trainedTaskBaselines({
  taskCount,
  train,
  breathe,
}: Pick<BaselineOptions, 'taskCount' | 'train' | 'breathe'>): Promise<readonly TaskBaseline[]> {
  const counts = new Array<number>(taskCount).fill(0);
  for (const task of train.task) counts[task] = counts[task]! + 1;
  // The longest chain has learnt what the shorter ones would.
  const longest = new Markov('all', MARKOV_ORDERS.at(-1)!, taskCount, true);
  await replay(train, breathe, (row, isStart) => {
    if (isStart) longest.begin();
    longest.observe(train.task[row]!);
  });
  return [
    new MostFrequent(counts),
    new LastTask(),
    longest.derived('most frequent successor', 1, false),
    ...MARKOV_ORDERS.map((order) => longest.derived(`Markov ${order}, online`, order, true)),
  ];
}

/** The time baselines, told of the training part. They forget it but for what training is for. */
export async function trainedTimeBaselines({
  train,
  breathe,
}: Pick<BaselineOptions, 'train' | 'breathe'>): Promise<readonly TimeBaseline[]> {
  const ofTask = new TaskMedian();
  await replay(train, breathe, (row, isStart) => {
    if (isStart) ofTask.begin();
    ofTask.observe(train.task[row]!, Math.log1p(train.deltaNs[row]!));
  });
  ofTask.endTraining();
  return [new LastValue(), new RollingMedian(15), ofTask, new ExponentialMean(0.2)];
}

/** Leads a baseline through a part and calls for each row that is asked about, before the baseline is told of it. */
export async function askTaskBaseline(
  baseline: TaskBaseline,
  { sequences, isAsked }: Question,
  breathe: () => Promise<void>,
  onAsked: (row: number) => void,
): Promise<void> {
  await replay(sequences, breathe, (row, isStart) => {
    if (isStart) baseline.begin();
    if (isAsked[row] === 1) onAsked(row);
    baseline.observe(sequences.task[row]!);
  });
}

/** The same for one that tells times. */
export async function askTimeBaseline(
  baseline: TimeBaseline,
  { sequences, isAsked }: Question,
  breathe: () => Promise<void>,
  onAsked: (row: number, logDelta: number) => void,
): Promise<void> {
  await replay(sequences, breathe, (row, isStart) => {
    if (isStart) baseline.begin();
    const logDelta = Math.log1p(sequences.deltaNs[row]!);
    if (isAsked[row] === 1) onAsked(row, logDelta);
    baseline.observe(sequences.task[row]!, logDelta);
  });
}

/** Trains the next-task baselines on the training part and asks each of them about the same rows. */
export async function taskBaselineMetrics(
  options: BaselineOptions,
  questions: readonly Question[],
): Promise<BaselineMetrics<TaskMetrics>> {
  const found = new Map<string, TaskMetrics[]>();
  for (const trained of await trainedTaskBaselines(options)) {
    const metrics: TaskMetrics[] = [];
    for (const question of questions) {
      const baseline = trained.fork();
      const tally = new TaskTally();
      await askTaskBaseline(baseline, question, options.breathe, (row) =>
        tally.add(question.sequences.task[row]!, baseline.guesses(TOP)),
      );
      metrics.push(tally.metrics());
    }
    found.set(trained.name, metrics);
  }
  return found;
}

/** The same for the time to the next event. */
export async function timeBaselineMetrics(
  options: BaselineOptions,
  questions: readonly Question[],
): Promise<BaselineMetrics<TimeMetrics>> {
  const found = new Map<string, TimeMetrics[]>();
  for (const baseline of await trainedTimeBaselines(options)) {
    const metrics: TimeMetrics[] = [];
    for (const question of questions) {
      const tally = new TimeTally(options.quantiles);
      await askTimeBaseline(baseline, question, options.breathe, (_row, logDelta) => {
        const guess = baseline.guess();
        if (guess !== null) tally.addPoint(logDelta, guess);
      });
      metrics.push(tally.metrics());
    }
    found.set(baseline.name, metrics);
  }
  return found;
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
