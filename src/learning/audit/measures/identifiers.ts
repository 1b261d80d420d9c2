import type { ClaimTable, TableColumn } from '../claims/claimTable.js';
import { balancedAccuracy, grownTree } from '../../trees/decisionTree.js';
import { halvesOf } from './tableRules.js';

/** Numbers that are given once, and times. */
const NAMES =
  /^(?:(?:prev|next|task|parent)_?)?(?:t?pid|tid|tgid|ts|time|time_?stamp|timestamp_ns|start_?(?:run)?time|row|index|id|trace_id|uuid)$/i;
/** Of the steps from row to row, for a column to count as growing. */
const GROWING = 0.99;
const MOSTLY_DISTINCT = 0.5;
const LEAST_ROWS = 100;
const DEPTH = 5;

export function isIdentifierName(name: string): boolean {
  return NAMES.test(name);
}

export interface IdentifyingColumn {
  readonly name: string;
  /** As words in brackets. */
  readonly why: string;
}

/** Columns that tell one row from another by what they are: by their name, or since they grow from row to row. */
export function identifyingColumns({ columns, rows }: ClaimTable): IdentifyingColumn[] {
  return columns.flatMap((column) => {
    if (rows >= LEAST_ROWS && isGrowing(column)) return [{ name: column.name, why: 'grows from row to row' }];
    return isIdentifierName(column.name) ? [{ name: column.name, why: 'identifies tasks or moments' }] : [];
  });
}

function isGrowing({ values }: TableColumn): boolean {
  const steps = values.length - 1;
  let up = 0;
  let down = 0;
  for (let row = 1; row < values.length; row += 1) {
    if (values[row]! >= values[row - 1]!) up += 1;
    if (values[row]! <= values[row - 1]!) down += 1;
  }
  if (Math.max(up, down) < GROWING * steps) return false;
  return new Set(values).size >= MOSTLY_DISTINCT * values.length;
}

/** Balanced accuracy of a small tree on rows that it was not made of, with and without columns; as text: why not told. */
export function scoreWithout(
  table: ClaimTable,
  names: ReadonlySet<string>,
): { readonly all: number; readonly without: number } | string {
  const halves = halvesOf(table);
  if (typeof halves === 'string') return halves;
  const { task, train, test } = halves;
  const others = task.columns.filter((column) => column.name.split(' − ').every((name) => !names.has(name)));
  const scores = [task.columns, others].map((columns) => {
    const part = { ...task, columns };
    return balancedAccuracy(grownTree(part, train, DEPTH), part, test);
  });
  return { all: scores[0]!, without: scores[1]! };
}
