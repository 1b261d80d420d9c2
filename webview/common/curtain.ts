import { progressRing } from './controls.js';
import { element, type Child } from './dom.js';

/** What covers a view that cannot be shown: why, and what can be done. */
export function failureCover(title: string, ...content: Child[]): HTMLElement {
  return element(
    'div',
    { className: 'failure', attributes: { role: 'alert' } },
    element('h2', {}, title),
    ...content,
  );
}

/** What covers a view that is not there yet. @param what is being done, as the ring's name and, unless told, the text beneath */
export function loadingCover(what: string, text = `${what}…`): HTMLElement {
  return element('div', { className: 'loading' }, progressRing(what), element('p', {}, text));
}
