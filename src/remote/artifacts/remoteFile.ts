import { Failure } from '../../base/errors.js';
import type { Connection } from '../connection.js';
import type { RemotePrograms } from '../remotePrograms.js';
import { endOf, runCommand } from '../runCommand.js';
import { shellProgramWith, type Rights, type ShellCommand } from '../shellCommand.js';
import type { RemoteFileIdentity } from './partialDownload.js';

/** A machine says less than this about a file. */
const MAX_ANSWER_BYTES = 16_384;

/** A file on a machine, as far as `media/remote/fetch.sh` asks about it. */
export class RemoteFile {
  constructor(
    private readonly programs: RemotePrograms,
    readonly path: string,
    private readonly rights: Rights,
  ) {}

  /**
   * Which file it is, in which state.
   * Failures: `file-not-found`, `file-is-directory`, `permission-denied`, `bad-input` (a device or the like),
   * `remote-failed`.
   */
  async identity(connection: Connection, signal?: AbortSignal): Promise<RemoteFileIdentity> {
    const what = `Asking about ${this.path}`;
    const {
      code,
      signal: ending,
      stdout,
      stderr,
    } = await this.#ask(connection, what, 'facts', 30_000, signal);
    const answer = stdout.trim();
    const file = /^file (\d{1,15}) (\d{1,20}) ([0-9][0-9:.+\- ]{0,60})$/.exec(answer);
    if (code === 0 && file !== null) {
      return {
        source: `${connection.destination} ${this.path}`,
        sizeBytes: Number(file[1]),
        inode: file[2]!,
        modified: file[3]!,
      };
    }
    const place = `${this.path} on ${connection.destination}`;
    switch (answer) {
      case 'missing':
        throw new Failure('file-not-found', `There is no ${place}.`);
      case 'directory':
        throw new Failure(
          'file-is-directory',
          `${place} is a folder. Only files can be downloaded; pack it there first, for example with tar.`,
        );
      case 'other':
        throw new Failure('bad-input', `${place} is no regular file; only such can be downloaded.`);
      case 'unreachable':
      case 'unreadable':
        throw new Failure(
          'permission-denied',
          `${place} cannot be read by this user. Download it with root's rights, or change its permissions.`,
        );
      default: {
        const why =
          code === 0 ? 'the answer is none that is expected' : endOf({ code, signal: ending, stderr });
        throw new Failure('remote-failed', `${what} failed on ${connection.destination}: ${why}.`);
      }
    }
  }

  /** Its SHA-256 as the machine computes it, hexadecimal. */
  async digest(connection: Connection, sizeBytes: number, signal?: AbortSignal): Promise<string> {
    const what = `Computing the SHA-256 of ${this.path}`;
    // Even a slow board reads and digests 5 MB a second.
    const timeoutMs = 60_000 + sizeBytes / 5000;
    const result = await this.#ask(connection, what, 'digest', timeoutMs, signal);
    const digest = /^([0-9a-f]{64})\b/.exec(result.stdout);
    if (result.code === 0 && digest !== null) return digest[1]!;
    const why = result.code === 0 ? 'the answer is no digest' : endOf(result);
    throw new Failure('remote-failed', `${what} failed on ${connection.destination}: ${why}.`);
  }

  /** The command that prints it from this byte on. */
  content(fromByte: number): ShellCommand {
    const args = fromByte === 0 ? ['content', this.path] : ['from', this.path, String(fromByte)];
    return shellProgramWith(this.rights, this.programs.text('fetch'), args);
  }

  async #ask(
    connection: Connection,
    what: string,
    question: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): ReturnType<typeof runCommand> {
    const command = shellProgramWith(this.rights, this.programs.text('fetch'), [question, this.path]);
    return runCommand(connection, what, command, {
      timeoutMs: Math.round(timeoutMs),
      maxOutputBytes: MAX_ANSWER_BYTES,
      ...(signal !== undefined && { signal }),
    });
  }
}
