import type { ByteSource } from '../base/byteSource.js';
import { throwIfCancelled } from '../base/cancellation.js';
import { Failure, isFailure, messageOf } from '../base/errors.js';
import type { ProgressListener } from '../base/progress.js';
import { decompress } from './compression.js';
import { DETECTION_BYTES, detectFormat } from './detect.js';
import { FORMATS } from './formats.js';
import type { Importer, ImportSession } from './importers/importer.js';
import { EventStore } from './model/eventStore.js';

export interface ImportOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
  /** Called after each chunk, with the store as it is so far: rows may be read, not kept by reference. */
  readonly onRows?: (store: EventStore) => void | Promise<void>;
  /** Importer name, to skip detection. */
  readonly format?: string;
}

/**
 * Reads a whole source into an event store, chunk by chunk, sorted by time at the end.
 *
 * When the source breaks off in the middle (truncated compression, a file that shrinks) after some events were
 * read, these are kept and the fault is an `error` diagnostic; when nothing was read, it is thrown. Cancellation
 * always throws. Failures: those of the byte source, `empty-input`, `unknown-format`, `bad-input`.
 */
export async function importTrace(source: ByteSource, options: ImportOptions = {}): Promise<EventStore> {
  const store = new EventStore();
  const feed = new Feed(source, store, options);
  let doneBytes = 0;
  const raw = counted(source.chunks(options.signal), (bytes) => (doneBytes += bytes));
  const report = () =>
    options.onProgress?.({ doneBytes, totalBytes: source.sizeBytes, events: store.length });
  try {
    for await (const chunk of decompress(raw, source.name)) {
      throwIfCancelled(options.signal);
      feed.push(chunk, doneBytes);
      report();
      await options.onRows?.(store);
    }
    feed.end();
  } catch (error) {
    if (isFailure(error, 'cancelled') || store.length === 0 || !isFailure(error)) throw error;
    store.diagnostics.unshift({ severity: 'error', message: messageOf(error) });
  }
  requireEvents(store, source.name, doneBytes);
  store.sortByTime();
  report();
  return store;
}

/** Gathers the beginning for detection, then passes everything on to the chosen importer. */
class Feed {
  #session: ImportSession | undefined;
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #reserved = false;

  constructor(
    readonly source: ByteSource,
    readonly store: EventStore,
    readonly options: ImportOptions,
  ) {}

  push(chunk: Uint8Array, doneBytes: number): void {
    if (this.#session !== undefined) this.#session.push(chunk);
    else {
      this.#head.push(chunk.slice());
      this.#headBytes += chunk.length;
      if (this.#headBytes >= DETECTION_BYTES) this.#begin();
    }
    if (!this.#reserved && this.store.length > 10_000) this.#reserve(doneBytes);
  }

  end(): void {
    if (this.#session === undefined) this.#begin();
    this.#session?.end();
  }

  #begin(): void {
    if (this.#headBytes === 0) {
      throw new Failure('empty-input', `${this.source.name} is empty: there is nothing to show.`);
    }
    const head = joined(this.#head, this.#headBytes);
    this.#head = [];
    const importer = this.#importer(head.subarray(0, DETECTION_BYTES));
    this.store.metadata.format = importer.name;
    this.#session = importer.begin(this.store);
    this.#session.push(head);
  }

  #importer(head: Uint8Array): Importer {
    const { format } = this.options;
    if (format === undefined) return detectFormat(head, this.source.name);
    const named = FORMATS.find((each) => each.name === format);
    if (named !== undefined) return named;
    throw new Failure(
      'wrong-usage',
      `There is no format "${format}". Known: ${FORMATS.map((each) => each.name).join(', ')}.`,
    );
  }

  /** From the density of events so far, reserves rows for the rest of the source. */
  #reserve(doneBytes: number): void {
    this.#reserved = true;
    const { sizeBytes } = this.source;
    if (sizeBytes === undefined || doneBytes === 0) return;
    // A source of 2^30 rows would need 40 GB: cap what one misleading beginning can make us reserve.
    this.store.reserve(Math.min(2 ** 27, Math.ceil((this.store.length * 1.15 * sizeBytes) / doneBytes)));
  }
}

/** A plain Uint8Array, not a Buffer: the scanners' inner loops stay fast while they see one class only. */
function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
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
