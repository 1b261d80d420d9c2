// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';
import type { StudyState } from '../../../../src/protocol/neuralCfsStudy.js';
import { Signal } from '../../../../webview/common/signal.js';
import { buildTheme, type Theme } from '../../../../webview/common/theme.js';
import { NeuralCfsApp } from '../../../../webview/neuralCfs/app.js';
import { hostileName } from '../lanes.js';
import { exampleStudy } from './studyExamples.js';

vi.mock('../../../../webview/common/chart.js', () => ({
  ChartView: class {
    readonly element = document.createElement('div');
    readonly picture = null;
    show(_configuration: unknown, description: string): void {
      this.element.setAttribute('aria-label', description);
    }
  },
}));

interface Wire {
  readonly kind: string;
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** A view whose host answers with the state. */
async function shown(state: unknown, kept: unknown = null) {
  const asked: Wire[] = [];
  const memory: object[] = [];
  let listener: (message: unknown) => void = () => undefined;
  const host = {
    post(message: unknown): void {
      const wire = message as Wire;
      asked.push(wire);
      const result =
        wire.method === 'studyState' ? state : wire.method === 'saveFile' ? { path: '/x' } : null;
      queueMicrotask(() => listener({ kind: 'result', id: wire.id, result }));
    },
    receive: (each: (message: unknown) => void) => (listener = each),
    readState: () => kept,
    writeState: (each: object) => memory.push(each),
  };
  const theme = new Signal<Theme>(buildTheme('dark', () => ''));
  const app = new NeuralCfsApp(host, theme);
  document.body.replaceChildren(app.element);
  await app.start();
  return { app, asked, memory, tell: (message: unknown) => listener(message) };
}

function ready(name?: string): StudyState {
  return {
    kind: 'ready',
    name: 'mine.neural-cfs.json',
    path: '/mine.neural-cfs.json',
    study: exampleStudy(name),
  };
}

const textOf = (selector: string) => document.querySelector(selector)?.textContent ?? '';
const tableText = (label: string) => textOf(`table[aria-label="${label}"]`);

test('a study is shown with its figures, thesis’s models first, and names as text', async () => {
  await shown(ready(hostileName));
  expect(textOf('h1')).toBe('mine');
  expect(textOf('.study-summary')).toContain('LibML is worse than Gradient boosting');
  const models = [...document.querySelectorAll('table[aria-label="Figures of each model"] tbody tr')];
  expect(models.map((row) => row.querySelector('td')?.textContent)).toEqual([
    ...['LibML', 'Gradient boosting', "Kernel's rule"],
  ]);
  expect(tableText('Beside the thesis')).toContain('96.80 %');
  expect(tableText('Recordings')).toContain(hostileName);
  expect(document.querySelector('img, script')).toBeNull();
});

test('experiment 3 is shown for what it is', async () => {
  const { app } = await shown(ready());
  app.model.experiment.set(3);
  const card = textOf('section[aria-label="Models"]');
  expect(card).toContain('the label is made of the inputs');
  expect(textOf('.rule-row')).toContain('makes the label');
  expect(textOf('section[aria-label="What columns tell"]')).toContain(
    'No columns were scored for experiment 3',
  );
  expect(textOf('section[aria-label="Transfer"]')).toContain('“NeuralCFS: Study Migration Records…” again');
});

test('what was not scored says why', async () => {
  const { app } = await shown(ready());
  app.model.workload.set('nginx');
  for (const card of ['Models', 'Threshold']) {
    expect(textOf(`section[aria-label="${card}"]`)).toContain('Not scored. 4 positives among the 50 rows');
  }
  app.model.workload.set(null);
  expect(textOf('section[aria-label="Threshold"]')).toContain('LibML (SGD, batch 1), split by history group');
});

test('the slider moves the threshold over all scores', async () => {
  const { app, memory } = await shown(ready());
  const slider = document.querySelector<HTMLInputElement>('.threshold-slider')!;
  expect([slider.max, slider.value]).toEqual(['4', '2']);
  const matrix = () => tableText('Confusion matrix at the threshold');
  expect(matrix()).toContain('1050 %');
  slider.value = '4';
  slider.dispatchEvent(new Event('input'));
  expect(app.model.threshold.value).toBe(0.9);
  expect(matrix()).toContain('525 %');
  expect(slider.getAttribute('aria-valuetext')).toBe('0.9: precision 100.00 %, recall 25.00 %');
  expect(tableText('Precision at other shares of positives')).toContain('thesis: hackbench');
  app.model.modelName.set('rule');
  expect(slider.value).toBe('2');
  await vi.waitFor(() => expect(memory.at(-1)).toMatchObject({ model: 'rule', threshold: null }));
});

test('heads of the table of columns sort it, and what is saved is sorted as it is shown', async () => {
  const { asked } = await shown(ready());
  const columns = () =>
    [...document.querySelectorAll('table[aria-label="What columns tell"] tbody tr')].map(
      (row) => row.querySelector('code')?.textContent,
    );
  expect(columns()).toEqual(['loop', 'pid', 'delta', 'lb_flags']);
  const heads = () => [
    ...document.querySelectorAll<HTMLElement>('table[aria-label="What columns tell"] .sort'),
  ];
  const lost = heads().findIndex(({ textContent }) => textContent === 'Lost when shuffled');
  heads()[lost]!.click();
  expect(columns().slice(0, 2)).toEqual(['pid', 'delta']);
  expect(heads()[lost]!.parentElement?.getAttribute('aria-sort')).toBe('descending');
  expect(document.activeElement).toBe(heads()[lost]);
  const save = [...document.querySelectorAll('section[aria-label="What columns tell"] vscode-button')].at(-1);
  (save as HTMLElement).click();
  expect(asked.at(-1)).toMatchObject({
    method: 'saveFile',
    params: { name: 'mine-experiment-2-columns.csv' },
  });
  const { text } = (asked.at(-1)!.params as { content: { text: string } }).content;
  expect(text.split('\r\n')[1]).toMatch(/^pid,1,A PID identifies a task\.,2,,inf,20,/);
});

test('a recording opens, a study is repeated, a file that changed is shown anew', async () => {
  const { asked, tell } = await shown(ready());
  document.querySelectorAll<HTMLElement>('table[aria-label="Recordings"] .link')[1]!.click();
  expect(asked.at(-1)).toMatchObject({ method: 'openRecording', params: { recording: 1 } });
  const repeat = document.querySelector<HTMLElement>('.study-title vscode-button')!;
  repeat.click();
  expect(asked.at(-1)).toMatchObject({ method: 'repeatStudy' });
  expect(repeat.hasAttribute('disabled')).toBe(true);
  await vi.waitFor(() => expect(repeat.hasAttribute('disabled')).toBe(false));
  tell({ kind: 'event', name: 'studyUpdated', payload: { ...ready(), name: 'other.neural-cfs.json' } });
  expect(textOf('h1')).toBe('other');
  tell({ kind: 'event', name: 'failed', payload: { message: 'It ends in the middle.' } });
  expect(textOf('.curtain')).toContain('It ends in the middle.');
});

test('a view with parts only, and one that cannot be shown', async () => {
  const state = ready();
  if (state.kind !== 'ready') throw new Error('It is ready.');
  const empty = { results: null, rankings: [], importance: [], transfers: [] };
  await shown({ ...state, study: { ...state.study, ...empty } }, { tab: 'data', experiment: 9 });
  expect(textOf('.study-summary')).toContain('No experiment was run');
  expect(textOf('section[aria-label="Models"]')).toContain('No models were trained');
  expect(tableText('Calls by workload')).toContain('1,000');
  await shown({ kind: 'ready', name: 'x' });
  expect(textOf('.curtain.failed')).toContain('does not understand');
});
