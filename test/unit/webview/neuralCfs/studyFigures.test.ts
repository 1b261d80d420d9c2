import { expect, test } from 'vitest';
import { Signal } from '../../../../webview/common/signal.js';
import { buildTheme } from '../../../../webview/common/theme.js';
import { barText, columnChart, drawnValues } from '../../../../webview/neuralCfs/charts/columnChart.js';
import {
  describePrecisionRecall,
  precisionRecallLines,
} from '../../../../webview/neuralCfs/charts/precisionRecall.js';
import { chosenColumns, columnBars, columnRows } from '../../../../webview/neuralCfs/model/columnRows.js';
import { cleaningRows, countsRows } from '../../../../webview/neuralCfs/model/dataRows.js';
import { StudyModel } from '../../../../webview/neuralCfs/model/studyModel.js';
import { lessBaselineWords, summaryOf } from '../../../../webview/neuralCfs/model/summary.js';
import { shownCells, transferWords } from '../../../../webview/neuralCfs/model/transferView.js';
import { amount, decimal, listed, percent } from '../../../../webview/neuralCfs/model/words.js';
import { factsOf, warningsOf } from '../../../../webview/neuralCfs/panels/header.js';
import { sortedRows } from '../../../../webview/neuralCfs/panels/sortableTable.js';
import { besideRows } from '../../../../webview/neuralCfs/panels/thesisCard.js';
import { scoreText } from '../../../../webview/neuralCfs/panels/thresholdSlider.js';
import { estimate, exampleStudy, judgement, modelOf } from './studyExamples.js';

const THEME = new Signal(buildTheme('dark', () => '')).value;
const STUDY = exampleStudy();
const RANKING = STUDY.rankings[0]!;
const EXPERIMENT_2 = STUDY.results!.experiments[0]!;

test('the summary is of experiment 2 by history group, and says how the thesis’s model stands to baselines', () => {
  const [models, baselines] = summaryOf(STUDY);
  expect(models).toBe(
    'Experiment 2 (does its history end in a forced migration?), split by history group: 100 calls in the test, 20.00 % of them positive. LibML: 71.88 % balanced accuracy, average precision 0.550 (0.400 … 0.700).',
  );
  expect(baselines).toContain('The best baseline is Gradient boosting with 0.700 (0.600 … 0.800).');
  expect(baselines).toContain('LibML is worse than Gradient boosting: −0.150 (−0.200 … −0.100)');
  expect(baselines).toContain('By chance average precision is 0.200.');
});

test('a summary says when what counts is not there', () => {
  expect(summaryOf({ ...STUDY, results: null })).toEqual([
    'No experiment was run for this study. It holds what columns tell and transfer.',
  ]);
  const published = { ...EXPERIMENT_2, ways: [{ ...EXPERIMENT_2.ways[0]!, way: 'published' as const }] };
  const only = { ...STUDY, results: { ...STUDY.results!, experiments: [published] } };
  expect(summaryOf(only).at(-1)).toContain('Only as published');
  const third = { ...STUDY, results: { ...STUDY.results!, experiments: [STUDY.results!.experiments[1]!] } };
  expect(summaryOf(third).at(-1)).toContain('is the one that counts; it is not in this study');
});

test('differences to baselines are told by their intervals', () => {
  const words = (value: number, low: number | null, high: number | null) =>
    lessBaselineWords(
      modelOf('mlp', 'MLP (Adam)', {
        lessBaseline: { baseline: 'Decision tree', averagePrecision: estimate(value, low, high) },
      }),
    );
  expect(words(0.1, 0.05, 0.2)).toContain('MLP is better than Decision tree: +0.100');
  expect(words(0.01, -0.05, 0.06)).toContain('cannot be told apart');
  expect(words(0.1, null, null)).toContain('too few blocks');
  expect(lessBaselineWords(modelOf('tree', 'Decision tree'))).toBeNull();
});

test('the head names what was studied, and each warning once', () => {
  expect(factsOf(STUDY)).toContain(
    'in 1 min 1.0 s · 1,000 calls · 2 recordings of 2 workloads on 2 machines · seed 42 · models: libml, rule, boosting',
  );
  expect(warningsOf(STUDY)).toEqual([
    'recording 0: 3 records were lost.',
    '1 file was left out or is odd: the tab Data says why.',
  ]);
});

test('what is shown falls back to what there is', () => {
  const model = new StudyModel();
  model.recall({
    ...{ tab: 'gone', experiment: 1, way: 'workload', workload: 'nowhere', model: 'mlp' },
    threshold: 0.7,
  });
  expect(model.tab.value).toBe('experiments');
  expect(model.threshold.value).toBe(0.7);
  model.state.set({ kind: 'ready', name: 'a', path: '/a', study: STUDY });
  expect(model.experiments).toEqual([2, 3]);
  expect(model.shownExperiment).toBe(3);
  expect(model.shownWay?.way).toBe('group');
  expect(model.shownPart?.workload).toBeNull();
  expect(model.shownModel?.name).toBe('libml');
  expect(model.ranking).toBeNull();
  model.experiment.set(2);
  // The score was of another experiment's model.
  expect(model.threshold.value).toBeNull();
  expect(model.rankedWorkload?.workload).toBeNull();
});

