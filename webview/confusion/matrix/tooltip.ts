import { element, replaceContent } from '../../common/dom.js';
import { formatCount, formatShare } from '../../common/format.js';
import type { Cell } from '../model/shares.js';
import { verdictOf } from '../model/words.js';

/** Between the pointer and what is said of it, px. */
const GAP_PX = 14;

/** What a cell holds, beside the pointer or the cursor. The live region has the same in a sentence. */
export class MatrixTooltip {
  readonly element = element('div', { className: 'matrix-tooltip', attributes: { 'aria-hidden': 'true' } });

  constructor() {
    this.element.hidden = true;
  }

  show(cell: Cell, at: { readonly x: number; readonly y: number }): void {
    const line = (label: string, value: string) => [element('dt', {}, label), element('dd', {}, value)];
    const { target, guess, count, ofTarget, ofGuess } = cell;
    replaceContent(
      this.element,
      element(
        'dl',
        {},
        ...line('came', target.name),
        ...line('guessed', guess.name),
        ...line('events', formatCount(count)),
        ...line('of what came', `${formatShare(ofTarget)} of ${formatCount(target.support)}`),
        ...line('of what was guessed', `${formatShare(ofGuess)} of ${formatCount(guess.predicted)}`),
      ),
      count === 0 ? null : element('p', {}, verdictOf(cell)),
    );
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
    const beside = (at: number, size: number, room: number) =>
      at + GAP_PX + size <= room ? at + GAP_PX : Math.max(0, at - GAP_PX - size);
    this.element.style.left = `${beside(x, offsetWidth, area.clientWidth)}px`;
    this.element.style.top = `${beside(y, offsetHeight, area.clientHeight)}px`;
  }
}
