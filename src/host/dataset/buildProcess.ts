import { fork } from 'node:child_process';
import { Failure } from '../../base/errors.js';
import {
  readBuilderEvent,
  type BuildCommand,
  type BuilderCommand,
  type BuildSummary,
} from '../../workers/dataSetBuilderMessages.js';
import type { BuildProgress } from '../../dataset/buildDataSet.js';
import { becomeNice } from '../niceProcess.js';

export interface BuildOptions {
  /** Path of the built `dataSetBuilder`. */
  readonly program: string;
  readonly command: BuildCommand;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BuildProgress) => void;
}

/** How long one that was cancelled may take to put things in order. */
const PATIENCE_MS = 10_000;
const MAX_COMPLAINT = 2000;

/**
 * Builds a data set in a process of its own, so that the editor's extensions go on meanwhile. It ends with the editor.
 * Failures: `cancelled`; `bad-input` with the message of `buildDataSet`; `too-large` when the process ended without a word.
 */
export async function buildInProcess({
  program,
  command,
  signal,
  onProgress,
}: BuildOptions): Promise<BuildSummary> {
  const child = fork(program, {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    // The debugger of the extension host would want its port.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  if (child.pid !== undefined) becomeNice(child.pid);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  const tell = (message: BuilderCommand) => {
    if (child.connected) child.send(message, () => undefined);
  };
  let impatience: NodeJS.Timeout | undefined;
  const cancel = () => {
    tell({ kind: 'cancel' });
    impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await new Promise<BuildSummary>((resolve, reject) => {
      child.on('message', (value: unknown) => {
        const event = readBuilderEvent(value);
        if (event === null) return;
        if (event.kind === 'ready') {
          tell(command);
          if (signal.aborted) cancel();
        } else if (event.kind === 'progress') onProgress(event.progress);
        else if (event.kind === 'built') resolve(event.summary);
        else reject(failureOf(event.code, event.message));
      });
      child.on('error', (error) => reject(error));
      // What it said last arrives before `close`.
      child.on('close', (code, killer) => {
        reject(
          signal.aborted
            ? new Failure('cancelled', 'Building the data set was cancelled.')
            : new Failure('too-large', endText(code, killer, complaint)),
        );
      });
    });
  } finally {
    clearTimeout(impatience);
    signal.removeEventListener('abort', cancel);
    if (child.connected) child.disconnect();
  }
}

/** What callers react to is that it was cancelled; the rest is for the user. */
function failureOf(code: string, message: string): Error {
  if (code === 'unexpected') return new Error(message);
  return new Failure(code === 'cancelled' ? 'cancelled' : 'bad-input', message);
}

function endText(code: number | null, killer: NodeJS.Signals | null, complaint: string): string {
  if (killer !== null || /heap out of memory/.test(complaint)) {
    return `The process that builds the data set was ended (${killer ?? 'out of memory'}), as when memory runs short. Build it of fewer recordings, or with "kernel-oracle dataset build" on a machine with more memory.`;
  }
  const last = complaint.trim().split('\n').at(-1) ?? '';
  return `The process that builds the data set ended by itself (exit status ${code ?? 'unknown'})${last === '' ? '' : `: ${last}`}.`;
}
