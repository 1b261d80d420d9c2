import type { Horizon, InterArrivalEvaluation, TimeGroup, TimeScores } from '../protocol/evaluation.js';
import { countText, estimateText, signed } from './estimateText.js';
import { printable, table, type Column } from './output.js';
import { besideBestLines, type BesideBest } from './workloadText.js';

/** A part of a model of times: scores by horizon beside the baselines, whether the forecast varies, and by workload. */
export function* timePartLines(part: InterArrivalEvaluation): Generator<string> {
  const { spreadRatio, freeRunRatio } = part.collapse;
  yield `${printable(part.part)}: ${part.targets} targets of ${countText(part.recordings.length, 'recording')}, blocks of ${part.blockEvents} events; errors of ln(1 + ns)`;
  yield `  spread of the forecast over that of what came: ${spreadRatio.toFixed(3)}, in a free run ${freeRunRatio?.toFixed(3) ?? 'not known'}`;
  for (const horizon of part.horizons) {
    yield '';
    yield* horizonLines(horizon);
  }
  yield '';
  yield* workloadLines(part.byWorkload);
  yield '';
  yield* besideBestLines(part.byWorkload.map(besideBest), {
    figure: 'its log-MAE',
    difference: 'the model less it',
    format: plain,
  });
}

interface ScoreRow {
  readonly name: string;
  readonly scores: TimeScores;
  /** `null`: the model itself. */
  readonly difference: TimeScores | null;
}

const SCORE_COLUMNS: readonly Column<ScoreRow>[] = [
  { title: 'log-MAE', align: 'right', cell: ({ scores }) => estimateText(scores.logMae, plain) },
  {
    title: 'difference',
    align: 'right',
    cell: ({ difference }) => (difference === null ? '' : estimateText(difference.logMae, signed(plain))),
  },
  { title: 'MASE', align: 'right', cell: ({ scores }) => plain(scores.mase.value) },
  { title: 'pinball', align: 'right', cell: ({ scores }) => plain(scores.pinball.value) },
  { title: 'CRPS', align: 'right', cell: ({ scores }) => plain(scores.crps.value) },
  { title: '50 %', align: 'right', cell: ({ scores }) => share(scores.coverage50) },
  { title: '90 %', align: 'right', cell: ({ scores }) => share(scores.coverage90) },
];

function* horizonLines({ steps, targets, model, baselines }: Horizon): Generator<string> {
  const title = steps === 1 ? 'next event' : `${steps} ahead`;
  const rows: ScoreRow[] = [{ name: 'the model', scores: model, difference: null }, ...baselines];
  yield* table<ScoreRow>(
    [{ title: `${title} (${targets})`, align: 'left', cell: ({ name }) => name }, ...SCORE_COLUMNS],
    rows,
  );
}

function workloadLines(groups: readonly TimeGroup[]): Iterable<string> {
  return table(
    [
      { title: 'workload', align: 'left', cell: ({ name }) => name },
      { title: 'category', align: 'left', cell: ({ category }) => category ?? '-' },
      { title: 'targets', align: 'right', cell: ({ targets }) => String(targets) },
      { title: 'log-MAE', align: 'right', cell: ({ logMae }) => estimateText(logMae, plain) },
    ],
    groups,
  );
}

function besideBest({ name: workload, baselines }: TimeGroup): BesideBest {
  const best = [...baselines].sort((a, b) => a.logMae - b.logMae)[0];
  return { workload, best: best === undefined ? null : { ...best, value: best.logMae } };
}

function plain(value: number): string {
  return value.toFixed(3);
}

/** What of the targets fell into an interval, in hundredths. */
function share(estimate: TimeScores['coverage50']): string {
  return estimate === null ? '-' : (100 * estimate.value).toFixed(1);
}
