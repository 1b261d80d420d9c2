import { element } from './dom.js';

/** The size of the lower part that both parts can live with, px. */
export function clampSize(size: number, total: number, minimum: number): number {
  return Math.round(Math.min(Math.max(size, minimum), Math.max(minimum, total - minimum)));
}

/**
 * A horizontal bar between two parts one above the other. Dragging, arrow keys, Home and End change the size of the
 * lower one; a double click restores the default. It is an ARIA separator with a value.
 */
export class Splitter {
  readonly element: HTMLElement;
  readonly #apply: (sizePx: number) => void;
  readonly #total: () => number;
  readonly #minimum: number;
  readonly #preferred: () => number;
  #size: number;

  constructor(options: {
    readonly label: string;
    readonly minimumPx: number;
    /** Height of both parts together, px. */
    readonly total: () => number;
    readonly preferred: () => number;
    readonly apply: (sizePx: number) => void;
  }) {
    this.#apply = options.apply;
    this.#total = options.total;
    this.#minimum = options.minimumPx;
    this.#preferred = options.preferred;
    this.#size = 0;
    this.element = element('div', {
      className: 'splitter',
      attributes: {
        role: 'separator',
        tabindex: '0',
        'aria-orientation': 'horizontal',
        'aria-label': options.label,
      },
    });
    this.element.addEventListener('pointerdown', (event) => this.#drag(event));
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('dblclick', () => this.set(this.#preferred()));
  }

  get size(): number {
    return this.#size;
  }

  /** Gives the lower part its preferred size once `view` is laid out, and keeps it in bounds when that changes. */
  follow(view: HTMLElement): void {
    let isPlaced = false;
    new ResizeObserver(() => {
      if (view.clientHeight === 0) return;
      this.set(isPlaced ? this.#size : this.#preferred());
      isPlaced = true;
    }).observe(view);
  }

  set(sizePx: number): void {
    const total = this.#total();
    this.#size = clampSize(sizePx, total, this.#minimum);
    this.#apply(this.#size);
    this.element.setAttribute('aria-valuenow', String(Math.round((this.#size / Math.max(1, total)) * 100)));
    this.element.setAttribute('aria-valuemin', '0');
    this.element.setAttribute('aria-valuemax', '100');
  }

  #drag(down: PointerEvent): void {
    down.preventDefault();
    this.element.focus();
    this.element.setPointerCapture(down.pointerId);
    const startSize = this.#size;
    const move = (event: PointerEvent) => this.set(startSize + down.clientY - event.clientY);
    const end = () => {
      this.element.removeEventListener('pointermove', move);
      this.element.removeEventListener('lostpointercapture', end);
    };
    this.element.addEventListener('pointermove', move);
    this.element.addEventListener('lostpointercapture', end);
  }

  #onKey(event: KeyboardEvent): void {
    const step = event.shiftKey ? 80 : 16;
    const size = { ArrowUp: this.#size + step, ArrowDown: this.#size - step, Home: this.#total(), End: 0 }[
      event.key
    ];
    if (size === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(size);
  }
}
