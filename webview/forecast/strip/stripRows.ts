import type { Forecast } from '../../../src/protocol/forecast.js';
import { commonestTasks, isRight, taskCame } from '../model/figures.js';

/** More rows would not fit beside each other on a screen. */
export const MOST_SAMPLE_ROWS = 12;

/** A row of the strip. */
export interface StripRow {
  readonly label: string;
  /** Of what came, or of a forecast. */
  readonly isForecast: boolean;
  /** Task at an event; undefined: none. */
  readonly task: (event: number) => number | undefined;
  /** Share of the samples that have it; `null`: it is one path. */
  readonly share: (event: number) => number | null;
}

/** What came, what most samples have at each step, and the samples. */
export function stripRows(forecast: Forecast, showsSamples: boolean): readonly StripRow[] {
  const { samples } = forecast;
  const commonest = commonestTasks(forecast);
  const path = (label: string, task: readonly number[]): StripRow => ({
    label,
    isForecast: true,
    task: (event) => (event > 0 ? task[event - 1] : undefined),
    share: () => null,
  });
  const came: StripRow = {
    label: 'came',
    isForecast: false,
    task: (event) => taskCame(forecast, event),
    share: () => null,
  };
  if (samples.length === 1) return [came, path('forecast', samples[0]!.task)];
  const most: StripRow = {
    label: 'commonest',
    isForecast: true,
    task: (event) => commonest[event - 1]?.task,
    share: (event) => commonest[event - 1]?.share ?? null,
  };
  const shown = showsSamples ? samples.slice(0, MOST_SAMPLE_ROWS) : [];
  return [came, most, ...shown.map(({ task }, at) => path(`sample ${at + 1}`, task))];
}

/** Whether a row was right at an event; `null`: nothing is forecast, or nothing recorded there. */
export function rightAt(forecast: Forecast, row: StripRow, event: number): boolean | null {
  const task = row.isForecast ? row.task(event) : undefined;
  return task === undefined ? null : isRight(task, forecast.actual.task[event - 1]);
}

/** The next event, in a direction, at which a row was wrong; `null`: there is none. */
export function nextWrong(forecast: Forecast, row: StripRow, from: number, direction: 1 | -1): number | null {
  for (let event = from + direction; event >= 1 && event <= forecast.steps; event += direction) {
    if (rightAt(forecast, row, event) === false) return event;
  }
  return direction === 1 && from < 1 && rightAt(forecast, row, 1) === false ? 1 : null;
}

/** Tasks by how often they are in the strip, the most frequent first. */
export function stripTasks({
  observed,
  actual,
  samples,
}: Forecast): { readonly task: number; readonly count: number }[] {
  const counts = new Map<number, number>();
  for (const { task } of [observed, actual, ...samples]) {
    for (const each of task) counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  return [...counts]
    .map(([task, count]) => ({ task, count }))
    .sort((a, b) => b.count - a.count || a.task - b.task);
}
