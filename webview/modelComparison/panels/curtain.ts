import { button } from '../../common/controls.js';
import { failureCover, loadingCover } from '../../common/curtain.js';
import { element, replaceContent } from '../../common/dom.js';
import type { ComparisonModel } from '../model/comparisonModel.js';

const TITLE = 'These models cannot be compared';

/** Covers the view before there is a comparison, and says why when there is none. */
export function createCurtain(model: ComparisonModel, evaluate: (run: number) => void): HTMLElement {
  const curtain = element('div', { className: 'curtain' });
  const show = () => {
    const failure = model.failure.value;
    const state = model.state.value;
    curtain.hidden = failure === null && state?.kind === 'ready';
    curtain.classList.toggle('failed', failure !== null || state !== null);
    if (failure !== null) {
      replaceContent(curtain, failureCover(TITLE, element('pre', {}, failure)));
    } else if (state === null) {
      replaceContent(curtain, loadingCover('Comparing', 'Comparing the models…'));
    } else if (state.kind === 'missing') {
      const buttons = state.unevaluated.map(({ run, title }) =>
        button(`Evaluate ${title}…`, 'Ask the model about the test parts', () => evaluate(run), false),
      );
      const row = buttons.length === 0 ? null : element('p', { className: 'curtain-buttons' }, ...buttons);
      replaceContent(curtain, failureCover(TITLE, element('pre', {}, state.message), row));
    }
  };
  model.failure.subscribe(show);
  model.state.observe(show);
  return curtain;
}
