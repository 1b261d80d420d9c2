import { button } from '../../common/controls.js';
import { failureCover, loadingCover } from '../../common/curtain.js';
import { element, replaceContent } from '../../common/dom.js';
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
      replaceContent(curtain, failureCover('Nothing can be forecast', element('pre', {}, failure)));
    } else if (state === null) {
      replaceContent(curtain, loadingCover('Reading the run'));
    } else if (state.kind === 'missing') {
      const action = button('Choose Folder…', 'Says where the data set is now', findData, false);
      replaceContent(curtain, failureCover(state.title, element('p', {}, state.message), action));
    }
  };
  model.failure.subscribe(show);
  model.state.observe(show);
  return curtain;
}
