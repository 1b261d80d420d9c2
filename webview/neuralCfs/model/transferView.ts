import type { TransferCell, TransferResult } from '../../../src/protocol/neuralCfs.js';
import { formatCount } from '../../common/format.js';
import { estimateText } from '../../model/model/measures.js';
import { decimal, percent, positivesText, type Words } from './words.js';

export type TransferMeasure = 'averagePrecision' | 'balancedAccuracy' | 'rocAuc';

export const TRANSFER_MEASURES: Readonly<Record<TransferMeasure, Words>> = {
  averagePrecision: {
    label: 'Average precision',
    title: 'Area under precision over recall; by chance it is the share of positives in the test',
  },
  balancedAccuracy: {
    label: 'Balanced accuracy',
    title: 'Recalls of both classes averaged, at a threshold of 0.5; by chance 50 %',
  },
  rocAuc: {
    label: 'ROC-AUC',
    title: 'How often a positive is scored above a negative; by chance 0.5',
  },
};

/** A cell as it is shown. */
export interface ShownCell {
  readonly train: string;
  readonly test: string;
  readonly isDiagonal: boolean;
  /** `–` where there is no figure. */
  readonly text: string;
  /** `by chance 0.036`, or empty. */
  readonly below: string;
  /** All that is known, or why there is nothing. */
  readonly title: string;
  /** How far from chance (0) to perfect (1); `null`: no figure. */
  readonly strength: number | null;
}

/** [train][test] */
export function shownCells({ names, cells }: TransferResult, measure: TransferMeasure): ShownCell[][] {
  return cells.map((row, train) =>
    row.map((cell, test) => shownCell(cell, names[train] ?? '', names[test] ?? '', train === test, measure)),
  );
}

function shownCell(
  cell: TransferCell,
  train: string,
  test: string,
  isDiagonal: boolean,
  measure: TransferMeasure,
): ShownCell {
  const facts = { train, test, isDiagonal };
  const estimate = cell[measure];
  const lead = isDiagonal ? `Trained and tested on ${train}` : `Trained on ${train}, tested on ${test}`;
  if (estimate === null) {
    const title = `${lead}: not scored. ${cell.refusal ?? 'There is no figure.'}`;
    return { ...facts, text: '–', below: '', title, strength: null };
  }
  const chance = chanceOf(measure, cell);
  const format = measure === 'balancedAccuracy' ? percent : decimal;
  return {
    ...facts,
    text: format(estimate.value),
    below: measure === 'averagePrecision' ? `by chance ${decimal(chance)}` : '',
    title: `${lead}: ${TRANSFER_MEASURES[measure].label} ${estimateText(estimate, format)}, by chance ${format(chance)}. ${formatCount(cell.training.rows)} rows in training, ${positivesText(cell.test)} positive in the test.`,
    strength: chance >= 1 ? 0 : Math.min(1, Math.max(0, (estimate.value - chance) / (1 - chance))),
  };
}

function chanceOf(measure: TransferMeasure, { test }: TransferCell): number {
  return measure === 'averagePrecision' ? test.positives / Math.max(1, test.rows) : 0.5;
}

/** What transfer costs, in a sentence: the diagonal beside the rest. */
export function transferWords(transfer: TransferResult, measure: TransferMeasure): string {
  const cells = transfer.cells.flatMap((row, train) =>
    row.map((cell, test) => ({ value: cell[measure]?.value ?? null, isDiagonal: train === test })),
  );
  const valuesOf = (isDiagonal: boolean) =>
    cells.flatMap((each) => (each.isDiagonal === isDiagonal && each.value !== null ? [each.value] : []));
  const [own, other] = [valuesOf(true), valuesOf(false)];
  const format = measure === 'balancedAccuracy' ? percent : decimal;
  const unscored = cells.length - own.length - other.length;
  const told = [
    ...(own.length === 0 ? [] : [`on its own ${transfer.by} ${format(median(own))}`]),
    ...(other.length === 0 ? [] : [`on another ${format(median(other))}`]),
  ];
  const figures =
    told.length === 0
      ? 'No pair could be scored.'
      : `${TRANSFER_MEASURES[measure].label}, medians: ${told.join(', ')}.`;
  return `${figures}${unscored === 0 || told.length === 0 ? '' : ` ${unscored} of ${cells.length} pairs could not be scored.`}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
