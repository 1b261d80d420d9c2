import { button } from '../../common/controls.js';
import { failureCover, loadingCover } from '../../common/curtain.js';
import { element, replaceContent } from '../../common/dom.js';
import type { ConfusionModel } from '../model/confusionModel.js';

/** Covers the view before the matrix is there, and says why when there is none. */
export function createCurtain(model: ConfusionModel, evaluate: () => void): HTMLElement {
  const curtain = element('div', { className: 'curtain' });
  const show = () => {
    const failure = model.failure.value;
    const state = model.state.value;
    curtain.hidden = failure === null && state?.kind === 'ready';
    curtain.classList.toggle('failed', failure !== null || state !== null);
    if (failure !== null) {
      replaceContent(curtain, failureCover('This matrix cannot be shown', element('pre', {}, failure)));
    } else if (state === null) {
      replaceContent(curtain, loadingCover('Reading the evaluation'));
    } else if (state.kind === 'missing') {
      const action = state.canEvaluate
        ? button('Evaluate Model…', 'Ask the model about the test parts', evaluate, false)
        : null;
      replaceContent(curtain, failureCover(state.title, element('p', {}, state.message), action));
    }
  };
  model.failure.subscribe(show);
  model.state.observe(show);
  return curtain;
}
