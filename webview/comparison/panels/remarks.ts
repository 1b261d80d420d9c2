import { element, replaceContent } from '../../common/dom.js';
import { icon } from '../../common/icons.js';
import type { ComparisonModel } from '../model/comparisonModel.js';

/** What to know before the numbers are used; absent when there is nothing. */
export function createRemarks(model: ComparisonModel): HTMLElement {
  const list = element('ul');
  const card = element(
    'section',
    { className: 'card cautions' },
    element('h2', {}, 'Before you use these numbers'),
    list,
  );
  model.comparison.observe((comparison) => {
    const remarks = comparison?.remarks ?? [];
    card.hidden = remarks.length === 0;
    replaceContent(
      list,
      ...remarks.map(({ severity, text }) =>
        element('li', { className: severity }, icon(severity), element('div', {}, text)),
      ),
    );
  });
  return card;
}
