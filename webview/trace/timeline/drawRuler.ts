import type { Loss, TimeRange } from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import { formatDuration } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import type { TimeMode } from '../model/traceModel.js';
import { tickLabel, tickOffsets, tickStep } from './ticks.js';
import { span, xOfTime } from './viewport.js';

export interface RulerInput {
  readonly view: TimeRange;
  readonly selection: TimeRange | null;
  readonly losses: readonly Loss[];
  readonly baseNs: bigint;
  readonly mode: TimeMode;
  readonly theme: Theme;
  /** CSS px. */
  readonly width: number;
  readonly height: number;
}

/** Step and offsets of the labelled marks; the lanes draw their grid lines at the same places. */
export function rulerTicks(
  view: TimeRange,
  width: number,
  baseNs: bigint,
  mode: TimeMode,
): { step: number; offsets: number[] } {
  const step = tickStep(span(view), width, mode === 'absolute' ? 150 : 110);
  return { step, offsets: tickOffsets(view, step, baseNs, mode) };
}

/** The ruler, in a context scaled to CSS px. */
export function drawRuler(context: CanvasRenderingContext2D, input: RulerInput): void {
  const { view, theme, width, height, baseNs, mode } = input;
  context.fillStyle = toCss(theme.background);
  context.fillRect(0, 0, width, height);
  const { step, offsets } = rulerTicks(view, width, baseNs, mode);
  drawMinorMarks(context, input, step, offsets);
  context.font = `11px ${theme.fontFamily}`;
  context.textBaseline = 'middle';
  for (const offset of offsets) {
    const x = Math.round(xOfTime(offset, view, width)) + 0.5;
    context.fillStyle = toCss(theme.muted, 0.7);
    context.fillRect(x - 0.5, height - 9, 1, 9);
    context.fillStyle = toCss(theme.highContrast ? theme.foreground : theme.muted);
    const label = tickLabel(offset, step, view, baseNs, mode);
    // A label cut off at the edge would read as another time.
    if (x + 5 + context.measureText(label).width <= width) context.fillText(label, x + 5, height / 2 - 1);
  }
  drawLossMarks(context, input);
  if (input.selection !== null) drawSelection(context, input, input.selection);
  context.fillStyle = toCss(theme.border);
  context.fillRect(0, height - 1, width, 1);
}

function drawMinorMarks(
  context: CanvasRenderingContext2D,
  input: RulerInput,
  step: number,
  offsets: readonly number[],
): void {
  const { view, width, height, theme } = input;
  const first = offsets[0];
  if (first === undefined) return;
  // A step of 2 is divided into four, those of 1 and 5 into five.
  const parts = step.toString().startsWith('2') ? 4 : 5;
  context.fillStyle = toCss(theme.muted, 0.35);
  for (let offset = first - step; offset < view.endNs; offset += step / parts) {
    context.fillRect(Math.round(xOfTime(offset, view, width)), height - 5, 1, 5);
  }
}

function drawLossMarks(
  context: CanvasRenderingContext2D,
  { losses, view, width, height, theme }: RulerInput,
): void {
  context.fillStyle = toCss(theme.red);
  let drawnTo = -1;
  for (const loss of losses) {
    if (loss.endNs < view.startNs || loss.startNs > view.endNs) continue;
    const x = Math.round(xOfTime(loss.startNs, view, width));
    const right = Math.max(x + 3, Math.round(xOfTime(loss.endNs, view, width)));
    if (right <= drawnTo) continue;
    drawnTo = right;
    context.fillRect(x, height - 4, right - x, 3);
  }
}

function drawSelection(context: CanvasRenderingContext2D, input: RulerInput, selection: TimeRange): void {
  const { view, width, height, theme } = input;
  const left = xOfTime(selection.startNs, view, width);
  const right = xOfTime(selection.endNs, view, width);
  if (right < 0 || left > width) return;
  const [from, to] = [Math.max(0, left), Math.min(width, right)];
  context.fillStyle = toCss(theme.accent, 0.3);
  context.fillRect(from, 0, to - from, height);
  context.fillStyle = toCss(theme.accent);
  context.fillRect(from, 0, to - from, 2);
  context.fillRect(left - 1, 0, 2, height);
  context.fillRect(right - 1, 0, 2, height);
  const text = formatDuration(span(selection));
  context.font = `600 11px ${theme.fontFamily}`;
  const textWidth = context.measureText(text).width + 14;
  if (to - from < textWidth + 4) return;
  const middle = (from + to) / 2;
  context.fillStyle = toCss(theme.background);
  context.beginPath();
  context.roundRect(middle - textWidth / 2, 4, textWidth, height - 9, 3);
  context.fill();
  context.strokeStyle = toCss(theme.accent);
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = toCss(theme.foreground);
  context.textAlign = 'center';
  context.fillText(text, middle, height / 2);
  context.textAlign = 'left';
}
