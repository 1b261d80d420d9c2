// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ThreadState, type SliceDetail, type TaskRow } from '../../../src/protocol/traceMessages.js';
import { element } from '../../../webview/common/dom.js';
import { Signal } from '../../../webview/common/signal.js';
import { clampSize, Splitter } from '../../../webview/common/splitter.js';
import { VirtualTable } from '../../../webview/common/table.js';
import { Tabs } from '../../../webview/common/tabs.js';
import { buildTheme } from '../../../webview/common/theme.js';
import { createBanner } from '../../../webview/trace/chrome/banner.js';
import { createCurtain } from '../../../webview/trace/chrome/progress.js';
import { TraceModel } from '../../../webview/trace/model/traceModel.js';
import { DetailsPanel } from '../../../webview/trace/panels/detailsPanel.js';
import { taskColumns } from '../../../webview/trace/panels/taskColumns.js';
import { TracePanel } from '../../../webview/trace/panels/tracePanel.js';
import { compactHeights, LaneLayout } from '../../../webview/trace/timeline/laneLayout.js';
import { Gutter } from '../../../webview/trace/timeline/gutter.js';
import { Tooltip } from '../../../webview/trace/timeline/tooltip.js';
import { hostileName, summary, threadName } from './lanes.js';

const theme = new Signal(buildTheme('dark', () => ''));

const detail: SliceDetail = {
  ...threadName(1, hostileName),
  prio: 120,
  state: ThreadState.Running,
  cpu: 0,
  startNs: 1000,
  endNs: 2000,
  row: 5,
  leftState: 'S',
  wakeup: {
    row: 4,
    atNs: 900,
    latencyNs: 100,
    event: 'sched_waking',
    wakerThread: 2,
    wakerComm: hostileName,
    wakerPid: 2,
    wakerCpu: 1,
    flags: hostileName,
  },
  preemptionWaitNs: null,
  before: { thread: 2, comm: hostileName, pid: 2, startNs: 0, endNs: 900 },
  after: null,
  line: 12,
  source: 0,
};

const task: TaskRow = {
  ...threadName(1, hostileName),
  formerComms: [hostileName],
  runtimeNs: 5000,
  switches: 2,
  wakeups: null,
  migrations: null,
  wakeupLatencyMeanNs: null,
  wakeupLatencyP50Ns: null,
  wakeupLatencyP90Ns: null,
  wakeupLatencyP99Ns: null,
  wakeupLatencyMaxNs: 700,
  wakeupLatencyMaxAtNs: 900,
  preemptionWaitTotalNs: null,
  preemptionWaitMeanNs: null,
  preemptionWaitP50Ns: null,
  preemptionWaitP90Ns: null,
  preemptionWaitP99Ns: null,
  preemptionWaitMaxNs: null,
  preemptionWaitMaxAtNs: null,
};

function details(model: TraceModel) {
  const actions = {
    jumpToThread: vi.fn(),
    jumpToCpu: vi.fn(),
    step: vi.fn(),
    stepForced: vi.fn(),
    showLine: vi.fn(),
    selectRange: vi.fn(),
  };
  return { panel: new DetailsPanel(model, theme, actions), actions };
}

function gutterInput(comm: string) {
  const layout = new LaneLayout({
    cpus: [0],
    threads: 1,
    showDepth: true,
    collapsed: new Set(),
    heights: compactHeights,
  });
  return {
    lanes: layout.rowsBetween(0, 1000).map((row) => ({
      row,
      lane: row.kind === 'thread' ? ({ kind: 'thread', thread: 1 } as const) : undefined,
    })),
    scrollTop: 0,
    themeKind: 'dark' as const,
    cpus: [0],
    threads: 1,
    threadFilter: hostileName,
    hasWakeups: true,
    collapsed: new Set<never>(),
    depthTop: 4,
    thread: null as number | null,
    nameOf: () => threadName(1, comm),
    cpuRow: () => undefined,
  };
}

beforeEach(() => {
  document.body.replaceChildren();
});

