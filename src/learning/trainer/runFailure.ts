import { isFailure, messageOf } from '../../base/errors.js';
import type { TrainingConfig } from './config/config.js';

/** What to tell of a run that failed: what went wrong, and what to change. */
export function failureMessage(error: unknown, config: TrainingConfig, folder: string): string {
  const message = messageOf(error);
  if (isOutOfMemory(error)) {
    const { batchSize, windows } = config;
    return `${message} Make batchSize (now ${batchSize}) or windows.length (now ${windows.length}) smaller, or the model, or build the data set with a smaller vocabulary.`;
  }
  if (isFullDisk(error)) {
    return `The disk of ${folder} is full: free some space and resume the run. Its checkpoints are whole. (${message})`;
  }
  return message;
}

function isOutOfMemory(error: unknown): boolean {
  if (isFailure(error, 'too-large')) return true;
  return error instanceof RangeError && /allocation failed|out of memory/i.test(error.message);
}

function isFullDisk(error: unknown): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const { code } = each as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  }
  return false;
}
