/** `media/remote/deploy.sh` on a machine: a word, its arguments and input; what it tells comes back as facts. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../base/errors.js';
import type { Connection } from '../connection.js';
import { parseFactLines } from '../preflight/factLines.js';
import { printableText } from '../printableText.js';
import type { RemoteContext } from '../remoteContext.js';
import { rootRights } from '../rootRights.js';
import { endOf, runCommand } from '../runCommand.js';
import { shellProgramWith, type Rights } from '../shellCommand.js';

export type ToldFacts = ReadonlyMap<string, string>;

export interface ProgramCall {
  /** Completes "… failed on HOST". */
  readonly what: string;
  readonly args: readonly [word: string, ...rest: string[]];
  readonly input?: Buffer;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const MAX_OUTPUT_BYTES = 256 * 1024;

/**
 * Runs it as root and returns what it told.
 * Failures: `remote-failed` (no root rights; it gave up, with its reason; it did not come to its end), and those of `runCommand`.
 */
export async function callProgram(
  connection: Connection,
  { programs }: RemoteContext,
  { what, args, input, timeoutMs = 60_000, signal }: ProgramCall,
): Promise<ToldFacts> {
  const rights = await rightsOver(connection, signal);
  const result = await runCommand(connection, what, shellProgramWith(rights, programs.text('deploy'), args), {
    ...(signal === undefined ? {} : { signal }),
    ...(input === undefined ? {} : { input }),
    timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  const { facts, isComplete } = parseFactLines(result.stdout);
  const why = facts.get('failed');
  if (why !== undefined) {
    throw new Failure('remote-failed', `${what} failed on ${connection.destination}: ${withStop(why)}`);
  }
  if (!isComplete) {
    throw new Failure(
      'remote-failed',
      `${what} did not come to its end on ${connection.destination}: ${withStop(endOf(result))}`,
    );
  }
  return facts;
}

/** How root rights are had, by connection: asking costs a command of its own. */
const known = new WeakMap<Connection, Rights>();

async function rightsOver(connection: Connection, signal: AbortSignal | undefined): Promise<Rights> {
  const rights = known.get(connection) ?? (await rootRights(connection, signal));
  known.set(connection, rights);
  return rights;
}

function withStop(text: string): string {
  const shown = printableText(text, 1500).trim();
  return /[.!?]$/.test(shown) ? shown : `${shown}.`;
}

/** Names one deployment on its machine, in its files and in the kernel's log. */
export function newDeploymentId(): string {
  return randomBytes(8).toString('hex');
}
