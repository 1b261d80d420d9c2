import { fromOklch, packPixel, type Rgb } from '../../common/colour.js';
import type { Theme, ThemeKind } from '../../common/theme.js';

const LEVELS = 256;
/** Hues that stay apart for all common kinds of colour vision: blue for right, orange for wrong. */
const HUES = { right: 250, wrong: 60 } as const;

export type CellKind = keyof typeof HUES;

/** Oklab lightness of the weakest and the strongest cell; even steps of it look even. */
const LIGHTNESS: Readonly<Record<ThemeKind, readonly [weakest: number, strongest: number]>> = {
  dark: [0.33, 0.86],
  light: [0.93, 0.44],
  'hc-dark': [0.34, 0.92],
  'hc-light': [0.9, 0.38],
};

/** Colours of cells by how strong they are: away from the background of the theme, of one hue a kind. */
export class ColourScale {
  readonly #colours: Readonly<Record<CellKind, readonly Rgb[]>>;
  readonly #pixels: Readonly<Record<CellKind, Uint32Array>>;

  constructor({ kind }: Pick<Theme, 'kind'>) {
    const [weakest, strongest] = LIGHTNESS[kind];
    const scale = (hue: number) =>
      Array.from({ length: LEVELS }, (_, level) => {
        const share = level / (LEVELS - 1);
        return fromOklch(weakest + (strongest - weakest) * share, 0.05 + 0.1 * share, hue);
      });
    this.#colours = { right: scale(HUES.right), wrong: scale(HUES.wrong) };
    this.#pixels = {
      right: Uint32Array.from(this.#colours.right, packPixel),
      wrong: Uint32Array.from(this.#colours.wrong, packPixel),
    };
  }

  /** @param strength 0 … 1, of a cell that has events */
  colour(kind: CellKind, strength: number): Rgb {
    return this.#colours[kind][levelOf(strength)]!;
  }

  /** The same as a word of ImageData. */
  pixel(kind: CellKind, strength: number): number {
    return this.#pixels[kind][levelOf(strength)]!;
  }
}

function levelOf(strength: number): number {
  return Math.min(LEVELS - 1, Math.max(0, Math.round(strength * (LEVELS - 1))));
}
