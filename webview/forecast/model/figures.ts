import type { EventSeries, Forecast } from '../../../src/protocol/forecast.js';

/** UNK: what is forecast of it is never right. */
export const UNKNOWN_TASK = 0;
/** What is told of one event after the other is told of these. */
const STEPS = [1, 10, 100, 1000];

export interface Commonest {
  readonly task: number;
  /** Share of the samples that have it. */
  readonly share: number;
}

/** The task that most samples have at each step; of equally many the one that comes first among the samples. */
export function commonestTasks({
  samples,
  steps,
}: Pick<Forecast, 'samples' | 'steps'>): readonly Commonest[] {
  return Array.from({ length: steps }, (_, step) => {
    const counts = new Map<number, number>();
    for (const { task } of samples) counts.set(task[step]!, (counts.get(task[step]!) ?? 0) + 1);
    const [task, count] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best));
    return { task, share: count / samples.length };
  });
}

/** Whether a forecast task was the one that came; `null`: nothing is recorded there. */
export function isRight(forecast: number, came: number | undefined): boolean | null {
  return came === undefined ? null : came !== UNKNOWN_TASK && forecast === came;
}

/** How far a forecast is looked at: 10, 100, 1,000 events, as far as is known what came. */
export function stretchesOf({ actual }: Pick<Forecast, 'actual'>): number[] {
  const known = actual.task.length;
  return [...new Set([10, 100, 1000].map((most) => Math.min(most, known)))].filter((count) => count > 0);
}

/** Steps at which values are told: 1, 10, 100, 1,000, and the last one. */
export function toldSteps({ steps }: Pick<Forecast, 'steps'>): number[] {
  return [...STEPS.filter((step) => step < steps), steps];
}

export interface TaskShares {
  /** First so many events. */
  readonly events: number;
  /** Of the commonest task of each step. */
  readonly commonest: number;
  /** Mean over the samples. */
  readonly samples: number;
  /** Of always saying the task that was observed most often: what the forecast has to beat. */
  readonly constant: number;
}

/** Shares right over the first events. */
export function taskShares(forecast: Forecast): readonly TaskShares[] {
  const { actual, samples } = forecast;
  const commonest = commonestTasks(forecast);
  const constant = mostObserved(forecast.observed);
  return stretchesOf(forecast).map((events) => {
    const share = (taskAt: (step: number) => number) => {
      let right = 0;
      for (let step = 0; step < events; step += 1)
        if (isRight(taskAt(step), actual.task[step]) === true) right += 1;
      return right / events;
    };
    return {
      events,
      commonest: share((step) => commonest[step]!.task),
      samples: samples.reduce((sum, { task }) => sum + share((step) => task[step]!), 0) / samples.length,
      constant: share(() => constant),
    };
  });
}

/** The task that was observed most often, but for UNK. */
export function mostObserved({ task }: EventSeries): number {
  const counts = new Map<number, number>();
  for (const each of task) if (each !== UNKNOWN_TASK) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), [UNKNOWN_TASK, 0])[0];
}

/** Times of a step, ns; `null`: not known. */
export interface TimesAt {
  readonly middle: number | null;
  readonly low50: number | null;
  readonly high50: number | null;
  readonly low90: number | null;
  readonly high90: number | null;
  readonly came: number | null;
}

/** @param step from 1 */
export function timesAt({ quantiles, samples, actual }: Forecast, step: number): TimesAt {
  const level = (wanted: number) =>
    quantiles?.find((each) => each.level === wanted)?.deltaNs[step - 1] ?? null;
  return {
    middle: quantiles === null ? (samples[0]?.deltaNs[step - 1] ?? null) : level(0.5),
    low50: level(0.25),
    high50: level(0.75),
    low90: level(0.05),
    high90: level(0.95),
    came: actual.deltaNs[step - 1] ?? null,
  };
}

export interface TimeShares {
  readonly events: number;
  /** Shares of what came that lay within the bands; `null` without bands. */
  readonly within50: number | null;
  readonly within90: number | null;
  /** Mean distance of ln(1 + ns) of the middle from what came. */
  readonly error: number;
  /** The same of always saying the median of what was observed: what the forecast has to beat. */
  readonly constantError: number;
}

export function timeShares(forecast: Forecast): readonly TimeShares[] {
  const constant = Math.log1p(median(forecast.observed.deltaNs.filter((ns) => ns !== null)));
  return stretchesOf(forecast).flatMap((events) => {
    const known = Array.from({ length: events }, (_, step) => timesAt(forecast, step + 1)).filter(
      ({ came, middle }) => came !== null && middle !== null,
    );
    if (known.length === 0) return [];
    const mean = (of: (times: TimesAt) => number) =>
      known.reduce((sum, each) => sum + of(each), 0) / known.length;
    const within = (low: keyof TimesAt, high: keyof TimesAt) =>
      forecast.quantiles === null
        ? null
        : mean((each) => Number(each.came! >= each[low]! && each.came! <= each[high]!));
    return {
      events,
      within50: within('low50', 'high50'),
      within90: within('low90', 'high90'),
      error: mean(({ came, middle }) => Math.abs(Math.log1p(middle!) - Math.log1p(came!))),
      constantError: mean(({ came }) => Math.abs(constant - Math.log1p(came!))),
    };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Whether the times are the model's own, and not a companion's. */
export function tellsTimes({ task, companion }: Pick<Forecast, 'task' | 'companion'>): boolean {
  return task === 'inter-arrival' || companion === null;
}

/** Whether the tasks are the model's own. */
export function tellsTasks({ task }: Pick<Forecast, 'task'>): boolean {
  return task === 'next-task';
}

/** The task of an event: observed up to 0, then as it came; undefined where nothing is recorded. */
export function taskCame(
  { observed, actual }: Pick<Forecast, 'observed' | 'actual'>,
  event: number,
): number | undefined {
  return event <= 0 ? observed.task[observed.task.length - 1 + event] : actual.task[event - 1];
}

/** The time before an event, as `taskCame`; `null` or undefined: not known. */
export function timeCame(
  { observed, actual }: Pick<Forecast, 'observed' | 'actual'>,
  event: number,
): number | null {
  const ns = event <= 0 ? observed.deltaNs[observed.deltaNs.length - 1 + event] : actual.deltaNs[event - 1];
  return ns ?? null;
}
