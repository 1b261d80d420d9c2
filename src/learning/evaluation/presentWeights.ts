import type { Evaluation } from '../../protocol/evaluation.js';
import { bestWeights } from '../export/trainedModel.js';
import { weightsDigest } from './evaluationFiles.js';

/**
 * Digest of the best weights that a run has now; `null` where there are none or they cannot be read, which is no reason not to
 * show what was measured of them.
 */
export function presentWeightsSha256(folder: string): Promise<string | null> {
  return bestWeights(folder).then(
    ({ tensors }) => weightsDigest(tensors),
    () => null,
  );
}

/** Whether figures are of weights that the run no longer has: it was resumed, or trained anew. @param present its digest now */
export function isOutdated(
  { weightsSha256 }: Pick<Evaluation, 'weightsSha256'>,
  present: string | null,
): boolean {
  return present !== null && weightsSha256 !== present;
}
