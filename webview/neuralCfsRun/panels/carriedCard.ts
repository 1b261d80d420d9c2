import type { AgreeingDecisions, CarriedForm } from '../../../src/protocol/neuralCfsRunMessages.js';
import { progressRing } from '../../common/controls.js';
import { element } from '../../common/dom.js';
import { formatBytes, formatCount, formatShare } from '../../common/format.js';
import { simpleTable } from '../../common/simpleTable.js';
import { stateMark } from '../../common/stateMark.js';
import type { RunModel } from '../model/runModel.js';
import { card, unknown } from './card.js';

/** Of the recorded decisions; below it is said. */
const LEAST_AGREEMENT = 0.999;

/** What the model takes where it is carried, and whether it decides there as it did. */
export function createCarriedCard(model: RunModel): HTMLElement {
  const shown = card('What it takes in a kernel');
  model.carried.observe((carried) => {
    if (carried === null) {
      shown.show(
        element(
          'div',
          { className: 'run-waiting' },
          progressRing('Carrying the model over'),
          'Choosing scales…',
        ),
      );
    } else if (typeof carried === 'string') {
      shown.show(element('p', { className: 'empty-chart' }, carried));
    } else {
      shown.show(
        element('div', { className: 'scroll-x' }, formsTable(carried.forms)),
        ...carried.failures.map((text) => element('p', { className: 'chart-note' }, text)),
      );
    }
  });
  return shown.element;
}

export function formText({ form, bits }: Pick<CarriedForm, 'form' | 'bits'>): string {
  if (form === 'tree') return 'Tree, whole numbers';
  return form === 'float' ? 'Floating point, 32 bits' : `Fixed point, ${bits ?? 16} bits`;
}

function formsTable(forms: readonly CarriedForm[]): HTMLElement {
  return simpleTable(
    'Forms of the model',
    [
      { label: 'Form', title: 'How its weights are written', numeric: false, cell: formText },
      {
        label: 'Model',
        title: 'Of its words',
        numeric: true,
        cell: ({ modelBytes }) => formatBytes(modelBytes),
      },
      {
        label: 'State',
        title: 'What a decision takes besides',
        numeric: true,
        cell: ({ stateBytes }) => formatBytes(stateBytes),
      },
      {
        label: 'Decides as in float32',
        title: 'On rows of training and test',
        numeric: true,
        cell: ({ form, withFloat }) =>
          withFloat === null
            ? unknown(form === 'tree' ? 'A tree is exact in every form' : 'It is float32')
            : agreement(withFloat),
      },
      {
        label: 'Decides as when trained',
        title: 'On the sample rows of the test',
        numeric: true,
        cell: ({ asTrained }) => agreement(asTrained),
      },
    ],
    forms,
  );
}

/** `99.97 % of 3,000`, with a mark where that is little. */
function agreement({ rows, agreeing }: AgreeingDecisions): HTMLElement {
  const isEnough = rows === 0 || agreeing >= LEAST_AGREEMENT * rows;
  const text = `${formatShare(rows === 0 ? 1 : agreeing / rows)} of ${formatCount(rows)}`;
  return element(
    'span',
    {
      className: 'run-agreement',
      title: isEnough
        ? `${formatCount(rows - agreeing)} differ`
        : 'Fewer than 99.9 %: look at the rows that differ',
    },
    isEnough ? null : stateMark('warning', 'Warning'),
    text,
  );
}
