import { fork } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { TIME_LIMIT_MS, type Job, type JobResult, type JobState } from './messages.js';

/** How a job ended: with its result, or without one because its process had to be ended or ended by itself. */
export type JobEnd =
  | { readonly kind: 'result'; readonly result: JobResult }
  | { readonly kind: 'hang' | 'crash'; readonly state: JobState; readonly message: string };

const LOOK_EVERY_MS = 500;
/** The heap's part of the memory that an input may take. */
const HEAP_LIMIT_MB = 512;
/** Wide enough for a machine that is busy with something else; what is suspected is measured again, alone. */
const PATIENCE_MS = 3 * TIME_LIMIT_MS;

/** Runs a job in a process of its own and ends it when one of its runs does not end. */
export async function runJob(workerPath: string, job: Job): Promise<JobEnd> {
  const child = fork(workerPath, [], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${HEAP_LIMIT_MB}`, '--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr!.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-4000)));
  const results: JobResult[] = [];
  child.once('message', (message) => results.push(message as JobResult));
  const stuck = new AbortController();
  let last = '';
  let since = performance.now();
  const watch = setInterval(() => {
    const now = stateText(job.statePath);
    if (now !== last) [last, since] = [now, performance.now()];
    else if (now !== '' && results.length === 0 && performance.now() - since > PATIENCE_MS) {
      stuck.abort();
      child.kill('SIGKILL');
    }
  }, LOOK_EVERY_MS);
  child.send(job);
  const ending = await new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  clearInterval(watch);
  const text = stateText(job.statePath);
  rmSync(job.statePath, { force: true });
  const [result] = results;
  if (result !== undefined) return { kind: 'result', result };
  if (text === '') throw new Error(`A fuzzing process ended before its first run (${ending}).\n${errors}`);
  const state = JSON.parse(text) as JobState;
  return stuck.signal.aborted
    ? { kind: 'hang', state, message: `no end after ${PATIENCE_MS} ms` }
    : { kind: 'crash', state, message: `the process ended (${ending})\n${errors}` };
}

function stateText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
