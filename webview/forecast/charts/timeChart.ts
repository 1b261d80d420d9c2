import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type { Forecast } from '../../../src/protocol/forecast.js';
import { toCss } from '../../common/colour.js';
import { formatCount } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import type { EventRange } from '../model/eventRange.js';
import { timeCame } from '../model/figures.js';
import type { Scale } from './timeScale.js';

/** More lines cannot be told apart. */
export const MOST_DRAWN_SAMPLES = 12;
/** The forecast is dashed, the cursor and the origin dotted. */
export const FORECAST_DASH = [6, 4] as const;
const MARKER_DASH = [2, 3] as const;

export interface TimeChartInput {
  readonly forecast: Forecast;
  readonly scale: Scale;
  readonly range: EventRange;
  readonly cursor: number | null;
  readonly showsSamples: boolean;
  readonly showsActual: boolean;
}

interface Point {
  readonly x: number;
  readonly y: number;
}
type Line = ChartDataset<'line', Point[]>;

/** Observed times, the forecast ones with their bands, and what came, by event: 0 is the last that the model was told. */
export function timeChart(
  input: TimeChartInput,
  theme: Theme,
  onPlot: (plot: { readonly left: number; readonly right: number }) => void,
): ChartConfiguration<'line'> {
  const { range, scale } = input;
  const [min, max] = placesOf(input);
  const font = { family: theme.fontFamily, size: 11 };
  const muted = toCss(theme.muted);
  return {
    type: 'line',
    data: { datasets: linesOf(input, [min, max], theme) },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      normalized: true,
      events: [],
      scales: {
        x: {
          type: 'linear',
          min: range.from,
          max: range.to,
          title: { display: true, text: 'events from the origin', color: muted, font },
          ticks: {
            color: muted,
            font,
            maxRotation: 0,
            maxTicksLimit: 14,
            precision: 0,
            includeBounds: false,
            callback: (value) => formatSigned(Number(value)),
          },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: {
          type: 'linear',
          min,
          max,
          title: { display: true, text: scale.title, color: muted, font },
          ticks: {
            color: muted,
            font,
            maxTicksLimit: 8,
            includeBounds: false,
            ...(scale.isStepped ? { stepSize: 1 } : {}),
            callback: (value) => scale.tick(Number(value)),
          },
          grid: { color: toCss(theme.grid) },
          border: { display: false },
        },
      },
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
    },
    plugins: [{ id: 'plot', afterLayout: ({ chartArea: { left, right } }) => onPlot({ left, right }) }],
  };
}

export function formatSigned(event: number): string {
  return event > 0 ? `+${formatCount(event)}` : event < 0 ? `−${formatCount(-event)}` : '0';
}

function linesOf(input: TimeChartInput, [min, max]: readonly [number, number], theme: Theme): Line[] {
  const { forecast, showsSamples, showsActual, cursor } = input;
  const { quantiles, samples, observed, actual, steps } = forecast;
  const thick = theme.highContrast ? 0.5 : 0;
  const blue = toCss(theme.blue);
  const own = (values: ArrayLike<number | null>) =>
    pointsOf(input, 1, steps, (event) => values[event - 1] ?? null);
  const level = (wanted: number) => quantiles?.find((each) => each.level === wanted)?.deltaNs;
  const band = (low: number, high: number, alpha: number): Line[] => {
    const [bottom, top] = [level(low), level(high)];
    if (bottom === undefined || top === undefined) return [];
    const edge = {
      borderColor: toCss(theme.blue, theme.highContrast ? 0.9 : 0.35),
      borderWidth: theme.highContrast ? 1 : 0.5,
    };
    return [
      line(own(top), { ...edge, fill: '+1', backgroundColor: toCss(theme.blue, alpha), order: 6 }),
      line(own(bottom), { ...edge, order: 6 }),
    ];
  };
  const drawn = showsSamples ? samples.slice(0, MOST_DRAWN_SAMPLES) : [];
  const vertical = (x: number) => [
    { x, y: min },
    { x, y: max },
  ];
  return [
    ...band(0.05, 0.95, 0.16),
    ...band(0.25, 0.75, 0.28),
    ...drawn.map(({ deltaNs }) =>
      line(own(deltaNs), { borderColor: toCss(theme.purple, 0.6), borderWidth: 0.7, order: 5 }),
    ),
    line(
      pointsOf(input, 1 - observed.task.length, 0, (event) => timeCame(forecast, event)),
      { borderColor: toCss(theme.foreground), borderWidth: 1 + thick, order: 4 },
    ),
    ...(showsActual
      ? [
          line(
            pointsOf(input, 1, actual.task.length, (event) => timeCame(forecast, event)),
            { borderColor: toCss(theme.orange), borderWidth: 1 + thick, order: 3 },
          ),
        ]
      : []),
    line(own(level(0.5) ?? samples[0]?.deltaNs ?? []), {
      borderColor: blue,
      borderWidth: 2 + thick,
      borderDash: [...FORECAST_DASH],
      order: 2,
    }),
    line(vertical(0.5), {
      borderColor: toCss(theme.foreground),
      borderWidth: 1.5,
      borderDash: [...MARKER_DASH],
      order: 1,
    }),
    ...(cursor === null
      ? []
      : [line(vertical(cursor), { borderColor: toCss(theme.focus), borderWidth: 1 + thick, order: 0 })]),
  ];
}

function line(points: Point[], options: Partial<Line>): Line {
  return { data: points, pointRadius: 0, pointHitRadius: 0, fill: false, ...options };
}

/** Points of the events in sight, and one beside on either side; what is not known is left out. */
function pointsOf(
  { range, scale }: Pick<TimeChartInput, 'range' | 'scale'>,
  first: number,
  last: number,
  ns: (event: number) => number | null,
): Point[] {
  const points: Point[] = [];
  const until = Math.min(last, Math.ceil(range.to) + 1);
  for (let event = Math.max(first, Math.floor(range.from) - 1); event <= until; event += 1) {
    const value = ns(event);
    if (value !== null) points.push({ x: event, y: scale.place(value) });
  }
  return points;
}

/** From the least to the greatest of all that is drawn, in sight or not, with a little room. */
function placesOf({ forecast, scale, showsSamples, showsActual }: TimeChartInput): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  const { observed, actual, samples, quantiles } = forecast;
  const drawn = quantiles === null ? samples.slice(0, 1) : [];
  for (const { deltaNs } of [
    observed,
    ...(showsActual ? [actual] : []),
    ...(showsSamples ? samples.slice(0, MOST_DRAWN_SAMPLES) : drawn),
    ...(quantiles ?? []),
  ]) {
    for (const ns of deltaNs) {
      if (ns === null) continue;
      const place = scale.place(ns);
      if (place < low) low = place;
      if (place > high) high = place;
    }
  }
  if (low > high) return [0, 1];
  const room = high === low ? 0.5 : (high - low) * 0.04;
  return [scale.isStepped ? Math.max(0, low - room) : low - room, high + room];
}
