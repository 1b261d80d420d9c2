/** The compressed blocks of trace.dat version 7: zlib (RFC 1950) or zstd (RFC 8878), with their size told beforehand. */
import * as zlib from 'node:zlib';
import { ZstdDecoder } from '../../zstdDecoder.js';

/** Expands a block to exactly `sizeBytes` bytes; throws when it is damaged or has another size. */
export type BlockDecompressor = (block: Uint8Array, sizeBytes: number) => Uint8Array;

type Expand = (block: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/** From Node 22.15 on. */
const nativeZstd = (zlib as { zstdDecompressSync?: Expand }).zstdDecompressSync;

/** The decompressor that a file's header names: `undefined` for one that is not known here. */
export function blockDecompressor(name: string): BlockDecompressor | undefined {
  if (name === 'zstd') return nativeZstd === undefined ? unzstd : ofSize(nativeZstd);
  if (name === 'zlib') return ofSize(zlib.inflateSync);
  return undefined;
}

function ofSize(expand: Expand): BlockDecompressor {
  return (block, sizeBytes) => {
    const { buffer, byteOffset, byteLength } = expand(block, { maxOutputLength: Math.max(1, sizeBytes) });
    if (byteLength !== sizeBytes) throw otherSize(byteLength, sizeBytes);
    // A plain Uint8Array, not a Buffer: see importTrace on why readers should see one class of arrays only.
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
}

export function unzstd(block: Uint8Array, sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let done = 0;
  const decoder = new ZstdDecoder((piece) => {
    if (done + piece.length > sizeBytes) throw otherSize(done + piece.length, sizeBytes);
    whole.set(piece, done);
    done += piece.length;
  });
  // Pieces come as they are expanded, 128 KiB at most: too many of them end it at once.
  decoder.push(block);
  decoder.end();
  if (done !== sizeBytes) throw otherSize(done, sizeBytes);
  return whole;
}

function otherSize(bytes: number, declared: number): Error {
  return new Error(`it expands to ${bytes} bytes instead of the ${declared} that are declared`);
}
