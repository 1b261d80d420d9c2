/**
 * Blocks of zstd whose expanded size is known, as binary recordings hold them. Node's own zstd (from 22.15 on) and the
 * reference decoder as WebAssembly (`zstddec`) are four times as fast as one in JavaScript, which checks streams
 * (`zstdDecoder.ts`): there neither of the two can be trusted with a cut or damaged one.
 */
import * as zlib from 'node:zlib';
import { compiledZstd, compileZstd } from './zstdCompiled.js';
import { ZstdDecoder } from './zstdDecoder.js';

type Expand = (block: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const nativeZstd = (zlib as { zstdDecompressSync?: Expand }).zstdDecompressSync;

/** Compiles the decoder. Without this, or where WebAssembly is not to be had, blocks are expanded more slowly. */
export async function prepareZstdBlocks(): Promise<void> {
  if (nativeZstd === undefined) await compileZstd();
}

/** Expands a block to exactly `sizeBytes` bytes; throws when it is damaged or has another size. */
export function unzstdBlock(block: Uint8Array, sizeBytes: number): Uint8Array {
  if (nativeZstd !== undefined) {
    const { buffer, byteOffset, byteLength } = nativeZstd(block, { maxOutputLength: Math.max(1, sizeBytes) });
    return ofSize(new Uint8Array(buffer, byteOffset, byteLength), sizeBytes);
  }
  const compiled = compiledZstd();
  // Asked for 0 bytes it would trust the size that the block tells.
  if (compiled !== undefined && sizeBytes > 0) return ofSize(compiled.decode(block, sizeBytes), sizeBytes);
  return unzstdInJavaScript(block, sizeBytes);
}

/** The same without WebAssembly. */
export function unzstdInJavaScript(block: Uint8Array, sizeBytes: number): Uint8Array {
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
  return ofSize(whole.subarray(0, done), sizeBytes);
}

function ofSize(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  // The compiled decoder gives nothing at all for a damaged block.
  if (bytes.length !== sizeBytes) throw otherSize(bytes.length, sizeBytes);
  return bytes;
}

function otherSize(bytes: number, declared: number): Error {
  return new Error(`it expands to ${bytes} bytes instead of the ${declared} that are declared`);
}
