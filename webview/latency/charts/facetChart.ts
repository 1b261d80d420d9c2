import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type {
  LatencyDensities,
  LatencyFacet,
  LatencySetView,
} from '../../../src/protocol/latencyMessages.js';
import { mix, toCss } from '../../common/colour.js';
import { formatDuration } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import { drawnSets, labelsOf } from '../model/latencyModel.js';
import { setLetter, styleOf, type Style } from '../model/words.js';
import { latencyMarks, MARK_ROW_PX, type LatencyMark } from './latencyMarks.js';

/** Heights of the parts of a facet, px. */
const CURVES_PX = 170;
const RUG_PX = 16;
const HISTOGRAM_PX = 28;
const AXIS_PX = 26;
const TITLE_PX = 20;

type Points = ChartDataset<'line', { x: number; y: number }[]>;

interface Drawn {
  readonly at: number;
  readonly view: LatencySetView;
  readonly style: Style;
}

/** Height that a facet needs, px. */
export function facetHeight(facet: LatencyFacet, densities: LatencyDensities, isLast: boolean): number {
  const sets = drawnSets(facet, densities.sets).length;
  const lanes = sets * laneHeight(densities);
  return CURVES_PX + sets * MARK_ROW_PX + lanes + AXIS_PX + (isLast ? TITLE_PX : 0);
}

function laneHeight({ settings: { beneath } }: LatencyDensities): number {
  return { rug: RUG_PX, histogram: HISTOGRAM_PX, nothing: 0 }[beneath];
}

/** The curves of one benchmark over the axis that all facets share; below them a lane a set with its rug or histogram. */
export function facetChart(
  facet: LatencyFacet,
  densities: LatencyDensities,
  theme: Theme,
  isLast: boolean,
): ChartConfiguration<'line'> {
  const labels = labelsOf(densities.sets);
  const sets = drawnSets(facet, densities.sets).map(({ at, view }): Drawn => ({
    at,
    view,
    style: styleOf(labels.indexOf(view.set.label), theme),
  }));
  const { beneath } = densities.settings;
  const peak = Math.max(...sets.flatMap(({ view }) => view.curve!.density), Number.MIN_VALUE) * 1.04;
  const lane = (peak * laneHeight(densities)) / CURVES_PX;
  const font = { family: theme.fontFamily, size: 11 };
  const { lowNs, highNs } = densities.axis ?? { lowNs: 1, highNs: 10 };
  const log = densities.settings.axis === 'log';
  return {
    type: 'line',
    plugins: [latencyMarks],
    data: {
      datasets: [
        ...sets.map((set) => curve(set, theme)),
        ...sets.map((set, at) =>
          beneath === 'histogram'
            ? histogram(set, densities, -(at + 1) * lane, lane, theme)
            : rug(set, at, lane),
        ),
      ],
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      events: [],
      layout: { padding: { top: sets.length * MARK_ROW_PX, left: 8, right: 18 } },
      scales: {
        x: {
          type: log ? 'logarithmic' : 'linear',
          min: lowNs,
          max: highNs,
          afterBuildTicks: (axis) => {
            if (log) axis.ticks = logTicks(lowNs, highNs).map((value) => ({ value }));
          },
          ticks: {
            color: toCss(theme.muted),
            font,
            maxRotation: 0,
            autoSkip: !log,
            includeBounds: false,
            callback: (value) => formatDuration(Number(value)),
          },
          title: {
            display: isLast,
            text: log ? 'latency, logarithmic' : 'latency',
            color: toCss(theme.muted),
            font,
          },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: { display: false, min: -sets.length * lane, max: peak },
      },
      plugins: {
        legend: { display: false },
        tooltip: { enabled: false },
        latencyMarks: {
          marks: sets.map(markOf),
          text: theme.foreground,
          background: theme.highContrast ? theme.background : mix(theme.background, theme.foreground, 0.04),
          font: `11px ${theme.fontFamily}`,
          lineWidth: theme.highContrast ? 2 : 1.25,
        },
      },
    },
  };
}

function curve({ view, style }: Drawn, theme: Theme): Points {
  const { ns, density } = view.curve!;
  return {
    data: ns.map((x, i) => ({ x, y: density[i] ?? 0 })),
    borderColor: toCss(style.colour),
    backgroundColor: toCss(style.colour, theme.highContrast ? 0.18 : 0.12),
    borderDash: [...style.dash],
    borderWidth: theme.highContrast ? 2.5 : 2,
    pointRadius: 0,
    fill: { value: 0 },
  };
}

function rug({ view, style }: Drawn, at: number, lane: number): Points {
  const y = -(at + 0.5) * lane;
  return {
    data: lane === 0 ? [] : view.curve!.rugNs.map((x) => ({ x, y })),
    showLine: false,
    pointStyle: 'line',
    pointRotation: 90,
    pointRadius: RUG_PX / 2 - 3,
    pointBorderWidth: 1,
    pointBorderColor: toCss(style.colour, 0.45),
  };
}

function histogram(
  { view, style }: Drawn,
  { axis, settings }: LatencyDensities,
  base: number,
  lane: number,
  theme: Theme,
): Points {
  const { histogram: shares } = view.curve!;
  const fullest = Math.max(...shares, Number.MIN_VALUE);
  const { lowNs, highNs } = axis ?? { lowNs: 1, highNs: 10 };
  const edge = (bin: number) => {
    const part = bin / shares.length;
    return settings.axis === 'log' ? lowNs * (highNs / lowNs) ** part : lowNs + (highNs - lowNs) * part;
  };
  const points = shares.map((share, bin) => ({ x: edge(bin), y: base + (share / fullest) * lane * 0.86 }));
  return {
    data: [...points, { x: highNs, y: base }],
    stepped: 'before',
    borderColor: toCss(style.colour),
    backgroundColor: toCss(style.colour, theme.highContrast ? 0.6 : 0.4),
    borderWidth: 1,
    pointRadius: 0,
    fill: { value: base },
  };
}

function markOf({ at, view, style }: Drawn): LatencyMark {
  const { p50Ns, p99Ns } = view.figures!;
  const letter = setLetter(at);
  return {
    letter,
    medianNs: p50Ns,
    p99Ns,
    medianText: `${letter} median ${formatDuration(p50Ns)}`,
    p99Text: `${letter} p99 ${formatDuration(p99Ns)}`,
    colour: style.colour,
  };
}

/** Round durations: powers of ten, on shorter axes also parts of them. */
export function logTicks(lowNs: number, highNs: number): number[] {
  const decades = Math.log10(highNs / lowNs);
  const factors = decades > 3.2 ? [1] : decades > 1.4 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(lowNs)); 10 ** power <= highNs; power += 1) {
    for (const factor of factors) {
      const tick = factor * 10 ** power;
      if (tick >= lowNs && tick <= highNs) ticks.push(tick);
    }
  }
  return ticks;
}
