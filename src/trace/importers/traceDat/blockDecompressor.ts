/** The compressed blocks of trace.dat version 7: zlib (RFC 1950) or zstd (RFC 8878), with their size told beforehand. */
import { inflateSync } from 'node:zlib';
import { unzstdBlock } from '../../zstdBlocks.js';

/** Expands a block to exactly `sizeBytes` bytes; throws when it is damaged or has another size. */
export type BlockDecompressor = (block: Uint8Array, sizeBytes: number) => Uint8Array;

/** The decompressor that a file's header names: `undefined` for one that is not known here. */
export function blockDecompressor(name: string): BlockDecompressor | undefined {
  if (name === 'zstd') return unzstdBlock;
  if (name === 'zlib') return inflated;
  return undefined;
}

function inflated(block: Uint8Array, sizeBytes: number): Uint8Array {
  const { buffer, byteOffset, byteLength } = inflateSync(block, { maxOutputLength: Math.max(1, sizeBytes) });
  if (byteLength !== sizeBytes) {
    throw new Error(`it expands to ${byteLength} bytes instead of the ${sizeBytes} that are declared`);
  }
  // A plain Uint8Array, not a Buffer: see readSource on why readers should see one class of arrays only.
  return new Uint8Array(buffer, byteOffset, byteLength);
}
