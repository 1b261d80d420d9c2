import type { Sequences } from '../../dataset/sequences.js';
import type { Origin } from './freeRun.js';

/** First row of a sequence and the one behind its last. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The sequence that a row is in, by its number. */
export function sequenceOf({ starts }: Pick<Sequences, 'starts'>, row: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= row) low = middle;
    else high = middle;
  }
  return low;
}

export function stretchOf({ starts, rows }: Pick<Sequences, 'starts' | 'rows'>, sequence: number): Stretch {
  return { start: starts[sequence]!, end: starts[sequence + 1] ?? rows };
}

/** Where free runs behind a row begin, told at most `events` events. */
export function originAt(sequences: Sequences, row: number, events: number): Origin {
  const sequence = sequenceOf(sequences, row);
  const { start } = stretchOf(sequences, sequence);
  const first = Math.max(start, row - events + 1);
  return { sequences, first, row, cpu: sequences.origins[sequence]!.cpu };
}

/**
 * Rows spread evenly over those that `before` rows of their sequence come before and `behind` follow; all when they are not
 * more than `most`.
 */
export function spreadRows(
  sequences: Sequences,
  room: { readonly before: number; readonly behind: number },
  most: number,
): Uint32Array {
  const counts = Array.from({ length: sequences.starts.length }, (_, sequence) => {
    const { start, end } = stretchOf(sequences, sequence);
    return Math.max(0, end - start - room.before - room.behind);
  });
  const all = counts.reduce((sum, count) => sum + count, 0);
  const rows = new Uint32Array(Math.min(most, all));
  let sequence = 0;
  let before = 0;
  for (let at = 0; at < rows.length; at += 1) {
    // The middle of each of so many equal shares.
    const place = Math.floor(((at + 0.5) * all) / rows.length);
    while (place >= before + counts[sequence]!) {
      before += counts[sequence]!;
      sequence += 1;
    }
    rows[at] = sequences.starts[sequence]! + room.before + place - before;
  }
  return rows;
}
