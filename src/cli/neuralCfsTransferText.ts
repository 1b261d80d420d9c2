import type { TransferCell, TransferResult } from '../protocol/neuralCfs.js';
import { wrapped } from './evaluationText.js';
import { printable, table, type Column } from './output.js';

interface Row {
  readonly name: string;
  readonly cells: readonly TransferCell[];
}

/** A matrix of average precision, and one of balanced accuracy: rows were trained on, columns tested. */
export function* transferLines({ experiment, by, names, model, cells }: TransferResult): Generator<string> {
  const rows = names.map((name, at): Row => ({ name, cells: cells[at]! }));
  yield `Experiment ${experiment}: ${printable(model.title)} trained on one ${by} (rows), tested on another (columns)`;
  yield '';
  yield 'Average precision; behind it what it is by chance, the share of positives';
  yield* table(
    columnsOf(by, names, ({ averagePrecision, test }) =>
      averagePrecision === null
        ? null
        : `${averagePrecision.value.toFixed(3)} / ${(test.positives / test.rows).toFixed(3)}`,
    ),
    rows,
  );
  yield '';
  yield 'Recalls of both classes averaged, %';
  yield* table(
    columnsOf(by, names, ({ balancedAccuracy }) =>
      balancedAccuracy === null ? null : (100 * balancedAccuracy.value).toFixed(2),
    ),
    rows,
  );
  yield* wrapped(
    `On the diagonal the calls of a ${by} are split by history group. Not scored (-): too few positives, or no numbers; the file of a study and --json have the reasons.`,
  );
  yield '';
}

function columnsOf(
  by: string,
  names: readonly string[],
  cell: (cell: TransferCell) => string | null,
): readonly Column<Row>[] {
  return [
    { title: `trained on ${by}`, align: 'left', cell: ({ name }) => name },
    ...names.map((name, at): Column<Row> => ({
      title: name,
      align: 'right',
      cell: ({ cells }) => cell(cells[at]!) ?? '-',
    })),
  ];
}
