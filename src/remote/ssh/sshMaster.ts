import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Disposable } from '../../base/disposable.js';
import { Failure, messageOf } from '../../base/errors.js';
import type { Prompter } from '../prompter.js';
import { printableText } from '../printableText.js';
import { quoteWord } from '../shellCommand.js';
import { Askpass } from './askpass.js';
import type { ResolvedHost } from './resolvedHost.js';
import type { SshSurroundings } from './sshOptions.js';
import { QuestionRelay } from './sshQuestions.js';
import { cancelled } from './transport.js';
import { Deadline } from './waiting.js';

const SOCKET_CHECK_MS = 25;
const MAX_COMPLAINT_LENGTH = 8_000;

/**
 * Ends ssh once the pipe at descriptor 3 closes, so that it does not outlive us, however we end. `wait` comes back with
 * 128 and more when the shell itself gets a signal. Nothing but ssh is looked for in PATH: where a program to watch the pipe
 * was missing, ssh would be ended before it could say anything.
 */
const TIED_TO_US = [
  '"$@" 3<&- & ssh=$!',
  '{ read -r _ <&3; kill "$ssh"; } 2>/dev/null & watch=$!',
  'wait "$ssh"; status=$?',
  'kill "$watch" 2>/dev/null; exit "$status"',
].join('\n');

export interface MasterParts {
  readonly host: ResolvedHost;
  /** Private to the user and short. */
  readonly folder: string;
  /** The socket of the connection to the host before; undefined: ssh gets there by its own configuration. */
  readonly through: string | undefined;
  readonly prompter: Prompter;
  readonly surroundings: SshSurroundings;
}

/** The system's ssh, logged in at one host, with a socket over which others start commands (ControlMaster). */
export class SshMaster implements Disposable {
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  #complaints = '';
  #hasEnded = false;

