// @vitest-environment happy-dom
import { describe, expect, test, vi } from 'vitest';
import type { BenchmarkComparison } from '../../../src/protocol/comparisonMessages.js';
import { parseComparisonParams } from '../../../src/protocol/comparisonSchemas.js';
import { compareSets } from '../../../src/remote/benchmarks/compare.js';
import { resultSets } from '../../../src/remote/benchmarks/resultSets.js';
import {
  describeForest,
  forestChart,
  forestRows,
  ratioTicks,
} from '../../../webview/comparison/charts/forestChart.js';
import { describeMeans, meansChart } from '../../../webview/comparison/charts/meansChart.js';
import { ComparisonModel, metricKey } from '../../../webview/comparison/model/comparisonModel.js';
import { readComparisonState } from '../../../webview/comparison/model/validate.js';
import { createFiguresCard } from '../../../webview/comparison/panels/figuresCard.js';
import { benchmarkBars, describeBars } from '../../../webview/comparison/charts/benchmarkBars.js';
import { sharedMetrics } from '../../../webview/comparison/panels/meansCard.js';
import { createOverallCard } from '../../../webview/comparison/panels/overallCard.js';
import { createSetsCard } from '../../../webview/comparison/panels/setsCard.js';
import { buildTheme } from '../../../webview/common/theme.js';
import { madeResults, TABLE_5_10 } from '../../support/benchmarkResults.js';
import { hostileName } from './lanes.js';

const theme = buildTheme('dark', () => '');
const A = [10.1, 10.4, 9.9, 10.2, 10.3, 10.0];

function comparisonOf(better: 'lower' | 'higher'): BenchmarkComparison {
  const metric = { name: 'm', title: 'measure', unit: 's', better };
  const results = madeResults(metric, {
    old: { [hostileName]: A, once: [1] },
    [hostileName]: { [hostileName]: A.map((value) => value * 1.2), once: [2] },
  });
  return compareSets(resultSets(results, '/x/r.json'), { seed: 1, resamples: 1000 });
}

describe('forest plot', () => {
  test('left of 1 is faster, also where more is better', () => {
    const slower = forestRows(comparisonOf('lower').metrics, 2)[0]!;
    expect(slower.ratio).toBeCloseTo(1.2, 10);
    expect(slower.low).toBeLessThan(slower.ratio);
    const faster = forestRows(comparisonOf('higher').metrics, 2)[0]!;
    expect(faster.ratio).toBeCloseTo(1 / 1.2, 10);
    expect(faster.low).toBeLessThan(faster.ratio);
    expect(faster.high).toBeGreaterThan(faster.ratio);
    expect(faster.pair.verdict).toBe('faster');
  });

  test('verdicts differ in form, not in colour only; every row has a tick', () => {
    const rows = forestRows(comparisonOf('lower').metrics, 2);
    const chart = forestChart(rows, theme);
    const forms = chart.data.datasets.slice(1 + rows.length).map((each): readonly unknown[] => {
      const { pointStyle, rotation } = each as { pointStyle?: unknown; rotation?: unknown };
      return [pointStyle, rotation];
    });
    expect(forms).toEqual([
      ['triangle', 90],
      ['crossRot', 0],
    ]);
    expect(describeForest(rows)).toContain('once: 2.000, no statement');
    expect(describeForest(rows)).toMatch(/1\.200, 1\.1\d\d to 1\.2\d\d, slower/);
  });

  test('round ticks within the axis', () => {
    expect(ratioTicks(0.9, 1.12)).toEqual([0.9, 0.95, 1, 1.05, 1.1]);
    expect(ratioTicks(0.5, 80)).toEqual([0.5, 1, 2, 5, 10, 20, 50]);
    expect(ratioTicks(0.01, 9)).toEqual([0.01, 0.1, 1]);
  });
});

test('means with intervals and every repeat', () => {
  const comparison = comparisonOf('lower');
  const { datasets, labels } = meansChart(comparison.metrics[0]!, comparison.sets, theme).data;
  expect(labels).toEqual(['A', 'B']);
  expect(datasets).toHaveLength(4);
  expect(datasets.at(-1)!.data).toHaveLength(12);
  expect(describeMeans(comparison.metrics[0]!, comparison.sets)).toContain('mean 10.15 of 6, interval');
});

test('all figures are in a table, hostile names as text', () => {
  const model = new ComparisonModel();
  const card = createFiguresCard(model);
  model.comparison.set(comparisonOf('lower'));
  expect(card.querySelectorAll('tbody tr')).toHaveLength(4);
  expect(card.textContent).toContain(hostileName);
  expect(card.querySelector('script')).toBeNull();
  expect(card.textContent).toContain('no statement');
  card.querySelectorAll<HTMLButtonElement>('button.link')[1]!.click();
  expect(model.chosen.value).toBe(metricKey({ benchmark: 'once', metric: 'm' }));
  expect(model.chosenMetric!.benchmark).toBe('once');
});

test('another set becomes the baseline, results open', () => {
  const model = new ComparisonModel();
  const actions = { makeBaseline: vi.fn(), openResults: vi.fn() };
  const card = createSetsCard(model, actions);
  model.comparison.set(comparisonOf('lower'));
  for (const button of card.querySelectorAll<HTMLButtonElement>('button.link')) button.click();
  expect(actions.makeBaseline.mock.calls).toEqual([[1]]);
  expect(actions.openResults.mock.calls).toEqual([[0], [1]]);
});

test('three means by their names', () => {
  const model = new ComparisonModel();
  const card = createOverallCard(model);
  model.comparison.set(compareSets(resultSets(TABLE_5_10, 'r'), { seed: 1 }));
  expect(card.hidden).toBe(false);
  const first = [...card.querySelectorAll('tbody tr')][0]!;
  expect([...first.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual([
    'run time',
    'B',
    '5',
    '0.984',
    '1.005',
    '1.004',
    '—',
  ]);
});

test('messages are checked on both sides', () => {
  const state = { kind: 'ready', comparison: comparisonOf('lower') };
  expect(readComparisonState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  expect(readComparisonState({ kind: 'ready', comparison: { ...state.comparison, metrics: 3 } })).toBeNull();
  expect(parseComparisonParams('setBaseline', { set: 1 })).toEqual({ set: 1 });
  expect(() => parseComparisonParams('setBaseline', { set: -1 })).toThrow(
    /"setBaseline" is malformed at set/,
  );
});

describe('means of all benchmarks', () => {
  test('a bar a benchmark and set, with the interval of the mean where there is one', () => {
    const { metrics, sets } = comparisonOf('lower');
    const [rows] = sharedMetrics(metrics);
    expect(rows!.map(({ benchmark }) => benchmark)).toEqual([hostileName, 'once']);
    const { datasets } = benchmarkBars(rows!, sets, theme).data;
    expect(datasets.map(({ data }) => data[1])).toEqual([1, 2]);
    const { intervals } = datasets[0] as unknown as { intervals: ({ low: number } | null)[] };
    expect(intervals[0]!.low).toBeLessThan(datasets[0]!.data[0] as number);
    expect(intervals[1]).toBeNull();
    expect(describeBars(rows!, sets)).toContain('once: A 1, B 2');
  });
});
