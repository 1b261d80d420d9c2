import type { ChartConfiguration, ChartDataset, ScaleOptionsByType } from 'chart.js';
import { toCss, type Rgb } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import type { Line } from '../../training/charts/lineChart.js';

export interface PlainPoint {
  readonly x: number;
  readonly y: number;
}

/** A line of points; lines differ in mark and dash as well. */
export interface PlainLine {
  readonly label: string;
  readonly points: readonly PlainPoint[];
  readonly colour: Rgb;
  /** `none`: a level, whose points are no measurements. */
  readonly mark: NonNullable<Line['mark']> | 'none';
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly radius?: number;
}

export interface PlainAxis {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly min?: number;
  readonly max?: number;
  readonly isLogarithmic?: boolean;
  /** Exactly these; else round ones. */
  readonly ticks?: readonly number[];
}

export interface PlainChart {
  readonly lines: readonly PlainLine[];
  readonly x: PlainAxis;
  readonly y: PlainAxis;
  /** Title and lines of the tooltip of a point. */
  readonly tooltip: (line: PlainLine, point: PlainPoint, at: number) => readonly string[];
}

/** Lines over two numeric axes. */
export function plainLines({ lines, x, y, tooltip }: PlainChart, theme: Theme): ChartConfiguration<'line'> {
  return {
    type: 'line',
    data: { datasets: lines.map((line) => dataset(line, theme)) },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      interaction: { mode: 'nearest', intersect: true },
      layout: { padding: { right: 12, top: 6 } },
      scales: { x: scale(x, theme), y: scale(y, theme) },
      plugins: {
        legend: { display: false },
        tooltip: {
          filter: ({ datasetIndex }) => lines[datasetIndex]?.mark !== 'none',
          backgroundColor: toCss(theme.widget),
          borderColor: toCss(theme.border),
          borderWidth: 1,
          titleColor: toCss(theme.foreground),
          bodyColor: toCss(theme.foreground),
          displayColors: false,
          callbacks: {
            title: ([item]) => (item === undefined ? '' : (lines[item.datasetIndex]?.label ?? '')),
            label: ({ datasetIndex, dataIndex }) => {
              const line = lines[datasetIndex];
              const point = line?.points[dataIndex];
              return line === undefined || point === undefined ? '' : [...tooltip(line, point, dataIndex)];
            },
          },
        },
      },
    },
  };
}

type Scale = ScaleOptionsByType<'linear'> | ScaleOptionsByType<'logarithmic'>;

function scale({ title, format, min, max, isLogarithmic = false, ticks }: PlainAxis, theme: Theme): Scale {
  const font = { family: theme.fontFamily, size: 11 };
  const muted = toCss(theme.muted);
  return {
    type: isLogarithmic ? 'logarithmic' : 'linear',
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    title: { display: true, text: title, color: toCss(theme.foreground), font: { ...font, size: 12 } },
    ...(ticks === undefined
      ? {}
      : {
          afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
            axis.ticks = ticks.map((value) => ({ value }));
          },
        }),
    ticks: {
      color: muted,
      font,
      maxRotation: 0,
      ...(ticks === undefined ? { maxTicksLimit: 7 } : { autoSkip: false }),
      callback: (value: string | number) => format(Number(value)),
    },
    grid: { color: toCss(theme.grid), drawTicks: false },
    border: { color: toCss(theme.border) },
  } as unknown as Scale;
}

function dataset(
  { label, points, colour, mark, dash = [], width = 2, radius = 4 }: PlainLine,
  theme: Theme,
): ChartDataset<'line', PlainPoint[]> {
  const css = toCss(colour);
  const isMarked = mark !== 'none';
  return {
    label,
    data: [...points],
    borderColor: css,
    borderDash: [...dash],
    borderWidth: width + (theme.highContrast ? 0.5 : 0),
    pointStyle: isMarked ? mark : 'circle',
    pointRadius: isMarked ? radius : 0,
    pointHitRadius: isMarked ? 8 : 0,
    pointBorderColor: css,
    pointBorderWidth: mark === 'star' ? 2 : 1,
    pointBackgroundColor: css,
    clip: 10,
  };
}
