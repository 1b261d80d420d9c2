import type { Place } from '../model/confusionModel.js';
import type { ConfusionCells } from '../model/shares.js';

const PAGE = 10;

/** Where a key moves the cursor; `null`: it is none that does. */
export function movementOf(
  { key, ctrlKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey'>,
  at: Place,
  cells: ConfusionCells,
): Place | null {
  const last = cells.size - 1;
  const within = (row: number, column: number): Place => ({
    row: Math.min(last, Math.max(0, row)),
    column: Math.min(last, Math.max(0, column)),
  });
  switch (key) {
    case 'ArrowLeft':
      return within(at.row, at.column - 1);
    case 'ArrowRight':
      return within(at.row, at.column + 1);
    case 'ArrowUp':
      return within(at.row - 1, at.column);
    case 'ArrowDown':
      return within(at.row + 1, at.column);
    case 'PageUp':
      return within(at.row - PAGE, at.column);
    case 'PageDown':
      return within(at.row + PAGE, at.column);
    case 'Home':
      return within(ctrlKey ? 0 : at.row, 0);
    case 'End':
      return within(ctrlKey ? last : at.row, last);
    case 'd':
      // To the diagonal: what was right of this row.
      return within(at.row, at.row);
    case 'n':
      return neighbour(at, cells, 1);
    case 'p':
      return neighbour(at, cells, -1);
    default:
      return null;
  }
}

/** The next confusion by size; the largest where the cursor is on none. */
function neighbour(at: Place, cells: ConfusionCells, step: 1 | -1): Place | null {
  const confusions = cells.confusions();
  const here = confusions.findIndex(({ row, column }) => row === at.row && column === at.column);
  const next = here < 0 ? 0 : Math.min(confusions.length - 1, Math.max(0, here + step));
  return confusions[next] ?? null;
}
