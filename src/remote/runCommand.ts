import type { Readable } from 'node:stream';
import { Failure } from '../base/errors.js';
import type { Connection, RemoteExit, RemoteProcess } from './connection.js';
import { printableText } from './printableText.js';
import type { ShellCommand } from './shellCommand.js';

export interface RunLimits {
  /** After that the channel is closed and the failure is `timed-out`. */
  readonly timeoutMs: number;
  /** A machine that prints more of either output fails with `too-large`. */
  readonly maxOutputBytes: number;
}

export const USUAL_LIMITS: RunLimits = { timeoutMs: 30_000, maxOutputBytes: 4 * 1024 * 1024 };

export interface RunResult extends RemoteExit {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a short command and collects what it prints, as UTF-8; whatever its exit status is.
 * @param what completes "… took longer than 30 s on HOST"
 */
export async function runCommand(
  connection: Connection,
  what: string,
  command: ShellCommand,
  {
    input = '',
    signal,
    ...limits
  }: Partial<RunLimits> & { input?: string | Buffer; signal?: AbortSignal } = {},
): Promise<RunResult> {
  const { timeoutMs, maxOutputBytes } = { ...USUAL_LIMITS, ...limits };
  const place = `on ${connection.destination}`;
  const timer = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? timer : AbortSignal.any([timer, signal]);
  const stopped = () =>
    signal?.aborted === true
      ? new Failure('cancelled', `${what} ${place} was cancelled.`)
      : new Failure('timed-out', `${what} took longer than ${timeoutMs / 1000} s ${place}.`);
  let process: RemoteProcess;
  try {
    process = await connection.start(command, stop);
  } catch (error) {
    throw stop.aborted ? stopped() : error;
  }
  const interrupted = new Promise<never>((_resolve, reject) => {
    const interrupt = () => {
      reject(stopped());
    };
    if (stop.aborted) interrupt();
    else stop.addEventListener('abort', interrupt, { once: true });
  });
  try {
    process.stdin.on('error', () => undefined); // It may end without reading its input; the exit tells.
    process.stdin.end(input);
    const all = Promise.all([
      collect(process.stdout, maxOutputBytes, `${what} ${place}`),
      collect(process.stderr, maxOutputBytes, `${what} ${place}`),
      process.exit,
    ]);
    const [stdout, stderr, exit] = await Promise.race([all, interrupted]);
    return { ...exit, stdout, stderr };
  } catch (error) {
    process.close();
    throw error;
  }
}

/** The same, with the failure `remote-failed` for any exit status but 0; returns what it printed. */
export async function outputOf(...args: Parameters<typeof runCommand>): Promise<string> {
  const [connection, what] = args;
  const result = await runCommand(...args);
  if (result.code === 0) return result.stdout;
  throw new Failure('remote-failed', `${what} failed on ${connection.destination}: ${endOf(result)}`);
}

/** Why a command failed, in one line that is safe to show: the last line it complained with, or how it ended. */
export function endOf({ code, signal, stderr }: RemoteExit & { readonly stderr: string }): string {
  const lines = printableText(stderr, 2000)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.at(-1) ?? (signal === null ? `exit status ${code ?? 'unknown'}` : `killed by SIG${signal}`);
}

async function collect(stream: Readable, maxBytes: number, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new Failure('too-large', `${what} printed more than ${maxBytes} bytes; the rest was not read.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
