import { element, replaceContent } from '../../common/dom.js';
import { icon } from '../../common/icons.js';
import type { LatencyModel } from '../model/latencyModel.js';

/** What to know before the numbers are used; absent when there is nothing. */
export function createCautions(model: LatencyModel): HTMLElement {
  const list = element('ul');
  const card = element(
    'section',
    { className: 'card cautions' },
    element('h2', {}, 'Before you use these numbers'),
    list,
  );
  model.state.observe((state) => {
    const cautions = state?.densities.cautions ?? [];
    card.hidden = cautions.length === 0;
    replaceContent(
      list,
      ...cautions.map(({ severity, text }) =>
        element('li', { className: severity }, icon(severity), element('div', {}, text)),
      ),
    );
  });
  return card;
}
