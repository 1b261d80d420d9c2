import { fileURLToPath } from 'node:url';
import { TraceSession } from '../analysis/traceSession.js';
import type { Progress } from '../base/progress.js';
import { importTrace } from '../trace/importTrace.js';
import type { EventStore } from '../trace/model/eventStore.js';
import { openInput } from '../trace/recording/openInput.js';
import { listOf, shortNames } from '../trace/recording/partNames.js';
import type { TraceInput } from '../trace/recording/recording.js';
import { SliceThreads } from '../workers/sliceThreads.js';
import { StatusLine } from './statusLine.js';

/** Options that every command which reads a trace has. */
export interface InputOptions {
  readonly format?: string;
  readonly quiet?: boolean;
}

/** The event model of a file, or of the files or the folder of a recording, with progress on stderr. */
export async function readStore(paths: readonly string[], options: InputOptions): Promise<EventStore> {
  const progress = new ProgressLine(options.quiet === true);
  const decoders = decoderThreads();
  try {
    const store = await importTrace(await openInput(paths), {
      decoders,
      ...(options.format === undefined ? {} : { format: options.format }),
      onProgress: (each) => progress.show(each),
    });
    progress.clear();
    complain(store);
    return store;
  } finally {
    decoders.close();
    progress.clear();
  }
}

/** As `readStore`, analysed; `input` where it was opened before. */
export async function readSession(
  paths: readonly string[],
  options: InputOptions,
  input?: TraceInput,
): Promise<TraceSession> {
  const session = new TraceSession(listOf(shortNames(paths)));
  const progress = new ProgressLine(options.quiet === true);
  const decoders = decoderThreads();
  try {
    await session.load(input ?? (await openInput(paths)), {
      decoders,
      ...(options.format === undefined ? {} : { format: options.format }),
      onUpdate: ({ doneBytes, totalBytes, events }) =>
        progress.show({ doneBytes, totalBytes: totalBytes ?? undefined, events }),
    });
  } finally {
    decoders.close();
    progress.clear();
  }
  complain(session.store);
  return session;
}

/** Threads beside this one, for large texts; their program lies beside the built command line. */
function decoderThreads(): SliceThreads {
  return new SliceThreads(fileURLToPath(new URL('sliceWorker.cjs', import.meta.url)));
}

/** What is wrong with the input belongs on stderr: it must not get into a table that is piped on. */
function complain(store: EventStore): void {
  for (const { severity, message, line, source } of store.diagnostics) {
    if (severity === 'info') continue;
    const file = source === undefined ? '' : `${source}: `;
    process.stderr.write(`${severity}: ${file}${line === undefined ? '' : `line ${line}: `}${message}\n`);
  }
}

/** How far reading has come. */
export class ProgressLine {
  readonly #line: StatusLine;

  constructor(quiet: boolean) {
    this.#line = new StatusLine(quiet);
  }

  show({ doneBytes, totalBytes, events }: Progress, what = 'events'): void {
    const share = totalBytes === undefined ? '' : `${((100 * doneBytes) / totalBytes).toFixed(0)} %, `;
    this.#line.show(`reading: ${share}${events} ${what}`);
  }

  clear(): void {
    this.#line.clear();
  }
}
