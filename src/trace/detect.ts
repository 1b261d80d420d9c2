import { Failure } from '../base/errors.js';
import { recogniseForeign, type ForeignContent } from './foreignContent.js';
import { FORMATS } from './formats.js';
import type { Detection, FolderImporter, Importer } from './importers/importer.js';

/** How much of the (decompressed) beginning detectors see. */
export const DETECTION_BYTES = 64 * 1024;

/** The importer of a name; failure `wrong-usage` when there is none. */
export function importerNamed(format: string): Importer {
  const named = FORMATS.find((each) => each.name === format);
  if (named !== undefined) return named;
  throw new Failure(
    'wrong-usage',
    `There is no format "${format}". Known: ${FORMATS.map((each) => each.name).join(', ')}.`,
  );
}

/**
 * Chooses the importer by content: the most confident match of all formats.
 * Throws `unknown-format` when none matches, with what the content is as far as it is known, and each format's own
 * reason.
 */
export function detectFormat(head: Uint8Array, sourceName: string): Importer {
  const { best, reasons } = mostConfident(FORMATS, (importer) => importer.detect(head));
  if (best !== undefined) return best;
  const foreign = recogniseForeign(head);
  throw new Failure('unknown-format', `${sourceName} ${verdict(foreign)}\n${reasons.join('\n')}`);
}

/** Chooses the importer for a folder or archive by the names of its files. Throws `unknown-format`. */
export function detectFolder(paths: readonly string[], sourceName: string): FolderImporter {
  const importers = FORMATS.filter((each) => each.kind === 'folder');
  const { best, reasons } = mostConfident(importers, (importer) => importer.detectFolder(paths));
  if (best !== undefined) return best;
  throw new Failure(
    'unknown-format',
    `${sourceName} holds no recording of several files that KernelOracle reads:\n${reasons.join('\n')}\nTo see a single file of it, open that file.`,
  );
}

function mostConfident<T extends Importer>(importers: readonly T[], detectionOf: (importer: T) => Detection) {
  let best: T | undefined;
  let confidence = 0;
  const reasons: string[] = [];
  for (const importer of importers) {
    const detection = detectionOf(importer);
    if (!detection.matches) reasons.push(`  - ${importer.label}: ${detection.reason}`);
    else if (best === undefined || detection.confidence > confidence) {
      best = importer;
      confidence = detection.confidence;
    }
  }
  return { best, reasons };
}

function verdict(foreign: ForeignContent | undefined): string {
  if (foreign === undefined) return 'is not in a format that KernelOracle reads:';
  const advice = foreign.advice === undefined ? '' : ` ${foreign.advice}`;
  return `cannot be opened: it is ${foreign.what}.${advice} The formats that are read:`;
}
