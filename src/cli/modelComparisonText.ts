import type {
  ComparedMetric,
  ComparedMetricId,
  ComparedPart,
  ModelComparison,
  PairedDifference,
} from '../protocol/modelComparisonMessages.js';
import { estimateText, signed } from './estimateText.js';
import { wrapped } from './evaluationText.js';
import { printable, table, type Column } from './output.js';

/** Runs by letters: the first is A. */
export function runLetter(run: number): string {
  return String.fromCharCode(65 + run);
}

/** Models on the same events as text: part by part each figure with its interval, and how it differs from that of run A. */
export function* modelComparisonLines(comparison: ModelComparison): Generator<string> {
  yield '';
  yield* wrapped(
    `Evaluations on the same events. Intervals are of 95 %, by ${comparison.bootstrap.resamples} resamples of blocks of consecutive events; p is that of a sign-flip test on the sums of blocks, of each difference alone: of twenty such, one falls below 0.05 by chance.`,
  );
  for (const warning of comparison.warnings) yield* wrapped(`warning: ${printable(warning)}`);
  for (const part of comparison.parts) yield* partLines(part);
}

function* partLines(part: ComparedPart): Generator<string> {
  yield '';
  yield `${printable(part.part)}: ${part.events} events, ${part.blocks} blocks of about ${part.blockEvents}`;
  for (const { slice, events, metrics } of part.slices) {
    yield '';
    yield `${SLICE_TEXTS[slice]} (${events} events)`;
    yield* table(
      COLUMNS,
      metrics.flatMap((metric) => rowsOf(METRICS[metric.metric].title, metric)),
    );
    yield* discordantLines(metrics);
  }
  if (part.byWorkload.length < 2) return;
  yield '';
  yield `by workload: ${METRICS[part.byWorkload[0]!.metric.metric].title}`;
  yield* table(
    COLUMNS,
    part.byWorkload.flatMap(({ workload, metric }) => rowsOf(workload, metric)),
  );
}

const SLICE_TEXTS = {
  all: 'all switches',
  withoutIdle: 'without idle',
  contested: 'contested',
  knownOnly: 'known tasks only',
} as const;

const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
const number = (value: number) => value.toFixed(4);

const METRICS: Readonly<
  Record<ComparedMetricId, { readonly title: string; readonly text: (value: number) => string }>
> = {
  top1: { title: 'top-1', text: percent },
  top3: { title: 'top-3', text: percent },
  mrr: { title: 'MRR', text: number },
  logLoss: { title: 'log loss', text: number },
  logMae: { title: 'log MAE', text: number },
};

interface Row {
  readonly what: string;
  readonly run: number;
  readonly metric: ComparedMetric;
  readonly difference: PairedDifference | undefined;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: '', align: 'left', cell: ({ what, run }) => (run === 0 ? what : '') },
  { title: 'run', align: 'left', cell: ({ run }) => runLetter(run) },
  {
    title: 'value (95 %)',
    align: 'left',
    cell: ({ metric, run }) => estimateText(metric.values[run]!, METRICS[metric.metric].text),
  },
  {
    title: 'less A (95 %)',
    align: 'left',
    cell: ({ metric, difference }) =>
      difference === undefined
        ? ''
        : estimateText(difference.difference, signed(METRICS[metric.metric].text)),
  },
  {
    title: 'p',
    align: 'right',
    cell: ({ difference }) => (difference === undefined ? '' : pText(difference.test.p)),
  },
];

function rowsOf(what: string, metric: ComparedMetric): Row[] {
  return metric.values.map((_, run) => ({
    ...{ what, run, metric },
    difference: metric.differences.find((each) => each.run === run),
  }));
}

function* discordantLines(metrics: readonly ComparedMetric[]): Generator<string> {
  for (const { run, mcnemar } of metrics.flatMap(({ differences }) => differences)) {
    if (mcnemar === null) continue;
    const { onlyFirst, onlyThis, midP } = mcnemar;
    yield* wrapped(
      `right in ${runLetter(run)} only ${onlyThis}, in A only ${onlyFirst}; McNemar's mid-p ${pText(midP)}, which is too small where events depend on each other`,
    );
  }
}

function pText(p: number): string {
  return p >= 0.0001 ? p.toFixed(4) : '< 0.0001';
}
