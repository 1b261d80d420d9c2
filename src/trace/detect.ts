import { Failure } from '../base/errors.js';
import { FORMATS } from './formats.js';
import type { Importer } from './importers/importer.js';

/** How much of the (decompressed) beginning detectors see. */
export const DETECTION_BYTES = 64 * 1024;

/**
 * Chooses the importer by content: the most confident match of all formats.
 * Throws `unknown-format` with each format's own reason when none matches.
 */
export function detectFormat(head: Uint8Array, sourceName: string): Importer {
  let best: { importer: Importer; confidence: number } | undefined;
  const reasons: string[] = [];
  for (const importer of FORMATS) {
    const detection = importer.detect(head);
    if (!detection.matches) reasons.push(`  - ${importer.label}: ${detection.reason}`);
    else if (best === undefined || detection.confidence > best.confidence) {
      best = { importer, confidence: detection.confidence };
    }
  }
  if (best !== undefined) return best.importer;
  throw new Failure(
    'unknown-format',
    `${sourceName} is not in a format that KernelOracle reads:\n${reasons.join('\n')}`,
  );
}
