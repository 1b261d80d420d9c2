import { element, replaceContent } from '../../common/dom.js';
import type { Description } from './describe.js';

/** Where a box of a size goes beside a point so that it stays inside the window; px. */
export function placeBeside(
  x: number,
  y: number,
  width: number,
  height: number,
  windowWidth: number,
  windowHeight: number,
): { readonly left: number; readonly top: number } {
  const away = 14;
  const left = x + away + width <= windowWidth ? x + away : Math.max(0, x - away - width);
  const top = y + away + height <= windowHeight ? y + away : Math.max(0, y - away - height);
  return { left, top };
}

/** The box that follows the pointer over the lanes. Everything it says is also in the details and tables. */
export class Tooltip {
  readonly element = element('div', { className: 'tooltip', attributes: { 'aria-hidden': 'true' } });
  #shown: string | null = null;

  constructor() {
    this.element.hidden = true;
  }

  show(description: Description, colour: string | null, clientX: number, clientY: number): void {
    const text = JSON.stringify([description, colour]);
    if (text !== this.#shown) {
      this.#shown = text;
      const title = element('div', { className: 'tooltip-title' });
      if (colour !== null) {
        const swatch = element('span', { className: 'swatch' });
        swatch.style.backgroundColor = colour;
        title.append(swatch);
      }
      title.append(description.title);
      const list = element(
        'dl',
        {},
        ...description.lines.flatMap(([label, value]) => [
          element('dt', {}, label),
          element('dd', {}, value),
        ]),
      );
      replaceContent(this.element, title, list);
    }
    this.element.hidden = false;
    const { offsetWidth, offsetHeight } = this.element;
    const { left, top } = placeBeside(
      clientX,
      clientY,
      offsetWidth,
      offsetHeight,
      window.innerWidth,
      window.innerHeight,
    );
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
