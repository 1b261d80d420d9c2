import type { TrainingViewState } from '../../../src/protocol/trainingPanelMessages.js';
import { progressRing } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { stateMark, type Mark } from '../../common/stateMark.js';
import type { TrainingModel } from '../model/trainingModel.js';

/** Why the run failed or ended early, in full, with what to change. */
export function createMessage(model: TrainingModel): HTMLElement {
  const box = element('div', { className: 'run-message' });
  box.hidden = true;
  let shown = '';
  model.view.subscribe((view) => {
    if (view === null) return;
    const { state, message } = view;
    const key = JSON.stringify([state, message]);
    if (key === shown) return;
    shown = key;
    box.hidden = message === null;
    if (message === null) return;
    const isFailed = state === 'failed';
    box.classList.toggle('failed', isFailed);
    box.setAttribute('role', isFailed ? 'alert' : 'note');
    replaceContent(
      box,
      stateMark(markOf(state)),
      element(
        'div',
        {},
        isFailed ? element('h2', {}, 'This run failed') : null,
        element('p', {}, message),
        isFailed && view.actions.resume
          ? element(
              'p',
              { className: 'muted' },
              'The checkpoints are whole: when the cause is mended, Resume goes on from the latest.',
            )
          : null,
      ),
    );
  });
  return box;
}

function markOf(state: TrainingViewState): Mark {
  if (state === 'failed') return 'failed';
  return state === 'interrupted' || state === 'unreadable' ? 'warning' : 'unknown';
}

/** Covers the view before the run is there, and when there is none. */
export function createCurtain(model: TrainingModel): HTMLElement {
  const loading = element(
    'div',
    { className: 'loading' },
    progressRing('Reading the run'),
    element('p', {}, 'Reading the run…'),
  );
  const curtain = element('div', { className: 'curtain' }, loading);
  const show = () => {
    const failure = model.failure.value;
    curtain.hidden = failure === null && model.view.value !== null;
    curtain.classList.toggle('failed', failure !== null);
    if (failure === null) return;
    replaceContent(
      curtain,
      element(
        'div',
        { className: 'failure', attributes: { role: 'alert' } },
        element('h2', {}, 'This run cannot be shown'),
        element('pre', {}, failure),
      ),
    );
  };
  model.failure.observe(show);
  model.view.subscribe(show);
  return curtain;
}
