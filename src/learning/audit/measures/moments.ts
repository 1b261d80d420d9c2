import type { StoredPart } from '../../../dataset/dataSet.js';
import type { Feature, Standardisation } from '../../../dataset/sequences.js';
import { Moments } from '../../../dataset/standardisation.js';

/** Means and deviations of the features over all rows of some parts, as the scaling of a data set is worked out. */
export function standardisationOfParts(parts: readonly StoredPart[]): Record<Feature, Standardisation> {
  const cpu = new Moments();
  const delta = new Moments();
  const logDelta = new Moments();
  for (const part of parts) {
    for (let row = 0; row < part.rows; row += 1) {
      cpu.add(part.cpu[row]!);
      const ns = part.deltaNs[row]!;
      if (!(ns >= 0)) continue;
      delta.add(ns);
      logDelta.add(Math.log1p(ns));
    }
  }
  return { cpu: cpu.result(), logDelta: logDelta.result(), delta: delta.result() };
}
