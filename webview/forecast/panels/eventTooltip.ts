import { element, replaceContent } from '../../common/dom.js';

/** Between the pointer and what is said of it, px. */
const GAP_PX = 14;

/** What is known of an event, beside the pointer or the cursor. The live region has the same in a sentence. */
export class EventTooltip {
  readonly element = element('div', { className: 'event-tooltip', attributes: { 'aria-hidden': 'true' } });

  constructor() {
    this.element.hidden = true;
  }

  show(
    title: string,
    lines: readonly (readonly [string, string])[],
    at: { readonly x: number; readonly y: number },
  ): void {
    const entries = lines.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]);
    replaceContent(this.element, element('p', {}, title), element('dl', {}, ...entries));
    this.element.hidden = false;
    this.#place(at);
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** Right below the pointer; on the other side where there is no room. */
  #place({ x, y }: { readonly x: number; readonly y: number }): void {
    const area = this.element.parentElement;
    if (area === null) return;
    const { offsetWidth, offsetHeight } = this.element;
    const left =
      x + GAP_PX + offsetWidth <= area.clientWidth ? x + GAP_PX : Math.max(0, x - GAP_PX - offsetWidth);
    const top =
      y + GAP_PX + offsetHeight <= area.clientHeight ? y + GAP_PX : Math.max(0, y - GAP_PX - offsetHeight);
    this.element.style.left = `${left}px`;
    this.element.style.top = `${top}px`;
  }
}
