// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MigrationSummary, RecordRow, RecordsState } from '../../../src/protocol/migrationMessages.js';
import type { RecordsMessenger } from '../../../webview/migrations/model/recordsClient.js';
import { ChoiceBar } from '../../../webview/common/choiceBar.js';
import {
  describeDensity,
  latencyDensityChart,
  visiblePoints,
} from '../../../webview/common/charts/latencyDensity.js';
import { Signal } from '../../../webview/common/signal.js';
import { buildTheme } from '../../../webview/common/theme.js';
import { createCurtain, createReadingBar, describeProgress } from '../../../webview/migrations/chrome.js';
import { RecordsClient } from '../../../webview/migrations/model/recordsClient.js';
import { noFilter, RecordsModel } from '../../../webview/migrations/model/recordsModel.js';
import { readRecordsState, readViewState } from '../../../webview/migrations/model/validate.js';
import { FilterBar } from '../../../webview/migrations/records/filterBar.js';
import { flagNames } from '../../../webview/migrations/records/kernelNames.js';
import { recordColumns } from '../../../webview/migrations/records/recordColumns.js';
import { breakdown } from '../../../webview/migrations/summary/breakdown.js';
import { cautions } from '../../../webview/migrations/summary/cautions.js';
import { figures } from '../../../webview/migrations/summary/figures.js';
import { pairs } from '../../../webview/migrations/summary/pairs.js';
import { hostileName } from './lanes.js';

const theme = new Signal(buildTheme('dark', () => ''));

const latency = {
  count: 600,
  p50Ns: 2000,
  p90Ns: 4000,
  p99Ns: 30_000,
  maxNs: 8_631_056,
  maxRow: 3,
  density: {
    ns: Array.from({ length: 41 }, (_, i) => 10 ** (3 + i / 10)),
    density: Array.from({ length: 41 }, (_, i) => (i === 40 ? 0.01 : Math.exp(-(((i - 3) / 4) ** 2)))),
  },
};

const summary: MigrationSummary = {
  name: 'x.csv',
  format: 'can-migrate-task-csv',
  formatLabel: 'migration records',
  rows: 57_520,
  migrated: 28_516,
  refused: 29_004,
  forced: 1133,
  neverRan: 6742,
  tasks: 2200,
  startNs: '1799999999000000000',
  endNs: '1799999999500000000',
  durationNs: 500_000_000,
  byType: [{ type: 0, name: 'load', calls: 57_520, migrated: 28_516, forced: 1133 }],
  byIdle: [
    { idle: 'busy', calls: 0, migrated: 0, forced: 0 },
    { idle: 'idle', calls: 57_520, migrated: 28_516, forced: 1133 },
  ],
  byPair: [
    { srcCpu: 0, dstCpu: 1, calls: 100, migrated: 60, forced: 2 },
    { srcCpu: 1, dstCpu: 0, calls: 25, migrated: 5, forced: 0 },
    { srcCpu: 2, dstCpu: 0, calls: 1, migrated: 0, forced: 0 },
  ],
  latency,
  malformed: { count: 0, lines: [] },
  lostRecords: 0,
  cautions: [{ kind: 'two-clocks', severity: 'info', title: 'Two clocks', text: 'Never mix them.' }],
  remarks: [],
  hasComms: true,
  missingColumns: [],
  unknownColumns: [],
};

const row: RecordRow = {
  row: 0,
  line: 1002,
  ts: '1799999999000001500',
  pid: 42,
  comm: hostileName,
  migrated: true,
  forced: false,
  idle: 'newly idle',
  neverRan: false,
  delta: '1234567',
  vruntime: '-1048576',
  startRuntime: '5630128129786',
  imbalance: '9223372036854775807',
  cpu: 1,
  srcCpu: 0,
  dstCpu: 1,
  type: 0,
  lat: 2345,
  taskLoadAvg: 10,
  taskUtilAvg: 20,
  nrMigrations: 3,
  srcLoad: 3_145_728,
  srcLoadAvg: 3000,
  srcRunning: 3,
  srcUtilAvg: 800,
  dstLoad: 0,
  dstLoadAvg: 0,
  dstRunning: 0,
  dstUtilAvg: 0,
  balanceFailed: 0,
  cacheNiceTries: 1,
  loop: null,
  lbFlags: 9,
  sdFlags: 2327,
};

