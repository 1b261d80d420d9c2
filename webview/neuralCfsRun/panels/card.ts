import { element, replaceContent, type Child } from '../../common/dom.js';
import type { FigureLine } from '../model/deployedView.js';

/** A card with a heading and what may be pressed beside it; `show` fills it. */
export interface Card {
  readonly element: HTMLElement;
  show(...content: Child[]): void;
}

export function card(title: string, ...controls: Child[]): Card {
  const body = element('div', { className: 'card-body' });
  return {
    element: element(
      'section',
      { className: 'card wide', attributes: { 'aria-label': title } },
      element(
        'div',
        { className: 'card-head' },
        element('h2', {}, title),
        element('div', { className: 'card-actions' }, ...controls),
      ),
      body,
    ),
    show: (...content) => replaceContent(body, ...content),
  };
}

/** Names and figures, two by two. */
export function figureList(label: string, lines: readonly FigureLine[]): HTMLElement {
  return element(
    'dl',
    { className: 'figures', attributes: { 'aria-label': label } },
    ...lines.map(({ label: name, value, title }) =>
      element('div', { title }, element('dt', {}, name), element('dd', {}, value)),
    ),
  );
}

/** An em dash with its reason. */
export function unknown(reason: string): HTMLElement {
  return element('span', { className: 'unknown', title: reason }, '—');
}
