import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { toCss } from '../colour.js';
import type { Theme } from '../theme.js';

/** A figure of the plot with its interval. */
export interface IntervalRow {
  readonly label: string;
  readonly value: number;
  /** `null`: nobody can tell. */
  readonly low: number | null;
  readonly high: number | null;
  /** What the plot is about: filled, and with a line down to the axis; the others are rings. */
  readonly isMain: boolean;
}

export interface IntervalAxis {
  readonly title: string;
  readonly format: (value: number) => string;
  /** Of ticks, which need fewer digits; `format` unless told. */
  readonly formatTick?: (value: number) => string;
  /** Values beyond these there cannot be. */
  readonly least?: number;
  readonly greatest?: number;
}

type Points = ChartDataset<'line', { x: number; y: number }[]>;

/** Height that the rows need, px. */
export function intervalChartHeight(rows: number): number {
  return rows * 26 + 56;
}

/** Figures with their intervals, a row each, over a common axis that need not begin at zero: what counts are distances. */
export function intervalChart(
  rows: readonly IntervalRow[],
  axis: IntervalAxis,
  theme: Theme,
): ChartConfiguration<'line'> {
  const font = { family: theme.fontFamily, size: 12 };
  const [min, max] = rangeOf(rows, axis);
  return {
    type: 'line',
    data: {
      datasets: [
        ...rows.flatMap((row) => (row.isMain ? [mainLine(row, rows.length, theme)] : [])),
        ...rows.map((row, at) => interval(row, at, theme)),
        ...rows.map((row, at) => mark(row, at, theme)),
      ],
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      interaction: { mode: 'nearest', axis: 'y', intersect: false },
      layout: { padding: { right: 14 } },
      scales: {
        x: {
          type: 'linear',
          min,
          max,
          ticks: {
            color: toCss(theme.muted),
            font: { ...font, size: 11 },
            maxRotation: 0,
            maxTicksLimit: 8,
            includeBounds: false,
            callback: (value) => (axis.formatTick ?? axis.format)(Number(value)),
          },
          title: { display: true, text: axis.title, color: toCss(theme.foreground), font },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: {
          type: 'linear',
          min: -0.5,
          max: rows.length - 0.5,
          reverse: true,
          afterBuildTicks: (scale) => {
            scale.ticks = rows.map((_row, value) => ({ value }));
          },
          ticks: {
            color: toCss(theme.foreground),
            font: ({ index }) => ({ ...font, weight: rows[index]?.isMain === true ? 'bold' : 'normal' }),
            autoSkip: false,
            callback: (value) => shortened(rows[Number(value)]?.label ?? ''),
          },
          grid: { display: false },
          border: { display: false },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          filter: ({ dataset }) => dataset.label === MARK,
          backgroundColor: toCss(theme.widget),
          borderColor: toCss(theme.border),
          borderWidth: 1,
          titleColor: toCss(theme.foreground),
          bodyColor: toCss(theme.foreground),
          displayColors: false,
          callbacks: {
            title: ([item]) => rows[item?.parsed.y ?? -1]?.label ?? '',
            label: ({ parsed }) => {
              const row = rows[parsed.y ?? -1];
              return row === undefined ? '' : rowText(row, axis);
            },
          },
        },
      },
    },
  };
}

/** The plot in words: its text alternative. */
export function describeIntervals(lead: string, rows: readonly IntervalRow[], axis: IntervalAxis): string {
  return `${lead} ${rows.map((row) => `${row.label}: ${rowText(row, axis)}`).join('. ')}.`;
}

/** `71.2 % (95 %: 70.1 % … 72.3 %)` */
function rowText({ value, low, high }: IntervalRow, { format }: IntervalAxis): string {
  return low === null || high === null
    ? `${format(value)}, without an interval`
    : `${format(value)} (95 %: ${format(low)} … ${format(high)})`;
}

const MARK = 'mark';

function mainLine({ value }: IntervalRow, count: number, theme: Theme): Points {
  return {
    data: [
      { x: value, y: -0.5 },
      { x: value, y: count - 0.5 },
    ],
    borderColor: toCss(theme.muted),
    borderDash: [3, 4],
    borderWidth: 1,
    pointRadius: 0,
    pointHitRadius: 0,
    order: 3,
  };
}

function interval({ low, high, isMain }: IntervalRow, y: number, theme: Theme): Points {
  const ends = low === null || high === null ? [] : [low, high];
  return {
    data: ends.map((x) => ({ x, y })),
    borderColor: toCss(isMain ? theme.blue : theme.foreground),
    borderWidth: (isMain ? 3 : 2) + (theme.highContrast ? 1 : 0),
    pointRadius: 0,
    pointHitRadius: 0,
    order: 2,
  };
}

function mark({ value, isMain }: IntervalRow, y: number, theme: Theme): Points {
  const colour = toCss(isMain ? theme.blue : theme.foreground);
  return {
    label: MARK,
    data: [{ x: value, y }],
    showLine: false,
    pointStyle: isMain ? 'rectRot' : 'circle',
    pointRadius: isMain ? 7 : 5,
    pointHoverRadius: isMain ? 7 : 5,
    pointBorderWidth: 2,
    pointBorderColor: colour,
    pointBackgroundColor: isMain ? colour : toCss(theme.background),
    // A mark at the end of the axis stands half outside.
    clip: 12,
    order: 1,
  };
}

/** A little room on either side, but not beyond what is possible. */
function rangeOf(rows: readonly IntervalRow[], { least, greatest }: IntervalAxis): [number, number] {
  const ends = rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = high === low ? Math.max(Math.abs(high) * 0.1, 1e-6) : (high - low) * 0.08;
  return [Math.max(low - room, least ?? -Infinity), Math.min(high + room, greatest ?? Infinity)];
}

/** Long names would leave no room for the plot. */
function shortened(label: string): string {
  return label.length <= 34 ? label : `${label.slice(0, 33)}…`;
}
