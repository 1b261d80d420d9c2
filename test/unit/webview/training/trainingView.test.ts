// @vitest-environment happy-dom
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { TrainingProgress } from '../../../../src/protocol/trainerMessages.js';
import type {
  HistoryView,
  MetricsRow,
  MetricsView,
  TrainingView,
} from '../../../../src/protocol/trainingPanelMessages.js';
import { readTrainingResults, readTrainingView } from '../../../../src/protocol/trainingPanelSchemas.js';
import { buildTheme } from '../../../../webview/common/theme.js';
import { keyEntry } from '../../../../webview/training/charts/chartKey.js';
import { pointsOf } from '../../../../webview/training/charts/lineChart.js';
import {
  drawLoss,
  drawMemory,
  drawQuality,
  drawRate,
  drawSpeed,
  type Course,
} from '../../../../webview/training/charts/trainingCharts.js';
import { NO_TRAIL, withProgress } from '../../../../webview/training/model/trail.js';
import { bestBaseline, TrainingModel } from '../../../../webview/training/model/trainingModel.js';
import {
  formatAccuracy,
  formatLoss,
  formatRate,
  formatRemaining,
  formatUnknown,
  stateText,
  verdictOf,
  wholeShare,
} from '../../../../webview/training/model/words.js';
import { createHeader } from '../../../../webview/training/panels/header.js';
import { createMessage } from '../../../../webview/training/panels/message.js';
import { createMetricsCard } from '../../../../webview/training/panels/metricsCard.js';
import { hostileName } from '../lanes.js';

const theme = buildTheme('dark', () => '');

const NO_HISTORY: HistoryView = {
  epochs: 0,
  epoch: [],
  trainLoss: [],
  validationLoss: [],
  accuracy: [],
  accuracyWithoutIdle: [],
  error: [],
  learningRate: [],
  examplesPerSecond: [],
  memoryBytes: [],
};

const HISTORY: HistoryView = {
  epochs: 3,
  epoch: [1, 2, 3],
  trainLoss: [3, 2, 1],
  validationLoss: [4, 2.5, null],
  accuracy: [0.5, 0.7, 0.8],
  accuracyWithoutIdle: [0.4, 0.6, 0.7],
  error: [null, null, null],
  learningRate: [0.001, 0.001, 0.0005],
  examplesPerSecond: [null, 900, 1000],
  memoryBytes: [1024, 1024, 1024],
};

const PROGRESS: TrainingProgress = {
  phase: 'training',
  epoch: 4,
  epochs: 10,
  batch: 25,
  batches: 100,
  step: 325,
  loss: 0.9,
  learningRate: 0.0005,
  examplesPerSecond: 1234,
  memoryBytes: 2048,
  bestLoss: 2.5,
  remainingMs: 90_000,
};

const VIEW: TrainingView = {
  folder: '/w/runs/tcn-1',
  title: 'tcn-1',
  state: 'running',
  message: null,
  facts: [{ label: 'Model', value: 'tcn' }],
  task: 'next-task',
  epoch: 3,
  epochs: 10,
  best: { epoch: 2, loss: 2.5 },
  progress: PROGRESS,
  actions: { pause: true, continue: false, cancel: true, resume: false },
  foreignProcess: null,
};

function row(name: string, changes: Partial<MetricsRow> = {}): MetricsRow {
  return {
    name,
    isModel: false,
    targets: 1000,
    unknownTargets: 20,
    loss: null,
    accuracy: null,
    top5: null,
    accuracyWithoutIdle: null,
    maeLog: null,
    maeNs: null,
    pinballLog: null,
    ...changes,
  };
}

const METRICS: MetricsView = {
  parts: [
    {
      part: 'validation',
      rows: [
        row('tcn', { isModel: true, accuracy: 0.9, accuracyWithoutIdle: 0.7, top5: 0.99, loss: 1 }),
        row('last', { accuracy: 0.3, accuracyWithoutIdle: 0.2, top5: 0.9 }),
        row('Markov 2, online', { accuracy: 0.95, accuracyWithoutIdle: 0.6, top5: 0.97 }),
      ],
    },
  ],
};

