// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import type { DeployedMachineView } from '../../../../src/protocol/neuralCfsRunMessages.js';
import { ModelRunApp } from '../../../../webview/neuralCfsRun/app.js';
import { hostileName } from '../lanes.js';
import { CARRIED, exampleMachine, exampleState, exampleStatus, STATS } from './runExamples.js';

interface Wire {
  readonly kind: string;
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

interface Answers {
  readonly state?: unknown;
  readonly carried?: unknown;
  readonly machines?: readonly DeployedMachineView[];
}

/** A view whose host answers with these. */
async function shown({ state = exampleState(), carried = CARRIED, machines = [] }: Answers = {}) {
  const asked: Wire[] = [];
  let listener: (message: unknown) => void = () => undefined;
  const results: Readonly<Record<string, unknown>> = {
    ...{ modelRunState: state, carriedModel: carried, deployedMachines: machines },
  };
  const host = {
    post(message: unknown): void {
      const wire = message as Wire;
      asked.push(wire);
      const { id, method } = wire;
      queueMicrotask(() => listener({ kind: 'result', id, result: results[method] ?? null }));
    },
    receive: (each: (message: unknown) => void) => (listener = each),
    readState: () => null,
    writeState: () => undefined,
  };
  const app = new ModelRunApp(host);
  document.body.replaceChildren(app.element);
  await app.start();
  const tell = (name: string, payload: unknown) => listener({ kind: 'event', name, payload });
  return { app, asked, tell };
}

const textOf = (selector: string) => document.querySelector(selector)?.textContent ?? '';
const tableText = (label: string) => textOf(`table[aria-label="${label}"]`);
const button = (label: string, root: ParentNode = document) =>
  [...root.querySelectorAll<HTMLElement>('vscode-button, button.choice')].find(
    ({ textContent }) => textContent === label,
  )!;
const shownButtons = () =>
  [...document.querySelectorAll<HTMLElement>('.machine-actions vscode-button')]
    .filter(({ hidden }) => !hidden)
    .map(({ textContent }) => textContent);

test('a run is shown with its figures beside knowing nothing, and names as text', async () => {
  await shown({
    state: exampleState(hostileName),
    machines: [exampleMachine({ status: exampleStatus({}, hostileName) })],
  });
  expect(textOf('h1')).toBe(hostileName);
  expect(textOf('.study-facts')).toContain('Experiment 2: Does its history end in a forced migration?');
  expect(tableText('Figures on the test')).toContain('Average precision');
  expect(tableText('Inputs of the model')).toContain('clock - exec_start');
  expect(tableText('Recordings')).toContain(hostileName);
  expect(tableText('Forms of the model')).toContain('Fixed point, 16 bits');
  expect(textOf('section[aria-label="Inputs"]')).toContain('Left out, as they did not vary: cpu_idle.');
  expect(document.querySelector('img, script')).toBeNull();
});

test('little agreement is marked; a form that there is not says why', async () => {
  await shown();
  const rows = document.querySelectorAll('table[aria-label="Forms of the model"] tbody tr');
  expect(rows[0]!.querySelector('.state-mark')).toBeNull();
  expect(rows[1]!.querySelectorAll('.state-mark.warning')).toHaveLength(2);
  expect(textOf('section[aria-label="What it takes in a kernel"]')).toContain(
    'no room for it in floating point',
  );
  await shown({ carried: { forms: 'nonsense' } });
  await Promise.resolve();
  expect(textOf('section[aria-label="What it takes in a kernel"]')).toContain('does not understand');
});

test('a machine tells calls, accuracy beside the baseline, costs; and that it is this model', async () => {
  await shown({ machines: [exampleMachine()] });
  expect(tableText('Calls on lab')).toContain('Forced46');
  const figures = textOf('dl[aria-label="Figures of lab"]');
  for (const told of [
    'Accuracy96.6 %',
    'Always the more frequent90 % (allowed)',
    'Swaps2',
    'Model, a call100 ns',
  ]) {
    expect(figures).toContain(told);
  }
  expect(figures).not.toContain('Vetoes');
  expect(textOf('.machine-identity')).toMatch(/^This model \(kernel module, 16 bits, experiment 1\)/);
  expect(shownButtons()).toEqual(['Ask Now', 'Retrain and Swap…', 'Measure…', 'Remove…']);
  expect(button('Shadow').getAttribute('aria-pressed')).toBe('true');
});

test('what is pressed is asked of the extension, a mode that is there is not', async () => {
  const { asked } = await shown({ machines: [exampleMachine()] });
  button('Shadow').click();
  button('Active').click();
  button('Retrain and Swap…').click();
  button('Deploy…').click();
  expect(asked.slice(-3).map(({ method, params }) => [method, params])).toEqual([
    ['setDeployedMode', { machine: 'lab', mode: 'active' }],
    ['retrainAndSwap', { machine: 'lab' }],
    ['deployModel', { machine: null }],
  ]);
});

test('eBPF cannot decide; while something is done nothing can be pressed; nor without trust', async () => {
  const ebpf = exampleStatus({ way: 'ebpf', stats: { ...STATS, way: 'ebpf' } });
  const { tell } = await shown({ machines: [exampleMachine({ status: ebpf })] });
  expect(button('Active').hasAttribute('disabled')).toBe(true);
  expect(button('Active').title).toBe('A program of eBPF can only watch');
  tell('deployedUpdated', [exampleMachine({ doing: 'swapping in exp2-2' })]);
  expect(textOf('.machine-state')).toBe('swapping in exp2-2…');
  expect(['Off', 'Ask Now', 'Remove…'].map((each) => button(each).hasAttribute('disabled'))).toEqual([
    ...[true, true, true],
  ]);
  await shown({ state: { ...exampleState(), isTrusted: false }, machines: [exampleMachine()] });
  expect(button('Off').hasAttribute('disabled')).toBe(true);
  expect(textOf('.run-note')).toContain('not trusted');
});

test('trouble is loud, a crash too; figures that come anew leave buttons and alarms where they are', async () => {
  const trouble = ['BUG: unable to handle page fault'];
  const { tell } = await shown({ machines: [exampleMachine({ status: exampleStatus({ trouble }) })] });
  const alarm = document.querySelector('[role="alert"]')!;
  expect(alarm.textContent).toContain('BUG: unable to handle page fault');
  const ask = button('Ask Now');
  const told = exampleStatus({ trouble, stats: { ...STATS, notAsked: 7 } });
  tell('deployedUpdated', [exampleMachine({ status: told, askedAtMs: 5000 })]);
  expect(document.querySelector('[role="alert"]')).toBe(alarm);
  expect(button('Ask Now')).toBe(ask);
  expect(textOf('dl[aria-label="Figures of lab"]')).toContain('Not asked7');
  const crashed = exampleStatus({ state: 'rebooted', stats: null, trouble: ['Kernel panic'] });
  tell('deployedUpdated', [exampleMachine({ status: crashed })]);
  expect(textOf('[role="alert"]')).toContain('It may have crashed.');
  expect(textOf('.machine-state')).toContain('started anew since');
  expect(shownButtons()).toEqual(['Ask Now', 'Deploy Here…', 'Remove…']);
});

test('another model is named; one that decided shows vetoes; nothing is said where nothing is', async () => {
  const status = exampleStatus(
    { stats: { ...STATS, mode: 'active', vetoed: 12, overruled: { toRefused: 3, toAllowed: 4 } } },
    'other',
  );
  const other = { ...status, model: { ...status.model!, wordsSha256: 'c'.repeat(64) } };
  const { tell } = await shown({ machines: [exampleMachine({ status: other })] });
  expect(textOf('.machine-identity')).toMatch(/^Another model, other \(/);
  expect(textOf('dl[aria-label="Figures of lab"]')).toContain('Vetoes12');
  const none = exampleStatus({ state: 'none', way: null, model: null, stats: null });
  tell('deployedUpdated', [exampleMachine({ status: none })]);
  expect(shownButtons()).toEqual(['Ask Now', 'Deploy Here…']);
  tell('deployedUpdated', []);
  expect(textOf('section[aria-label="In the kernel"]')).toContain('No machine is known');
});

test('what cannot be shown says why, and comes back when it can', async () => {
  const { tell } = await shown({ state: { name: 'x' } });
  expect(textOf('.curtain.failed')).toContain('does not understand');
  tell('failed', { message: 'model.json is missing.' });
  expect(textOf('.curtain.failed')).toContain('model.json is missing.');
  tell('modelRunUpdated', exampleState());
  expect(document.querySelector<HTMLElement>('.curtain')!.hidden).toBe(true);
});
