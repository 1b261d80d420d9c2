import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../base/cancellation.js';
import type { Sequences } from '../../dataset/sequences.js';
import { askTimeBaseline, trainedTimeBaselines } from '../baselines/evaluateBaselines.js';

/**
 * What the naive baselines of times guess behind rows of a part, as ln(1 + ns), by their names; NaN where nothing is known yet.
 * @param rows several lists of rows that have one behind them in their sequence; the answer has one entry a list
 */
export async function baselineGuesses(
  train: Sequences,
  part: Sequences,
  rows: readonly Uint32Array[],
  signal?: AbortSignal,
): Promise<Map<string, Float64Array>[]> {
  const breathe = async () => {
    await setImmediate();
    throwIfCancelled(signal);
  };
  // A baseline is asked about the row behind, before it is told of it.
  const isAsked = new Uint8Array(part.rows);
  for (const list of rows) for (const row of list) isAsked[row + 1] = 1;
  const found = rows.map(() => new Map<string, Float64Array>());
  for (const baseline of await trainedTimeBaselines({ train, breathe })) {
    const guesses = new Map<number, number>();
    await askTimeBaseline(baseline, { sequences: part, isAsked }, breathe, (row) =>
      guesses.set(row - 1, baseline.guess() ?? NaN),
    );
    for (const [at, list] of rows.entries())
      found[at]!.set(
        baseline.name,
        Float64Array.from(list, (row) => guesses.get(row)!),
      );
  }
  return found;
}