const course = (changes: Partial<Course> = {}): Course => ({
  view: VIEW,
  history: HISTORY,
  metrics: null,
  trail: NO_TRAIL,
  ...changes,
});

describe('the course of the epoch that runs', () => {
  test('grows with progress, begins anew with each epoch and ends with the run', () => {
    const first = withProgress(NO_TRAIL, PROGRESS);
    expect(first).toMatchObject({ epoch: 4, points: [{ at: 3.25, loss: 0.9 }] });
    const second = withProgress(first, { ...PROGRESS, batch: 50, loss: 0.8 });
    expect(second.points.map(({ at }) => at)).toEqual([3.25, 3.5]);
    // Told twice of one batch: the later counts.
    expect(withProgress(second, { ...PROGRESS, batch: 50, loss: 0.7 }).points.at(-1)?.loss).toBe(0.7);
    expect(withProgress(second, { ...PROGRESS, batch: 10 }).points.map(({ at }) => at)).toEqual([3.1]);
    expect(withProgress(second, { ...PROGRESS, epoch: 5 }).points.map(({ at }) => at)).toEqual([4.25]);
    expect(withProgress(second, null)).toBe(NO_TRAIL);
    expect(withProgress(NO_TRAIL, null)).toBe(NO_TRAIL);
  });

  test('is bounded: of a long epoch a few hundred points stay, the last among them', () => {
    let trail = NO_TRAIL;
    for (let batch = 1; batch <= 10_000; batch += 1) {
      trail = withProgress(trail, { ...PROGRESS, batch, batches: 10_000 });
    }
    expect(trail.points.length).toBeLessThanOrEqual(240);
    expect(trail.points.at(-1)?.at).toBe(4);
  });
});

describe('charts', () => {
  test('losses: what is not known is left out, the best epoch is marked, the epoch that runs is joined on', () => {
    const drawn = drawLoss(course({ trail: withProgress(NO_TRAIL, PROGRESS) }), theme)!;
    const byLabel = new Map(drawn.lines.map((line) => [line.label, line.points]));
    expect(byLabel.get('validation')).toEqual([
      { x: 1, y: 4 },
      { x: 2, y: 2.5 },
    ]);
    expect(byLabel.get('best epoch (2)')).toEqual([{ x: 2, y: 2.5 }]);
    expect(byLabel.get('this epoch so far')).toEqual([
      { x: 3, y: 1 },
      { x: 3.25, y: 0.9 },
    ]);
    expect(drawn.description).toContain('training: from 3.000 to 1.000');
    // Lines differ by dashes or marks, not by colours only.
    const forms = drawn.lines.map(({ dash, mark, isMarkOnly }) => JSON.stringify([dash, mark, isMarkOnly]));
    expect(new Set(forms).size).toBe(forms.length);
  });

  test('an epoch that is in the history already is not drawn twice', () => {
    const trail = withProgress(NO_TRAIL, { ...PROGRESS, epoch: 3 });
    const labels = drawLoss(course({ trail }), theme)!.lines.map(({ label }) => label);
    expect(labels).not.toContain('this epoch so far');
  });

  test('with nothing to draw there is no chart', () => {
    const empty = course({ history: NO_HISTORY });
    for (const draw of [drawLoss, drawQuality, drawRate, drawSpeed, drawMemory]) {
      expect(draw(empty, theme)).toBeNull();
    }
  });

  test('the best baseline is a level across the chart once it is measured', () => {
    expect(drawQuality(course(), theme)!.lines.map(({ label }) => label)).toEqual([
      'accuracy',
      'accuracy without idle',
    ]);
    const finished = { ...VIEW, state: 'finished', progress: null } as const;
    const drawn = drawQuality(course({ view: finished, metrics: METRICS }), theme)!;
    const level = drawn.lines.at(-1)!;
    expect(level.label).toBe('best baseline: Markov 2, online, accuracy 95.00 %');
    expect(level.points).toEqual([
      { x: 0, y: 0.95 },
      { x: 3, y: 0.95 },
    ]);
  });

  test('of a forecaster the error, and its baseline is the one with the least', () => {
    const forecaster = { ...VIEW, task: 'inter-arrival', state: 'finished' } as const;
    const history = { ...HISTORY, accuracy: [null, null, null], error: [3, 2, 1] };
    const metrics: MetricsView = {
      parts: [{ part: 'validation', rows: [row('a', { maeLog: 2 }), row('b', { maeLog: 1.5 })] }],
    };
    const drawn = drawQuality(course({ view: forecaster, history, metrics }), theme)!;
    expect(drawn.lines.map(({ label }) => label)).toContain('best baseline: b, error 1.500');
    expect(drawn.lines[0]!.points).toEqual(pointsOf([1, 2, 3], [3, 2, 1]));
  });

  test('a learning rate that does not change has whole powers of ten around it', () => {
    const history = { ...HISTORY, learningRate: [0.001, 0.001, 0.001] };
    const y = drawRate(course({ history }), theme)!.configuration.options?.scales?.['y'] as {
      min: number;
      max: number;
    };
    expect(y.min).toBeCloseTo(1e-4, 12);
    expect(y.max).toBeCloseTo(1e-2, 12);
  });

  test('memory and speed begin at zero', () => {
    for (const draw of [drawSpeed, drawMemory]) {
      const y = draw(course(), theme)!.configuration.options?.scales?.['y'] as { beginAtZero: boolean };
      expect(y.beginAtZero).toBe(true);
    }
  });

  test('the key shows a line as it is drawn', () => {
    const [line] = drawLoss(course(), theme)!.lines.filter(({ label }) => label === 'validation');
    const entry = keyEntry(line!);
    expect(entry.textContent).toBe('validation');
    expect(entry.querySelector('path')?.getAttribute('stroke-dasharray')).toBe('7 3');
    expect(entry.querySelector('svg')?.getAttribute('aria-hidden')).toBe('true');
  });
});

