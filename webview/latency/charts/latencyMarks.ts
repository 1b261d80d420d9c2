import type { Chart, ChartType, Plugin } from 'chart.js';
import { toCss, type Rgb } from '../../common/colour.js';

/** Height of a row of labels above the curves, px. */
export const MARK_ROW_PX = 16;
/** Room between a line and its label, px. */
const GAP_PX = 4;

/** Median and 99th percentile of a set, marked in a row of its own. */
export interface LatencyMark {
  readonly letter: string;
  readonly medianNs: number;
  readonly p99Ns: number;
  readonly medianText: string;
  readonly p99Text: string;
  readonly colour: Rgb;
}

export interface LatencyMarksOptions {
  readonly marks: readonly LatencyMark[];
  readonly text: Rgb;
  /** Of the card on which the chart stands. */
  readonly background: Rgb;
  readonly font: string;
  readonly lineWidth: number;
}

declare module 'chart.js' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the parameter belongs to what is extended
  interface PluginOptionsByType<TType extends ChartType> {
    latencyMarks?: LatencyMarksOptions;
  }
}

interface Row {
  readonly context: CanvasRenderingContext2D;
  readonly mark: LatencyMark;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly base: number;
  readonly medianX: number;
  readonly p99X: number;
}

/** Lines at medians and 99th percentiles with their values above: a row a set, so that labels never meet. */
export const latencyMarks: Plugin<'line'> = {
  id: 'latencyMarks',
  afterDatasetsDraw(chart: Chart, _event: object, given: object) {
    const options = given as Partial<LatencyMarksOptions>;
    const { x, y } = chart.scales;
    if (!isWhole(options) || x === undefined || y === undefined) return;
    const { ctx: context, chartArea } = chart;
    context.save();
    context.font = options.font;
    context.textBaseline = 'middle';
    const rows = options.marks.map((mark, at): Row => {
      const top = chartArea.top - (options.marks.length - at - 0.5) * MARK_ROW_PX;
      return {
        context,
        mark,
        left: chartArea.left,
        right: chartArea.right,
        top,
        base: y.getPixelForValue(0),
        medianX: x.getPixelForValue(mark.medianNs),
        p99X: x.getPixelForValue(mark.p99Ns),
      };
    });
    // Lines of one row pass through those below it: the words stand on top.
    for (const row of rows) drawLines(row, options);
    for (const row of rows) drawWords(row, options);
    context.restore();
  },
};

function isWhole(options: Partial<LatencyMarksOptions>): options is LatencyMarksOptions {
  return (
    options.marks !== undefined &&
    options.font !== undefined &&
    options.text !== undefined &&
    options.background !== undefined
  );
}

function drawLines(row: Row, { lineWidth }: LatencyMarksOptions): void {
  row.context.strokeStyle = toCss(row.mark.colour);
  row.context.lineWidth = lineWidth;
  drawLine(row, row.medianX, []);
  if (row.p99X <= row.right) drawLine(row, row.p99X, [2, 3]);
}

/** Left of the median's line and right of the other, where there is room. */
function drawWords(row: Row, options: LatencyMarksOptions): void {
  const { context, mark, left, right, medianX, p99X } = row;
  const widthOf = (label: string) => context.measureText(label).width;
  const medianWidth = widthOf(mark.medianText);
  const fitsLeft = medianX - GAP_PX - medianWidth >= left;
  const medianFrom = fitsLeft ? medianX - GAP_PX - medianWidth : medianX + GAP_PX;
  drawText(row, mark.medianText, medianFrom, medianWidth, options);
  const medianTo = Math.max(medianX, medianFrom + medianWidth) + GAP_PX;
  const p99Width = widthOf(mark.p99Text);
  const fitsRight = p99X + GAP_PX + p99Width <= right;
  const wanted = fitsRight ? p99X + GAP_PX : Math.min(p99X, right) - GAP_PX - p99Width;
  drawText(row, mark.p99Text, Math.max(medianTo, wanted), p99Width, options);
}

function drawText(
  { context, top }: Row,
  label: string,
  from: number,
  width: number,
  { text, background }: LatencyMarksOptions,
): void {
  context.fillStyle = toCss(background);
  context.fillRect(from - 1, top - MARK_ROW_PX / 2 + 1, width + 2, MARK_ROW_PX - 2);
  context.fillStyle = toCss(text);
  context.fillText(label, from, top);
}

function drawLine({ context, left, top, base }: Row, at: number, dash: readonly number[]): void {
  if (at < left) return;
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(at, top - MARK_ROW_PX / 2 + 2);
  context.lineTo(at, base);
  context.stroke();
}
