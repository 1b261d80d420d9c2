// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';
import { AUDIT_VERSION, type Audit } from '../../../../src/protocol/audit.js';
import type { ModelPanelState } from '../../../../src/protocol/modelPanelMessages.js';
import { readModelState } from '../../../../src/protocol/modelPanelSchemas.js';
import { csvText, fileName } from '../../../../webview/common/exportFile.js';
import { Signal } from '../../../../webview/common/signal.js';
import { buildTheme, type Theme } from '../../../../webview/common/theme.js';
import { ModelApp } from '../../../../webview/model/app.js';
import { costRows } from '../../../../webview/model/panels/costCard.js';
import { inOrder, summaryOf } from '../../../../webview/model/panels/auditCard.js';
import { sortedBy } from '../../../../webview/model/panels/tasksCard.js';
import { taskEvaluation, taskPart, timeEvaluation } from '../../../support/evaluationExamples.js';
import { hostileName } from '../lanes.js';

vi.mock('../../../../webview/common/chart.js', () => ({
  ChartView: class {
    readonly element = document.createElement('div');
    readonly picture = null;
    show(_configuration: unknown, description: string): void {
      this.element.setAttribute('aria-label', description);
    }
  },
}));

const AUDIT: Audit = {
  format: 'kernel-oracle-audit',
  version: AUDIT_VERSION,
  kernelOracleVersion: '0',
  audited: '2026-11-21T18:00:00.000Z',
  subject: { kind: 'run', path: '/runs/little' },
  weightsSha256: null,
  evaluated: null,
  checks: (['passed', 'skipped', 'failed'] as const).map((outcome) => ({
    id: `check-${outcome}`,
    title: `Title of ${outcome}`,
    explanation: 'Why it matters.',
    outcome,
    evidence: hostileName,
  })),
};

function stateWith(changes: Partial<ModelPanelState> = {}): ModelPanelState {
  return {
    folder: '/runs/little',
    title: 'little',
    task: 'next-task',
    facts: [{ label: 'Model', value: hostileName }],
    hasWeights: true,
    layers: {
      kind: 'found',
      value: [
        {
          name: 'events',
          operation: 'Placeholder',
          inputs: [],
          shape: null,
          detail: null,
          parameters: 0,
          statistics: 0,
          weights: [],
        },
        {
          name: 'head',
          operation: 'Dense',
          inputs: ['events'],
          shape: [3],
          detail: null,
          parameters: 12,
          statistics: 0,
          weights: [{ name: 'head.weight', rows: 3, columns: 4 }],
        },
      ],
    },
    course: { kind: 'missing' },
    evaluation: {
      kind: 'found',
      value: taskEvaluation({ parts: [taskPart('seen', ['swapper', hostileName])] }),
    },
    isOutdated: false,
    audit: { kind: 'found', value: AUDIT },
    isAuditOutdated: false,
    ...changes,
  };
}

/** The extension's end. */
function hostOf(answers: Readonly<Record<string, () => unknown>>) {
  const asked: { method: string; params: unknown }[] = [];
  let listener: (message: unknown) => void = () => undefined;
  return {
    asked,
    written: [] as object[],
    tell: (name: string) => listener({ kind: 'event', name, payload: {} }),
    host: {
      post(message: { kind: string; id?: number; method?: string; params?: unknown }) {
        if (message.kind !== 'request') return;
        asked.push({ method: message.method!, params: message.params });
        const result = (answers[message.method!] ?? (() => null))();
        queueMicrotask(() => listener({ kind: 'result', id: message.id, result }));
      },
      receive: (to: (message: unknown) => void) => void (listener = to),
      readState: (): unknown => undefined,
      writeState: vi.fn(),
    },
  };
}

let theme: Signal<Theme>;
beforeEach(() => {
  theme = new Signal(buildTheme('dark', () => ''));
});

async function shown(state: ModelPanelState, kept?: unknown) {
  const end = hostOf({ inspectedRuns: () => ({ folders: [state.folder] }), modelState: () => state });
  end.host.readState = () => kept;
  const app = new ModelApp(end.host, theme);
  document.body.replaceChildren(app.element);
  await app.start();
  return { app, ...end };
}

