import type {
  ExperimentResult,
  ModelJudgement,
  NeuralCfsResults,
  PartResult,
  ThesisBar,
  WayName,
  WayResult,
} from '../protocol/neuralCfs.js';
import { countText, estimateText, signed } from './estimateText.js';
import { wrapped } from './evaluationText.js';
import { printable, table, type Column } from './output.js';

const WAY_TEXTS: Readonly<Record<WayName, string>> = {
  published: 'as published',
  group: 'by history group',
  recording: 'by recording',
  workload: 'by workload',
};

/** Results as text: for each experiment the thesis's figures beside ours, then what counts, then what it all means. */
export function* experimentsLines({
  rows,
  recordings,
  experiments,
  seed,
  warnings,
}: NeuralCfsResults): Generator<string> {
  const workloads = new Set(recordings.map(({ workload }) => workload)).size;
  yield `${rows} calls of can_migrate_task in ${countText(recordings.length, 'recording')}, ${countText(workloads, 'workload')}; seed ${seed}`;
  for (const warning of warnings) yield* wrapped(`warning: ${printable(warning)}`);
  for (const experiment of experiments) {
    yield '';
    yield* experimentLines(experiment);
  }
}

function* experimentLines(result: ExperimentResult): Generator<string> {
  const { experiment, title, columns, ways, notes } = result;
  yield `Experiment ${experiment}: ${title}`;
  yield* wrapped(`inputs: ${columns.join(', ')}`);
  yield '';
  yield `Accuracy with classes half and half, % (figure ${result.thesis.figure} of the thesis beside ours)`;
  yield* accuracyTable(result);
  yield* wrapped(`thesis: ${result.thesis.remark}`);
  for (const way of ways) {
    yield '';
    yield* wayLines(way);
  }
  if (notes.length > 0) yield '';
  for (const note of notes) yield* wrapped(`note: ${printable(note)}`);
}

/** Some figures of the thesis have a bar that is no model of its own. */
const THIRD = 'third bar';

interface AccuracyRow {
  readonly source: string;
  readonly of: string;
  readonly rows: string;
  readonly cells: ReadonlyMap<string, string>;
}

function accuracyTable({ thesis, ways }: ExperimentResult): Generator<string> {
  const rows = [
    ...thesis.bars.map(thesisRow),
    ...ways.flatMap(({ way, parts }) => parts.map((part) => ourRow(way, part))),
  ];
  const names = new Set([
    ...['mlp', 'libml'],
    ...ways.flatMap(({ parts }) => parts.flatMap(({ models }) => models.map(({ name }) => name))),
    ...(rows.some(({ cells }) => cells.has(THIRD)) ? [THIRD] : []),
  ]);
  return table<AccuracyRow>(
    [
      { title: '', align: 'left', cell: ({ source }) => source },
      { title: 'workload', align: 'left', cell: ({ of }) => of },
      { title: 'positives in test', align: 'right', cell: (row) => row.rows },
      ...[...names].map((title): Column<AccuracyRow> => ({
        title,
        align: 'right',
        cell: ({ cells }) => cells.get(title) ?? '-',
      })),
    ],
    rows,
  );
}

function thesisRow({ benchmark, torch, libml, other }: ThesisBar): AccuracyRow {
  const cells = new Map<string, string>();
  if (torch !== null) cells.set('mlp', hundredths(torch));
  if (libml !== null) cells.set('libml', hundredths(libml));
  if (other !== null) cells.set(THIRD, hundredths(other));
  return { source: 'thesis', of: benchmark, rows: '', cells };
}

function ourRow(way: WayName, { workload, test, models }: PartResult): AccuracyRow {
  const cells = new Map(
    models.map(({ name, judgement }) => [
      name,
      judgement === null ? '-' : hundredths(judgement.atHalf.balancedAccuracy.value),
    ]),
  );
  return {
    source: WAY_TEXTS[way],
    of: workload ?? 'all',
    rows: `${test.positives} of ${test.rows}`,
    cells,
  };
}

