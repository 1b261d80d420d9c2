import { stateMark } from '../../common/stateMark.js';
import { element, linkButton, replaceContent } from '../../common/dom.js';
import { formatCount, formatShare } from '../../common/format.js';
import type { ConfusionModel } from '../model/confusionModel.js';
import { localTime } from '../../../src/base/localTime.js';

const OUTDATED =
  'The weights of this run have changed since its evaluation: the matrix is of the model as it was then.';

/** Whose matrix it is, when it was measured, and how many events it is of. */
export function createHeader(model: ConfusionModel, exports: HTMLElement, evaluate: () => void): HTMLElement {
  const title = element('h1', {}, 'Confusion matrix');
  const facts = element('p', { className: 'confusion-facts' });
  const outdated = element(
    'p',
    { className: 'confusion-outdated', attributes: { role: 'status' } },
    stateMark('warning', 'Warning'),
    element(
      'span',
      {},
      OUTDATED,
      ' ',
      linkButton('Evaluate again', 'Measures the weights that it has now', evaluate),
    ),
  );
  outdated.hidden = true;
  model.state.subscribe((state) => {
    if (state === null) return;
    outdated.hidden = state.kind !== 'ready' || !state.run.isOutdated;
    if (state.kind === 'missing') {
      title.textContent = `Confusion matrix of ${state.title}`;
      replaceContent(facts);
      return;
    }
    const { run, matrix } = state;
    title.textContent = `Confusion matrix of ${run.title}`;
    title.title = run.folder;
    const whose = matrix.query.baseline === null ? run.model : `baseline ${matrix.query.baseline}`;
    const unknown =
      matrix.unknown === 0
        ? ''
        : ` · ${formatCount(matrix.unknown)} of tasks that are not in the vocabulary (UNK), never right`;
    const share = matrix.events === 0 ? 0 : matrix.right / matrix.events;
    replaceContent(
      facts,
      `${whose} · ${formatCount(matrix.events)} events, ${formatShare(share)} right${unknown} · evaluated ${localTime(run.evaluated)}`,
    );
  });
  return element(
    'header',
    { className: 'confusion-header' },
    element('div', { className: 'grow' }, title, facts, outdated),
    exports,
  );
}