describe('a task named like markup', () => {
  it('is text in the details', () => {
    const model = new TraceModel();
    model.summary.set(summary);
    const { panel } = details(model);
    model.slice.set({ lane: { kind: 'cpu', cpu: 0 }, detail });
    expect(panel.element.querySelectorAll('img, script')).toHaveLength(0);
    expect(panel.element.textContent.split(hostileName).length - 1).toBe(5);
  });

  it('is text in the table, the names of lanes, the tooltip and the remarks', () => {
    const columns = taskColumns({ themeKind: () => 'dark', jump: () => undefined });
    const cells = columns.map((column) => element('td', {}, column.cell(task)));
    const gutter = new Gutter({
      toggle: () => undefined,
      selectThread: () => undefined,
      clearFilter: () => undefined,
    });
    gutter.draw(gutterInput(hostileName));
    const tooltip = new Tooltip();
    tooltip.show({ title: hostileName, lines: [['State', hostileName]] }, null, 0, 0);
    const model = new TraceModel();
    model.summary.set({
      ...summary,
      name: hostileName,
      sources: [hostileName, 'b'],
      remarks: [{ severity: 'warning', message: hostileName, line: 3, source: 0 }],
    });
    const trace = new TracePanel(model, document.createElement('section'), () => undefined);
    document.body.append(...cells, gutter.element, tooltip.element, trace.element);
    expect(document.querySelectorAll('img, script')).toHaveLength(0);
    for (const part of [cells[0]!, gutter.element, tooltip.element, trace.element])
      expect(part.textContent).toContain(hostileName);
  });
});

describe('details', () => {
  it('explain the slice and lead to the waker, the source line and a range', () => {
    const model = new TraceModel();
    model.summary.set(summary);
    const { panel, actions } = details(model);
    expect(panel.element.textContent).toContain('Click a slice');
    model.slice.set({ lane: { kind: 'cpu', cpu: 0 }, detail: { ...detail, comm: 'nginx' } });
    const text = panel.element.textContent;
    for (const fact of [
      'nginx',
      '120',
      '1 µs',
      'sleeping, interruptible',
      '100 ns',
      'sched_waking',
      '+0.000001000 s',
    ])
      expect(text).toContain(fact);
    const click = (label: string) =>
      [...panel.element.querySelectorAll<HTMLElement>('button, vscode-button')]
        .find((node) => node.textContent.startsWith(label))
        ?.click();
    click('Show line');
    click('select as range');
    click(hostileName);
    expect(actions.showLine).toHaveBeenCalledWith(12, 0);
    expect(actions.selectRange).toHaveBeenCalledWith(1000, 2000);
    expect(actions.jumpToThread).toHaveBeenCalledWith(2, 900);
  });

  it('lead to the line in the file of several that has it', () => {
    const model = new TraceModel();
    model.summary.set({ ...summary, sources: ['cpu0', 'cpu1'] });
    const { panel, actions } = details(model);
    model.slice.set({ lane: { kind: 'cpu', cpu: 1 }, detail: { ...detail, source: 1 } });
    const show = [...panel.element.querySelectorAll<HTMLElement>('vscode-button')].find(
      (node) => node.textContent === 'Show line',
    );
    expect(show?.title).toBe('Open cpu1 at line 12');
    show?.click();
    expect(actions.showLine).toHaveBeenCalledWith(12, 1);
  });

  it('do not offer a line where there is no text, and keep unknown apart from zero', () => {
    const model = new TraceModel();
    model.summary.set({ ...summary, hasTextLines: false, hasWakeups: false });
    const { panel } = details(model);
    model.slice.set({
      lane: { kind: 'cpu', cpu: 0 },
      detail: { ...detail, wakeup: null, prio: null, leftState: null },
    });
    expect(panel.element.textContent).not.toContain('Show line');
    expect(panel.element.textContent).toContain('unknown: no wakeups in this format');
    expect(panel.element.querySelectorAll('.unknown').length).toBe(3);
  });
});

