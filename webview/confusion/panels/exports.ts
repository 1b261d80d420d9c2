import type { FileToSave } from '../../../src/protocol/inspectionMessages.js';
import { exportButtons, type CsvTable } from '../../common/exportFile.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { MatrixArea } from '../matrix/matrixView.js';
import type { ConfusionModel } from '../model/confusionModel.js';
import type { ConfusionCells } from '../model/shares.js';

/** Buttons that save the matrix: as a picture of all of it, and as a row a cell that is not empty. */
export function createExports(
  model: ConfusionModel,
  theme: Signal<Theme>,
  matrix: MatrixArea,
  save: (file: FileToSave) => Promise<void>,
): HTMLElement {
  const name = () => {
    const { value } = model.state;
    if (value?.kind !== 'ready') return 'confusion';
    const { part, slice, baseline } = value.matrix.query;
    return [value.run.title, 'confusion', part, slice === 'all' ? null : slice, baseline]
      .filter((each) => each !== null)
      .join('-');
  };
  return exportButtons(
    {
      title: 'Confusion matrix',
      name,
      picture: () => matrix.picture(),
      table: () => (model.cells.value === null ? { columns: [], rows: [] } : cellsTable(model.cells.value)),
    },
    () => theme.value,
    save,
  );
}

/** A row a cell, in the order in which the matrix is shown. */
export function cellsTable(cells: ConfusionCells): CsvTable {
  const columns = ['came', 'guessed', 'events', 'right', 'share_of_came', 'share_of_guessed'];
  const rows = [...cells.all()].map((cell) => [
    cell.target.name,
    cell.guess.name,
    ...[cell.count, cell.right, cell.ofTarget, cell.ofGuess],
  ]);
  return { columns, rows };
}
