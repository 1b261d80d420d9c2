import { throwIfCancelled } from '../base/cancellation.js';
import { Failure } from '../base/errors.js';
import type { ProgressListener } from '../base/progress.js';
import { EventStore } from './model/eventStore.js';
import type { SliceDecoders } from './recording/sliceDecoders.js';
import { Recording, type TraceInput } from './recording/recording.js';

export interface ImportOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
  /** Called after each step, with the store as it is so far: rows may be read, not kept by reference. */
  readonly onRows?: (store: EventStore) => void | Promise<void>;
  /** Importer name, to skip detection. */
  readonly format?: string;
  /** Who can decode large texts beside this thread; the caller closes them. */
  readonly decoders?: SliceDecoders;
}

/**
 * Reads a whole recording into an event store, step by step, sorted by time at the end.
 *
 * When a source breaks off in the middle (truncated compression, a file that shrinks) after some events were
 * read, these are kept and the fault is an `error` diagnostic; when nothing was read, it is thrown. Cancellation
 * always throws. Of several files, one that cannot be read at all is an `error` diagnostic, too. Failures: those of
 * the byte source, `wrong-usage` (the same file twice), `empty-input`, `unknown-format`, `bad-input`.
 */
export async function importTrace(input: TraceInput, options: ImportOptions = {}): Promise<EventStore> {
  const store = new EventStore();
  const recording = new Recording(store, input, options);
  const report = () =>
    options.onProgress?.({
      doneBytes: recording.doneBytes,
      totalBytes: recording.totalBytes,
      events: store.length,
    });
  try {
    while (await recording.step()) {
      throwIfCancelled(options.signal);
      report();
      await options.onRows?.(store);
    }
  } finally {
    await recording.close();
  }
  requireEvents(store, recording.name, recording.doneBytes);
  store.sortByTime();
  recording.finish();
  store.moveBase();
  report();
  return store;
}

function requireEvents(store: EventStore, name: string, doneBytes: number): void {
  if (store.length > 0) return;
  const skipped = store.diagnostics[0];
  const hint = skipped === undefined ? '' : ` First remark: ${skipped.message}`;
  throw new Failure(
    doneBytes === 0 ? 'empty-input' : 'bad-input',
    `${name} holds no scheduler events (sched_switch, sched_wakeup, …).${hint} Was the trace recorded with the sched events enabled?`,
  );
}
