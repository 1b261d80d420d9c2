import type { Normalisation } from '../../../src/protocol/confusionMessages.js';
import { formatCountShort, formatShare } from '../../common/format.js';
import { strengthOfCount } from './shares.js';

const SHARES = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1];

/** Values that stand for the scale, with how strong they are coloured. */
export function stepsOf(
  normalisation: Normalisation,
  largest: number,
): { readonly label: string; readonly strength: number }[] {
  if (normalisation !== 'none') {
    return SHARES.map((share) => ({ label: formatShare(share), strength: Math.sqrt(share) }));
  }
  const powers = Math.max(0, Math.floor(Math.log10(Math.max(1, largest))));
  const counts = [...new Set([...Array.from({ length: powers + 1 }, (_, power) => 10 ** power), largest])];
  return counts.map((count) => ({
    label: formatCountShort(count),
    strength: strengthOfCount(count, largest),
  }));
}
