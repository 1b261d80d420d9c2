import { expect, it } from 'vitest';
import { CompressedRecords } from '../../../../src/trace/importers/perfData/compressedRecords.js';
import type { Chunk } from '../../../../src/trace/importers/perfData/chunk.js';

const BLOCK_BYTES = 100_000;

/** A raw block of zstd full of this byte, behind a frame's header when it is the first. */
function block(byte: number, isFirst: boolean): Uint8Array {
  const header = BLOCK_BYTES << 3;
  const begin = isFirst ? [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58] : [];
  const bytes = new Uint8Array(begin.length + 3 + BLOCK_BYTES).fill(byte);
  bytes.set([...begin, header & 0xff, (header >> 8) & 0xff, header >> 16]);
  return bytes;
}

it('memory is written again only when none of its records waits', () => {
  const blocks = 60;
  const memories = new Set<ArrayBufferLike>();
  const waiting: { readonly chunk: Chunk; readonly byte: number }[] = [];
  let byte = 0;
  const compressed = new CompressedRecords(true, (chunk) => {
    memories.add(chunk.bytes.buffer);
    chunk.isHeld = true;
    waiting.push({ chunk, byte });
    return chunk.bytes.length;
  });
  for (byte = 1; byte <= blocks; byte += 1) {
    expect(compressed.push(block(byte, byte === 1))).toBeUndefined();
    // Some 2 MiB wait; when they are taken, they still hold what they held.
    while (waiting.length > 20) {
      const { chunk, byte: expected } = waiting.shift()!;
      const foreign = chunk.bytes.findIndex((value) => value !== expected);
      expect(foreign).toBe(-1);
      chunk.isHeld = false;
    }
  }
  expect(memories.size).toBeGreaterThan(2);
  expect(memories.size).toBeLessThan(6);
});
