import type { TransferResult } from '../../../src/protocol/neuralCfs.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { toCss, textOn } from '../../common/colour.js';
import { element, replaceContent } from '../../common/dom.js';
import type { CsvTable } from '../../common/exportFile.js';
import { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { ColourScale } from '../../confusion/matrix/colourScale.js';
import { missingText } from '../model/missing.js';
import {
  shownCells,
  TRANSFER_MEASURES,
  transferWords,
  type ShownCell,
  type TransferMeasure,
} from '../model/transferView.js';
import { cardOf, follow, putControls, showNothing, type CardContext } from './cardContext.js';

const MEASURES: readonly TransferMeasure[] = ['averagePrecision', 'balancedAccuracy', 'rocAuc'];
const BY = {
  workload: { label: 'By workload', title: 'Trained on one workload, tested on another' },
  machine: { label: 'By machine', title: 'Trained on one machine, tested on another' },
} as const;

/** Training on one, testing on another: a matrix of workloads or machines. */
export function createTransferCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const by = new Signal<string | null>(null);
  const measure = new Signal<TransferMeasure>('averagePrecision');
  const card = cardOf(context, {
    title: 'Transfer',
    file: () => `experiment-${model.shownExperiment}-transfer`,
    hasChart: false,
  });
  const kinds = new ChoiceBar<string>('What is trained and tested on', '', (id) => by.set(id));
  const measures = new ChoiceBar<TransferMeasure>('Figure', 'averagePrecision', (id) => measure.set(id));
  const controls = element('div', { className: 'card-controls' }, kinds.element, measures.element);
  const place = element('div', { className: 'scroll-x' });
  const show = () => {
    const offered = (model.study?.transfers ?? []).filter(
      (each) => each.experiment === model.shownExperiment,
    );
    const transfer = offered.find((each) => idOf(each) === by.value) ?? offered[0];
    if (transfer === undefined) {
      card.setControls();
      showNothing(card, missingText('transfer', model.shownExperiment));
      return;
    }
    putControls(card, controls);
    card.setExportable(true);
    const models = new Set(offered.map(({ model: { name } }) => name));
    kinds.show(
      offered.map((each) => {
        const { label, title } = BY[each.by];
        return { id: idOf(each), label: models.size > 1 ? `${label}: ${each.model.name}` : label, title };
      }),
    );
    kinds.set(idOf(transfer));
    measures.show(MEASURES.map((id) => ({ id, ...TRANSFER_MEASURES[id] })));
    card.setWords(`${transfer.model.title}. ${transferWords(transfer, measure.value)}`);
    replaceContent(place, matrix(transfer, measure.value, theme.value));
    card.setBelow(place);
    card.setCsv(transferTable(transfer));
    card.setNote(
      `Rows were trained on, columns tested. On the framed diagonal the calls of one ${transfer.by} are split by history group; elsewhere all calls of one are for training and all of the other for the test. The stronger the colour, the further from chance towards 1. – not scored: point at it for the reason.`,
    );
  };
  follow(context, show);
  by.subscribe(show);
  measure.subscribe(show);
  return card.element;
}

function idOf({ by, model }: TransferResult): string {
  return `${by}:${model.name}`;
}

function matrix(transfer: TransferResult, measure: TransferMeasure, theme: Theme): HTMLTableElement {
  const scale = new ColourScale(theme);
  const { names, by } = transfer;
  const head = names.map((name) => element('th', { attributes: { scope: 'col' } }, name));
  const rows = shownCells(transfer, measure).map((cells, at) =>
    element(
      'tr',
      {},
      element('th', { attributes: { scope: 'row' } }, names[at] ?? ''),
      ...cells.map((cell) => cellElement(cell, scale)),
    ),
  );
  return element(
    'table',
    {
      className: 'transfer-matrix',
      attributes: { 'aria-label': `${TRANSFER_MEASURES[measure].label} by ${by}` },
    },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('td', {}),
        element(
          'th',
          { className: 'axis', attributes: { colspan: String(names.length), scope: 'colgroup' } },
          'tested on',
        ),
      ),
      element(
        'tr',
        {},
        element('th', { className: 'axis', attributes: { scope: 'col' } }, 'trained on'),
        ...head,
      ),
    ),
    element('tbody', {}, ...rows),
  );
}

function cellElement(
  { text, below, title, strength, isDiagonal }: ShownCell,
  scale: ColourScale,
): HTMLElement {
  const cell = element(
    'td',
    { className: isDiagonal ? 'diagonal' : '', title },
    element('span', {}, text),
    below === '' ? null : element('small', {}, below),
  );
  if (strength === null) {
    cell.classList.add('unscored');
    cell.setAttribute('aria-label', title);
    return cell;
  }
  const colour = scale.colour('right', strength);
  cell.style.backgroundColor = toCss(colour);
  cell.style.color = toCss(textOn(colour));
  return cell;
}

/** A row a pair, with all figures. */
function transferTable({ by, names, model, cells }: TransferResult): CsvTable {
  return {
    columns: [
      ...['by', 'model', 'trained_on', 'tested_on', 'training_rows', 'training_positives'],
      ...[
        'test_rows',
        'test_positives',
        'average_precision',
        'average_precision_low',
        'average_precision_high',
      ],
      ...['balanced_accuracy', 'roc_auc', 'not_scored'],
    ],
    rows: cells.flatMap((row, train) =>
      row.map((cell, test) => [
        ...[by, model.name, names[train] ?? '', names[test] ?? ''],
        ...[cell.training.rows, cell.training.positives, cell.test.rows, cell.test.positives],
        ...[
          cell.averagePrecision?.value ?? null,
          cell.averagePrecision?.low ?? null,
          cell.averagePrecision?.high ?? null,
        ],
        ...[cell.balancedAccuracy?.value ?? null, cell.rocAuc?.value ?? null, cell.refusal],
      ]),
    ),
  };
}
