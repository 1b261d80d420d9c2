import type {
  ConfusionCell,
  ConfusionQuery,
  ConfusionState,
  Normalisation,
} from '../../../src/protocol/confusionMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';
import { ConfusionCells, type Cell } from './shares.js';

/** A cell by its place. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** What the parts of the view share. Each part sets what its user does and follows what others set. */
export class ConfusionModel {
  readonly state = new Signal<ConfusionState | null>(null);
  readonly cells = new Signal<ConfusionCells | null>(null);
  /** Why nothing can be shown. */
  readonly failure = new Signal<string | null>(null);
  readonly normalisation = new Signal<Normalisation>('row');
  /** Where the keyboard is; follows its classes when the order changes. */
  readonly cursor = new Signal<Place | null>(null);
  /** The cell whose events are listed, by its classes. */
  readonly listed = new Signal<ConfusionCell | null>(null);
  readonly announcement = new Signal<string>('');
  readonly notice = new Signal<Notice | null>(null);

  get query(): ConfusionQuery | null {
    const { value } = this.state;
    return value?.kind === 'ready' ? value.matrix.query : null;
  }

  /** What the host sent. The cursor stays with its classes, as far as they are shown. */
  accept(state: ConfusionState): void {
    const before = this.cursorCell;
    const cells = state.kind === 'ready' ? new ConfusionCells(state.matrix) : null;
    this.failure.set(null);
    this.state.set(state);
    this.cursor.set(
      before === null || cells === null
        ? null
        : placeIn(cells, { target: before.target.index, guess: before.guess.index }),
    );
    this.cells.set(cells);
  }

  get cursorCell(): Cell | null {
    const [cells, cursor] = [this.cells.value, this.cursor.value];
    return cells === null || cursor === null ? null : cells.at(cursor.row, cursor.column);
  }

  /** The cell whose events are listed; `null`: none, or its classes are not shown apart any more. */
  get listedCell(): Cell | null {
    const [cells, listed] = [this.cells.value, this.listed.value];
    if (cells === null || listed === null) return null;
    const place = placeIn(cells, listed);
    return place === null ? null : cells.at(place.row, place.column);
  }

  list({ target, guess }: Cell): void {
    this.listed.set({ target: target.index, guess: guess.index });
  }
}

function placeIn(cells: ConfusionCells, { target, guess }: ConfusionCell): Place | null {
  const [row, column] = [cells.placeOf(target), cells.placeOf(guess)];
  return row < 0 || column < 0 ? null : { row, column };
}
