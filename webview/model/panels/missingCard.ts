import { button, setEnabled } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import type { ModelModel } from '../model/modelModel.js';

/** In place of figures that are not there yet: what is missing, and what can be done about it. */
export function createMissingCard(model: ModelModel, evaluate: () => void): HTMLElement {
  const words = element('p', { className: 'verdict-words' });
  const start = button('Evaluate Model…', 'Measures it beside the baselines', evaluate, false);
  const list = element(
    'ul',
    { className: 'missing-list' },
    ...[
      'figures beside every baseline of the data set, with 95 % intervals, over all switches, without idle, and contested ones',
      'accuracy or error by workload, CPU and task, and whether its confidence can be believed',
      'what an answer costs: alone, in batches, event by event',
      'the checks of validity, made by themselves afterwards',
    ].map((text) => element('li', {}, text)),
  );
  const card = element(
    'section',
    { className: 'card wide', attributes: { 'aria-label': 'Not evaluated yet' } },
    element('h2', {}, 'Not evaluated yet'),
    words,
    list,
    start,
  );
  const show = () => {
    const state = model.state.value;
    card.hidden = state === null || state.evaluation.kind === 'found';
    if (state === null) return;
    list.hidden = !state.hasWeights;
    setEnabled(start, state.hasWeights && !model.isWorking.value);
    replaceContent(words, wordsOf(state.evaluation, state.hasWeights));
  };
  model.state.subscribe(show);
  model.isWorking.subscribe(show);
  return card;
}

function wordsOf(
  evaluation: { readonly kind: string; readonly message?: string },
  hasWeights: boolean,
): string {
  if (!hasWeights) {
    return 'This run has no weights yet: they are there when its first epoch has ended. Then the model can be evaluated.';
  }
  if (evaluation.kind === 'problem') return evaluation.message ?? '';
  return 'Nobody knows yet what this model is worth beside something trivial. Evaluating it gives:';
}
