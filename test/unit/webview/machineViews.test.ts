// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import type { CheckView, MachineView } from '../../../src/protocol/machineMessages.js';
import type { LaneView, WorkView } from '../../../src/protocol/machineWorkMessages.js';
import { createProgressBar } from '../../../webview/common/progressBar.js';
import { Signal } from '../../../webview/common/signal.js';
import { MachineApp, summaryOf } from '../../../webview/machines/machine/app.js';
import { checklist } from '../../../webview/machines/machine/checklist.js';
import { WorkApp } from '../../../webview/machines/work/app.js';
import { createArtifacts } from '../../../webview/machines/work/artifacts.js';
import { createLanes, formatElapsed } from '../../../webview/machines/work/lanes.js';
import { createMatrix } from '../../../webview/machines/work/matrix.js';
import { hostileName } from './lanes.js';

const check = (id: string, status: CheckView['status']): CheckView => ({
  id,
  title: `Title of ${id}`,
  status,
  detail: hostileName,
  remedy: null,
});

const machine: MachineView = {
  name: 'lab',
  state: { kind: 'ready', text: 'connected' },
  facts: [{ label: 'Kernel', value: hostileName }],
  checks: [check('a', 'passed'), check('b', 'failed'), check('c', 'unknown'), check('d', 'warning')],
  checkedAtMs: 0,
  isChecking: false,
  failure: null,
  install: null,
};

const lane: LaneView = {
  machine: 'lab',
  phase: 'collecting',
  doing: null,
  counters: {
    elapsedMs: 65_000,
    events: 1234,
    eventsPerSecond: null,
    lostEvents: 3,
    classes: null,
    receivedBytes: 2048,
  },
  failure: null,
};

const work: WorkView = {
  kind: 'plan',
  title: 'Plan',
  description: '2 recordings',
  status: 'running',
  share: 0.5,
  lanes: [lane],
  cells: [
    { row: 'w', column: 'run 1', state: 'done', note: '12 events' },
    { row: 'w', column: 'run 2', state: 'failed', note: 'no space' },
    { row: 'v', column: 'run 2', state: 'waiting', note: null },
  ],
  artifacts: [],
  remarks: [],
};

/** The extension's end: answers what it is given, and keeps what it was asked. */
function messenger(state: unknown) {
  const asked: [string, unknown][] = [];
  const listeners = new Map<string, (payload: unknown) => void>();
  return {
    asked,
    tell: (name: string, payload: unknown) => listeners.get(name)?.(payload),
    end: {
      request: (method: string, params: unknown) => {
        asked.push([method, params]);
        return Promise.resolve(method.endsWith('State') ? state : null);
      },
      on: (name: string, listener: (payload: unknown) => void) => void listeners.set(name, listener),
    } as never,
  };
}

describe('the checklist', () => {
  it('has first what wants attention, each with its state in words', () => {
    const list = checklist(machine.checks!, () => undefined);
    const ids = [...list.querySelectorAll('li')].map((item) => item.dataset['check']);
    expect(ids).toEqual(['b', 'd', 'c', 'a']);
    expect(list.querySelector('li')!.textContent).toContain('failed');
    expect(list.textContent).toContain(hostileName);
    expect(list.querySelector('img, script')).toBeNull();
    expect(summaryOf(machine)).toBe('1 failed, 1 warning, 1 unknown, 1 passed');
  });

  it('offers the command of a remedy to be copied, and marks what is typed', () => {
    const copy = vi.fn();
    const remedy = { text: 'Run `x <y>`, then again.', command: 'apt-get install perf' };
    const list = checklist([{ ...check('p', 'failed'), remedy }], copy);
    expect(list.querySelector('.check-remedy code')!.textContent).toBe('x <y>');
    list.querySelector<HTMLElement>('.check-command vscode-button')!.click();
    expect(copy).toHaveBeenCalledWith('apt-get install perf');
  });
});

describe('the view of a machine', () => {
  it('shows the machine, follows it, and keeps its name for the next window', async () => {
    const host = { writeState: vi.fn() };
    const { end, tell, asked } = messenger(machine);
    const app = new MachineApp(end, host);
    await app.start();
    expect(host.writeState).toHaveBeenCalledWith({ name: 'lab' });
    expect(app.element.querySelector('h1')!.textContent).toBe('lab');
    expect(app.element.querySelectorAll('li')).toHaveLength(4);
    tell('machineUpdated', { ...machine, isChecking: true });
    const bar = app.element.querySelector('[role=progressbar]')!;
    expect(bar.classList.contains('indeterminate')).toBe(true);
    tell('machineUpdated', { ...machine, checks: [check('a', 'passed')] });
    expect(app.element.querySelector('[aria-live]')!.textContent).toBe('1 passed');
    const buttons = [...app.element.querySelectorAll<HTMLElement>('vscode-button')];
    buttons.find((each) => each.textContent === 'Collect Recording…')!.click();
    expect(asked).toContainEqual(['collect', {}]);
    expect(buttons.find((each) => each.textContent.startsWith('Install'))!.hidden).toBe(true);
  });

  it('does not take what is no machine', async () => {
    const { end } = messenger({ ...machine, checks: 3 });
    const app = new MachineApp(end, { writeState: vi.fn() });
    await app.start();
    expect(app.model.view.value).toBeNull();
    expect(app.model.notice.value?.isError).toBe(true);
  });
});

