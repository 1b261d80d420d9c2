import { LEAST_EXAMPLES } from '../../audit/checks/classes.js';
import type { RowCounts } from '../../../protocol/neuralCfs.js';

/** Rows of either class below which nothing is scored: the audit's `too-few-positives` draws the line at the same number. */
export const LEAST_OF_CLASS = LEAST_EXAMPLES;

/** Why rows cannot be trained on or scored, or null where there are enough of both classes. */
export function refusalOf(what: 'training' | 'test', { rows, positives }: RowCounts): string | null {
  const [few, name] =
    positives <= rows - positives ? [positives, 'positives'] : [rows - positives, 'negatives'];
  if (few >= LEAST_OF_CLASS) return null;
  const among = `${few} ${name} among the ${rows} rows of the ${what}`;
  return what === 'test'
    ? `${among}: at least ${LEAST_OF_CLASS} are needed, since of fewer a share may be off by 18 points and more.`
    : `${among}: at least ${LEAST_OF_CLASS} are needed to learn from.`;
}

export function rowCounts(labels: ArrayLike<number>): RowCounts {
  let positives = 0;
  for (let row = 0; row < labels.length; row += 1) positives += labels[row]!;
  return { rows: labels.length, positives };
}
