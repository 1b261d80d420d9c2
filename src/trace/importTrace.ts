import type { ByteSource } from '../base/byteSource.js';
import { throwIfCancelled } from '../base/cancellation.js';
import { Failure, isFailure, messageOf } from '../base/errors.js';
import type { ProgressListener } from '../base/progress.js';
import { EventStore } from './model/eventStore.js';
import { readDirectory, readSource } from './recording/readSource.js';

export interface ImportOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
  /** Called after each step, with the store as it is so far: rows may be read, not kept by reference. */
  readonly onRows?: (store: EventStore) => void | Promise<void>;
  /** Importer name, to skip detection. */
  readonly format?: string;
}

/** What a user opens: a file, several that are one recording, or the path of a folder. */
export type TraceInput = ByteSource | readonly ByteSource[] | { readonly folder: string };

/**
 * Reads a whole recording into an event store, step by step, sorted by time at the end.
 *
 * When a source breaks off in the middle (truncated compression, a file that shrinks) after some events were
 * read, these are kept and the fault is an `error` diagnostic; when nothing was read, it is thrown. Cancellation
 * always throws. Failures: those of the byte source, `empty-input`, `unknown-format`, `bad-input`.
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
  report();
  return store;
}

interface Part {
  readonly name: string;
  readonly steps: AsyncGenerator<number>;
  readonly sizeBytes: number | undefined;
  doneBytes: number;
  /** Offset of the event read last; -Infinity before the first. */
  latestNs: number;
  isDone: boolean;
}

/** The files of a recording being read: in turn, always the one that is behind in time. */
class Recording {
  readonly name: string;
  readonly #parts: Part[];
  #isReserved = false;

  constructor(
    readonly store: EventStore,
    input: TraceInput,
    options: ImportOptions,
  ) {
    if ('folder' in input) {
      this.name = input.folder;
      this.#parts = [part(input.folder, undefined, readDirectory(input.folder, store, options))];
      return;
    }
    const sources: readonly ByteSource[] = 'chunks' in input ? [input] : input;
    if (sources.length === 0) throw new Failure('wrong-usage', 'No file was named.');
    if (sources.length > 1) store.sources.push(...sources.map(({ name }) => name));
    this.name = sources.map(({ name }) => name).join(', ');
    this.#parts = sources.map((source) =>
      part(source.name, source.sizeBytes, readSource(source, store, options)),
    );
  }

  get doneBytes(): number {
    return this.#parts.reduce((sum, { doneBytes }) => sum + doneBytes, 0);
  }

  get totalBytes(): number | undefined {
    let sum = 0;
    for (const { sizeBytes } of this.#parts) {
      if (sizeBytes === undefined) return undefined;
      sum += sizeBytes;
    }
    return sum;
  }

  /** Reads on; false when everything is read. */
  async step(): Promise<boolean> {
    const next = this.#furthestBehind();
    if (next === undefined) return false;
    const { store } = this;
    const index = this.#parts.indexOf(next);
    store.readFrom(index);
    const rowsBefore = store.length;
    const remarksBefore = store.diagnostics.length;
    try {
      const result = await next.steps.next();
      if (result.done === true) next.isDone = true;
      else next.doneBytes = result.value;
    } catch (error) {
      next.isDone = true;
      if (isFailure(error, 'cancelled') || store.length === 0 || !isFailure(error)) throw error;
      store.diagnostics.unshift({ severity: 'error', message: messageOf(error) });
    }
    if (next.isDone && next.sizeBytes !== undefined) next.doneBytes = next.sizeBytes;
    if (store.length > rowsBefore) next.latestNs = store.timeNs[store.length - 1]!;
    if (this.#parts.length > 1) {
      for (const remark of store.diagnostics.slice(remarksBefore)) remark.source = next.name;
    }
    this.#reserve();
    return true;
  }

  async close(): Promise<void> {
    for (const { steps } of this.#parts) await steps.return(0);
  }

  #furthestBehind(): Part | undefined {
    let behind: Part | undefined;
    for (const each of this.#parts) {
      if (!each.isDone && (behind === undefined || each.latestNs < behind.latestNs)) behind = each;
    }
    return behind;
  }

  /** From the density of events so far, reserves rows for the rest of the recording. */
  #reserve(): void {
    const { store, doneBytes, totalBytes } = this;
    if (this.#isReserved || store.length <= 10_000) return;
    this.#isReserved = true;
    if (totalBytes === undefined || doneBytes === 0) return;
    // A source of 2^30 rows would need 40 GB: cap what one misleading beginning can make us reserve.
    store.reserve(Math.min(2 ** 27, Math.ceil((store.length * 1.15 * totalBytes) / doneBytes)));
  }
}

function part(name: string, sizeBytes: number | undefined, steps: AsyncGenerator<number>): Part {
  return { name, sizeBytes, steps, doneBytes: 0, latestNs: -Infinity, isDone: false };
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
