import {
  NORMALISATIONS,
  type ConfusionOrder,
  type ConfusionQuery,
  type ConfusionState,
} from '../../../src/protocol/confusionMessages.js';
import type { SliceName } from '../../../src/protocol/evaluation.js';
import { ChoiceBar, type Choice } from '../../common/choiceBar.js';
import { dropdown } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { partWords, SLICE_WORDS } from '../../model/model/measures.js';
import type { ConfusionModel } from '../model/confusionModel.js';
import { NORMALISATION_WORDS, ORDER_WORDS } from '../model/words.js';
import { createClassSlider } from './classSlider.js';

type Ask = (changes: Partial<ConfusionQuery>) => void;
type Ready = Extract<ConfusionState, { kind: 'ready' }>;

/** What is counted, divided by what, and in which order. */
export function createToolbar(model: ConfusionModel, ask: Ask): HTMLElement {
  const parts = new ChoiceBar<string>('Part', '', (part) => ask({ part }));
  const slices = new ChoiceBar<SliceName>('Events', 'all', (slice) => ask({ slice }));
  const shares = new ChoiceBar('Shares', model.normalisation.value, (id) => model.normalisation.set(id));
  shares.show(NORMALISATIONS.map((id) => ({ id, ...NORMALISATION_WORDS[id] })));
  const order = new ChoiceBar<ConfusionOrder>('Order', 'frequency', (id) => ask({ order: id }));
  order.show((['frequency', 'clustered'] as const).map((id) => ({ id, ...ORDER_WORDS[id] })));
  const guesses = element('span', { className: 'control-place' });
  const bar = element(
    'div',
    { className: 'confusion-toolbar', attributes: { role: 'toolbar', 'aria-label': 'What is shown' } },
    labelled('Part', parts.element),
    labelled('Events', slices.element),
    labelled('Guesses of', guesses),
    labelled('Shares', shares.element),
    labelled('Order', order.element),
    createClassSlider(model, (classes) => ask({ classes })),
  );
  let shownGuesses = '';
  model.state.subscribe((state) => {
    bar.hidden = state?.kind !== 'ready';
    if (state?.kind !== 'ready') return;
    const { query } = state.matrix;
    parts.show(partChoices(state));
    parts.set(query.part);
    slices.show(sliceChoices(state));
    slices.set(query.slice);
    order.set(query.order);
    // Made anew only when it must be: it may have the focus.
    const key = JSON.stringify([state.run.baselines, query.baseline]);
    if (key === shownGuesses) return;
    shownGuesses = key;
    replaceContent(guesses, guessesOf(state, ask));
  });
  bar.hidden = true;
  return bar;
}

/** The baselines' guesses may be looked at just so: what do they get right that the model does not? */
function guessesOf({ run, matrix }: Ready, ask: Ask): HTMLElement {
  const MODEL = 'model';
  const options = {
    [MODEL]: run.model,
    ...Object.fromEntries(run.baselines.map((name) => [`baseline ${name}`, `baseline: ${name}`])),
  };
  const { baseline } = matrix.query;
  return dropdown('Guesses of', options, baseline === null ? MODEL : `baseline ${baseline}`, (value) =>
    ask({ baseline: value === MODEL ? null : value.slice('baseline '.length) }),
  );
}

function partChoices({ run }: Ready): Choice<string>[] {
  return run.parts.map(({ part, targets }) => {
    const { label, title } = partWords(part);
    return { id: part, label, title: `${title}${title === '' ? '' : ': '}${formatCount(targets)} events` };
  });
}

function sliceChoices({ run, matrix }: Ready): Choice<SliceName>[] {
  const part = run.parts.find((each) => each.part === matrix.query.part);
  return (part?.slices ?? []).map(({ slice, targets }) => {
    const { label, title } = SLICE_WORDS[slice];
    return { id: slice, label, title: `${title} (${formatCount(targets)})` };
  });
}

function labelled(label: string, control: HTMLElement): HTMLElement {
  return element(
    'div',
    { className: 'labelled' },
    element('span', { attributes: { 'aria-hidden': 'true' } }, label),
    control,
  );
}
