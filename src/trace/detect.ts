import { Failure } from '../base/errors.js';
import { recogniseForeign, type ForeignContent } from './foreignContent.js';
import { FORMATS } from './formats.js';
import type { Importer } from './importers/importer.js';

/** How much of the (decompressed) beginning detectors see. */
export const DETECTION_BYTES = 64 * 1024;

/**
 * Chooses the importer by content: the most confident match of all formats.
 * Throws `unknown-format` when none matches, with what the content is as far as it is known, and each format's own
 * reason.
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
  const foreign = recogniseForeign(head);
  if (best !== undefined && foreign?.overrules !== true) return best.importer;
  throw new Failure('unknown-format', `${sourceName} ${verdict(foreign)}\n${reasons.join('\n')}`);
}

function verdict(foreign: ForeignContent | undefined): string {
  if (foreign === undefined) return 'is not in a format that KernelOracle reads:';
  const advice = foreign.advice === undefined ? '' : ` ${foreign.advice}`;
  return `cannot be opened: it is ${foreign.what}.${advice} The formats that are read:`;
}
