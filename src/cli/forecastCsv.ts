import type { EventSeries, Forecast } from '../protocol/forecast.js';
import { csvField } from '../trace/exporters/csvText.js';

/**
 * A forecast as CSV, a row an event of a series: `observed` (steps up to 0, the origin), `actual`, `sample 1`, …, and the bands as
 * `quantile 0.05` without a task. What is not known is empty. Yields lines with their ends.
 */
export function* forecastCsv(forecast: Forecast): Generator<string> {
  const { observed, actual, samples, quantiles, taskNames } = forecast;
  const names = taskNames.map(csvField);
  yield 'series,step,task,delta_ns\n';
  yield* rowsOf('observed', observed, 1 - observed.task.length, names);
  yield* rowsOf('actual', actual, 1, names);
  for (const [at, sample] of samples.entries()) yield* rowsOf(`sample ${at + 1}`, sample, 1, names);
  for (const { level, deltaNs } of quantiles ?? [])
    for (const [at, ns] of deltaNs.entries()) yield `quantile ${level},${at + 1},,${ns}\n`;
}

function* rowsOf(
  series: string,
  { task, deltaNs }: EventSeries,
  first: number,
  names: readonly string[],
): Generator<string> {
  for (const [at, each] of task.entries())
    yield `${series},${first + at},${names[each] ?? ''},${deltaNs[at] ?? ''}\n`;
}
