import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { XzReadableStream } from 'xz-decompress';
import { Failure, isFailure, messageOf } from '../base/errors.js';
import { ZstdDecoder } from './zstdDecoder.js';

/** Size of decompressed pieces, and with it how far decompression runs ahead of the reader. */
const OUTPUT_BYTES = 1024 * 1024;
/**
 * Compressed bytes given to the JavaScript zstd decoder at once: it expands them all before it returns, and 4 bytes
 * can be a block of 128 KiB, so this holds the worst case to 64 MiB. Small pieces cost no speed.
 */
const ZSTD_SLICE_BYTES = 2 * 1024;

interface Compression {
  readonly name: string;
  /** First bytes; `undefined` stands for any. */
  readonly magic: readonly (number | undefined)[];
  readonly decompress: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** By the first bytes, never by the file's name. */
const COMPRESSIONS: readonly Compression[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], decompress: gunzip },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], decompress: unzstd },
  // A skippable frame, with which `pzstd` and seekable files begin: 50…5f 2a 4d 18.
  { name: 'zstd', magic: [undefined, 0x2a, 0x4d, 0x18], decompress: unzstd },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], decompress: unxz },
];

function compressionOf(first: Uint8Array): Compression | undefined {
  return COMPRESSIONS.find(({ magic }) =>
    magic.every((byte, at) => byte === undefined || first[at] === byte),
  );
}

/** Whether these first bytes are those of a compressed file that `decompress` expands. */
export function isCompressed(first: Uint8Array): boolean {
  return compressionOf(first) !== undefined;
}

/**
 * The decompressed bytes of a source; bytes that are not compressed pass through. Works in pieces: a small file that
 * expands to terabytes costs time, not memory, and stopping to read stops the work.
 *
 * Failure `bad-input`: the compressed data are damaged or end too early. What was yielded before is good.
 */
export async function* decompress(
  chunks: AsyncIterable<Uint8Array>,
  sourceName: string,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const first = await firstBytes(iterator);
    const all = prepend(first, iterator);
    const compression = compressionOf(first);
    if (compression === undefined) yield* all;
    else yield* guarded(compression, all, sourceName);
  } finally {
    await iterator.return?.();
  }
}

async function* guarded(
  { name, decompress: expand }: Compression,
  chunks: AsyncIterable<Uint8Array>,
  sourceName: string,
): AsyncGenerator<Uint8Array> {
  let producedBytes = 0;
  try {
    for await (const piece of expand(chunks)) {
      producedBytes += piece.length;
      yield piece;
    }
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure(
      'bad-input',
      `${sourceName} is damaged or cut off: its ${name} data cannot be decompressed after byte ${producedBytes} of the text (${messageOf(error)}). What comes before is shown; for the rest, copy the file again.`,
      { cause: error },
    );
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* throughTransform(chunks, zlib.createGunzip({ chunkSize: OUTPUT_BYTES }));
}

async function* throughTransform(
  chunks: AsyncIterable<Uint8Array>,
  transform: zlib.Gunzip,
): AsyncGenerator<Uint8Array> {
  const input = Readable.from(copies(chunks), { objectMode: true, highWaterMark: 1 });
  // Errors of the source are passed on by hand: `pipe` would leave the transform waiting.
  input.on('error', (error) => transform.destroy(error));
  input.pipe(transform);
  try {
    for await (const piece of transform) {
      const { buffer, byteOffset, byteLength } = piece as Buffer;
      // A plain Uint8Array: see importTrace on why readers should see one class of arrays only.
      yield new Uint8Array(buffer, byteOffset, byteLength);
    }
  } finally {
    transform.destroy();
    input.destroy();
  }
}

/**
 * In JavaScript also where Node has a zstd of its own (22.15 on): that one takes a file that was cut off for a whole
 * one, without an error.
 */
async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  const decoder = new ZstdDecoder((piece) => pieces.push(piece));
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += ZSTD_SLICE_BYTES) {
      let damage: Error | undefined;
      try {
        decoder.push(chunk.subarray(at, at + ZSTD_SLICE_BYTES));
      } catch (error) {
        damage = error instanceof Error ? error : new Error(messageOf(error));
      }
      yield* pieces;
      pieces = [];
      // Only now: what was expanded before the damage is good.
      if (damage !== undefined) throw damage;
    }
  }
  decoder.end();
}

async function* unxz(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = copies(chunks)[Symbol.asyncIterator]();
  const input = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await iterator.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          controller.error(error);
        }
      },
      async cancel() {
        await iterator.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  const reader = new XzReadableStream(input).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Sources reuse their buffers; what a decompressor queues must be its own. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice();
}

/** The longest magic number is six bytes; a first chunk may be shorter. */
async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let gathered = new Uint8Array(0);
  while (gathered.length < 6) {
    const next = await iterator.next();
    if (next.done === true) break;
    const longer = new Uint8Array(gathered.length + next.value.length);
    longer.set(gathered);
    longer.set(next.value, gathered.length);
    gathered = longer;
  }
  return gathered;
}

async function* prepend(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return;
    yield next.value;
  }
}
