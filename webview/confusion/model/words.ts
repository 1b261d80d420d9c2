import type { Normalisation } from '../../../src/protocol/confusionMessages.js';
import { formatCount, formatShare } from '../../common/format.js';
import { OTHER_CLASS, UNKNOWN_CLASS, type Cell } from './shares.js';

export const NORMALISATION_WORDS: Readonly<
  Record<Normalisation, { readonly label: string; readonly title: string; readonly legend: string }>
> = {
  row: {
    label: 'of what came',
    title: 'Rows sum to 100 %: when this task came, what was guessed? The diagonal is recall',
    legend: 'share of what came (row)',
  },
  column: {
    label: 'of what was guessed',
    title: 'Columns sum to 100 %: when this task was guessed, what came? The diagonal is precision',
    legend: 'share of what was guessed (column)',
  },
  none: {
    label: 'events',
    title: 'How many events, on a logarithmic scale',
    legend: 'events, logarithmic',
  },
};

export const ORDER_WORDS = {
  frequency: { label: 'by frequency', title: 'The most frequent tasks first' },
  clustered: { label: 'clustered', title: 'Tasks that are taken for each other side by side' },
} as const;

/** A cell in a sentence, for the tooltip, for screen readers, for the title of its events. */
export function cellText(cell: Cell): string {
  const { target, guess, count } = cell;
  if (count === 0) return `${target.name} came and ${guess.name} was guessed: never.`;
  return `${target.name} came and ${guess.name} was guessed: ${eventsText(count)}, ${sharesText(cell)}. ${verdictOf(cell)}`;
}

export function sharesText({ ofTarget, ofGuess, target, guess }: Cell): string {
  return `${formatShare(ofTarget)} of the ${formatCount(target.support)} that came, ${formatShare(ofGuess)} of the ${formatCount(guess.predicted)} that were guessed`;
}

export function eventsText(count: number): string {
  return count === 1 ? '1 event' : `${formatCount(count)} events`;
}

/** Whether the guesses of a cell were right. */
export function verdictOf({ row, column, right, count, target, guess }: Cell): string {
  if (target.index === UNKNOWN_CLASS) return 'Not in the vocabulary: never right.';
  if (guess.index === UNKNOWN_CLASS) return 'No answer: never right.';
  if (target.index === OTHER_CLASS && row === column) return `${formatCount(right)} of them right.`;
  return right === count ? 'Right.' : 'Wrong.';
}
