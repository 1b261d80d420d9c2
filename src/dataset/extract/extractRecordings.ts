import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, isFailure } from '../../base/errors.js';
import type { SliceDecoders } from '../../trace/recording/sliceDecoders.js';
import type { DataSetMeta } from '../files/dataSetMeta.js';
import { findInputs, type Input } from './findInputs.js';
import { readRecordings, type ExtractedRecording } from './readRecordings.js';
import type { Symbols } from './switchRows.js';

export type LeftOut = DataSetMeta['leftOut'][number];

export interface ExtractRequest {
  /** Files and folders. */
  readonly paths: readonly string[];
  readonly symbols: Symbols;
  readonly perCpu: boolean;
  /** For every recording, whatever it says itself. */
  readonly category: string | null;
  readonly decoders?: SliceDecoders | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called while a file is read. */
  readonly onProgress?: ((path: string, done: number, total: number) => void) | undefined;
}

/**
 * All recordings that files and folders hold, one after the other; of each only its switches are kept. Failures: those of
 * reading a file that was named, `bad-input` when there is none at all, `cancelled`; a file of a folder that is no recording
 * is passed over and told.
 */
export async function extractRecordings(
  request: ExtractRequest,
): Promise<{ readonly recordings: ExtractedRecording[]; readonly leftOut: LeftOut[] }> {
  const { symbols, perCpu, category, decoders, signal } = request;
  const inputs = await findInputs(request.paths);
  const recordings: ExtractedRecording[] = [];
  const leftOut: LeftOut[] = [];
  for (const [done, input] of inputs.entries()) {
    throwIfCancelled(signal);
    const onProgress = () => request.onProgress?.(input.path, done, inputs.length);
    onProgress();
    try {
      const options = { symbols, perCpu, category, decoders, signal, onProgress };
      for (const recording of await readRecordings(input, options)) {
        if (recording.stretches.length > 0) recordings.push(recording);
        else requireUnnamed(input, leftOut);
      }
    } catch (error) {
      if (input.isNamed || !isFailure(error) || !isNoRecording(error)) throw error;
      leftOut.push({ path: input.path, reason: error.message.split('\n')[0]! });
    }
  }
  if (recordings.length > 0) return { recordings, leftOut };
  const reasons = leftOut.slice(0, 5).map(({ path, reason }) => `  - ${path}: ${reason}`);
  throw new Failure(
    'bad-input',
    `No recording was found in ${request.paths.join(', ')}:\n${reasons.join('\n')}`,
  );
}

function requireUnnamed({ path, isNamed }: Input, leftOut: LeftOut[]): void {
  const reason = 'It has no two switches of tasks (sched_switch) that follow each other.';
  if (isNamed) throw new Failure('bad-input', `${path} cannot be learned from. ${reason}`);
  leftOut.push({ path, reason });
}

/** What is expected among the files of a folder: notes, scripts, recordings that hold nothing. */
function isNoRecording({ code }: Failure): boolean {
  return code === 'unknown-format' || code === 'empty-input' || code === 'bad-input';
}
