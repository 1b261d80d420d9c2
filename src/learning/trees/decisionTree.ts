/**
 * Small decision trees, grown greedily by the Gini impurity of weighted classes (Breiman et al., "Classification and
 * Regression Trees", 1984). They are not to be good models: what so little reaches needs no model.
 */
import type { BinnedColumn } from './binnedTable.js';

/** Gains that differ by less are the same. */
const TIE = 1e-9;

export interface Leaf {
  readonly label: number;
  /** By class: what its rows of training weigh together. */
  readonly masses: readonly number[];
}

export type Tree =
  Leaf | { readonly column: BinnedColumn; readonly bin: number; readonly low: Tree; readonly high: Tree };

export interface TreeTask {
  readonly columns: readonly BinnedColumn[];
  readonly labels: Uint8Array;
  readonly classes: number;
  /** What an example of each class weighs; without them all classes weigh alike. */
  readonly classWeights?: readonly number[];
}

/** @param rows of the table that it learns from; depth: most questions that are asked of a row */
export function grownTree(task: TreeTask, rows: Uint32Array, depth: number): Tree {
  const counts = countsOf(task, rows);
  const weights = task.classWeights ?? counts.map((count) => (count === 0 ? 0 : 1 / count));
  return grow(task, rows, weights, depth);
}

function grow(task: TreeTask, rows: Uint32Array, weights: readonly number[], depth: number): Tree {
  const masses = countsOf(task, rows).map((count, label) => count * weights[label]!);
  const present = masses.filter((mass) => mass > 0).length;
  const label = masses.indexOf(Math.max(...masses));
  if (depth === 0 || present < 2) return { label, masses };
  const best = bestSplit(task, rows, weights, masses);
  if (best === null) return { label, masses };
  const { column, bin } = best;
  const low = rows.filter((row) => column.bins[row]! <= bin);
  const high = rows.filter((row) => column.bins[row]! > bin);
  return {
    column,
    bin,
    low: grow(task, low, weights, depth - 1),
    high: grow(task, high, weights, depth - 1),
  };
}

interface Split {
  readonly column: BinnedColumn;
  /** The last bin of the lower side. */
  readonly bin: number;
}

function bestSplit(
  { columns, labels, classes }: TreeTask,
  rows: Uint32Array,
  weights: readonly number[],
  masses: readonly number[],
): Split | null {
  let best: BinnedColumn | null = null;
  let [first, last] = [0, 0];
  // What a split gains is told by the sum over sides of Σ mass² / mass of the side; without one it is this.
  let most = purity(masses);
  const histogram = new Float64Array(256 * classes);
  const [low, high] = [new Float64Array(classes), new Float64Array(classes)];
  for (const column of columns) {
    const { bins, cuts } = column;
    histogram.fill(0);
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at]!;
      const label = labels[row]!;
      histogram[bins[row]! * classes + label]! += weights[label]!;
    }
    low.fill(0);
    for (let bin = 0; bin < cuts.length; bin += 1) {
      for (let label = 0; label < classes; label += 1) {
        low[label]! += histogram[bin * classes + label]!;
        high[label] = masses[label]! - low[label]!;
      }
      const gained = purity(low) + purity(high);
      if (gained > most + TIE) {
        most = gained;
        best = column;
        first = last = bin;
      } else if (best === column && last === bin - 1 && gained > most - TIE) last = bin;
    }
  }
  // Of cuts that tell these rows apart equally well the middle one: others may lie on either side.
  return best === null ? null : { column: best, bin: (first + last) >> 1 };
}

function purity(masses: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let label = 0; label < masses.length; label += 1) {
    const mass = masses[label]!;
    sum += mass;
    squares += mass * mass;
  }
  return sum <= 1e-12 ? 0 : squares / sum;
}

/** Mean over the classes that occur of the share that is told right. */
export function balancedAccuracy(tree: Tree, task: TreeTask, rows: Uint32Array): number {
  const counts = countsOf(task, rows);
  const right = new Array<number>(task.classes).fill(0);
  for (const row of rows) {
    const label = labelOf(tree, row);
    if (label === task.labels[row]) right[label]! += 1;
  }
  const recalls = counts.flatMap((count, label) => (count === 0 ? [] : [right[label]! / count]));
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

function labelOf(tree: Tree, row: number): number {
  let node = tree;
  while ('column' in node) node = node.column.bins[row]! <= node.bin ? node.low : node.high;
  return node.label;
}

/** The leaf of a row that the tree was not grown with. NaN is on the lower side, as when it was grown. */
export function leafOf(tree: Tree, valueOf: (column: string) => number): Leaf {
  let node = tree;
  while ('column' in node) {
    node = valueOf(node.column.name) > node.column.cuts[node.bin]! ? node.high : node.low;
  }
  return node;
}

export function countsOf(
  { labels, classes }: Pick<TreeTask, 'labels' | 'classes'>,
  rows: Uint32Array,
): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const row of rows) counts[labels[row]!]! += 1;
  return counts;
}

/** The way to the first leaf of a class: `delta ≤ 500000 and migration > 0`. */
export function ruleOf(tree: Tree, label: number): string | null {
  if (!('column' in tree)) return tree.label === label ? '' : null;
  const cut = String(Number(tree.column.cuts[tree.bin]!.toPrecision(6)));
  for (const [side, sign] of [
    [tree.low, '≤'],
    [tree.high, '>'],
  ] as const) {
    const rest = ruleOf(side, label);
    if (rest !== null) return `${tree.column.name} ${sign} ${cut}${rest === '' ? '' : ` and ${rest}`}`;
  }
  return null;
}
