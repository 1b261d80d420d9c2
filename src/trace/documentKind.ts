import type { ByteSource } from '../base/byteSource.js';
import { decompress } from './compression.js';
import { DETECTION_BYTES } from './detect.js';
import { looksLikeMigrationRecords } from './migrations/recordHeader.js';

/** What a file is opened as: events of the scheduler on a timeline, or a table of load balancer decisions. */
export type DocumentKind = 'trace' | 'migrationRecords';

export interface RecognisedDocument {
  readonly kind: DocumentKind;
  /** To read from: the same bytes from the beginning, also where the source cannot be read twice. */
  readonly source: ByteSource;
}

/**
 * Looks at the beginning of a source, decompressed, and says what kind of document it is. What is not known to be migration
 * records is a trace: reading it as one says what it is instead. Failures: those of opening the source.
 */
export async function recogniseDocument(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<RecognisedDocument> {
  const replay = new Replay(source, signal);
  const head = await headOf(replay.peeked(), source.name);
  const kind = looksLikeMigrationRecords(head) ? 'migrationRecords' : 'trace';
  if (source.sizeBytes === undefined) return { kind, source: replay.whole() };
  await replay.close();
  return { kind, source };
}

/** The first decompressed bytes. Damage ends them early: whoever reads the whole reports it. */
async function headOf(chunks: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const head = new Uint8Array(DETECTION_BYTES);
  let length = 0;
  const expanded = decompress(chunks, name);
  try {
    while (length < DETECTION_BYTES) {
      const next = await expanded.next();
      if (next.done === true) break;
      const part = next.value.subarray(0, DETECTION_BYTES - length);
      head.set(part, length);
      length += part.length;
    }
  } catch (error) {
    if (length === 0) throw error;
  } finally {
    await expanded.return(undefined);
  }
  return head.subarray(0, length);
}

/** Keeps what was pulled from a pipe, to give it out again before the rest. */
class Replay {
  readonly #source: ByteSource;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #kept: Uint8Array[] = [];

  constructor(source: ByteSource, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#chunks = source.chunks(signal)[Symbol.asyncIterator]();
  }

  /** The source from its beginning; ending early leaves it open. */
  async *peeked(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return;
      this.#kept.push(next.value.slice());
      yield next.value;
    }
  }

  whole(): ByteSource {
    const { name, sizeBytes } = this.#source;
    return { name, sizeBytes, chunks: () => this.#all() };
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async *#all(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#kept.splice(0);
      for (;;) {
        const next = await this.#chunks.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await this.close();
    }
  }
}
