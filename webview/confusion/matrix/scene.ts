import type { Normalisation } from '../../../src/protocol/confusionMessages.js';
import type { Theme } from '../../common/theme.js';
import type { Place } from '../model/confusionModel.js';
import type { ConfusionCells } from '../model/shares.js';
import type { ColourScale } from './colourScale.js';
import type { Frame } from './frame.js';
import type { MatrixView } from './viewport.js';

export const FONT_PX = 11;

/** All that a picture of a matrix follows from. */
export interface Scene {
  readonly cells: ConfusionCells;
  readonly normalisation: Normalisation;
  readonly scale: ColourScale;
  readonly theme: Theme;
  /** The matrix, `cellsPerPixel` cells a pixel. */
  readonly picture: CanvasImageSource;
  readonly cellsPerPixel: number;
  readonly pictureSize: number;
  readonly view: MatrixView;
  readonly frame: Frame;
  readonly hover: Place | null;
  readonly cursor: Place | null;
  /** The cell whose events are listed. */
  readonly listed: Place | null;
}
