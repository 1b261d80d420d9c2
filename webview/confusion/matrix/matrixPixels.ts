import type { Normalisation } from '../../../src/protocol/confusionMessages.js';
import { strengthOf, type Cell, type ConfusionCells } from '../model/shares.js';
import type { CellKind, ColourScale } from './colourScale.js';

export interface MatrixPixels {
  /** Pixels of a side. */
  readonly size: number;
  /** Cells of a side of a pixel. */
  readonly cellsPerPixel: number;
  /** Row by row as ImageData keeps them; 0 is transparent. */
  readonly words: Uint32Array;
}

/**
 * The matrix with a pixel a cell. Where more cells than one fall on a pixel of the screen, the strongest of them is seen: a
 * lone confusion must not vanish because the matrix is large.
 */
export function matrixPixels(
  cells: ConfusionCells,
  normalisation: Normalisation,
  scale: ColourScale,
  cellsPerPixel = 1,
): MatrixPixels {
  const size = Math.ceil(cells.size / cellsPerPixel);
  const words = new Uint32Array(size * size);
  const strengths = new Float32Array(size * size).fill(-1);
  const largest = largestOf(cells);
  for (const cell of cells.all()) {
    const at = Math.floor(cell.row / cellsPerPixel) * size + Math.floor(cell.column / cellsPerPixel);
    const strength = strengthOf(cell, normalisation, largest);
    if (strength <= strengths[at]!) continue;
    strengths[at] = strength;
    words[at] = scale.pixel(kindOf(cell), strength);
  }
  return { size, cellsPerPixel, words };
}

export function largestOf({ matrix }: ConfusionCells): number {
  return matrix.count.reduce((largest, count) => Math.max(largest, count), 0);
}

/** By what most of its events were. */
export function kindOf({ right, count }: Cell): CellKind {
  return right * 2 > count ? 'right' : 'wrong';
}
