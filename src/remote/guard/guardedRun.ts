import { randomBytes } from 'node:crypto';
import { Failure } from '../../base/errors.js';
import { shellProgramWith, type ShellCommand } from '../shellCommand.js';
import type { GuardOptions, StartGuarded } from './guardedProgram.js';
import { GuardSession } from './guardSession.js';

export type {
  GuardedEnd,
  GuardedProgram,
  GuardedRun,
  GuardOptions,
  GuardStatus,
  StartGuarded,
} from './guardedProgram.js';

const DEFAULTS: Required<GuardOptions> = {
  heartbeatMs: 2000,
  silenceMs: 8000,
  startMs: 30_000,
  endMs: 30_000,
};

/**
 * Starts a program under the guard; resolves when the guard stands and the program was told to start.
 * Failures: those of `Connection.start`, `remote-failed` (no sudo, a tool is missing), `timed-out`, `too-large`.
 */
export const startGuarded: StartGuarded = async (connection, programs, program, options = {}) => {
  const limits = { ...DEFAULTS, ...options };
  const nonce = randomBytes(16).toString('hex');
  const token = randomBytes(8).toString('hex');
  const silence = String(Math.ceil(limits.silenceMs / 1000));
  const command = shellProgramWith(program.rights, LAUNCH, [
    withoutComments(programs.text('guard')),
    nonce,
    token,
    silence,
    withoutComments(programs.text(program.program)),
    ...program.args,
  ]);
  checkLength(command, `${program.what} on ${connection.destination}`);
  const process = await connection.start(command);
  const session = new GuardSession(process, nonce, `${program.what} on ${connection.destination}`, limits);
  await session.start();
  return session;
};

/** The shell starts anew with a mark in its environment: only that of a program's start can be seen from outside. */
const LAUNCH =
  'KO_MAIN=$3; export KO_MAIN; ko_text=$1; shift; exec sh -c "$ko_text" kernel-oracle main "$ko_text" "$@"';

/** Linux takes no longer argument (MAX_ARG_STRLEN), and sshd hands the command line over as one. */
const LONGEST_COMMAND = 128 * 1024 - 1;

function checkLength(command: ShellCommand, what: string): void {
  if (command.length <= LONGEST_COMMAND) return;
  throw new Failure(
    'too-large',
    `${what} needs a command line of ${command.length} bytes, and Linux takes at most ${LONGEST_COMMAND}. Shorten its arguments.`,
  );
}

function withoutComments(text: string): string {
  return text.replace(/^\s*(?:#.*)?\n/gm, '');
}