describe('words', () => {
  test('how a model stands beside the best baseline', () => {
    const [model] = METRICS.parts[0]!.rows;
    const best = bestBaseline(METRICS, 'validation');
    expect(best?.name).toBe('Markov 2, online');
    expect(verdictOf(model!, best)).toBe(
      'The model does not beat the best baseline: it is 5.00 percentage points worse than Markov 2, online (accuracy 95.00 %).',
    );
    expect(verdictOf({ ...model!, accuracy: 0.96 }, best)).toMatch(/1\.00 percentage points better/);
    expect(verdictOf({ ...model!, accuracy: 0.95 }, best)).toMatch(/exactly as good/);
    expect(verdictOf(row('m', { maeLog: 1 }), row('b', { maeLog: 1.5 }))).toMatch(/0\.5000 of .* better/);
    expect(verdictOf(row('m'), undefined)).toMatch(/Nothing could be measured/);
    expect(bestBaseline(METRICS, 'unseen')).toBeUndefined();
  });

  test('numbers', () => {
    expect(formatLoss(null)).toBe('—');
    expect([0, 0.5, 12_345, 0.000_012].map(formatLoss)).toEqual(['0.000', '0.5000', '1.235e+4', '1.200e-5']);
    expect(formatAccuracy(0.87414)).toBe('87.41 %');
    expect([0.001, 0.0005, 5e-7, 0].map(formatRate)).toEqual(['0.001', '0.0005', '5e-7', '0']);
    expect([400, 59_000, 90_000, 3_700_000].map(formatRemaining)).toEqual([
      '1 s',
      '59 s',
      '2 min',
      '1 h 2 min',
    ]);
    expect(formatUnknown(row('a'))).toBe('20 of 1,000 targets (2.00 %)');
  });

  test('where a run is', () => {
    expect(stateText(VIEW)).toBe('training');
    expect(stateText({ ...VIEW, progress: { ...PROGRESS, phase: 'evaluating' } })).toMatch(/baselines/);
    expect(stateText({ ...VIEW, foreignProcess: 77, progress: null })).toBe('training in process 77');
    expect(wholeShare(VIEW)).toBeCloseTo(0.325, 10);
    expect(wholeShare({ ...VIEW, state: 'finished', epoch: 4 })).toBe(1);
    expect(wholeShare({ ...VIEW, progress: null, epochs: 0 })).toBeNull();
  });
});

