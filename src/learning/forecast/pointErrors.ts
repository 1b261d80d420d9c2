import type { Sequences } from '../../dataset/sequences.js';
import type { FreeRuns } from './freeRun.js';
import { originAt, sequenceOf, spreadRows, stretchOf } from './places.js';
import type { EventFeatures } from './eventFeatures.js';

/** Stretches of the validation part that are looked at, and events of each. */
const STRETCHES = 20;
const EVENTS = 500;

/**
 * What a model that tells a point was off by on the validation part: what came less what was predicted, in its own unit. Free
 * runs draw from these errors, so that they vary as much as what they forecast.
 * @param reach events that the predictor is told before
 */
export async function pointErrors(
  runs: FreeRuns,
  features: EventFeatures,
  validation: Sequences,
  reach: number,
): Promise<Float64Array> {
  const errors: number[] = [];
  for (const row of spreadRows(validation, { before: 0, behind: 1 }, STRETCHES)) {
    const origin = originAt(validation, row, reach);
    let [predicted] = await runs.warm(origin);
    const { end } = stretchOf(validation, sequenceOf(validation, row));
    for (let next = row + 1; next < Math.min(end, row + 1 + EVENTS); next += 1) {
      errors.push(features.standard('logDelta', Math.log1p(validation.deltaNs[next]!)) - predicted!);
      [predicted] = runs.tell(validation, next);
    }
  }
  return Float64Array.from(errors);
}