beforeEach(() => document.body.replaceChildren());

/** The text and title of a cell of the table. */
function cell(key: string, values: Partial<RecordRow> = {}): { text: string; title: string } {
  const columns = recordColumns({ summary: () => summary, showLine: () => undefined }, true);
  const child = columns.find((column) => column.key === key)!.cell({ ...row, ...values });
  if (typeof child === 'string' || child === null) return { text: child ?? '', title: '' };
  const element = child as HTMLElement;
  return { text: element.textContent, title: element.title };
}

describe('cells of the table', () => {
  it('have exact numbers in the unit of their heading', () => {
    expect(cell('ts')).toEqual({ text: '0.000001', title: '1799999999.000001500 s on the monotonic clock' });
    expect(cell('delta').text).toBe('1.234567');
    expect(cell('lat').text).toBe('2.345');
    expect(cell('vruntime').text).toBe('-1.048576');
    expect(cell('imbalance').text).toBe('9,223,372,036,854,775,807');
    expect(cell('startRuntime').text).toBe('5630.128129');
    expect(cell('delta', { delta: '-5' }).text).toBe('-0.000005');
    expect(cell('srcLoad').text).toBe('3,145,728');
  });

  it('say that a task never ran instead of a delta of the whole clock', () => {
    expect(cell('delta', { neverRan: true, delta: '962275427859' })).toMatchObject({ text: 'never ran' });
    expect(cell('startRuntime', { neverRan: true }).text).toBe('never ran');
  });

  it('name the decision', () => {
    expect(cell('outcome').text).toBe('migrated');
    expect(cell('outcome', { forced: true }).text).toBe('forced');
    expect(cell('outcome', { migrated: false }).text).toBe('refused');
  });

  it('show what the file does not tell as unknown', () => {
    for (const key of ['lat', 'srcCpu', 'dstCpu', 'cpu', 'loop', 'lbFlags', 'sdFlags', 'type']) {
      const values = {
        lat: null,
        srcCpu: null,
        dstCpu: null,
        cpu: null,
        lbFlags: null,
        sdFlags: null,
        type: null,
      };
      expect(cell(key, values).text, key).toBe('—');
    }
  });

  it('keep names text', () => {
    expect(cell('comm').text).toBe(hostileName);
  });

  it('explain flags', () => {
    expect(cell('lbFlags')).toEqual({ text: '0x9', title: 'ALL_PINNED, SOME_PINNED (names of Linux 6.1)' });
    expect(flagNames(0)).toBe('no flags');
    expect(flagNames(1 << 20)).toContain('bit 20');
  });

  it('have units in all headings that need one, and no column of names where there are none', () => {
    const columns = recordColumns({ summary: () => summary, showLine: () => undefined }, false);
    expect(columns.map(({ key }) => key)).not.toContain('comm');
    const labels = columns.map(({ label }) => label);
    expect(labels).toEqual(
      expect.arrayContaining(['Time (s)', 'Call (µs)', 'Delta (ms)', 'From load (×1024)']),
    );
    expect(new Set(labels).size).toBe(labels.length);
  });
});

