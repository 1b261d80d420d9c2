import { button, progressRing } from '../../common/controls.js';
import { element, replaceContent, type Child } from '../../common/dom.js';
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
      replaceContent(curtain, message('This matrix cannot be shown', element('pre', {}, failure)));
    } else if (state === null) {
      const waiting = [progressRing('Reading the evaluation'), element('p', {}, 'Reading the evaluation…')];
      replaceContent(curtain, element('div', { className: 'loading' }, ...waiting));
    } else if (state.kind === 'missing') {
      const action = state.canEvaluate
        ? button('Evaluate Model…', 'Ask the model about the test parts', evaluate, false)
        : null;
      replaceContent(curtain, message(state.title, element('p', {}, state.message), action));
    }
  };
  model.failure.subscribe(show);
  model.state.observe(show);
  return curtain;
}

function message(title: string, ...content: Child[]): HTMLElement {
  return element(
    'div',
    { className: 'failure', attributes: { role: 'alert' } },
    element('h2', {}, title),
    ...content,
  );
}
