import type {
  Calibration,
  NextTaskEvaluation,
  NextTaskScores,
  SliceName,
  TaskGroup,
  TaskScores,
  TaskSlice,
} from '../protocol/evaluation.js';
import { countText, estimateText, signed } from './estimateText.js';
import { printable, table, type Column } from './output.js';
import { besideBestLines, cutTo, type BesideBest } from './workloadText.js';

const MOST_TASKS = 15;
/** Names are cut there, so that a row stays within 110 columns. */
const NAME_WIDTH = 24;
const WORKLOAD_WIDTH = 22;
const CATEGORY_WIDTH = 14;
const BEST_WIDTH = 22;

const TITLES: Readonly<Record<SliceName, string>> = {
  all: 'all switches',
  withoutIdle: 'without idle',
  contested: 'contested: more than one task was runnable',
  knownOnly: 'known tasks only',
};

/** A part of a next-task model: scores by slice beside the baselines, by workload, CPU and task, and calibration. */
export function* taskPartLines(part: NextTaskEvaluation): Generator<string> {
  const { targets, recordings, unknownTargets, idleTargets, contestedTargets, blockEvents, macro } = part;
  yield `${printable(part.part)}: ${targets} targets of ${countText(recordings.length, 'recording')}, blocks of ${blockEvents} events`;
  const contested = contestedTargets === null ? 'not known' : percent(contestedTargets / targets);
  yield `  UNK ${percent(unknownTargets / targets)}, idle ${percent(idleTargets / targets)}, contested ${contested}`;
  for (const slice of part.slices) {
    yield '';
    yield* sliceLines(slice);
  }
  yield '';
  yield* groupLines('workload', part.byWorkload);
  yield `mean over workloads: top-1 ${percent(macro.workloadTop1)}`;
  yield '';
  yield* besideBestLines(part.byWorkload.map(besideBest), {
    figure: 'its top-1 %',
    difference: 'the model less it, points',
    format: hundredths,
  });
  yield '';
  yield* groupLines('CPU', part.byCpu);
  yield '';
  yield* taskLines(part.byTask);
  yield `mean over tasks: recall ${percent(macro.taskRecall)}, F1 ${percent(macro.taskF1)}`;
  yield '';
  yield* calibrationLines(part.calibration);
}

interface ScoreRow {
  readonly name: string;
  readonly scores: NextTaskScores;
  /** `null`: the model itself. */
  readonly difference: NextTaskScores | null;
}

const SCORE_COLUMNS: readonly Column<ScoreRow>[] = [
  { title: 'top-1 %', align: 'right', cell: ({ scores }) => estimateText(scores.top1, hundredths) },
  {
    title: 'difference, points',
    align: 'right',
    cell: ({ difference }) => (difference === null ? '' : estimateText(difference.top1, signed(hundredths))),
  },
  { title: 'top-3 %', align: 'right', cell: ({ scores }) => hundredths(scores.top3.value) },
  { title: 'MRR', align: 'right', cell: ({ scores }) => scores.mrr.value.toFixed(4) },
  { title: 'log loss', align: 'right', cell: ({ scores }) => scores.logLoss?.value.toFixed(4) ?? '-' },
];

function* sliceLines({ slice, targets, model, baselines }: TaskSlice): Generator<string> {
  const rows: ScoreRow[] = [{ name: 'the model', scores: model, difference: null }, ...baselines];
  yield `${TITLES[slice]}: ${targets} targets`;
  yield* table<ScoreRow>(
    [{ title: '', align: 'left', cell: ({ name }) => cut(name) }, ...SCORE_COLUMNS],
    rows,
  );
}

function groupLines(title: string, groups: readonly TaskGroup[]): Iterable<string> {
  return table(
    [
      { title, align: 'left', cell: ({ name }) => cut(name, WORKLOAD_WIDTH) },
      ...(groups.some(({ category }) => category !== null)
        ? [
            {
              title: 'category',
              align: 'left' as const,
              cell: ({ category }: TaskGroup) => cut(category ?? '-', CATEGORY_WIDTH),
            },
          ]
        : []),
      { title: 'targets', align: 'right', cell: ({ targets }) => String(targets) },
      { title: 'top-1 %', align: 'right', cell: ({ model }) => estimateText(model, hundredths) },
      { title: 'no idle %', align: 'right', cell: ({ withoutIdle }) => share(withoutIdle) },
      { title: 'best baseline %', align: 'left', cell: bestBaseline },
    ],
    groups,
  );
}

function bestBaseline(group: TaskGroup): string {
  const { best } = besideBest(group);
  return best === null ? '-' : cut(`${hundredths(best.value)} ${best.name}`, BEST_WIDTH);
}

function besideBest({ name: workload, baselines }: TaskGroup): BesideBest {
  const best = [...baselines].sort((a, b) => b.top1 - a.top1)[0];
  return { workload, best: best === undefined ? null : { ...best, value: best.top1 } };
}

function taskLines(tasks: readonly TaskScores[]): Iterable<string> {
  const shown = tasks.slice(0, MOST_TASKS);
  return table(
    [
      {
        title: shown.length < tasks.length ? `task (${shown.length} of ${tasks.length})` : 'task',
        align: 'left',
        cell: ({ task }) => cut(task),
      },
      { title: 'came', align: 'right', cell: ({ support }) => String(support) },
      { title: 'predicted', align: 'right', cell: ({ predicted }) => String(predicted) },
      { title: 'precision %', align: 'right', cell: ({ precision }) => share(precision) },
      { title: 'recall %', align: 'right', cell: ({ recall }) => share(recall) },
      { title: 'F1 %', align: 'right', cell: ({ f1 }) => share(f1) },
    ],
    shown,
  );
}

function* calibrationLines({ ece, bins }: Calibration): Generator<string> {
  yield* table(
    [
      {
        title: 'confidence %',
        align: 'left',
        cell: ({ from, to }) => `${hundredths(from)} … ${hundredths(to)}`,
      },
      { title: 'events', align: 'right', cell: ({ events }) => String(events) },
      { title: 'mean %', align: 'right', cell: ({ confidence }) => hundredths(confidence) },
      { title: 'right %', align: 'right', cell: ({ accuracy }) => hundredths(accuracy) },
    ],
    bins,
  );
  yield `expected calibration error: ${percent(ece)}`;
}

function cut(text: string, width = NAME_WIDTH): string {
  return cutTo(width, text);
}

function hundredths(value: number): string {
  return (100 * value).toFixed(2);
}

function share(value: number | null): string {
  return value === null ? '-' : hundredths(value);
}

function percent(value: number): string {
  return `${hundredths(value)} %`;
}
