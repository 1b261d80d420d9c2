import { element, replaceContent } from '../../common/dom.js';
import { inOrder } from '../model/judgedModels.js';
import { EXPERIMENTS, shortTitle } from '../model/words.js';
import { follow, type CardContext } from './cardContext.js';

/** What the figures of an experiment do and do not tell, its inputs, and what each model is. */
export function createNotesCard(context: CardContext): HTMLElement {
  const { model } = context;
  const heading = element('h2');
  const body = element('div', { className: 'notes-body' });
  const card = element(
    'section',
    { className: 'card wide', attributes: { 'aria-label': 'What these figures tell' } },
    heading,
    body,
  );
  follow(context, () => {
    const { result, shownPart } = model;
    card.hidden = result === null;
    if (result === null) return;
    heading.textContent = `What the figures of ${EXPERIMENTS[result.experiment].label.toLowerCase()} tell`;
    replaceContent(
      body,
      ...result.notes.map((text) => element('p', {}, text)),
      element('p', {}, 'Inputs: ', element('code', {}, result.columns.join(', ')), '.'),
      element(
        'ul',
        { className: 'model-list' },
        ...inOrder(shownPart?.models ?? []).map((each) =>
          element(
            'li',
            {},
            element('strong', {}, shortTitle(each)),
            `: ${each.title}. ${each.failure ?? each.summary}`,
          ),
        ),
      ),
    );
  });
  return card;
}
