import type { Audit, AuditCheck, AuditOutcome } from '../../../src/protocol/audit.js';
import type { ModelPanelState } from '../../../src/protocol/modelPanelMessages.js';
import { button } from '../../common/controls.js';
import { element, replaceContent, type Child } from '../../common/dom.js';
import { figureCsv, type FigureColumn } from '../../common/figureTable.js';
import { stateMark, type Mark } from '../../common/stateMark.js';
import type { ModelModel } from '../model/modelModel.js';
import { cardOf, type CardContext } from './cardParts.js';

const OUTCOMES: Readonly<Record<AuditOutcome, { readonly mark: Mark; readonly text: string }>> = {
  failed: { mark: 'failed', text: 'found' },
  passed: { mark: 'passed', text: 'not found' },
  skipped: { mark: 'dropped', text: 'nothing to look at' },
};
const ORDER: readonly AuditOutcome[] = ['failed', 'passed', 'skipped'];

/** Flaws that make a number mean less: those that were found first, each with what was seen. */
export function createAuditCard(context: CardContext, audit: () => void): HTMLElement {
  const { model } = context;
  const card = cardOf(context, { title: 'Checks of validity', file: 'audit', hasChart: false });
  const list = element('ul', { className: 'audit-list', attributes: { 'aria-label': 'Checks of validity' } });
  const start = button(
    'Audit Run',
    'Looks for flaws in the data, the training and the figures of this run',
    audit,
  );
  model.state.subscribe((state) => {
    if (state === null) return;
    const found = state.audit;
    card.setExportable(found.kind === 'found');
    start.hidden = found.kind === 'found';
    card.setWords(wordsOf(state));
    if (found.kind !== 'found') {
      replaceContent(list);
      card.setBelow(start);
      return;
    }
    const checks = inOrder(found.value);
    card.setCsv(figureCsv(CSV, checks));
    replaceContent(list, ...checks.map(itemOf));
    card.setBelow(list, element('p', { className: 'audit-again' }, again(audit)));
  });
  return card.element;
}

const MISSING =
  'This run has not been audited yet. The audit comes with an evaluation; it can also be made alone.';

const OUTDATED =
  'The weights of the run, or its evaluation, have changed since it was audited: these checks are of the run as it was then. Audit it again.';

function wordsOf({ audit, isAuditOutdated }: ModelPanelState): string {
  if (audit.kind === 'missing') return MISSING;
  if (audit.kind === 'problem') return audit.message;
  return isAuditOutdated === true ? `${OUTDATED} ${summaryOf(audit.value)}` : summaryOf(audit.value);
}

/** `2 of 15 flaws were found; 3 could not be looked for.` */
export function summaryOf({ checks }: Pick<Audit, 'checks'>): string {
  const of = (wanted: AuditOutcome) => checks.filter(({ outcome }) => outcome === wanted).length;
  const looked = of('failed') + of('passed');
  const skipped = of('skipped');
  const found =
    of('failed') === 0
      ? `None of ${looked} known flaws was found`
      : `${of('failed')} of ${looked} known flaws ${of('failed') === 1 ? 'was' : 'were'} found`;
  return `${found}${skipped === 0 ? '' : `; for ${skipped} there was nothing to look at`}.`;
}

/** How many numbers mean less than they seem; `null` where nothing was audited. */
export function failedChecks({ state }: ModelModel): number | null {
  const audit = state.value?.audit;
  if (audit?.kind !== 'found') return null;
  return audit.value.checks.filter(({ outcome }) => outcome === 'failed').length;
}

export function inOrder({ checks }: Pick<Audit, 'checks'>): AuditCheck[] {
  return ORDER.flatMap((outcome) => checks.filter((check) => check.outcome === outcome));
}

function again(audit: () => void): HTMLElement {
  return button('Audit Again', 'Looks at the run as it is now', audit);
}

function itemOf({ id, title, explanation, outcome, evidence }: AuditCheck): Child {
  const { mark, text } = OUTCOMES[outcome];
  return element(
    'li',
    { className: `audit-check ${outcome}`, attributes: { 'data-check': id, 'data-outcome': outcome } },
    stateMark(mark),
    element(
      'div',
      {},
      element('h3', {}, title, ' ', element('span', { className: `audit-outcome ${outcome}` }, text)),
      element('p', { className: 'audit-evidence' }, evidence),
      element('p', { className: 'muted' }, explanation),
    ),
  );
}

const CSV: readonly FigureColumn<AuditCheck>[] = (
  ['id', 'outcome', 'title', 'evidence', 'explanation'] as const
).map((key) => ({
  label: key,
  title: key,
  numeric: false,
  cell: (check) => check[key],
  csv: { [key]: (check) => check[key] },
}));
