import type { ChartConfiguration } from 'chart.js';
import type { Histogram } from '../../../src/protocol/traceMessages.js';
import { toCss, type Rgb } from '../colour.js';
import { formatCount, formatDuration } from '../format.js';
import type { Theme } from '../theme.js';

/** The bins from the first to the last that hold anything, with one empty bin on each side; all when none does. */
export function occupiedBins(histogram: Histogram): { readonly from: number; readonly to: number } {
  const bins = histogram.edgesNs.length - 1;
  const holds = (bin: number) =>
    (histogram.wakeupLatency[bin] ?? 0) > 0 || (histogram.preemptionWait[bin] ?? 0) > 0;
  let from = 0;
  let to = bins - 1;
  while (from < bins && !holds(from)) from++;
  if (from === bins) return { from: 0, to: bins };
  while (to > from && !holds(to)) to--;
  return { from: Math.max(0, from - 1), to: Math.min(bins, to + 2) };
}

/**
 * Labels of the bins: round durations (1, 10, 100 …; with few decades also 2 and 5 times those) at the bins that hold
 * them, nothing at the others.
 */
export function binLabels(edgesNs: readonly number[]): string[] {
  const first = edgesNs[0] ?? 1;
  const last = edgesNs[edgesNs.length - 1] ?? 1;
  const factors = last / Math.max(1, first) < 2000 ? [1, 2, 5] : [1];
  return edgesNs.slice(0, -1).map((edge, bin) => {
    const upper = edgesNs[bin + 1] ?? edge;
    for (let power = 1; power <= last; power *= 10) {
      // Edges are rounded: 9,999.6 ns means 10 µs.
      const round = factors
        .map((factor) => factor * power)
        .find((value) => value >= edge * 0.999 && value < upper * 0.999);
      if (round !== undefined) return formatDuration(round);
    }
    return '';
  });
}

/** Bars of equal width over logarithmic bins: a logarithmic axis of time. With `logCounts` the counts are logarithmic too. */
export function latencyHistogramChart(
  histogram: Histogram,
  theme: Theme,
  logCounts: boolean,
): ChartConfiguration<'bar'> {
  const { from, to } = occupiedBins(histogram);
  const edges = histogram.edgesNs.slice(from, to + 1);
  const labels = binLabels(edges);
  const series = (label: string, counts: readonly number[], colour: Rgb) => ({
    label,
    data: counts.slice(from, to),
    backgroundColor: toCss(colour, theme.highContrast ? 0.55 : 0.9),
    borderColor: toCss(colour),
    // Fill alone is not enough of a difference in high contrast.
    borderWidth: theme.highContrast ? 1 : 0,
    categoryPercentage: 0.94,
    barPercentage: 1,
  });
  const ticks = { color: toCss(theme.muted), font: { family: theme.fontFamily, size: 11 } };
  const grid = { color: toCss(theme.grid) };
  const counts = {
    title: {
      display: true,
      text: 'waits',
      color: toCss(theme.muted),
      font: { family: theme.fontFamily, size: 11 },
    },
    ticks: {
      ...ticks,
      precision: 0,
      maxTicksLimit: 6,
      callback: (value: string | number) => formatCount(Number(value)),
    },
    grid,
    border: { display: false },
  };
  return {
    type: 'bar',
    data: {
      labels,
      // The colours of the lanes: runnable after a wakeup, and preempted.
      datasets: [
        series('Wakeup latency', histogram.wakeupLatency, theme.yellow),
        series('Preemption wait', histogram.preemptionWait, theme.red),
      ],
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { ticks: { ...ticks, maxRotation: 0, autoSkip: false }, grid: { display: false } },
        y: logCounts ? { type: 'logarithmic', ...counts } : { type: 'linear', beginAtZero: true, ...counts },
      },
      plugins: {
        legend: {
          position: 'top',
          align: 'end',
          labels: {
            color: toCss(theme.foreground),
            boxWidth: 10,
            boxHeight: 10,
            font: { family: theme.fontFamily, size: 12 },
          },
        },
        tooltip: {
          callbacks: {
            title: (items) => {
              const bin = items[0]?.dataIndex ?? 0;
              return `${formatDuration(edges[bin] ?? 0)} – ${formatDuration(edges[bin + 1] ?? 0)}`;
            },
            label: (item) => ` ${item.dataset.label ?? ''}: ${formatCount(Number(item.raw))}`,
          },
        },
      },
    },
  };
}

/** The histogram in a sentence: the text alternative of the chart. */
export function describeHistogram(histogram: Histogram): string {
  const peak = (counts: readonly number[]) => {
    const top = counts.reduce((best, count, bin) => (count > (counts[best] ?? 0) ? bin : best), 0);
    return `most often between ${formatDuration(histogram.edgesNs[top] ?? 0)} and ${formatDuration(histogram.edgesNs[top + 1] ?? 0)}`;
  };
  const part = (name: string, count: number | null, counts: readonly number[]) => {
    if (count === null) return `${name}: unknown`;
    return count === 0 ? `${name}: none` : `${name}: ${formatCount(count)} values, ${peak(counts)}`;
  };
  return `Histogram. ${part('Wakeup latency', histogram.wakeupCount, histogram.wakeupLatency)}. ${part('Preemption wait', histogram.preemptionCount, histogram.preemptionWait)}.`;
}