describe('the view', () => {
  let model: TrainingModel;
  beforeEach(() => {
    model = new TrainingModel();
    document.body.replaceChildren();
  });

  test('buttons are those that can be pressed; the focus goes on to what takes the place of one', () => {
    const ask = vi.fn();
    const header = createHeader(model, ask);
    document.body.append(header);
    model.setView(VIEW);
    const button = (name: string) =>
      [...header.querySelectorAll<HTMLElement>('vscode-button')].find(
        ({ textContent }) => textContent === name,
      )!;
    expect([button('Pause').hidden, button('Continue').hidden, button('Resume').hidden]).toEqual([
      false,
      true,
      true,
    ]);
    button('Pause').tabIndex = 0;
    button('Continue').tabIndex = 0;
    button('Pause').focus();
    button('Pause').click();
    expect(ask).toHaveBeenCalledWith('pauseTraining');
    model.setView({ ...VIEW, state: 'paused', actions: { ...VIEW.actions, pause: false, continue: true } });
    expect(document.activeElement).toBe(button('Continue'));
  });

  test('progress is told in figures and to screen readers', () => {
    const header = createHeader(model, vi.fn());
    model.setView(VIEW);
    const [epoch, whole] = [...header.querySelectorAll('[role=progressbar]')];
    expect(epoch?.getAttribute('aria-valuenow')).toBe('25');
    expect(epoch?.getAttribute('aria-valuetext')).toBe('epoch 4 of 10, batch 25 of 100');
    expect(whole?.getAttribute('aria-valuetext')).toBe('whole run, 32 %, about 2 min left');
    expect(header.querySelector('.run-figures')?.textContent).toBe(
      'loss 0.9000 in this epoch · best loss 2.500, epoch 2 · 1.23 k windows/s',
    );
    model.setView({ ...VIEW, state: 'finished', progress: null, epoch: 7 });
    expect(header.querySelector('.run-progress')?.textContent).toContain('7 epochs, stopped early of 10');
  });

  test('a failure is an alert with all of its text, as text', () => {
    const box = createMessage(model);
    model.setView({ ...VIEW, state: 'failed', message: hostileName });
    expect(box.getAttribute('role')).toBe('alert');
    expect(box.textContent).toContain(hostileName);
    expect(box.querySelector('script, img')).toBeNull();
    model.setView({ ...VIEW, message: null });
    expect(box.hidden).toBe(true);
  });

  test('metrics: the model beside the baselines, the best of a column marked, UNK told', () => {
    const card = createMetricsCard(model);
    model.setView(VIEW);
    expect(card.textContent).toContain('At the end of the run');
    model.metrics.set(METRICS);
    model.setView({ ...VIEW, state: 'finished', progress: null });
    const rows = [...card.querySelectorAll('tbody tr')].map((each) =>
      [...each.querySelectorAll('td')].map(({ textContent }) => textContent),
    );
    expect(rows).toEqual([
      ['tcn', '90.00 %', '70.00 % *', '99.00 % *', '1.000', '1,000', '20'],
      ['last', '30.00 %', '20.00 %', '90.00 %', '—', '1,000', '20'],
      ['Markov 2, online', '95.00 % *', '60.00 %', '97.00 %', '—', '1,000', '20'],
    ]);
    expect(card.textContent).toContain('(UNK) are never counted as right. Here they are 20 of 1,000 targets');
    expect(card.textContent).toContain('does not beat the best baseline');
    model.metrics.set({ parts: [] });
    expect(card.textContent).toContain('Nothing was measured');
  });
});

describe('messages', () => {
  test('what is whole is read, what is not is refused', () => {
    expect(readTrainingView(VIEW)).toEqual(VIEW);
    expect(readTrainingView({ ...VIEW, state: 'sleeping' })).toBeNull();
    expect(readTrainingResults({ history: HISTORY, metrics: METRICS })).toEqual({
      history: HISTORY,
      metrics: METRICS,
    });
    expect(readTrainingResults({ history: { ...HISTORY, trainLoss: [1] }, metrics: null })).toBeNull();
  });
});
