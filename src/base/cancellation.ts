import { Failure } from './errors.js';

/** Throws the failure `cancelled` once the signal is aborted. Cancellation is an AbortSignal everywhere. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Failure('cancelled', 'The work was cancelled.');
}
