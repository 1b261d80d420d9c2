import { isFailure } from '../base/errors.js';

/**
 * Work that Ctrl+C, or a polite kill, ends in order: what it began to write is taken away. The exit status is then 130.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const cancel = new AbortController();
  const onInterrupt = () => cancel.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    return await work(cancel.signal);
  } catch (error) {
    if (isFailure(error, 'cancelled')) process.exitCode = 130;
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    process.removeListener('SIGTERM', onInterrupt);
  }
}