  private constructor(
    readonly socketPath: string,
    private readonly process: ChildProcess,
    private readonly askpass: Askpass,
  ) {
    process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-MAX_COMPLAINT_LENGTH);
    });
    process.stdio[3]!.on('error', () => undefined);
    // The one that watches the pipe waits for its end, too.
    process.once('exit', () => process.stdio[3]!.destroy());
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#hasEnded = true;
        resolve();
      };
      process.once('close', end);
      process.once('error', (error) => {
        this.#complaints += messageOf(error);
        end();
      });
    });
  }

  /** Failures: `connection-failed`, `host-key-refused`, `authentication-failed`, `timed-out`, `cancelled`. */
  static async open(parts: MasterParts, signal: AbortSignal | undefined): Promise<SshMaster> {
    const { host, folder, prompter, surroundings } = parts;
    const relay = new QuestionRelay(host, prompter);
    const stop = new AbortController();
    const deadline = new Deadline(() => {
      stop.abort();
    });
    const askpass = await Askpass.start(folder, (question) =>
      deadline.whilePaused(() => relay.answer(question)),
    );
    const socketPath = join(folder, 'm');
    const child = spawn('/bin/sh', ['-c', TIED_TO_US, 'sh', 'ssh', ...masterArguments(parts, socketPath)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...surroundings.environment, ...askpass.variables },
    });
    const master = new SshMaster(socketPath, child, askpass);
    const { connectMs, handshakeMs, authenticationMs } = surroundings.limits;
    const limitMs = (host.connectTimeoutMs ?? connectMs) + handshakeMs + authenticationMs;
    deadline.set(limitMs);
    try {
      const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
      if (await master.#isReady(either)) return master;
      if (signal?.aborted === true) throw cancelled(host);
      if (stop.signal.aborted) {
        throw new Failure(
          'timed-out',
          `${host.destination}: ssh does not finish the login within ${limitMs / 1000} s.`,
        );
      }
      throw relay.failure ?? failureOf(host, master.#complaints);
    } catch (error) {
      master.dispose();
      throw error;
    } finally {
      deadline.stop();
    }
  }

  /** In one line; for messages. */
  get complaint(): string {
    return lastLine(this.#complaints);
  }

  dispose(): void {
    (this.process.stdio[3] as Writable).destroy();
    this.askpass.dispose();
  }

  /** The socket appears once the login has succeeded. */
  async #isReady(stop: AbortSignal): Promise<boolean> {
    for (;;) {
      if (existsSync(this.socketPath)) return true;
      if (this.#hasEnded || stop.aborted) return false;
      await new Promise((resolve) => setTimeout(resolve, SOCKET_CHECK_MS));
    }
  }
}

function masterArguments({ host, through, surroundings }: MasterParts, socketPath: string): string[] {
  const { limits, configFile } = surroundings;
  const seconds = (milliseconds: number) => Math.max(1, Math.round(milliseconds / 1000));
  const options = [
    'ControlMaster=yes',
    'ControlPersist=no',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'RemoteCommand=none',
    'RequestTTY=no',
    'PermitLocalCommand=no',
    'LogLevel=ERROR',
    `ConnectTimeout=${seconds(host.connectTimeoutMs ?? limits.connectMs)}`,
    `ServerAliveInterval=${seconds(host.keepAliveIntervalMs ?? limits.keepAliveIntervalMs)}`,
    `ServerAliveCountMax=${host.keepAliveCount ?? limits.keepAliveCount}`,
    // No configuration makes it less careful than asking.
    ...(host.unknownHostKeys === 'ask' ? ['StrictHostKeyChecking=ask'] : []),
    ...(through === undefined ? [] : [`ProxyCommand=${throughCommand(through)}`]),
  ];
  const { user, port, host: name } = host.asked;
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...['-N', '-T', '-S', socketPath],
    ...options.flatMap((option) => ['-o', option]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    name,
  ];
}

/** A command for ProxyCommand, in which a per cent sign begins a token. */
function throughCommand(socketPath: string): string {
  return `ssh -F none -S ${quoteWord(socketPath).replaceAll('%', '%%')} -o ProxyCommand=false -W '[%h]:%p' hop`;
}

function failureOf({ destination }: ResolvedHost, complaints: string): Failure {
  const text = printableText(complaints, MAX_COMPLAINT_LENGTH);
  const failed = (code: ConstructorParameters<typeof Failure>[0], what: string) =>
    new Failure(code, `${destination}: ${what}.`);
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY|revoked key/i.test(text)) {
    const old = /(?:Offending|Revoked|Host key).*? in (\S+):(\d+)/i.exec(text);
    const place = old === null ? '' : ` (${old[1]!}, line ${old[2]!})`;
    return failed(
      'host-key-refused',
      `its host key has changed or is revoked${place}: another machine may pose as it. If it was installed anew, remove the old key with ssh-keygen -R`,
    );
  }
  if (/host key verification failed|no .*host key is known|host key.*(?:mismatch|refused)/i.test(text)) {
    return failed('host-key-refused', `ssh does not trust its host key: ${lastLine(text)}`);
  }
  if (/too many authentication failures/i.test(text)) {
    return failed(
      'authentication-failed',
      'it counts every key that is offered, and there were too many. Set IdentitiesOnly yes for it',
    );
  }
  if (/permission denied|authentication (?:failed|methods)/i.test(text)) {
    return failed('authentication-failed', `it refused the login: ${lastLine(text)}`);
  }
  if (/timed out|timeout/i.test(text)) return failed('timed-out', `it does not answer: ${lastLine(text)}`);
  if (/ENOENT|ssh: not found/.test(text)) {
    return failed('connection-failed', 'the program ssh is not installed here (package openssh-client)');
  }
  return failed('connection-failed', `ssh cannot connect: ${lastLine(text)}`);
}

function lastLine(text: string): string {
  const lines = printableText(text, MAX_COMPLAINT_LENGTH)
    .split('\n')
    .map((line) => line.trim());
  return lines.filter((line) => line !== '').at(-1) ?? 'it says nothing';
}