const visible = (app: ModelApp, selector: string) =>
  [...app.element.querySelectorAll<HTMLElement>(selector)].filter(
    (each) => !each.hidden && each.closest('[hidden]') === null,
  );

test('the figures are those of the evaluation, with the verdict in words', async () => {
  const { app, host } = await shown(stateWith());
  expect(host.writeState).toHaveBeenCalledWith({ folders: ['/runs/little'] });
  const words = visible(app, '.verdict-words')[0]!.textContent;
  // 0.70 is ahead of 0.695 by less than its interval.
  expect(words).toContain("The model's Top-1 is 70.00 % (69.00 % … 71.00 %)");
  expect(words).toContain('It cannot be told apart from the best baseline, "Markov 1" with 69.50 %');
  const rows = [
    ...app.element.querySelectorAll('table[aria-label="Figures, Seen test, all switches"] tbody tr'),
  ];
  expect(rows.map((row) => row.firstElementChild!.textContent)).toEqual(['tcn', 'last', 'Markov 1']);
  expect(rows[1]!.textContent).toContain('+30.00 (+29.00 … +31.00) points');
  expect(rows[1]!.children[3]!.textContent).toBe('better');
  app.model.measure.set('logLoss');
  expect(app.element.querySelector('[aria-label^="Log loss, Seen test"]')).not.toBeNull();
  app.model.slice.set('withoutIdle');
  expect(visible(app, '.verdict-words')[0]!.textContent).toContain('0.5000');
});

test('names of tasks and evidence are text, whatever they hold', async () => {
  const { app } = await shown(stateWith());
  app.model.tab.set('audit');
  expect(app.element.querySelector('.audit-list')!.textContent).toContain(hostileName);
  expect(app.element.querySelector('script, img, iframe')).toBeNull();
});

test('checks that failed come first, and the header says so', async () => {
  const { app } = await shown(stateWith());
  expect(inOrder(AUDIT).map(({ outcome }) => outcome)).toEqual(['failed', 'passed', 'skipped']);
  expect(summaryOf(AUDIT)).toBe('1 of 2 known flaws was found; for 1 there was nothing to look at.');
  expect(app.element.querySelector('.remarks')!.textContent).toContain('1 check of validity says');
  expect(app.element.querySelector('#tab-audit')!.textContent).toBe('Checks (1 failed)');
});

test('before it was evaluated it says what is missing, and its button asks for it', async () => {
  const { app, asked } = await shown(
    stateWith({ evaluation: { kind: 'missing' }, audit: { kind: 'missing' }, isOutdated: null }),
  );
  const [card] = visible(app, 'section[aria-label="Not evaluated yet"]');
  expect(card!.textContent).toContain('figures beside every baseline');
  card!.querySelector<HTMLElement>('vscode-button')!.click();
  expect(asked.at(-1)).toEqual({ method: 'evaluateRun', params: { run: 0 } });
});

test('figures of other weights and what cannot be read are told', async () => {
  const { app } = await shown(stateWith({ isOutdated: true }));
  expect(app.element.querySelector('.remarks')!.textContent).toContain('The weights have changed');
  expect(app.element.querySelector('.remarks')!.textContent).not.toContain('earlier state of the run');
  const audited = await shown(stateWith({ isAuditOutdated: true }));
  const sentences = visible(audited.app, '.remarks li, [aria-label="Checks of validity"] p').map(
    ({ textContent }) => textContent,
  );
  expect(sentences.join('\n')).toContain('The checks of validity are of an earlier state of the run');
  audited.app.model.tab.set('audit');
  expect(visible(audited.app, 'section[aria-label="Checks of validity"]')[0]!.textContent).toContain(
    'these checks are of the run as it was then. Audit it again.',
  );
  const problem = { kind: 'problem', message: 'evaluation.json is no JSON' } as const;
  const damaged = await shown(stateWith({ evaluation: problem, isOutdated: null }));
  expect(damaged.app.element.querySelector('.remarks')!.textContent).toContain('is no JSON');
});

