import { toCss } from '../../common/colour.js';
import { stepsOf } from '../model/legendSteps.js';
import { NORMALISATION_WORDS } from '../model/words.js';
import type { CellKind } from './colourScale.js';
import type { MatrixSurface } from './matrixSurface.js';
import { FONT_PX } from './scene.js';

const STEP_PX = 48;
const BAR_PX = 12;
const NAMES_PX = 40;
/** Room that a legend needs. */
export const LEGEND_PX = { width: NAMES_PX + 8 * STEP_PX, height: 2 * BAR_PX + 42 } as const;

/** What colours mean, as a part of a picture that is saved: there is no page around it. */
export function drawLegend(
  context: CanvasRenderingContext2D,
  { cells, normalisation, scale, theme }: MatrixSurface,
  largest: number,
  at: { readonly x: number; readonly y: number },
): void {
  context.font = `${FONT_PX}px ${theme.fontFamily}`;
  context.textBaseline = 'middle';
  const write = (text: string, x: number, y: number, align: CanvasTextAlign) => {
    context.textAlign = align;
    context.fillStyle = toCss(theme.foreground);
    context.fillText(text, at.x + x, at.y + y);
  };
  const steps = stepsOf(normalisation, largest);
  for (const [row, kind] of (['right', 'wrong'] satisfies CellKind[]).entries()) {
    const y = row * BAR_PX;
    write(kind, 0, y + BAR_PX / 2, 'left');
    for (const [step, { strength }] of steps.entries()) {
      context.fillStyle = toCss(scale.colour(kind, strength));
      context.fillRect(at.x + NAMES_PX + step * STEP_PX, at.y + y, STEP_PX, BAR_PX - 1);
    }
  }
  for (const [step, { label }] of steps.entries()) {
    write(label, NAMES_PX + (step + 0.5) * STEP_PX, 2 * BAR_PX + 8, 'center');
  }
  const { events, right } = cells.matrix;
  const { legend } = NORMALISATION_WORDS[normalisation];
  write(`${legend}; ${events} events, ${right} right`, 0, 2 * BAR_PX + 26, 'left');
}
