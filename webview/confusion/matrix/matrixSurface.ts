import type { Normalisation } from '../../../src/protocol/confusionMessages.js';
import type { Theme } from '../../common/theme.js';
import type { ConfusionCells } from '../model/shares.js';
import { ColourScale } from './colourScale.js';
import { matrixPixels } from './matrixPixels.js';
import { FONT_PX, type Scene } from './scene.js';

/** The cells as pictures, made once for what is shown and not for each movement. */
export class MatrixSurface {
  readonly scale: ColourScale;
  /** How wide the longest name is, px. */
  readonly longestPx: number;
  readonly #pictures = new Map<number, Pick<Scene, 'picture' | 'pictureSize' | 'cellsPerPixel'>>();

  constructor(
    readonly cells: ConfusionCells,
    readonly normalisation: Normalisation,
    readonly theme: Theme,
  ) {
    this.scale = new ColourScale(theme);
    const { context } = newCanvas(1, 1);
    context.font = `${FONT_PX}px ${theme.fontFamily}`;
    this.longestPx = cells.matrix.classes.reduce(
      (longest, { name }) => Math.max(longest, context.measureText(name).width),
      0,
    );
  }

  /** @param cellPx pixels of the screen for a cell */
  picture(cellPx: number): Pick<Scene, 'picture' | 'pictureSize' | 'cellsPerPixel'> {
    const cellsPerPixel = Math.max(1, Math.ceil(1 / cellPx - 0.01));
    let found = this.#pictures.get(cellsPerPixel);
    if (found === undefined) {
      const { size, words } = matrixPixels(this.cells, this.normalisation, this.scale, cellsPerPixel);
      const { canvas, context } = newCanvas(size, size);
      const image = new ImageData(size, size);
      image.data.set(new Uint8ClampedArray(words.buffer));
      context.putImageData(image, 0, 0);
      found = { picture: canvas, pictureSize: size, cellsPerPixel };
      this.#pictures.set(cellsPerPixel, found);
    }
    return found;
  }
}

export function newCanvas(
  width: number,
  height: number,
): { readonly canvas: HTMLCanvasElement; readonly context: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser cannot draw.');
  return { canvas, context };
}