describe('the summary', () => {
  it('gives rare shares as counts of a total', () => {
    const text = figures(summary).textContent;
    expect(text).toContain(
      '1,133forced: migrated although cache-hotof 28,516 migrations · 4 %of 57,520 calls · 2 %',
    );
    expect(figures({ ...summary, forced: 29 }).textContent).toContain('of 57,520 calls · < 0.1 %');
    expect(figures({ ...summary, forced: null }).textContent).toContain('—forcedthis file does not tell');
  });

  it('shows the calls of a type at a click', () => {
    const show = vi.fn();
    breakdown(summary, show).querySelector<HTMLButtonElement>('button.link')!.click();
    expect(show).toHaveBeenCalledWith(0);
  });

  it('has a matrix of CPUs that arrow keys move in', () => {
    const show = vi.fn();
    const card = pairs(summary, show);
    document.body.append(card);
    const buttons = [...card.querySelectorAll('button')];
    expect(buttons.map((button) => button.textContent)).toEqual(['100', '25', '1']);
    expect(buttons.map((button) => button.tabIndex)).toEqual([0, -1, -1]);
    expect(buttons[0]!.getAttribute('aria-label')).toBe(
      'CPU 0 → CPU 1. 100 calls: 60 migrated (60 %), of these 2 forced, 40 refused',
    );
    buttons[1]!.focus();
    buttons[1]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    expect(document.activeElement).toBe(buttons[2]);
    buttons[2]!.click();
    expect(show).toHaveBeenCalledWith(2, 0);
  });

  it('lists pairs where a matrix would be too small', () => {
    const byPair = Array.from({ length: 60 }, (_, cpu) => ({
      srcCpu: cpu,
      dstCpu: 0,
      calls: 60 - cpu,
      migrated: 0,
      forced: null,
    }));
    const card = pairs({ ...summary, byPair }, () => undefined);
    expect(card.querySelectorAll('tbody tr')).toHaveLength(40);
    expect(card.textContent).toContain('and 20 pairs with fewer calls');
  });

  it('names malformed lines, each with a way to the source, and never as markup', () => {
    const show = vi.fn();
    const card = cautions(
      {
        ...summary,
        malformed: { count: 130, lines: [{ line: 1012, reason: hostileName, excerpt: hostileName }] },
        missingColumns: ['lat_ns'],
        unknownColumns: [hostileName],
      },
      show,
    );
    expect(card.querySelector('img')).toBeNull();
    expect(card.textContent).toContain('130 malformed lines were left out');
    expect(card.textContent).toContain('and 129 more');
    expect(card.textContent).toContain('This file has no lat_ns.');
    card.querySelector<HTMLButtonElement>('button.link')!.click();
    expect(show).toHaveBeenCalledWith(1012);
  });
});

describe('the density chart', () => {
  it('is a filled line over a logarithmic axis, with a line at each percentile', () => {
    const chart = latencyDensityChart(latency, theme.value);
    expect(chart.data.datasets.map(({ label }) => label)).toEqual(['density', 'median', 'p90', 'p99']);
    expect(chart.data.datasets[0]).toMatchObject({ fill: 'origin' });
    expect(chart.data.datasets[1]!.data[0]).toMatchObject({ x: 2000, y: 0 });
    expect(chart.options!.scales!['x']).toMatchObject({ type: 'logarithmic' });
    const dashes = chart.data.datasets
      .slice(1)
      .map((set) => JSON.stringify('borderDash' in set && set.borderDash));
    expect(new Set(dashes).size).toBe(3);
  });

  it('cuts tails in which nothing is to be seen, but never the 99th percentile', () => {
    const points = visiblePoints({
      ...latency,
      density: { ...latency.density, density: latency.density.density.map((y, i) => (i === 40 ? 0 : y)) },
    });
    expect(points.at(-1)!.x).toBeGreaterThanOrEqual(latency.p99Ns);
    expect(points.at(-1)!.x).toBeLessThan(latency.maxNs);
  });

  it('is described in words', () => {
    expect(describeDensity(latency)).toMatch(/most often about 1\.995 µs; half of them up to 2 µs/);
  });
});

describe('states of the view', () => {
  it('tells how far reading is, then shows, then fails', () => {
    const model = new RecordsModel();
    const curtain = createCurtain(model);
    const bar = createReadingBar(model);
    expect(curtain.hidden).toBe(false);
    const progress = { name: 'x', rows: 1_200_000, doneBytes: 5 << 20, totalBytes: 10 << 20 };
    model.progress.set(progress);
    expect(curtain.textContent).toBe('Reading 50 % · 5.00 MiB of 10.0 MiB · 1.2 M records');
    expect(bar.getAttribute('aria-valuenow')).toBe('50');
    expect(describeProgress({ ...progress, totalBytes: null })).toBe('Reading · 5.00 MiB · 1.2 M records');
    model.summary.set(summary);
    model.progress.set(null);
    expect(curtain.hidden).toBe(true);
    expect(bar.classList.contains('done')).toBe(true);
    model.failure.set(hostileName);
    expect(curtain.hidden).toBe(false);
    expect(curtain.querySelector('[role=alert]')!.textContent).toContain(hostileName);
    expect(curtain.querySelector('img')).toBeNull();
  });

  it('takes only messages that are whole', () => {
    const ready: RecordsState = { kind: 'ready', summary };
    expect(readRecordsState(ready)).toEqual(ready);
    expect(readRecordsState({ kind: 'ready', summary: { ...summary, startNs: 'x' } })).toBeNull();
    expect(readRecordsState({ kind: 'ready' })).toBeNull();
    expect(readViewState({ filter: noFilter, sort: 'lat', descending: true })).not.toBeNull();
    expect(readViewState({ filter: noFilter, sort: 'nothing', descending: true })).toBeNull();
  });
});

