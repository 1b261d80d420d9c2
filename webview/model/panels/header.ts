import { localTime } from '../../../src/base/localTime.js';
import type { ModelPanelState } from '../../../src/protocol/modelPanelMessages.js';
import { button, progressRing, setEnabled } from '../../common/controls.js';
import { element, linkButton, replaceContent, type Child } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { stateMark } from '../../common/stateMark.js';
import type { ModelModel } from '../model/modelModel.js';
import { failedChecks } from './auditCard.js';

export interface HeaderActions {
  readonly evaluate: () => void;
  readonly openRun: () => void;
}

/** Which model this is, when it was evaluated, and what a reader must know before any figure. */
export function createHeader(model: ModelModel, { evaluate, openRun }: HeaderActions): HTMLElement {
  const title = element('h1', {}, 'Model');
  const status = element('span', { className: 'run-state', attributes: { role: 'status' } });
  const facts = element('dl', { className: 'run-facts' });
  const again = button(
    'Evaluate…',
    'Measures the model beside the baselines on events of your choice',
    evaluate,
    false,
  );
  const remarks = element('ul', { className: 'remarks' });
  model.state.subscribe((state) => {
    if (state === null) return;
    title.textContent = state.title;
    title.title = state.folder;
    replaceContent(facts, ...factsOf(state).map(factOf));
    replaceContent(remarks, ...remarksOf(model, state));
    remarks.hidden = remarks.childElementCount === 0;
    setEnabled(again, state.hasWeights && !model.isWorking.value);
    replaceContent(status, ...statusOf(state));
  });
  model.isWorking.subscribe((isWorking) =>
    setEnabled(again, !isWorking && model.state.value?.hasWeights === true),
  );
  return element(
    'header',
    { className: 'run-header' },
    element(
      'div',
      { className: 'run-top' },
      element('div', { className: 'run-title' }, title, status),
      element(
        'div',
        { className: 'run-actions', attributes: { role: 'group', 'aria-label': 'Actions' } },
        again,
        button('Open Run', 'The course of its training, its log and configuration', openRun),
      ),
    ),
    facts,
    remarks,
  );
}

function statusOf({ evaluation, isOutdated }: ModelPanelState): Child[] {
  if (evaluation.kind === 'missing') return [stateMark('waiting'), 'not evaluated yet'];
  if (evaluation.kind === 'problem') return [stateMark('warning'), 'its evaluation cannot be read'];
  return isOutdated === true
    ? [stateMark('warning'), 'evaluated with other weights than it has now']
    : [stateMark('passed'), 'evaluated'];
}

function factsOf(state: ModelPanelState): { readonly label: string; readonly value: string }[] {
  const { evaluation } = state;
  if (evaluation.kind !== 'found') return [...state.facts];
  const { evaluated, model, dataset } = evaluation.value;
  return [
    ...state.facts.filter(({ label }) => KEPT.has(label)),
    { label: 'Evaluated', value: localTime(evaluated) },
    { label: 'Epoch of the weights', value: formatCount(model.epoch) },
    { label: 'Engine', value: model.engine },
    // Elsewhere than when it was trained: it was moved, or is another one.
    ...(state.facts.some(({ value }) => dataset.path.endsWith(value))
      ? []
      : [{ label: 'Evaluated on', value: dataset.path }]),
  ];
}

/** Figures should be in sight; the rest unfolds. */
const SHOWN_WARNINGS = 3;
/** Of what the training tells, what matters here. */
const KEPT: ReadonlySet<string> = new Set(['Model', 'Parameters', 'Data set', 'Seed']);

function factOf({ label, value }: { readonly label: string; readonly value: string }): HTMLElement {
  return element('div', {}, element('dt', {}, label), element('dd', {}, value));
}

function remarksOf(model: ModelModel, state: ModelPanelState): HTMLElement[] {
  const remarks: HTMLElement[] = [];
  const add = (mark: 'warning' | 'failed', ...children: Child[]) => {
    remarks.push(
      element('li', { className: 'remark' }, stateMark(mark, 'Warning'), element('span', {}, ...children)),
    );
  };
  const { evaluation, isOutdated, isAuditOutdated } = state;
  if (isOutdated === true) {
    add('warning', 'The weights have changed since these figures were measured. Evaluate the model again.');
  }
  if (evaluation.kind === 'problem') add('failed', evaluation.message);
  const found = evaluation.kind === 'found' ? evaluation.value : null;
  if (found?.parts.some((part) => part.task === 'inter-arrival' && part.collapse.isCollapsed) === true) {
    add(
      'failed',
      'The forecast has collapsed: it is hardly more than one value, whatever came before. Its errors say little.',
    );
  }
  // Weights that changed are told of already, and an evaluation brings an audit.
  if (isAuditOutdated === true && isOutdated !== true) {
    add(
      'warning',
      'The checks of validity are of an earlier state of the run: its weights or its evaluation have changed since. ',
      linkButton('Show the checks', 'Goes to the checks of validity', () => model.tab.set('audit')),
    );
  }
  const failed = failedChecks(model);
  if (failed !== null && failed > 0) {
    add(
      'failed',
      `${failed} ${failed === 1 ? 'check' : 'checks'} of validity ${failed === 1 ? 'says' : 'say'} that numbers mean less than they seem. `,
      linkButton('Show the checks', 'Goes to the checks of validity', () => model.tab.set('audit')),
    );
  }
  const warnings = found?.warnings ?? [];
  for (const warning of warnings.slice(0, SHOWN_WARNINGS)) add('warning', warning);
  const rest = warnings.slice(SHOWN_WARNINGS);
  if (rest.length > 0) {
    add(
      'warning',
      element(
        'details',
        {},
        element('summary', {}, `${rest.length} more ${rest.length === 1 ? 'warning' : 'warnings'}`),
        element('ul', {}, ...rest.map((text) => element('li', {}, text))),
      ),
    );
  }
  return remarks;
}

/** Covers the view before the model is there, and when there is none. */
export function createCurtain(model: ModelModel): HTMLElement {
  const loading = element(
    'div',
    { className: 'loading' },
    progressRing('Reading the model'),
    element('p', {}, 'Reading the model…'),
  );
  const curtain = element('div', { className: 'curtain' }, loading);
  const show = () => {
    const failure = model.failure.value;
    curtain.hidden = failure === null && model.state.value !== null;
    curtain.classList.toggle('failed', failure !== null);
    if (failure === null) return;
    replaceContent(
      curtain,
      element(
        'div',
        { className: 'failure', attributes: { role: 'alert' } },
        element('h2', {}, 'This model cannot be shown'),
        element('pre', {}, failure),
      ),
    );
  };
  model.failure.observe(show);
  model.state.subscribe(show);
  return curtain;
}
