import { UNKNOWN } from '../../dataset/sequences.js';
import type { EventSeries } from '../../protocol/forecast.js';
import type { TrainedModel } from '../export/trainedModel.js';
import type { Forecaster } from './forecaster.js';
import type { Origin, Run } from './freeRun.js';
import { COLLAPSED_BELOW, LogSpread, spreadRatio } from './spread.js';

/** From this share of one task on, a free run of tasks is called collapsed where what was observed is below the other one. */
const ONE_TASK = 0.99;
const SEVERAL_TASKS = 0.9;

export interface Told {
  readonly trained: TrainedModel;
  readonly forecaster: Forecaster;
  readonly origin: Origin;
  readonly runs: readonly Run[];
  readonly steps: number;
  readonly actual: EventSeries;
  /** A stretch before the origin that is long enough to compare with. */
  readonly observed: EventSeries;
}

/** What a reader should know before the forecast. */
export function forecastWarnings(told: Told): string[] {
  return [...ofInput(told), ...ofMethod(told), ...ofResult(told)];
}

function* ofInput({ trained, origin, observed, actual, steps }: Told): Generator<string> {
  const { length } = trained.config.windows;
  const told = origin.row - origin.first + 1;
  if (told < length) {
    yield `Only ${told} events lie before the origin in their sequence; the model learned from windows of ${length}.`;
  }
  const unknown = observed.task.filter((task) => task === UNKNOWN).length;
  if (unknown * 2 > observed.task.length) {
    yield `${unknown} of the ${observed.task.length} events before the origin are of tasks that the model does not know: what it forecasts of these means little.`;
  }
  if (actual.task.length < steps) {
    yield `Only ${actual.task.length} of the ${steps} events were recorded: the rest has nothing to be compared with.`;
  }
}

function* ofMethod({ trained, forecaster }: Told): Generator<string> {
  const { companion, tellsTimes, isCertain, lacksErrors, untrainedTaps } = forecaster;
  if (companion !== null && tellsTimes) {
    yield `The model forecasts times only. The tasks are drawn from the training part (${companion}) and are not its own.`;
  } else if (companion !== null) {
    yield `The model forecasts tasks only. The times are drawn from the training part (${companion}) and are not its own.`;
  }
  if (isCertain) {
    yield 'The model tells one next event and no probabilities: there is one path and no band around it.';
  }
  if (lacksErrors) {
    yield 'The model tells one value, and the data set has no validation part whose errors could be drawn: the samples differ only by their tasks, and the bands are too narrow.';
  }
  if (untrainedTaps > 0) {
    yield `${untrainedTaps} taps of the convolutions reach further back than the ${trained.config.windows.length} events of a training window, so that they were never trained: they are left out.`;
  }
}

function* ofResult(told: Told): Generator<string> {
  const { forecaster, runs, observed } = told;
  if (forecaster.tellsTimes) {
    const ratio = timeRatio(runs, observed);
    if (ratio !== null && ratio < COLLAPSED_BELOW) {
      yield `The free run has collapsed: its times vary by ${percent(ratio)} of what those before the origin do (standard deviation of ln(1 + ns)). It is hardly more than one value.`;
    }
  }
  if (forecaster.companion === null || !forecaster.tellsTimes) yield* ofTasks(runs, observed, told.trained);
}

/** Of a single run, the mean over the runs: several runs that are each constant have collapsed, too. */
function timeRatio(runs: readonly Run[], observed: EventSeries): number | null {
  const before = new LogSpread().addNs(observed.deltaNs.map((ns) => ns ?? NaN));
  const ratios = runs.map(({ deltaNs }) => spreadRatio(new LogSpread().addNs(deltaNs), before));
  const known = ratios.filter((ratio) => ratio !== null);
  return known.length === 0 ? null : known.reduce((sum, ratio) => sum + ratio, 0) / known.length;
}

function* ofTasks(runs: readonly Run[], observed: EventSeries, trained: TrainedModel): Generator<string> {
  const all = runs.flatMap(({ task }) => [...task]);
  const [task, share] = commonest(all);
  if (all.length >= 100 && share >= ONE_TASK && commonest(observed.task)[1] < SEVERAL_TASKS) {
    yield `The free run has collapsed: ${percent(share)} of its events are ${trained.vocabulary.tasks[task]!}.`;
  }
}

/** The most frequent value and its share. */
function commonest(tasks: readonly number[]): readonly [number, number] {
  const counts = new Map<number, number>();
  for (const task of tasks) counts.set(task, (counts.get(task) ?? 0) + 1);
  const [task, count] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), [UNKNOWN, 0]);
  return [task, tasks.length === 0 ? 0 : count / tasks.length];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