describe('the view of work', () => {
  it('shows what runs and how far it is, and has Stop and Cancel only while something runs', async () => {
    const { end, tell, asked } = messenger(work);
    const app = new WorkApp(end);
    await app.start();
    expect(app.element.querySelector('[role=progressbar]')!.getAttribute('aria-valuenow')).toBe('50');
    const button = (name: string) =>
      [...app.element.querySelectorAll<HTMLElement>('vscode-button')].find(
        (each) => each.textContent === name,
      )!;
    button('Stop').click();
    expect(asked.at(-1)).toEqual(['stopWork', {}]);
    tell('workUpdated', { ...work, status: 'stopping' });
    expect(button('Stop').hasAttribute('disabled')).toBe(true);
    expect(button('Cancel').hasAttribute('disabled')).toBe(false);
    tell('workUpdated', {
      ...work,
      status: 'done',
      remarks: [{ severity: 'error', machine: 'lab', text: 'x' }],
    });
    expect(button('Stop').hidden).toBe(true);
    expect(app.element.querySelector('.remarks li')!.textContent).toBe('lab: x');
    expect(app.element.querySelector('[aria-live]')!.textContent).toBe('Plan: done');
  });

  it('counts: unknown is no zero, losses are marked', () => {
    const view = new Signal<WorkView | null>(null);
    const table = createLanes(view);
    view.set(work);
    const cells = () => [...table.querySelectorAll('td')].map((cell) => cell.textContent);
    expect(cells()).toEqual(['lab', 'collecting', '—', '1,234', '—', '3', '2.00 KiB', '1:05 min']);
    expect(table.querySelector('.lost .state-mark.warning')).not.toBeNull();
    view.set({ ...work, lanes: [{ ...lane, phase: 'failed', counters: null, failure: hostileName }] });
    expect(cells()).toEqual(['lab', 'failed', hostileName, '', '', '', '', '']);
    expect(table.querySelectorAll('tbody tr')).toHaveLength(1);
    expect(formatElapsed(7349)).toBe('7.3 s');
  });

  it('a matrix has a cell where a run is, and says its state', () => {
    const view = new Signal<WorkView | null>(null);
    const matrix = createMatrix(view);
    view.set({ ...work, cells: [] });
    expect(matrix.hidden).toBe(true);
    view.set(work);
    expect([...matrix.querySelectorAll('thead th')].map((cell) => cell.textContent)).toEqual([
      'run 1',
      'run 2',
    ]);
    const labels = [...matrix.querySelectorAll('tbody td')].map(
      (cell) => cell.querySelector('[role=img]')?.getAttribute('aria-label') ?? null,
    );
    expect(labels).toEqual(['done: 12 events', 'failed: no space', null, 'waiting']);
  });

  it('files open by their path, and a button keeps its place while counters change', () => {
    const view = new Signal<WorkView | null>(null);
    const open = vi.fn();
    const files = createArtifacts(view, open);
    view.set(work);
    expect(files.hidden).toBe(true);
    const artifact = {
      path: '/w/a.trace.dat',
      name: 'a.trace.dat',
      kind: 'recording',
      machine: 'lab',
      workload: null,
      sizeBytes: 10,
      events: null,
      lostEvents: 0,
      sha256: 'f'.repeat(64),
    } as const;
    view.set({ ...work, artifacts: [artifact] });
    const button = files.querySelector<HTMLElement>('vscode-button')!;
    button.click();
    expect(open).toHaveBeenCalledWith('/w/a.trace.dat');
    view.set({ ...work, artifacts: [artifact], share: 0.7 });
    expect(files.querySelector('vscode-button')).toBe(button);
  });
});

describe('a progress bar', () => {
  it('has a value only when one is known', () => {
    const bar = createProgressBar('Reading');
    bar.show(0.25);
    expect(bar.element.getAttribute('aria-valuenow')).toBe('25');
    bar.show(null);
    expect(bar.element.hasAttribute('aria-valuenow')).toBe(false);
    bar.show('done');
    expect(bar.element.classList.contains('done')).toBe(true);
  });
});
