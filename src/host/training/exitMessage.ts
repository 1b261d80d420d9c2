import type { TrainerExit } from './trainerProcess.js';

const RESUME = 'Resume goes on from its latest checkpoint.';
const SMALLER =
  'Make batchSize or windows.length of its configuration smaller, or the model, or close other programs.';

/** What to tell of a process that ended without a word of its own, and what to do about it. */
export function exitMessage({ status, signal, lastWords, startError }: TrainerExit): string {
  if (startError !== null) return `The process that trains cannot be started: ${startError.message}`;
  // V8 says so and aborts; so does an allocation that fails in native code.
  if (/out of memory|\bOOM\b|allocation failed|bad_alloc/i.test(lastWords)) {
    return `The process that trains ran out of memory. ${SMALLER} ${RESUME}`;
  }
  if (signal === 'SIGKILL') {
    return `The process that trains was killed, as the system does when memory runs out. ${SMALLER} ${RESUME}`;
  }
  const how = signal === null ? `with status ${status ?? '?'}` : `by ${signal}`;
  const lines = lastWords
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // Below what went wrong stands where.
  const reason = lines.findLast((line) => /\berror\b/i.test(line)) ?? lines.at(-1);
  return `The process that trains ended unexpectedly ${how}${reason === undefined ? '' : `: ${reason}`}. ${RESUME}`;
}
