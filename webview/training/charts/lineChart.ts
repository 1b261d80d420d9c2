import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { toCss, type Rgb } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line of a chart; lines differ by more than their colours. */
export interface Line {
  readonly label: string;
  readonly points: readonly Point[];
  readonly colour: Rgb;
  readonly dash?: readonly number[];
  readonly mark?: 'circle' | 'triangle' | 'rect' | 'rectRot' | 'star';
  /** Marks only: no line. */
  readonly isMarkOnly?: boolean;
  /** A level: its points are no measurements. */
  readonly isUnmarked?: boolean;
  /** The value stays until the next point. */
  readonly isStepped?: boolean;
  readonly width?: number;
  /** Over others; also without points of its own. */
  readonly order?: number;
}

export interface Axes {
  readonly yTitle: string;
  readonly isLogarithmic?: boolean;
  readonly fromZero?: boolean;
  /** Values beyond these there cannot be: a share above 1. */
  readonly least?: number;
  readonly greatest?: number;
  readonly format: (value: number) => string;
  /** Of ticks, which need fewer digits; `format` unless told. */
  readonly formatTick?: (value: number) => string;
  /** Last epoch on the axis. */
  readonly lastEpoch: number;
}

/** Of more points the marks would be a bar. */
const MARKED_POINTS = 50;

/** Values by epoch. Points of a value that is not known are left out by `pointsOf`. */
export function lineChart(lines: readonly Line[], axes: Axes, theme: Theme): ChartConfiguration<'line'> {
  const font = { family: theme.fontFamily, size: 11 };
  const muted = toCss(theme.muted);
  return {
    type: 'line',
    data: { datasets: lines.map((line) => dataset(line, theme)) },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: Math.max(1, axes.lastEpoch),
          title: { display: true, text: 'epoch', color: muted, font },
          ticks: {
            color: muted,
            font,
            maxRotation: 0,
            precision: 0,
            maxTicksLimit: 12,
            includeBounds: false,
          },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: {
          type: axes.isLogarithmic === true ? 'logarithmic' : 'linear',
          beginAtZero: axes.fromZero === true,
          ...rangeOf(lines, axes),
          title: { display: true, text: axes.yTitle, color: muted, font },
          ticks: {
            color: muted,
            font,
            maxTicksLimit: 6,
            callback: (value) => tickText(Number(value), axes),
          },
          grid: { color: toCss(theme.grid) },
          border: { display: false },
        },
      },
      plugins: {
        // The key is text of the page: it can be read aloud, and wraps.
        legend: { display: false },
        tooltip: {
          backgroundColor: toCss(theme.widget),
          borderColor: toCss(theme.border),
          borderWidth: 1,
          titleColor: toCss(theme.foreground),
          bodyColor: toCss(theme.foreground),
          displayColors: false,
          callbacks: {
            title: ([item]) => (item === undefined ? '' : epochText(item.parsed.x ?? 0)),
            label: ({ dataset: { label }, parsed }) => `${label ?? ''}: ${axes.format(parsed.y ?? 0)}`,
          },
        },
      },
    },
  };
}

/** A logarithmic axis has its powers of ten; more would be a ruler. */
function tickText(value: number, { isLogarithmic, format, formatTick = format }: Axes): string | null {
  const power = Math.log10(value);
  const isLabelled = isLogarithmic !== true || Math.abs(power - Math.round(power)) < 1e-9;
  return isLabelled ? formatTick(value) : null;
}

/** Some room above and below, but not beyond what is possible. */
function rangeOf(
  lines: readonly Line[],
  { isLogarithmic, least, greatest }: Axes,
): { readonly grace?: string; readonly min?: number; readonly max?: number } {
  if (isLogarithmic === true) return {};
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const low = values.reduce((lowest, y) => Math.min(lowest, y), Infinity);
  const high = values.reduce((highest, y) => Math.max(highest, y), -Infinity);
  const room = high === low ? Math.abs(high) * 0.05 : (high - low) * 0.06;
  return {
    grace: '6%',
    ...(least !== undefined && low - room < least ? { min: least } : {}),
    ...(greatest !== undefined && high + room > greatest ? { max: greatest } : {}),
  };
}

function epochText(at: number): string {
  return Number.isInteger(at) ? `epoch ${at}` : `within epoch ${Math.floor(at) + 1}`;
}

function dataset(line: Line, theme: Theme): ChartDataset<'line', Point[]> {
  const { label, points, mark = 'circle', isMarkOnly = false, order = 1 } = line;
  const colour = toCss(line.colour);
  const isMarked = isMarkOnly || (line.isUnmarked !== true && points.length <= MARKED_POINTS);
  const width = (line.width ?? 2) + (theme.highContrast ? 0.5 : 0);
  return {
    label,
    data: [...points],
    showLine: !isMarkOnly,
    borderColor: colour,
    borderDash: [...(line.dash ?? [])],
    borderWidth: width,
    stepped: line.isStepped === true ? 'before' : false,
    pointStyle: mark,
    pointRadius: isMarkOnly ? 7 : isMarked ? 3 : 0,
    // The mark of the last epoch stands half outside.
    clip: 10,
    pointHitRadius: 8,
    pointBorderColor: colour,
    pointBorderWidth: isMarkOnly ? 2 : 1,
    pointBackgroundColor: colour,
    order,
  };
}

/** Columns as points; what is not known is left out, and the line goes on behind it. */
export function pointsOf(epochs: readonly number[], values: readonly (number | null)[]): Point[] {
  return epochs.flatMap((x, at) => {
    const y = values[at];
    return y === null || y === undefined || !Number.isFinite(y) ? [] : [{ x, y }];
  });
}
