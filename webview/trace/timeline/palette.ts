import { contrast, mix, packPixel, textOn, type Rgb } from '../../common/colour.js';
import { taskColour } from '../../common/taskColour.js';
import type { Theme } from '../../common/theme.js';

/** How a task's slices look. */
export interface TaskInk {
  readonly fill: number;
  /** For pixels that the task fills only in part. */
  readonly ghost: number;
  /** Colour of text on `fill`, as CSS. */
  readonly text: string;
}

/** Ground and stripe of a hatched state. */
export interface Hatch {
  readonly ground: number;
  readonly stripe: number;
}

const darkText = '#000000';
const lightText = '#ffffff';

/** The colours of one theme as words of pixels, and those of the tasks as they are met. */
export class Palette {
  readonly theme: Theme;
  readonly background: number;
  readonly grid: number;
  readonly line: number;
  readonly header: number;
  readonly highlight: number;
  readonly outline: number;
  readonly sleeping: number;
  readonly uninterruptible: number;
  readonly other: number;
  readonly runnable: Hatch;
  readonly preempted: Hatch;
  readonly unknown: Hatch;
  readonly gap: Hatch;
  readonly depthMean: number;
  readonly depthMax: number;
  readonly #commOf: (thread: number) => string | undefined;
  #inks: (TaskInk | undefined)[] = [];
  #plainInks: (TaskInk | undefined)[] = [];
  readonly #nameless: TaskInk;
  #emphasised: number | null = null;

  constructor(theme: Theme, commOf: (thread: number) => string | undefined) {
    this.theme = theme;
    this.#commOf = commOf;
    const on = (colour: Rgb, share: number) => packPixel(mix(theme.background, colour, share));
    const strong = theme.highContrast;
    this.background = packPixel(theme.background);
    this.grid = packPixel(theme.grid);
    this.line = strong ? packPixel(mix(theme.background, theme.border, 0.5)) : on(theme.foreground, 0.08);
    this.header = on(theme.foreground, strong ? 0.2 : 0.08);
    this.highlight = on(theme.accent, strong ? 0.3 : 0.16);
    this.outline = packPixel(theme.foreground);
    this.sleeping = on(theme.foreground, strong ? 0.8 : 0.34);
    this.uninterruptible = on(theme.purple, theme.kind === 'light' ? 0.72 : 1);
    this.other = on(theme.foreground, strong ? 0.8 : 0.3);
    this.runnable = { ground: on(theme.yellow, strong ? 0 : 0.38), stripe: packPixel(theme.yellow) };
    this.preempted = { ground: on(theme.red, strong ? 0 : 0.38), stripe: packPixel(theme.red) };
    this.unknown = { ground: on(theme.foreground, 0.04), stripe: on(theme.foreground, strong ? 0.6 : 0.2) };
    this.gap = { ground: on(theme.red, strong ? 0 : 0.12), stripe: on(theme.red, strong ? 1 : 0.6) };
    this.depthMean = on(theme.blue, strong ? 0.9 : 0.62);
    this.depthMax = on(theme.blue, strong ? 0.45 : 0.26);
    this.#nameless = this.#ink(mix(theme.background, theme.foreground, 0.45), false);
  }

  /** The other tasks step back while one is emphasised. */
  emphasise(thread: number | null): void {
    if (thread === this.#emphasised) return;
    this.#emphasised = thread;
    this.#inks = [];
  }

  /** Names have become known, or have changed. */
  forget(): void {
    this.#inks = [];
    this.#plainInks = [];
  }

  /** A task's ink on the lanes of CPUs, where all but the emphasised one step back. */
  task(thread: number): TaskInk {
    const known = this.#inks[thread];
    if (known !== undefined) return known;
    const comm = this.#commOf(thread);
    const dimmed = this.#emphasised !== null && this.#emphasised !== thread;
    if (comm === undefined) return this.#nameless;
    const ink = this.#ink(taskColour(comm, this.theme.kind), dimmed);
    this.#inks[thread] = ink;
    return ink;
  }

  /** A task's ink on its own lane. */
  plain(thread: number): TaskInk {
    if (this.#emphasised === null) return this.task(thread);
    const known = this.#plainInks[thread];
    if (known !== undefined) return known;
    const comm = this.#commOf(thread);
    if (comm === undefined) return this.#nameless;
    const ink = this.#ink(taskColour(comm, this.theme.kind), false);
    this.#plainInks[thread] = ink;
    return ink;
  }

  #ink(colour: Rgb, dimmed: boolean): TaskInk {
    const { background, foreground } = this.theme;
    const fill = dimmed ? mix(background, colour, 0.32) : colour;
    const plain = textOn(fill);
    // Dimmed slices take the theme's own text colour when it is legible: black on dark grey looks louder than it is.
    const text = dimmed && contrast(fill, foreground) >= 4.5 ? foreground : plain;
    return {
      fill: packPixel(fill),
      ghost: packPixel(mix(background, fill, 0.4)),
      text: text === foreground ? cssOf(foreground) : plain.r === 0 ? darkText : lightText,
    };
  }
}

function cssOf(colour: Rgb): string {
  return `rgb(${Math.round(colour.r)}, ${Math.round(colour.g)}, ${Math.round(colour.b)})`;
}
