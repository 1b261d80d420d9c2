import { button, progressRing } from '../../common/controls.js';
import { element, replaceContent, type Child } from '../../common/dom.js';
import type { ForecastModel } from '../model/forecastModel.js';

/** Covers the view before it is known what can be forecast from, and says why when nothing can. */
export function createCurtain(model: ForecastModel, findData: () => void): HTMLElement {
  const curtain = element('div', { className: 'curtain' });
  const show = () => {
    const failure = model.failure.value;
    const state = model.state.value;
    curtain.hidden = failure === null && state?.kind === 'ready';
    curtain.classList.toggle('failed', failure !== null || state !== null);
    if (failure !== null) {
      replaceContent(curtain, message('Nothing can be forecast', element('pre', {}, failure)));
    } else if (state === null) {
      const waiting = [progressRing('Reading the run'), element('p', {}, 'Reading the run…')];
      replaceContent(curtain, element('div', { className: 'loading' }, ...waiting));
    } else if (state.kind === 'missing') {
      const action = button('Choose Folder…', 'Says where the data set is now', findData, false);
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
