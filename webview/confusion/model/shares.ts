import type {
  ConfusionClass,
  ConfusionMatrix,
  Normalisation,
} from '../../../src/protocol/confusionMessages.js';

/** UNK: no model answers it, and nothing is right there. */
export const UNKNOWN_CLASS = 0;
/** All classes that have no row of their own. */
export const OTHER_CLASS = -1;

/** A cell with events, and what they are a share of. */
export interface Cell {
  /** Places in `classes`. */
  readonly row: number;
  readonly column: number;
  readonly target: ConfusionClass;
  readonly guess: ConfusionClass;
  readonly count: number;
  /** Of what came there: of the row. */
  readonly ofTarget: number;
  /** Of what was guessed: of the column. */
  readonly ofGuess: number;
  /** Events of it that were right. */
  readonly right: number;
}

/** A matrix with its cells to look up. */
export class ConfusionCells {
  /** [n*n], of at most a thousand classes. */
  readonly #counts: Uint32Array;
  #confusions: readonly Cell[] | undefined;

  constructor(readonly matrix: ConfusionMatrix) {
    const { classes, target, guess, count } = matrix;
    this.#counts = new Uint32Array(classes.length ** 2);
    for (let cell = 0; cell < count.length; cell += 1) {
      this.#counts[target[cell]! * classes.length + guess[cell]!] = count[cell]!;
    }
  }

  get size(): number {
    return this.matrix.classes.length;
  }

  /** Also of a cell without events. */
  at(row: number, column: number): Cell {
    const { classes, rightOfOther } = this.matrix;
    const [target, guess] = [classes[row]!, classes[column]!];
    const count = this.#counts[row * classes.length + column]!;
    const isSame = row === column && target.index !== UNKNOWN_CLASS;
    return {
      row,
      column,
      target,
      guess,
      count,
      ofTarget: shareOf(count, target.support),
      ofGuess: shareOf(count, guess.predicted),
      right: !isSame ? 0 : target.index === OTHER_CLASS ? rightOfOther : count,
    };
  }

  /** Where a class stands, −1 where it has no row. */
  placeOf(index: number): number {
    return this.matrix.classes.findIndex((each) => each.index === index);
  }

  /** Cells with wrong guesses, the most frequent first. */
  confusions(): readonly Cell[] {
    const { target, guess, count } = this.matrix;
    this.#confusions ??= Array.from(count, (_, cell) => this.at(target[cell]!, guess[cell]!))
      .filter((cell) => cell.count > cell.right)
      .sort((a, b) => b.count - b.right - (a.count - a.right) || a.row - b.row || a.column - b.column);
    return this.#confusions;
  }

  /** All cells with events, by row. */
  *all(): Generator<Cell> {
    const { target, guess, count } = this.matrix;
    for (let cell = 0; cell < count.length; cell += 1) yield this.at(target[cell]!, guess[cell]!);
  }
}

/**
 * How strongly a cell is coloured, 0 … 1: the root of a share, so that one in a hundred can be seen beside the certain; of
 * counts, which span powers of ten, the logarithm.
 */
export function strengthOf(
  { count, ofTarget, ofGuess }: Pick<Cell, 'count' | 'ofTarget' | 'ofGuess'>,
  normalisation: Normalisation,
  largest: number,
): number {
  if (normalisation === 'none') return strengthOfCount(count, largest);
  return Math.sqrt(normalisation === 'row' ? ofTarget : ofGuess);
}

export function strengthOfCount(count: number, largest: number): number {
  return largest === 0 ? 0 : Math.log1p(count) / Math.log1p(largest);
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