function* wayLines({ way, split, steps, parts }: WayResult): Generator<string> {
  yield `${capital(WAY_TEXTS[way])}: what the models are worth`;
  yield* wrapped(printable(split));
  yield* wrapped(
    `cleaning: ${steps.map(({ name, rows, columns, left }) => `${name} ${rows} × ${columns}${left.length === 0 ? '' : ` (less ${left.join('; ')})`}`).join(', ')}`,
  );
  const [whole] = parts;
  if (whole !== undefined && whole.refusal === null) {
    yield* table(RANKING_COLUMNS, whole.models);
    yield '';
    yield* table(THRESHOLD_COLUMNS, whole.models);
    for (const { name, title, summary, failure } of whole.models) {
      yield* wrapped(`${name}: ${printable(title)}: ${printable(failure ?? summary)}`);
    }
  }
  yield* byWorkload(way, parts);
  for (const { workload, refusal } of parts) {
    if (refusal !== null) yield* wrapped(`not scored, ${workload ?? 'all'}: ${printable(refusal)}`);
  }
}

function* byWorkload(way: WayName, parts: readonly PartResult[]): Generator<string> {
  const scored = parts.filter(({ workload, refusal }) => workload !== null && refusal === null);
  if (scored.length === 0) return;
  yield '';
  yield way === 'published'
    ? 'Average precision by workload, a model for each'
    : 'Average precision by workload, one model for all';
  yield* table<PartResult>(
    [
      { title: 'workload', align: 'left', cell: ({ workload }) => workload! },
      {
        title: 'positives',
        align: 'right',
        cell: ({ test }) => `${test.positives} (${hundredths(test.positives / test.rows)} %)`,
      },
      ...scored[0]!.models.map(({ name, title }): Column<PartResult> => ({
        title,
        align: 'right',
        cell: ({ models }) => {
          const judgement = models.find((each) => each.name === name)?.judgement ?? null;
          return judgement === null ? '-' : judgement.averagePrecision.value.toFixed(3);
        },
      })),
    ],
    scored,
  );
}

type ModelColumn = Column<ModelJudgement>;
const MODEL: ModelColumn = { title: 'model', align: 'left', cell: ({ title }) => title };

function figure(
  title: string,
  cell: (judgement: NonNullable<ModelJudgement['judgement']>) => string,
): ModelColumn {
  return { title, align: 'right', cell: ({ judgement }) => (judgement === null ? '-' : cell(judgement)) };
}

const RANKING_COLUMNS: readonly ModelColumn[] = [
  MODEL,
  figure('average precision (95 %)', ({ averagePrecision }) => estimateText(averagePrecision, thousandths)),
  {
    title: 'less best baseline (95 %)',
    align: 'right',
    cell: ({ lessBaseline }) =>
      lessBaseline === null ? '-' : estimateText(lessBaseline.averagePrecision, signed(thousandths)),
  },
  figure('ROC-AUC', ({ rocAuc }) => thousandths(rocAuc.value)),
  ...[0, 1, 2].map((at) =>
    figure(['precision % at recall 50 %', '80 %', '95 %'][at]!, ({ precisionAtRecall }) =>
      hundredths(precisionAtRecall[at]!.precision.value),
    ),
  ),
];

const THRESHOLD_COLUMNS: readonly ModelColumn[] = [
  { ...MODEL, title: 'at 0.5' },
  figure('accuracy %', ({ atHalf }) => hundredths(atHalf.accuracy.value)),
  figure('balanced % (95 %)', ({ atHalf }) => estimateText(atHalf.balancedAccuracy, hundredths)),
  figure('precision %', ({ atHalf }) =>
    atHalf.precision === null ? '-' : hundredths(atHalf.precision.value),
  ),
  figure('recall %', ({ atHalf }) => hundredths(atHalf.recall.value)),
  figure('F1 %', ({ atHalf }) => hundredths(atHalf.f1.value)),
  figure('MCC', ({ atHalf }) => thousandths(atHalf.mcc.value)),
  figure('TP', ({ atHalf }) => String(atHalf.truePositives)),
  figure('FP', ({ atHalf }) => String(atHalf.falsePositives)),
  figure('FN', ({ atHalf }) => String(atHalf.falseNegatives)),
  figure('TN', ({ atHalf }) => String(atHalf.trueNegatives)),
  figure('MCC at threshold', ({ atTrained }) =>
    atTrained === null ? '-' : `${thousandths(atTrained.mcc.value)} at ${atTrained.threshold.toFixed(3)}`,
  ),
];

function thousandths(value: number): string {
  return value.toFixed(3);
}

function hundredths(share: number): string {
  return (100 * share).toFixed(2);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
