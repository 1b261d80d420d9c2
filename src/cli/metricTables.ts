import type { RunMetrics } from '../learning/trainer/evaluation.js';
import { printable, table } from './output.js';

/** For each part a title and a table: the model's metrics, and below them those of the baselines on the same events. */
export function* metricTables(model: string, metrics: RunMetrics): Generator<string> {
  for (const [part, { model: ofModel, baselines }] of Object.entries(metrics)) {
    yield '';
    yield `${printable(part)}:`;
    yield* metricTable([{ name: model, metrics: ofModel }, ...baselineRows(baselines)]);
  }
}

/** The names of a part's metrics, in the order of the file. */
export function metricKeys(metrics: object): string[] {
  return Object.entries(metrics)
    .filter(([, value]) => typeof value === 'number' || value === null)
    .map(([key]) => key)
    .filter((key) => key !== 'windows');
}

interface MetricRow {
  readonly name: string;
  readonly metrics: object;
}

function baselineRows(baselines: Readonly<Record<string, unknown>>): MetricRow[] {
  return Object.entries(baselines).map(([name, metrics]) => ({ name, metrics: metrics as object }));
}

const METRIC_TITLES: ReadonlyMap<string, string> = new Map([
  ['unknownTargets', 'UNK targets'],
  ['top5', 'top 5'],
  ['accuracyWithoutIdle', 'accuracy without idle'],
]);
const SHARES: ReadonlySet<string> = new Set(['accuracy', 'top5', 'accuracyWithoutIdle']);

function metricTable(rows: readonly MetricRow[]): Iterable<string> {
  const keys = metricKeys(rows[0]!.metrics);
  return table(
    [
      { title: '', align: 'left', cell: ({ name }) => printable(name) },
      ...keys.map((key) => ({
        title: metricTitle(key),
        align: 'right' as const,
        cell: ({ metrics }: MetricRow) => metricText(key, (metrics as Record<string, unknown>)[key]),
      })),
    ],
    rows,
  );
}

export function metricTitle(key: string): string {
  return METRIC_TITLES.get(key) ?? key;
}

export function metricText(key: string, value: unknown): string {
  if (typeof value !== 'number') return '-';
  if (SHARES.has(key)) return percent(value);
  return Number.isInteger(value) ? String(value) : value.toPrecision(5);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
