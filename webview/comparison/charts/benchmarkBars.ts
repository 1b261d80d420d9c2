import type { Chart, ChartConfiguration, ChartDataset, Plugin } from 'chart.js';
import type { ComparedSet, MetricComparison } from '../../../src/protocol/comparisonMessages.js';
import { toCss } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import { formatAmount, formatInterval, setLetter } from '../model/words.js';
import { axisTitle } from './meansChart.js';

/** Half the width of the lines at the ends of an interval, px. */
const CAP_PX = 5;
/** A name of a benchmark below its bars, characters. */
const NAME_LENGTH = 22;

/** A bar dataset with the interval of each bar: ends in the unit of the axis, null where there is none. */
type Bars = ChartDataset<'bar', (number | null)[]> & {
  readonly intervals: readonly ({ readonly low: number; readonly high: number } | null)[];
  readonly lineColour: string;
};

/** The means of one metric over all benchmarks that have it: a group of bars a benchmark, a bar a set, from zero. */
export function benchmarkBars(
  rows: readonly MetricComparison[],
  sets: readonly ComparedSet[],
  theme: Theme,
): ChartConfiguration<'bar'> {
  const font = { family: theme.fontFamily, size: 11 };
  const colours = [theme.blue, theme.orange, theme.green, theme.purple, theme.red, theme.yellow];
  const datasets = sets.map((set, at): Bars => {
    const colour = colours[at % colours.length]!;
    return {
      label: `${setLetter(at)} ${set.label}`,
      data: rows.map((row) => row.sets[at]?.mean ?? null),
      intervals: rows.map((row) => row.sets[at]?.meanInterval ?? null),
      lineColour: toCss(theme.foreground),
      backgroundColor: toCss(colour, theme.highContrast ? 0.35 : 0.55),
      borderColor: toCss(colour),
      borderWidth: theme.highContrast ? 2 : 1,
      maxBarThickness: 54,
      categoryPercentage: 0.5,
      barPercentage: 0.94,
    };
  });
  const ends = rows.flatMap((row) => row.sets.flatMap((each) => [each?.mean, each?.meanInterval?.high]));
  return {
    type: 'bar',
    plugins: [intervalsOfBars],
    data: { labels: rows.map(({ benchmark }) => shortened(benchmark)), datasets },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      events: [],
      scales: {
        x: {
          ticks: { color: toCss(theme.foreground), font, maxRotation: 40 },
          grid: { display: false },
          border: { color: toCss(theme.border) },
        },
        y: {
          beginAtZero: true,
          suggestedMax: Math.max(...ends.filter((end) => end != null), 0),
          title: { display: true, text: axisTitle(rows[0]!), color: toCss(theme.muted), font },
          ticks: {
            color: toCss(theme.muted),
            font,
            maxTicksLimit: 6,
            callback: (value) => formatAmount(Number(value)),
          },
          grid: { color: toCss(theme.grid) },
          border: { display: false },
        },
      },
      plugins: {
        legend: {
          position: 'top',
          align: 'end',
          labels: {
            color: toCss(theme.foreground),
            boxWidth: 12,
            boxHeight: 12,
            font: { ...font, size: 12 },
          },
        },
        tooltip: { enabled: false },
      },
    },
  };
}

/** Brackets over bars that stand in groups: only the chart knows where in its group a bar came to stand. */
const intervalsOfBars: Plugin = {
  id: 'intervalsOfBars',
  afterDatasetsDraw(chart: Chart) {
    const { ctx: context } = chart;
    const { y } = chart.scales;
    if (y === undefined) return;
    context.save();
    context.lineWidth = 2;
    for (const [at, dataset] of chart.data.datasets.entries()) {
      const { intervals, lineColour } = dataset as unknown as Bars;
      context.strokeStyle = lineColour;
      for (const [index, bar] of chart.getDatasetMeta(at).data.entries()) {
        const interval = intervals[index];
        if (interval == null) continue;
        const [low, high] = [y.getPixelForValue(interval.low), y.getPixelForValue(interval.high)];
        context.beginPath();
        context.moveTo(bar.x, low);
        context.lineTo(bar.x, high);
        for (const end of [low, high]) {
          context.moveTo(bar.x - CAP_PX, end);
          context.lineTo(bar.x + CAP_PX, end);
        }
        context.stroke();
      }
    }
    context.restore();
  },
};

function shortened(name: string): string {
  return name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 1)}…`;
}

/** The chart in words: its text alternative. */
export function describeBars(rows: readonly MetricComparison[], sets: readonly ComparedSet[]): string {
  const parts = rows.map((row) => {
    const figures = sets.map((_set, at) => {
      const own = row.sets[at];
      if (own?.mean == null) return `${setLetter(at)} not measured`;
      const interval =
        own.meanInterval === null ? '' : ` (${formatInterval(own.meanInterval, formatAmount)})`;
      return `${setLetter(at)} ${formatAmount(own.mean)}${interval}`;
    });
    return `${row.benchmark}: ${figures.join(', ')}`;
  });
  return `Means of ${axisTitle(rows[0]!)}, with intervals. ${parts.join('. ')}.`;
}
