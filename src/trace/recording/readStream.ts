import { NEWLINE } from '../importers/text/bytes.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import type { ImportSession, StreamImporter } from '../importers/importer.js';
import type { EventStore } from '../model/eventStore.js';
import type { SliceDecoders, SliceResult } from './sliceDecoders.js';

/** Stretches for the decoders: some 30 ms of work, and small enough that a few at a time cost little memory. */
const SLICE_BYTES = 4 * 1024 * 1024;

/** Reads a text format from front to back; after each piece it tells what `doneBytes` says. */
export async function* readStream(
  importer: StreamImporter,
  chunks: AsyncIterable<Uint8Array>,
  doneBytes: () => number,
  store: EventStore,
  decoders: SliceDecoders | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  const session = importer.begin(store);
  if (decoders === undefined || importer.decodeSlice === undefined || session.adopt === undefined) {
    for await (const chunk of chunks) {
      session.push(chunk);
      yield doneBytes();
    }
  } else {
    yield* readSlices(importer.name, session, chunks, doneBytes, decoders, signal);
  }
  session.end();
}

/**
 * The decoders work ahead on the next stretches while the results are put together in order. The first chunk, with the
 * file's header, and the rest behind the last line end are read here.
 */
async function* readSlices(
  format: string,
  session: ImportSession,
  chunks: AsyncIterable<Uint8Array>,
  doneBytes: () => number,
  decoders: SliceDecoders,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  const cutter = new SliceCutter();
  const ahead: Promise<SliceResult>[] = [];
  const takeOne = async () => {
    const { bytes, slice } = await ahead.shift()!;
    throwIfCancelled(signal);
    if (slice === undefined || session.adopt?.(slice) !== true) session.push(bytes);
    cutter.recycle(bytes);
  };
  let isFirst = true;
  try {
    for await (const chunk of chunks) {
      if (isFirst) {
        isFirst = false;
        session.push(cutter.upToLastLine(chunk));
        yield doneBytes();
        continue;
      }
      const bytes = cutter.add(chunk);
      if (bytes === undefined) continue;
      ahead.push(decoders.decode(format, bytes));
      if (ahead.length <= decoders.count) continue;
      await takeOne();
      yield doneBytes();
    }
    while (ahead.length > 0) {
      await takeOne();
      yield doneBytes();
    }
    session.push(cutter.rest());
  } finally {
    // Whoever gave up does not want to hear of the others any more.
    for (const result of ahead) result.catch(() => undefined);
  }
}

/** Gathers chunks into stretches that end with a line end, in a few buffers used over and over. */
class SliceCutter {
  readonly #free: ArrayBuffer[] = [];
  #buffer = new Uint8Array(2 * SLICE_BYTES);
  #length = 0;

  /** The part of a chunk up to its last line end; the rest is kept. */
  upToLastLine(chunk: Uint8Array): Uint8Array {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    this.#keep(chunk.subarray(end));
    return chunk.subarray(0, end);
  }

  /** A stretch when enough has come together. */
  add(chunk: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0 || this.#length + end < SLICE_BYTES) {
      this.#keep(chunk);
      return undefined;
    }
    this.#keep(chunk.subarray(0, end));
    const slice = this.rest();
    this.#buffer = new Uint8Array(this.#free.pop() ?? new ArrayBuffer(2 * SLICE_BYTES));
    this.#length = 0;
    this.#keep(chunk.subarray(end));
    return slice;
  }

  /** What is left at the end. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The bytes of a stretch are not needed any more. */
  recycle({ buffer }: Uint8Array<ArrayBuffer>): void {
    this.#free.push(buffer);
  }

  #keep(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.rest());
      this.#buffer = larger;
    }
    this.#buffer.set(part, this.#length);
    this.#length = needed;
  }
}