test('a forecaster has horizons and no tasks, and a collapse is the first that is said', async () => {
  const { app } = await shown(
    stateWith({ task: 'inter-arrival', evaluation: { kind: 'found', value: timeEvaluation() } }),
  );
  expect(app.element.querySelector<HTMLElement>('#tab-tasks')!.hidden).toBe(true);
  expect(app.element.querySelector('.remarks li')!.textContent).toContain('The forecast has collapsed');
  const horizons = app.element.querySelectorAll('table[aria-label="Figures by horizon"] tbody tr');
  expect([...horizons].map((row) => row.firstElementChild!.textContent)).toEqual([
    '1 event ahead',
    '10 events ahead',
    '100 events ahead',
  ]);
  app.model.slice.set('h100');
  expect(visible(app, '.verdict-words')[0]!.textContent).toContain("The model's Log MAE is 1.500");
});

test('a workload has the model beside every baseline, with the interval of the difference', async () => {
  const { app } = await shown(stateWith());
  app.model.tab.set('workloads');
  const table = visible(app, 'table[aria-label="By workload"]')[0]!;
  const heads = [...table.querySelectorAll('thead th')].map(({ textContent }) => textContent);
  const cells = [...table.querySelectorAll('tbody tr')[0]!.children].map(({ textContent }) => textContent);
  const of = (label: string) => cells[heads.indexOf(label)];
  expect(of('Best baseline')).toBe('40.00 % (last)');
  expect(of('Model less that')).toBe('+30.00 (+29.00 … +31.00) points');
  expect(of('The model is')).toBe('better');
  expect(of('Less last')).toBe('▲ +30.00 (+29.00 … +31.00) points');
});

test('what was chosen comes back, and changes are followed', async () => {
  const kept = { folders: ['/runs/little'], tab: 'layers', part: 'unseen', slice: 'all', measure: 'top3' };
  const { app, asked, tell, host } = await shown(stateWith(), kept);
  expect(app.model.tab.value).toBe('layers');
  expect(app.model.measure.value).toBe('top3');
  const before = asked.length;
  tell('inspectionChanged');
  await vi.waitFor(() => expect(asked.length).toBe(before + 1));
  app.model.measure.set('mrr');
  expect(host.writeState).toHaveBeenLastCalledWith({ ...kept, measure: 'mrr' });
});

test('layers are a list whose chosen one shows its weights', async () => {
  const { app } = await shown(stateWith());
  const boxes = [...app.element.querySelectorAll<SVGGElement>('.layer')];
  expect(boxes.map((box) => box.getAttribute('aria-label'))).toEqual([
    'events: input, gives 1 for an event, nothing learnt',
    'head: dense, reads events, gives 3 for an event, 12 parameters',
  ]);
  boxes[1]!.dispatchEvent(new Event('focus'));
  expect(app.element.querySelector('.layer-detail')!.textContent).toContain('head.weight');
});

test('what the extension sends is checked', () => {
  const state = stateWith();
  expect(readModelState(state)).toEqual(state);
  expect(readModelState({ ...state, layers: [] })).toBeNull();
  expect(readModelState({ ...state, audit: { kind: 'found', value: {} } })).toBeNull();
});

test('a batch has no latency, and streaming has', () => {
  const rows = costRows(taskEvaluation().cost!);
  expect(rows.map(({ way, p50Ns, perSecond }) => [way, p50Ns, perSecond])).toEqual([
    ['embedded, 1 thread', 400_000, null],
    ['embedded, 1 thread', null, 12_345],
    ['streaming', 9000, null],
  ]);
});

test('tasks are sorted, what is not known last either way', () => {
  const { byTask } = taskPart('seen', ['b', 'a', 'c']);
  const names = (descending: boolean) =>
    sortedBy(byTask, { key: 'precision', descending }).map(({ task }) => task);
  expect(names(true)[0]).toBe('b');
  expect(names(false)[0]).toBe('b');
  expect(sortedBy(byTask, { key: 'task', descending: false }).map(({ task }) => task)).toEqual([
    'a',
    'b',
    'c',
  ]);
});

test('CSV keeps what it holds, and names of files are names', () => {
  const table = {
    columns: ['a,b', 'c'],
    rows: [
      ['x"y\r\nz', 0.1 + 0.2],
      [null, Number.NaN],
    ],
  } as const;
  expect(csvText(table)).toBe('"a,b",c\r\n"x""y\r\nz",0.30000000000000004\r\n,\r\n');
  expect(fileName('../../etc/passwd </script>', 'csv')).toBe('etc-passwd-script.csv');
  expect(fileName('···', 'png')).toBe('kernel-oracle.png');
});
