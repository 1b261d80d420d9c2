import { spawn } from 'node:child_process';
import { Failure } from '../../../base/errors.js';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
  /** Pieces of its standard output, as they come. */
  readonly onOutput?: (text: string) => void;
  /** Completes "… failed": what was being done. */
  readonly doing: string;
  /** What the user can do about it. */
  readonly remedy: string;
}

const LINES_SHOWN = 12;
const OUTPUT_CHARACTERS = 64 * 1024;

/**
 * Runs a program to its end; cancelled, it and all that it started are ended.
 * @returns what it wrote to its standard output
 * Failures: `not-found` when there is no such program, `bad-input` with the end of what it wrote, `cancelled`.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  const { cwd, signal, doing, remedy } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new Failure('cancelled', 'The work was cancelled.'));
      return;
    }
    // The leader of a group of its own: npm and compilers start programs of theirs.
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stdout = '';
    let all = '';
    const end = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
    };
    const take = (piece: string) => (all = (all + piece).slice(-OUTPUT_CHARACTERS));
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      stdout = (stdout + piece).slice(-OUTPUT_CHARACTERS);
      take(piece);
      options.onOutput?.(piece);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    signal?.addEventListener('abort', end, { once: true });
    child.on('error', (cause) => {
      signal?.removeEventListener('abort', end);
      reject(
        new Failure('not-found', `${doing} failed: ${command} is not there (${cause.message}). ${remedy}`, {
          cause,
        }),
      );
    });
    child.on('close', (status, signalName) => {
      signal?.removeEventListener('abort', end);
      if (signal?.aborted === true) reject(new Failure('cancelled', 'The work was cancelled.'));
      else if (status === 0) resolve(stdout);
      else {
        const how = status === null ? `ended by ${signalName ?? 'a signal'}` : `exit code ${status}`;
        const last = all.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
        reject(new Failure('bad-input', `${doing} failed (${command}, ${how}). ${remedy}\n${last}`));
      }
    });
  });
}
