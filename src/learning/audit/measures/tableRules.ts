import type { ClaimTable } from '../claims/claimTable.js';
import { mixed } from '../../../dataset/chance.js';
import { binnedWithDifferences } from '../../trees/binnedTable.js';
import { balancedAccuracy, countsOf, grownTree, ruleOf, type TreeTask } from '../../trees/decisionTree.js';

export interface ShallowRule {
  /** Questions that are asked at most. */
  readonly depth: number;
  /** Balanced accuracy on rows that it was not made of. */
  readonly score: number;
  /** Whether it is the label but for chance: what is cut between two examples is never cut quite where it should be. */
  readonly isLabel: boolean;
  /** The way to the rarest class. */
  readonly rule: string;
  readonly tested: number;
}

const DEEPEST = 3;
const REACHED = 0.99;
/** Of other rows, for a rule that tells all of those it was made of. */
const REACHED_BY_EXACT = 0.97;
const EXACT = 0.9995;
/** Of each class, on either side. */
const LEAST_OF_CLASS = 10;
const MOST_ROWS = 100_000;
const DRAW = 4711;

/** The shallowest tree that reaches the label, or the deepest that was tried; as text: why none could be made. */
export function shallowRule(table: ClaimTable): ShallowRule | string {
  const halves = halvesOf(table);
  if (typeof halves === 'string') return halves;
  if (table.columns.length === 0) return 'There is no column to make a rule of.';
  const { task, train, test } = halves;
  const counts = countsOf(task, train);
  const rarest = counts.indexOf(Math.min(...counts));
  let found: ShallowRule | undefined;
  for (let depth = 1; depth <= DEEPEST; depth += 1) {
    const tree = grownTree(task, train, depth);
    const score = balancedAccuracy(tree, task, test);
    const rule = `${ruleOf(tree, rarest) ?? 'always'} gives ${table.classes[rarest]!}`;
    const isExact = balancedAccuracy(tree, task, train) >= EXACT;
    const isLabel = score >= REACHED || (isExact && score >= REACHED_BY_EXACT);
    if (found === undefined || score > found.score)
      found = { depth, score, isLabel, rule, tested: test.length };
    if (isLabel) break;
  }
  return found!;
}

export interface Halves {
  readonly task: TreeTask;
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** Rows of a table by chance in two halves; of very long tables as many as are quick. As text: why not. */
export function halvesOf({ columns, labels, classes, rows, label }: ClaimTable): Halves | string {
  if (classes.length < 2) return `All rows have the same ${label}.`;
  const most = 2 ** 32 * Math.min(1, MOST_ROWS / rows);
  const sides: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row += 1) {
    if (mixed(DRAW, row) < most) sides[mixed(DRAW + 1, row) & 1]!.push(row);
  }
  const [train, test] = sides.map((side) => Uint32Array.from(side)) as [Uint32Array, Uint32Array];
  const binned = binnedWithDifferences(columns, labels, classes.length);
  const task = { columns: binned, labels, classes: classes.length };
  const least = Math.min(...countsOf(task, train), ...countsOf(task, test));
  if (least < LEAST_OF_CLASS) {
    return `A class of ${label} has fewer than ${2 * LEAST_OF_CLASS} rows: too few to try rules on.`;
  }
  return { task, train, test };
}
