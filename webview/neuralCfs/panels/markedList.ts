import { element } from '../../common/dom.js';
import { stateMark } from '../../common/stateMark.js';

/** Sentences with a warning's mark each. */
export function warningList(texts: readonly string[]): HTMLElement {
  const list = element(
    'ul',
    { className: 'study-warnings' },
    ...texts.map((text) => element('li', {}, stateMark('warning', 'Warning'), element('span', {}, text))),
  );
  list.hidden = texts.length === 0;
  return list;
}

/** Sentences, a paragraph each. */
export function paragraphs(className: string, texts: readonly string[]): HTMLElement {
  const block = element('div', { className }, ...texts.map((text) => element('p', {}, text)));
  block.hidden = texts.length === 0;
  return block;
}