test('columns are told by all that is known of them', () => {
  const rows = columnRows(RANKING, RANKING.workloads[1]!, STUDY.importance[0]!);
  expect(rows.map(({ column, chosen }) => [column, chosen?.rank ?? null])).toEqual([
    ['pid', 1],
    ['delta', 3],
    ['loop', 2],
    ['lb_flags', null],
  ]);
  expect(rows[0]).toMatchObject({
    isOfThesis: true,
    drop: { mean: 0.2 },
    warnings: [{ kind: 'identifies' }],
  });
  const barsOf = (measure: 'f' | 'nats' | 'drop') => columnBars(rows, measure);
  expect(barsOf('f').map(({ column }) => column)).toEqual(['pid', 'loop', 'delta']);
  expect(barsOf('drop').map(({ column }) => column)).toEqual(['pid', 'delta']);
  // Without end is drawn as long as the longest.
  expect(drawnValues(barsOf('f'), true)).toEqual([30, 30, 0.002]);
  expect(barText(barsOf('f')[0]!, 'f')).toBe('F without end: the classes never overlap');
  expect(barText(barsOf('drop')[1]!, 'drop')).toBe('0.010 (−0.010 … 0.020)');
  expect(columnChart(barsOf('f'), 'f', true, THEME).data.labels).toEqual(['⚠ pid', 'loop', 'delta']);
  expect(
    chosenColumns(RANKING).map(({ column, among, isOfThesis }) => [column, among.length, isOfThesis]),
  ).toEqual([
    ['pid', 1, true],
    ['loop', 1, false],
    ['delta', 0, true],
  ]);
});

test('rows without a figure come last, however they are sorted', () => {
  const by = (descending: boolean) => sortedRows([3, null, 1, Infinity], (each) => each, descending);
  expect(by(false)).toEqual([1, 3, Infinity, null]);
  expect(by(true)).toEqual([Infinity, 3, 1, null]);
});

test('the matrix of transfer tells figures beside chance, and why there are none', () => {
  const transfer = STUDY.transfers[0]!;
  const [refused, scored] = shownCells(transfer, 'averagePrecision');
  expect(refused![0]).toMatchObject({ text: '–', strength: null, isDiagonal: true });
  expect(refused![1]!.title).toBe('Trained on nginx, tested on stress: not scored. too few positives');
  expect(scored![0]).toMatchObject({ text: '0.600', below: 'by chance 0.200' });
  expect(scored![0]!.strength).toBeCloseTo(0.5, 9);
  expect(shownCells(transfer, 'balancedAccuracy')[1]![1]).toMatchObject({ text: '70.00 %', below: '' });
  expect(transferWords(transfer, 'averagePrecision')).toBe(
    'Average precision, medians: on its own workload 0.800, on another 0.600. 2 of 4 pairs could not be scored.',
  );
});

test('counts are summed over workloads, and what no experiment counted is not 0', () => {
  expect(countsRows(STUDY, [2])).toEqual([
    { workload: 'nginx', calls: 500, positives: [10] },
    { workload: 'stress', calls: 500, positives: [100] },
    { workload: null, calls: 1000, positives: [110] },
  ]);
  expect(countsRows({ ...STUDY, results: null }, [2, 3])[2]).toEqual({
    ...{ workload: null, calls: 1000, positives: [200, null] },
  });
  expect(cleaningRows(EXPERIMENT_2).map(({ taken }) => taken)).toEqual([
    null,
    { rows: 50, positives: 1, columns: 1 },
  ]);
});

test('bars of the thesis stand before our own figures', () => {
  const [thesis, all, , few] = besideRows(EXPERIMENT_2);
  expect([...thesis!.values]).toEqual([
    ['mlp', 1],
    ['libml', 0.968],
    ['third', 0.923],
  ]);
  expect(all).toMatchObject({ source: 'group', workload: 'All workloads', positives: '20 of 100 (20 %)' });
  expect(all!.values.get('libml')).toBeCloseTo(0.71875, 9);
  expect(few).toMatchObject({ reason: '4 positives among the 50 rows of the test.' });
  expect(few!.values.size).toBe(0);
});

test('precision over recall is drawn with chance and the thresholds that are named', () => {
  const judged = judgement();
  const lines = precisionRecallLines(judged, { threshold: 0.9, truePositives: 5, falsePositives: 0 }, THEME);
  const pointsOf = (label: string) => lines.find((line) => line.label === label)?.points;
  expect(pointsOf('by chance')).toEqual([
    { x: 0, y: 0.2 },
    { x: 1, y: 0.2 },
  ]);
  expect(pointsOf('at every threshold')?.map(({ x }) => x)).toEqual([0.25, 0.5, 0.5, 0.8, 1]);
  expect(pointsOf('here')).toEqual([{ x: 0.25, y: 1 }]);
  const nothing = { threshold: 1, truePositives: 0, falsePositives: 0 };
  expect(precisionRecallLines(judged, nothing, THEME).at(-1)?.points).toEqual([]);
  expect(describePrecisionRecall('LibML', judged, nothing)).toContain('precision cannot be told');
});

test('small numbers keep two digits and none is lost', () => {
  expect([0.5, 0.00028, -0.0213, 0, -0].map(decimal)).toEqual([
    '0.500',
    '0.00028',
    '−0.021',
    '0.000',
    '0.000',
  ]);
  expect([0.80634, 0.000029, 0, 1, null].map(percent)).toEqual([
    '80.63 %',
    '0.0029 %',
    '0.00 %',
    '100.00 %',
    '—',
  ]);
  expect([12345.6, 3.14159, 0.00001].map(amount)).toEqual(['12,346', '3.142', '1.0e-5']);
  expect([0.5, 0.99998, 0, 0.0000012].map(scoreText)).toEqual(['0.5', '0.99998', '0', '0.0000012']);
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
});
