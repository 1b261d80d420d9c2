import { failureCover, loadingCover } from '../../common/curtain.js';
import { element, replaceContent } from '../../common/dom.js';
import type { StudyModel } from '../model/studyModel.js';

/** Covers the view before the study is there, and says why when it cannot be shown. */
export function createCurtain(model: StudyModel): HTMLElement {
  const curtain = element('div', { className: 'curtain' });
  const show = () => {
    const failure = model.failure.value;
    const state = model.state.value;
    curtain.hidden = failure === null && state?.kind === 'ready';
    curtain.classList.toggle('failed', failure !== null);
    if (failure !== null) {
      replaceContent(curtain, failureCover('This study cannot be shown', element('pre', {}, failure)));
    } else {
      const text = state === null ? 'Reading the study…' : `Reading ${state.name}…`;
      replaceContent(curtain, loadingCover('Reading the study', text));
    }
  };
  model.failure.subscribe(show);
  model.state.observe(show);
  return curtain;
}