describe('the task table', () => {
  it('shows an em dash for what is unknown, and jumps to worst cases', () => {
    const jump = vi.fn();
    const columns = taskColumns({ themeKind: () => 'dark', jump });
    const cell = (key: string) => element('td', {}, columns.find((column) => column.key === key)!.cell(task));
    expect(cell('wakeups').textContent).toBe('—');
    expect(cell('wakeups').querySelector('span')?.title).toContain('unknown');
    cell('wakeupLatencyMaxNs').querySelector('button')?.click();
    expect(jump).toHaveBeenCalledWith(task, { startNs: 900, endNs: 1600 });
  });

  it('is a real table that sorts by its headers', async () => {
    const asked: unknown[] = [];
    const table = new VirtualTable<TaskRow, 'comm' | 'runtimeNs'>({
      label: 'Tasks',
      columns: [
        { key: 'comm', label: 'Task', title: '', numeric: false, widthPx: 100, cell: (row) => row.comm },
        {
          key: 'runtimeNs',
          label: 'Runtime',
          title: '',
          numeric: true,
          widthPx: 100,
          cell: (row) => String(row.runtimeNs),
        },
      ],
      sorting: { key: 'runtimeNs', descending: true },
      fetch: (sorting, offset, limit) => {
        asked.push([sorting.key, sorting.descending, offset, limit]);
        return Promise.resolve({ total: 1, rows: [task] });
      },
      keyOf: (row) => row.thread,
      onOpen: () => undefined,
      onError: () => undefined,
      emptyText: 'none',
    });
    document.body.append(table.element);
    table.reload();
    await new Promise((resolve) => setTimeout(resolve));
    const headers = [...table.element.querySelectorAll('th')];
    expect(headers.map((header) => header.getAttribute('aria-sort'))).toEqual(['none', 'descending']);
    headers[0]!.querySelector('button')!.click();
    headers[0]!.querySelector('button')!.click();
    await new Promise((resolve) => setTimeout(resolve));
    expect(headers.map((header) => header.getAttribute('aria-sort'))).toEqual(['descending', 'none']);
    expect(asked).toEqual([
      ['runtimeNs', true, 0, 100],
      ['comm', false, 0, 100],
      ['comm', true, 0, 100],
    ]);
    const rows = [...table.element.querySelectorAll('tbody tr:not(.spacer)')];
    expect(rows.map((row) => row.textContent)).toEqual([`${hostileName}5000`]);
    table.mark(1);
    expect(table.element.querySelector('[aria-current=true]')).not.toBeNull();
  });
});

describe('the frame of the view', () => {
  it('shows failures whole, with their line breaks', () => {
    const model = new TraceModel();
    const curtain = createCurtain(model);
    expect(curtain.textContent).toContain('Reading');
    model.failure.set('first\nsecond');
    expect(curtain.querySelector('pre')?.textContent).toBe('first\nsecond');
    model.summary.set(summary);
    expect(curtain.hidden).toBe(true);
    const banner = createBanner(model, () => undefined);
    expect(banner.hidden).toBe(false);
    expect(banner.textContent).toContain('first\nsecond');
  });

  it('has tabs that arrow keys move between', () => {
    const seen: string[] = [];
    const content = () => element('div');
    const tabs = new Tabs(
      'Statistics',
      [
        { id: 'a', label: 'A', content: content() },
        { id: 'b', label: 'B', content: content() },
        { id: 'c', label: 'C', content: content() },
      ],
      'a',
      (id) => seen.push(id),
    );
    document.body.append(tabs.bar, tabs.body);
    tabs.setHidden('b', true, 'a');
    const press = (key: string) =>
      tabs.bar.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    press('ArrowRight');
    press('ArrowRight');
    press('End');
    expect(seen).toEqual(['c', 'a', 'c']);
    const panels = [...tabs.body.querySelectorAll<HTMLElement>('[role=tabpanel]')];
    expect(panels.map((panel) => panel.hidden)).toEqual([true, true, false]);
  });

  it('has a splitter for the keyboard', () => {
    expect(clampSize(10, 1000, 100)).toBe(100);
    expect(clampSize(990, 1000, 100)).toBe(900);
    let size = 0;
    const splitter = new Splitter({
      label: 'x',
      minimumPx: 100,
      total: () => 1000,
      preferred: () => 400,
      apply: (px) => (size = px),
    });
    splitter.set(400);
    splitter.element.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp' }));
    expect(size).toBe(416);
    expect(splitter.element.getAttribute('aria-valuenow')).toBe('42');
  });
});