describe('the filter bar', () => {
  const create = () => {
    const model = new RecordsModel();
    const actions = { save: vi.fn(), showLine: vi.fn() };
    const bar = new FilterBar(model, actions);
    document.body.append(bar.element);
    model.summary.set(summary);
    return { model, actions, bar };
  };

  it('has a choice of each class with its count', () => {
    const { model, bar } = create();
    const choices = [...bar.element.querySelectorAll<HTMLButtonElement>('[role=radio]')];
    expect(choices.map((each) => each.textContent)).toEqual([
      'All 57,520',
      'Migrated 28,516',
      'Refused 29,004',
      'Forced 1,133',
      'Never ran 6,742',
    ]);
    choices[3]!.click();
    expect(model.filter.value).toEqual({ ...noFilter, outcome: 'forced' });
    bar.showTotal(1133);
    expect(bar.element.querySelector('.count')!.textContent).toBe('1,133 of 57,520 calls');
  });

  it('leaves out the class that the file does not tell', () => {
    const { model, bar } = create();
    model.summary.set({ ...summary, forced: null });
    expect(bar.element.querySelectorAll('[role=radio]')).toHaveLength(4);
  });

  it('shows a pair as a chip that can be removed, and clears all', () => {
    const { model, bar } = create();
    model.filter.set({ ...noFilter, srcCpu: 3, dstCpu: 1, type: 2 });
    const chips = [...bar.element.querySelectorAll<HTMLButtonElement>('.chip')];
    expect(chips.map((chip) => chip.textContent)).toEqual(['CPU 3 → 1', 'type task']);
    chips[0]!.click();
    expect(model.filter.value).toEqual({ ...noFilter, type: 2 });
    bar.element.querySelector<HTMLButtonElement>('button.link')!.click();
    expect(model.filter.value).toEqual(noFilter);
    expect(bar.element.querySelector('.chip')).toBeNull();
  });

  it('offers the line of the chosen row only', () => {
    const { model, actions, bar } = create();
    const line = bar.element.querySelectorAll<HTMLElement>('vscode-button')[0]!;
    expect(line.hidden).toBe(true);
    model.chosen.set(row);
    expect(line.hidden).toBe(false);
    expect(line.textContent).toBe('Show line 1,002');
    line.click();
    expect(actions.showLine).toHaveBeenCalledWith(1002);
  });
});

describe('choices', () => {
  it('are a radio group with one stop for the Tab key', () => {
    const chosen = vi.fn();
    const bar = new ChoiceBar<'a' | 'b' | 'c'>('Letters', 'a', chosen);
    bar.show((['a', 'b', 'c'] as const).map((id) => ({ id, label: id, title: id })));
    document.body.append(bar.element);
    const [a, b, c] = [...bar.element.querySelectorAll('button')];
    expect([a!.tabIndex, b!.tabIndex, c!.tabIndex]).toEqual([0, -1, -1]);
    a!.focus();
    a!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }));
    expect(document.activeElement).toBe(c);
    expect(c!.getAttribute('aria-checked')).toBe('true');
    expect(chosen).toHaveBeenCalledWith('c');
  });
});

describe('exporting', () => {
  const clientWith = (answer: () => Promise<unknown>) => {
    const model = new RecordsModel();
    const messenger = { request: answer } as unknown as RecordsMessenger;
    return { model, client: new RecordsClient(messenger, model) };
  };

  it('says what was written, nothing when the user gave up, and what went wrong', async () => {
    const done = clientWith(() => Promise.resolve({ rows: 1133, bytes: 2048, path: '/tmp/x.csv' }));
    await done.client.save();
    expect(done.model.notice.value).toEqual({
      text: 'Exported 1,133 rows, 2.00 KiB, to /tmp/x.csv.',
      isError: false,
    });
    const cancelled = clientWith(() => Promise.resolve(null));
    await cancelled.client.save();
    expect(cancelled.model.notice.value).toBeNull();
    const failed = clientWith(() => Promise.reject(new Error('no room')));
    await failed.client.save();
    expect(failed.model.notice.value).toEqual({ text: 'no room', isError: true });
  });
});
