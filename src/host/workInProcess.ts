import { fork } from 'node:child_process';
import { Failure } from '../base/errors.js';
import { becomeNice } from './niceProcess.js';

interface Failed {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
}

export interface ProcessWork<Command, Event extends { readonly kind: string }, Result> {
  /** Path of a built program with a `ChildEnd`; it says `ready` first. */
  readonly program: string;
  readonly command: Command | { readonly kind: 'cancel' };
  /** `null` for what is no event. */
  readonly read: (value: unknown) => Event | Failed | { readonly kind: 'ready' } | null;
  /** What the work came to; `undefined` for events that are not the last. */
  readonly resultOf: (event: Event) => Result | undefined;
  readonly signal: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** "Building the data set", "The process that builds the data set", and what to do when memory ran out. */
  readonly words: { readonly work: string; readonly process: string; readonly smaller: string };
}

/** How long one that was cancelled may take to put things in order. */
const PATIENCE_MS = 10_000;
const MAX_COMPLAINT = 2000;

/**
 * Has one piece of work done by a process of its own, niced, so that the editor's extensions go on meanwhile. It ends with the
 * editor. Failures: `cancelled`; `bad-input` with what the process tells; `too-large` when it ended without a word.
 */
export async function workInProcess<Command extends object, Event extends { readonly kind: string }, Result>(
  work: ProcessWork<Command, Event, Result>,
): Promise<Result> {
  const { program, command, read, resultOf, signal, environment = {}, nodeOptions = [], words } = work;
  const child = fork(program, {
    env: { ...process.env, ...environment, ELECTRON_RUN_AS_NODE: '1' },
    // The debugger of the extension host would want its port.
    execArgv: [...nodeOptions],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  if (child.pid !== undefined) becomeNice(child.pid);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  const tell = (message: object) => {
    if (child.connected) child.send(message, () => undefined);
  };
  let impatience: NodeJS.Timeout | undefined;
  const cancel = () => {
    tell({ kind: 'cancel' });
    impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await new Promise<Result>((resolve, reject) => {
      child.on('message', (value: unknown) => {
        const event = read(value);
        if (event === null) return;
        if (event.kind === 'ready') {
          tell(command);
          if (signal.aborted) cancel();
        } else if (isFailed(event)) reject(failureOf(event));
        else {
          const result = resultOf(event as Event);
          if (result !== undefined) resolve(result);
        }
      });
      child.on('error', (error) => reject(error));
      // What it said last arrives before `close`.
      child.on('close', (code, killer) => {
        reject(
          signal.aborted
            ? new Failure('cancelled', `${words.work} was cancelled.`)
            : new Failure('too-large', endText(words, code, killer, complaint)),
        );
      });
    });
  } finally {
    clearTimeout(impatience);
    signal.removeEventListener('abort', cancel);
    if (child.connected) child.disconnect();
  }
}

function isFailed(event: { readonly kind: string }): event is Failed {
  return event.kind === 'failed';
}

/** What callers react to is that it was cancelled; the rest is for the user. */
function failureOf({ code, message }: Failed): Error {
  if (code === 'unexpected') return new Error(message);
  return new Failure(code === 'cancelled' ? 'cancelled' : 'bad-input', message);
}

function endText(
  { process: name, smaller }: { readonly process: string; readonly smaller: string },
  code: number | null,
  killer: NodeJS.Signals | null,
  complaint: string,
): string {
  if (killer !== null || /heap out of memory/.test(complaint)) {
    return `${name} was ended (${killer ?? 'out of memory'}), as when memory runs short. ${smaller}`;
  }
  const last = complaint.trim().split('\n').at(-1) ?? '';
  return `${name} ended by itself (exit status ${code ?? 'unknown'})${last === '' ? '' : `: ${last}`}.`;
}
