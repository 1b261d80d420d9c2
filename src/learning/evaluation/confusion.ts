import { UNKNOWN } from '../../dataset/sequences.js';

/** What was to be predicted, and what was: indices in the vocabulary. */
export interface Guesses {
  readonly target: Int32Array;
  readonly guess: Int32Array;
}

/** Stands for all classes that have no row and column of their own. */
export const OTHER = -1;

/** How often which class was taken for which: a sparse matrix, a row a target, a column a guess. */
export interface Confusion {
  /** Indices in the vocabulary, the most frequent first; UNK and `OTHER` last, where they occur. */
  readonly classes: Int32Array;
  /** Events that each class came at (sum of its row), parallel to `classes`. */
  readonly support: Uint32Array;
  /** Events that it was guessed at (sum of its column). */
  readonly predicted: Uint32Array;
  /** Cells that are not empty: place of the target in `classes`, place of the guess, how many events. */
  readonly target: Uint32Array;
  readonly guess: Uint32Array;
  readonly count: Uint32Array;
  readonly events: number;
  /** Events that were guessed right. UNK never is. */
  readonly right: number;
  /** Of the events whose target and guess are both `OTHER`: how many were right. */
  readonly rightOfOther: number;
}

/**
 * Counts events by what came and what was guessed.
 * @param chosen the events to count; all, unless told
 */
export function countConfusion({ target, guess }: Guesses, chosen?: ArrayLike<number>): Confusion {
  const events = chosen?.length ?? target.length;
  const counts = new Map<number, number>();
  const support = new Map<number, number>();
  const predicted = new Map<number, number>();
  let right = 0;
  const width = 2 ** 26;
  for (let at = 0; at < events; at += 1) {
    const event = chosen === undefined ? at : chosen[at]!;
    const [came, said] = [target[event]!, guess[event]!];
    add(counts, came * width + said);
    add(support, came);
    add(predicted, said);
    if (isRight(came, said)) right += 1;
  }
  const frequency = (each: number) => Math.max(support.get(each) ?? 0, predicted.get(each) ?? 0);
  const classes = Int32Array.from(new Set([...support.keys(), ...predicted.keys()])).sort(
    (a, b) => Number(a === UNKNOWN) - Number(b === UNKNOWN) || frequency(b) - frequency(a) || a - b,
  );
  const placeOf = new Map([...classes].map((each, place) => [each, place]));
  const cells = [...counts].map(([key, count]) => ({
    target: placeOf.get(Math.floor(key / width))!,
    guess: placeOf.get(key % width)!,
    count,
  }));
  return {
    classes,
    support: Uint32Array.from(classes, (each) => support.get(each) ?? 0),
    predicted: Uint32Array.from(classes, (each) => predicted.get(each) ?? 0),
    ...columnsOf(cells),
    events,
    right,
    rightOfOther: 0,
  };
}

/** UNK is no class: a model that would answer it has told nothing. */
export function isRight(target: number, guess: number): boolean {
  return target === guess && target !== UNKNOWN;
}

/** The most frequent classes as they are, all others as one; UNK keeps its row. What is not less than before stays as it is. */
export function collapseRare(confusion: Confusion, most: number): Confusion {
  const { classes, target, guess, count } = confusion;
  const known = knownClasses(confusion);
  if (known <= most) return confusion;
  const hasUnknown = known < classes.length;
  const other = most + Number(hasUnknown);
  const placeOf = (place: number) => (place < most ? place : place < known ? other : most);
  const counts = new Map<number, number>();
  const [support, predicted] = [new Uint32Array(other + 1), new Uint32Array(other + 1)];
  let rightOfOther = 0;
  for (const [cell, events] of count.entries()) {
    const [from, to] = [target[cell]!, guess[cell]!];
    const [row, column] = [placeOf(from), placeOf(to)];
    add(counts, row * (other + 1) + column, events);
    support[row]! += events;
    predicted[column]! += events;
    if (row === other && from === to) rightOfOther += events;
  }
  const cells = [...counts].map(([key, events]) => ({
    target: Math.floor(key / (other + 1)),
    guess: key % (other + 1),
    count: events,
  }));
  return {
    classes: Int32Array.from([...classes.subarray(0, most), ...(hasUnknown ? [UNKNOWN] : []), OTHER]),
    support,
    predicted,
    ...columnsOf(cells),
    events: confusion.events,
    right: confusion.right,
    rightOfOther,
  };
}

/** Classes that are neither UNK nor `OTHER`: they stand first. */
export function knownClasses({ classes }: Pick<Confusion, 'classes'>): number {
  let known = classes.length;
  while (known > 0 && (classes[known - 1] === UNKNOWN || classes[known - 1] === OTHER)) known -= 1;
  return known;
}

/** The same with rows and columns in another order: `order[n]` is the present place of what is to stand at n. */
export function reordered(confusion: Confusion, order: ArrayLike<number>): Confusion {
  const placeOf = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place += 1) placeOf[order[place]!] = place;
  const { classes, support, predicted } = confusion;
  const cells = Array.from(confusion.count, (count, cell) => ({
    target: placeOf[confusion.target[cell]!]!,
    guess: placeOf[confusion.guess[cell]!]!,
    count,
  }));
  return {
    ...confusion,
    classes: Int32Array.from(order, (place) => classes[place]!),
    support: Uint32Array.from(order, (place) => support[place]!),
    predicted: Uint32Array.from(order, (place) => predicted[place]!),
    ...columnsOf(cells),
  };
}

interface Cell {
  readonly target: number;
  readonly guess: number;
  readonly count: number;
}

/** By row, then column. */
function columnsOf(cells: Cell[]): Pick<Confusion, 'target' | 'guess' | 'count'> {
  cells.sort((a, b) => a.target - b.target || a.guess - b.guess);
  return {
    target: Uint32Array.from(cells, ({ target }) => target),
    guess: Uint32Array.from(cells, ({ guess }) => guess),
    count: Uint32Array.from(cells, ({ count }) => count),
  };
}

function add(counts: Map<number, number>, key: number, amount = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}
