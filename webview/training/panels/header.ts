import type { TrainingPanelRequests, TrainingView } from '../../../src/protocol/trainingPanelMessages.js';
import { button } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount, formatCountShort, unknownText } from '../../common/format.js';
import { createProgressBar, type ProgressBar, type ProgressShare } from '../../common/progressBar.js';
import { stateMark } from '../../common/stateMark.js';
import type { TrainingModel } from '../model/trainingModel.js';
import { epochShare, formatLoss, formatRemaining, STATES, stateText, wholeShare } from '../model/words.js';

/** What is asked of the extension by buttons. */
export type TrainingAsk = Exclude<keyof TrainingPanelRequests, 'trainingState'>;

/** What runs, how far it is, and what may be done with it. */
export function createHeader(model: TrainingModel, ask: (method: TrainingAsk) => void): HTMLElement {
  const title = element('h1', {}, 'Training run');
  const state = element('span', { className: 'run-state', attributes: { role: 'status' } });
  const facts = element('dl', { className: 'run-facts' });
  let shownFacts = '';
  model.view.subscribe((view, previous) => {
    if (view === null) return;
    if (title.textContent !== view.title) title.textContent = view.title;
    title.title = view.folder;
    const text = stateText(view);
    if (previous?.state !== view.state || stateText(previous) !== text) {
      replaceContent(state, stateMark(STATES[view.state].mark), text);
    }
    const key = JSON.stringify(view.facts);
    if (key === shownFacts) return;
    shownFacts = key;
    replaceContent(
      facts,
      ...view.facts.map(({ label, value }) =>
        element('div', {}, element('dt', {}, label), element('dd', {}, value)),
      ),
    );
  });
  return element(
    'header',
    { className: 'run-header' },
    element(
      'div',
      { className: 'run-top' },
      element('div', { className: 'run-title' }, title, state),
      createActions(model, ask),
    ),
    facts,
    createProgress(model),
  );
}

function createActions(model: TrainingModel, ask: (method: TrainingAsk) => void): HTMLElement {
  const to = (method: TrainingAsk) => () => ask(method);
  const pause = button(
    'Pause',
    'Rests until it is continued; memory stays in use',
    to('pauseTraining'),
    false,
  );
  const goOn = button('Continue', 'Goes on where it was paused', to('continueTraining'), false);
  const cancel = button('Cancel', 'Saves and ends; it can be resumed later', to('cancelTraining'));
  const resume = button('Resume', 'Goes on from the latest checkpoint', to('resumeTraining'), false);
  const ofState = [pause, goOn, cancel, resume];
  model.view.subscribe((view) => {
    if (view === null) return;
    const { actions } = view;
    const focused = ofState.find((each) => each === document.activeElement);
    pause.hidden = !actions.pause;
    goOn.hidden = !actions.continue;
    cancel.hidden = !actions.cancel;
    resume.hidden = !actions.resume;
    // Who pressed Pause finds Continue under the finger.
    if (focused?.hidden === true) ofState.find((each) => !each.hidden)?.focus();
  });
  for (const each of ofState) each.hidden = true;
  return element(
    'div',
    { className: 'run-actions', attributes: { role: 'group', 'aria-label': 'Actions' } },
    ...ofState,
    button('Open Log', 'training.log of the run', to('openTrainingLog')),
    button('Open Configuration', 'The configuration that the run was made with', to('openTrainingConfig')),
  );
}

function createProgress(model: TrainingModel): HTMLElement {
  const epoch = labelledBar('Epoch');
  const whole = labelledBar('Whole run');
  const figures = element('p', { className: 'run-figures' });
  model.view.subscribe((view) => {
    if (view === null) return;
    const { progress } = view;
    epoch.element.hidden = progress === null;
    if (progress !== null) {
      const { batch, batches } = progress;
      epoch.show(
        epochShare(progress),
        `epoch ${progress.epoch} of ${progress.epochs}`,
        `batch ${formatCount(batch)} of ${formatCount(batches)}`,
      );
    }
    whole.show(wholeShare(view), 'whole run', wholeText(view));
    figures.textContent = figuresOf(view);
    figures.hidden = figures.textContent === '';
  });
  return element('div', { className: 'run-progress' }, epoch.element, whole.element, figures);
}

interface LabelledBar {
  readonly element: HTMLElement;
  show(share: number | null, label: string, detail: string): void;
}

/** A bar whose figures stand beside it. */
function labelledBar(name: string): LabelledBar {
  const bar: ProgressBar = createProgressBar(name);
  const label = element('span', { className: 'bar-label' });
  const detail = element('span', { className: 'bar-detail' });
  return {
    element: element('div', { className: 'labelled-bar' }, label, bar.element, detail),
    show(share, labelText, detailText) {
      bar.show(share satisfies ProgressShare);
      bar.element.setAttribute('aria-valuetext', `${labelText}, ${detailText}`);
      label.textContent = labelText;
      detail.textContent = detailText;
    },
  };
}

function wholeText(view: TrainingView): string {
  const share = wholeShare(view);
  if (view.state === 'finished') {
    const early = view.epoch < view.epochs ? `, stopped early of ${view.epochs}` : '';
    return `${formatCount(view.epoch)} epochs${early}`;
  }
  const done = share === null ? unknownText : `${Math.floor(share * 100)} %`;
  const left = view.progress?.remainingMs ?? null;
  if (left !== null && view.state === 'running') return `${done}, about ${formatRemaining(left)} left`;
  return view.epochs === 0 ? done : `${done}, ${view.epoch} of ${view.epochs} epochs`;
}

function figuresOf({ progress, best }: TrainingView): string {
  const parts: string[] = [];
  if (progress?.loss != null) parts.push(`loss ${formatLoss(progress.loss)} in this epoch`);
  if (best !== null) parts.push(`best loss ${formatLoss(best.loss)}, epoch ${best.epoch}`);
  if (progress?.examplesPerSecond != null) {
    parts.push(`${formatCountShort(progress.examplesPerSecond)} windows/s`);
  }
  return parts.join(' · ');
}
