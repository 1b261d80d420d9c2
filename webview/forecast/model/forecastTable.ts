import type { EventSeries, Forecast } from '../../../src/protocol/forecast.js';
import type { CsvTable, CsvValue } from '../../common/exportFile.js';

/**
 * A forecast as the command line writes it: a row an event of a series, `observed` (steps up to 0, the origin), `actual`,
 * `sample 1`, …, and the bands as `quantile 0.05` without a task. What is not known is empty.
 */
export function forecastTable({ observed, actual, samples, quantiles, taskNames }: Forecast): CsvTable {
  const rowsOf = (name: string, { task, deltaNs }: EventSeries, first: number): CsvValue[][] =>
    task.map((each, at) => [name, first + at, taskNames[each] ?? null, deltaNs[at] ?? null]);
  return {
    columns: ['series', 'step', 'task', 'delta_ns'],
    rows: [
      ...rowsOf('observed', observed, 1 - observed.task.length),
      ...rowsOf('actual', actual, 1),
      ...samples.flatMap((sample, at) => rowsOf(`sample ${at + 1}`, sample, 1)),
      ...(quantiles ?? []).flatMap(({ level, deltaNs }) =>
        deltaNs.map((ns, at): CsvValue[] => [`quantile ${level}`, at + 1, null, ns]),
      ),
    ],
  };
}
