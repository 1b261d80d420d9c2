import type { TrainedImportance } from '../protocol/neuralCfs.js';
import type { ColumnRanking, RankedWorkload } from '../protocol/neuralCfsStudy.js';
import { wrapped } from './evaluationText.js';
import { printable, table, type Column } from './output.js';

/** Tables 5.4, 5.6 and 5.7 of the thesis, by experiment. */
const TABLES = { 1: '5.4', 2: '5.6', 3: '5.7' } as const;

/** F of each column by workload; those among the best of one are marked, and united below. */
export function* scoreLines(ranking: ColumnRanking): Generator<string> {
  const { experiment, balance, workloads, union, ofThesis, warnings } = ranking;
  const scored = workloads.filter(({ reason }) => reason === null);
  yield `Experiment ${experiment}: F of each column by workload (table ${TABLES[experiment]} of the thesis), ${balance === 'half' ? 'classes half and half' : 'at natural prevalence'}`;
  yield* table(fColumns(scored), rowsOf(ranking));
  yield `* among the best of the workload; I(nats): mutual information with the label, all workloads`;
  yield* wrapped(`united   ${union.join(', ')}`);
  yield* wrapped(`thesis   ${ofThesis.join(', ')}`);
  for (const { column, text } of warnings) yield* wrapped(`warning: ${column}: ${text}`);
  for (const { workload, reason } of workloads) {
    if (reason !== null) yield* wrapped(`not scored, ${printable(workload ?? 'all')}: ${printable(reason)}`);
  }
}

/** Columns by what is known of all workloads: those of the union first. */
function rowsOf({ columns, union }: ColumnRanking): readonly string[] {
  return [...union, ...columns.filter((column) => !union.includes(column))];
}

function fColumns(workloads: readonly RankedWorkload[]): readonly Column<string>[] {
  const all = workloads.find(({ workload }) => workload === null) ?? workloads[0];
  return [
    { title: 'column', align: 'left', cell: (column) => column },
    ...workloads.map(({ workload, scores, top }): Column<string> => ({
      title: workload ?? 'all',
      align: 'right',
      cell: (column) => {
        const score = scores.find((each) => each.column === column);
        return score === undefined ? '-' : `${score.f?.toFixed(2) ?? '∞'}${top.includes(column) ? '*' : ' '}`;
      },
    })),
    {
      title: 'I(nats)',
      align: 'right',
      cell: (column) => all?.scores.find((each) => each.column === column)?.nats.toFixed(4) ?? '-',
    },
  ];
}

/** What a trained model loses without each column, most first. */
export function* importanceLines(trained: TrainedImportance): Generator<string> {
  const { title, averagePrecision, refusal, importance, repeats } = trained;
  yield '';
  if (refusal !== null) {
    yield* wrapped(`${printable(title)}: no permutation importance. ${printable(refusal)}`);
    return;
  }
  yield `${printable(title)}, split by history group: average precision ${averagePrecision!.toFixed(3)}; what it loses when a column is shuffled, ${repeats} times each`;
  yield* table(
    [
      { title: 'column', align: 'left', cell: ({ column }) => column },
      { title: 'lost', align: 'right', cell: ({ drop }) => drop.mean.toFixed(4) },
      { title: 'least', align: 'right', cell: ({ drop }) => drop.least.toFixed(4) },
      { title: 'most', align: 'right', cell: ({ drop }) => drop.most.toFixed(4) },
    ],
    [...importance].sort((a, b) => b.drop.mean - a.drop.mean),
  );
}
