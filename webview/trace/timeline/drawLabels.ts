import type { ThreadName } from '../../../src/protocol/traceMessages.js';
import type { LabelList } from './drawing.js';
import type { Palette } from './palette.js';

/** Text costs more than anything else in a frame without a GPU: the widest slices get it first. */
const mostLabels = 500;

/** Widths of texts in one font, measured once. */
export class TextMeasure {
  readonly #widths = new Map<string, number>();
  #font = '';

  /** Width in px of the context's units. */
  width(context: CanvasRenderingContext2D, text: string): number {
    if (context.font !== this.#font) {
      this.#font = context.font;
      this.#widths.clear();
    }
    let width = this.#widths.get(text);
    if (width === undefined) {
      width = context.measureText(text).width;
      if (this.#widths.size > 5000) this.#widths.clear();
      this.#widths.set(text, width);
    }
    return width;
  }
}

/** Shortens `text` until it fits, with an ellipsis; empty when not even three letters do. Widths as `widthOf` measures. */
export function ellipsised(text: string, available: number, widthOf: (text: string) => number): string {
  const full = widthOf(text);
  if (full <= available) return text;
  // Begins with a guess from the mean width of a letter, which is seldom off by more than one.
  const guess = Math.floor(((available - widthOf('…')) / full) * text.length) + 1;
  for (let letters = Math.min(guess, text.length - 1); letters >= 3; letters--) {
    const cut = `${text.slice(0, letters)}…`;
    if (widthOf(cut) <= available) return cut;
  }
  return '';
}

/** Writes the names of tasks on their slices: `comm`, with the pid where there is room. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  labels: LabelList,
  palette: Palette,
  nameOf: (thread: number) => ThreadName | undefined,
  measure: TextMeasure,
  ratio: number,
): void {
  const items = labels.items;
  if (items.length > mostLabels) {
    items.sort((a, b) => b.width - a.width);
    items.length = mostLabels;
  }
  context.font = `${11 * ratio}px ${palette.theme.fontFamily}`;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  const padding = 5 * ratio;
  const widthOf = (text: string) => measure.width(context, text);
  let fillStyle = '';
  for (const item of items) {
    const name = nameOf(item.thread);
    if (name === undefined) continue;
    const available = item.width - 2 * padding;
    const long = `${name.comm} ${name.pid}`;
    const text = widthOf(long) <= available ? long : ellipsised(name.comm, available, widthOf);
    if (text === '') continue;
    const colour = palette.task(item.thread).text;
    if (colour !== fillStyle) {
      fillStyle = colour;
      context.fillStyle = colour;
    }
    context.fillText(text, Math.round(item.x + padding), Math.round(item.y + item.height / 2 + 0.5 * ratio));
  }
}
