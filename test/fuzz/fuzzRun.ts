import { bytesSource } from '../../src/base/byteSource.js';
import { isFailure, type Failure, type FailureCode } from '../../src/base/errors.js';
import { FORMATS } from '../../src/trace/formats.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { randomNumbers, seedOf } from '../support/randomNumbers.js';
import { DefectError } from './defect.js';
import type { FuzzInput } from './fuzzInput.js';
import { exportAll, lookAt, reportOn } from './lookAround.js';
import { checkStore } from './storeInvariants.js';

/** How a run ended that found nothing wrong: with a model, or with the failure of this code. */
export type FuzzOutcome = 'store' | FailureCode;

/** What bytes alone can lead to; any other code blames the user or the machine for them. */
const EXPECTED_CODES: ReadonlySet<FailureCode> = new Set([
  'bad-input',
  'empty-input',
  'unknown-format',
  'too-large',
]);
/** Where in the file: "at byte 4,096", "Line 12", "record 7", "its page 3", or which file of several. */
const PLACE =
  /\b(?:bytes?|offset|lines?|records?|pages?|rows?|packets?|chunks?|sections?|blocks?)\b[^.]*\d|\bfiles? \S/i;
/** What the file is, or lacks, as a whole: that has no place in it. */
const OF_THE_WHOLE =
  /\b(?:holds no|has no|have no|describes none|but none with|does not begin|is one file of a|of version|are missing)\b/;

/**
 * Reads the input as `format`, or by detection, and looks at what came out. Throws whatever is thrown that is no
 * `Failure`, and a `DefectError` for a failure or a model that is not as promised.
 */
export async function fuzzRun(format: string, input: FuzzInput): Promise<FuzzOutcome> {
  let store: EventStore;
  try {
    store = await importTrace(
      bytesSource('fuzzed', input.bytes, input.chunkBytes),
      input.byDetection ? {} : { format },
    );
  } catch (error) {
    if (!isFailure(error)) throw error;
    checkFailure(error, format, input.byDetection);
    return error.code;
  }
  checkStore(store);
  if (input.isLookedAt) {
    lookAt(store, randomNumbers(seedOf(input.bytes.length)));
    reportOn(store);
  }
  if (input.isExported) await exportAll(store);
  return 'store';
}

function checkFailure({ code, message }: Failure, format: string, byDetection: boolean): void {
  if (message.trim() === '') throw new DefectError(`a failure ${code} without a word`);
  if (!EXPECTED_CODES.has(code) && !isWrongUse(message))
    throw new DefectError(`a failure ${code}: ${message}`);
  const isBinary = FORMATS.find(({ name }) => name === format)?.kind !== 'stream';
  if (
    code === 'bad-input' &&
    isBinary &&
    !byDetection &&
    !PLACE.test(message) &&
    !OF_THE_WHOLE.test(message)
  ) {
    throw new DefectError(`a failure that does not tell where: ${message}`);
  }
}

/** The fuzzer itself names a format for bytes that may have become an archive. */
function isWrongUse(message: string): boolean {
  return /is read from a single file, and .* is a folder/.test(message);
}
