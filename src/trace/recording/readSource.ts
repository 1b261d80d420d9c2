import type { ByteSource } from '../../base/byteSource.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure } from '../../base/errors.js';
import { Spool, type RandomAccess } from '../../base/randomAccess.js';
import { decompress, isCompressed } from '../compression.js';
import { DETECTION_BYTES, detectFolder, detectFormat, importerNamed } from '../detect.js';
import type { FolderImporter, Importer, ImportSteps } from '../importers/importer.js';
import type { EventStore } from '../model/eventStore.js';
import { directoryFolder, parentOf } from './directoryFolder.js';
import { readStream } from './readStream.js';
import type { SliceDecoders } from './sliceDecoders.js';
import { isTar, tarFolder } from './tarFolder.js';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Importer name, to skip detection. */
  readonly format?: string | undefined;
  /** Who can decode large texts beside this thread. */
  readonly decoders?: SliceDecoders | undefined;
}

/** From this size of a text on, other threads pay: their start costs some 50 ms. */
const PARALLEL_BYTES = 32 * 1024 * 1024;
const USUAL_COMPRESSION = 8;

/** Reads one file; each step tells how many of its bytes are done. Ending early closes everything. */
export async function* readSource(
  source: ByteSource,
  store: EventStore,
  options: ReadOptions,
): AsyncGenerator<number> {
  const input = new Input(source, options.signal);
  try {
    const head = await input.head();
    if (head.length === 0) {
      throw new Failure('empty-input', `${source.name} is empty: there is nothing to show.`);
    }
    if (isTar(head)) yield* readArchive(input, store, options);
    else {
      const importer = chosen(head, source.name, options.format);
      if (importer.kind === 'file') await importer.prepare?.(head);
      yield* readWith(importer, input, store, options);
    }
  } finally {
    await input.close();
  }
}

/** Reads a directory of files that belong together. */
export async function* readDirectory(
  path: string,
  store: EventStore,
  { format, signal }: ReadOptions,
): AsyncGenerator<number> {
  const folder = directoryFolder(path);
  try {
    const importer = chosenForFolder(folder.paths, path, format);
    yield* steps(importer, importer.read(folder, store), store, signal);
  } finally {
    folder.close();
  }
}

async function* readWith(
  importer: Importer,
  input: Input,
  store: EventStore,
  options: ReadOptions,
): AsyncGenerator<number> {
  switch (importer.kind) {
    case 'stream':
      store.metadata.format = importer.name;
      yield* readStream(
        importer,
        input.rest(),
        () => input.doneBytes,
        store,
        helpers(input, options),
        options.signal,
      );
      return;
    case 'file': {
      const file = yield* input.random();
      for await (const doneBytes of steps(importer, importer.read(file, store), store, options.signal)) {
        yield input.scaled(doneBytes, file.sizeBytes);
      }
      return;
    }
    case 'folder': {
      const { path, name } = input.source;
      if (path === undefined) {
        throw new Failure(
          'bad-input',
          `${name} is one file of a ${importer.label} recording: open it from a folder of this machine, or the whole as a .tar.gz.`,
        );
      }
      yield* readDirectory(parentOf(path), store, { ...options, format: importer.name });
    }
  }
}

function helpers(input: Input, { decoders }: ReadOptions): SliceDecoders | undefined {
  const sizeBytes = input.source.sizeBytes ?? 0;
  const textBytes = input.isCompressed ? sizeBytes * USUAL_COMPRESSION : sizeBytes;
  return textBytes < PARALLEL_BYTES ? undefined : decoders;
}

async function* readArchive(
  input: Input,
  store: EventStore,
  { format, signal }: ReadOptions,
): AsyncGenerator<number> {
  const folder = await tarFolder(input.rest(), input.source.name);
  try {
    const importer = chosenForFolder(folder.paths, input.source.name, format);
    yield* steps(importer, importer.read(folder, store), store, signal);
  } finally {
    folder.close();
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- as the other readers
async function* steps(
  importer: Importer,
  work: ImportSteps,
  store: EventStore,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  store.metadata.format = importer.name;
  for (const doneBytes of work) {
    throwIfCancelled(signal);
    yield doneBytes;
  }
}

function chosen(head: Uint8Array, name: string, format: string | undefined): Importer {
  return format === undefined ? detectFormat(head, name) : importerNamed(format);
}

function chosenForFolder(paths: readonly string[], name: string, format: string | undefined): FolderImporter {
  const importer = format === undefined ? detectFolder(paths, name) : importerNamed(format);
  if (importer.kind === 'folder') return importer;
  throw new Failure('wrong-usage', `${importer.label} is read from a single file, and ${name} is a folder.`);
}

/** The bytes of a source, decompressed: its beginning for detection, then all of it, in order or at any place. */
class Input {
  doneBytes = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #headParts: Uint8Array[] = [];
  isCompressed = false;
  #unpackedBytes = 0;
  #random: RandomAccess | undefined;

  constructor(
    readonly source: ByteSource,
    readonly signal: AbortSignal | undefined,
  ) {
    this.#chunks = decompress(this.#counted(source.chunks(signal)), source.name)[Symbol.asyncIterator]();
  }

  /** The first bytes, `DETECTION_BYTES` at most. */
  async head(): Promise<Uint8Array> {
    let length = 0;
    while (length < DETECTION_BYTES) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      this.#headParts.push(next.value.slice());
      length += next.value.length;
    }
    return joined(this.#headParts, length).subarray(0, DETECTION_BYTES);
  }

  /** Everything from the beginning, in order. */
  async *rest(): AsyncGenerator<Uint8Array> {
    yield* this.#headParts.splice(0);
    for (;;) {
      throwIfCancelled(this.signal);
      const next = await this.#chunks.next();
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Everything at any place. Compressed data are unpacked first; the steps of that are yielded. */
  async *random(): AsyncGenerator<number, RandomAccess> {
    const direct = this.isCompressed ? undefined : this.source.openRandom?.();
    if (direct !== undefined) {
      await this.#chunks.return?.();
      return (this.#random = direct);
    }
    const spool = new Spool(this.source.name);
    try {
      for await (const chunk of this.rest()) {
        spool.push(chunk);
        // Unpacking is the first half of the way.
        yield (this.#unpackedBytes = this.doneBytes / 2);
      }
      return (this.#random = spool.finish());
    } catch (error) {
      spool.discard();
      throw error;
    }
  }

  /** Progress in bytes of the source, from bytes of what was unpacked. */
  scaled(doneBytes: number, ofBytes: number): number {
    const from = this.#unpackedBytes;
    const total = this.source.sizeBytes ?? this.doneBytes;
    return from + ((total - from) * doneBytes) / Math.max(1, ofBytes);
  }

  async close(): Promise<void> {
    this.#random?.close();
    await this.#chunks.return?.();
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (this.doneBytes === 0) this.isCompressed = isCompressed(chunk);
      this.doneBytes += chunk.length;
      yield chunk;
    }
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
