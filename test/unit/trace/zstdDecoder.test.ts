import { describe, expect, it } from 'vitest';
import { decompress } from '../../../src/trace/compression.js';
import { Xxh64 } from '../../../src/trace/xxh64.js';
import { compiledZstd, compileZstd } from '../../../src/trace/zstdCompiled.js';
import { ZstdDecoder } from '../../../src/trace/zstdDecoder.js';
import { compressed } from '../../support/compressed.js';

/** Eight bytes of a reader's own, as `pzstd` and seekable files have them. */
const SKIPPABLE = Uint8Array.of(0x5e, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4);
const text = Buffer.from(Array.from({ length: 20_000 }, (_, at) => `line ${at} ${at * at}\n`).join(''));

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.slice(at, at + size);
  }
}

async function expanded(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece.slice());
  return Buffer.concat(parts);
}

const low32 = (bytes: Uint8Array): number => {
  const hash = new Xxh64();
  hash.update(bytes);
  return hash.low32();
};

describe('Xxh64', () => {
  // From the test vectors of the specification: XXH64 with seed 0 is ef46db3751d8e999 and d24ec4f1a98c6e5b.
  it('gives the published values', () => {
    expect(low32(new Uint8Array(0))).toBe(0x51d8e999);
    expect(low32(Buffer.from('a'))).toBe(0xa98c6e5b);
  });

  it('does not depend on how the bytes are cut', () => {
    for (const size of [1, 3, 31, 32, 33, 100]) {
      const hash = new Xxh64();
      for (let at = 0; at < 1000; at += size) hash.update(text.subarray(at, Math.min(1000, at + size)));
      expect(hash.low32()).toBe(low32(text.subarray(0, 1000)));
    }
  });
});

describe('zstd in JavaScript', () => {
  it.each([0, 1, 3, 17, 31, 32, 33, 1000, 131_072, 131_073, 400_000])(
    'reads frames of %i bytes in chunks of any size',
    async (bytes) => {
      const part = text.subarray(0, bytes);
      const packed = compressed('zstd', part);
      for (const size of [1, 13, 1 << 20]) {
        expect(Buffer.compare(await expanded(decompress(inChunks(packed, size), 'zstd')), part)).toBe(0);
      }
    },
  );

  it('reads frames behind each other, and skips skippable ones wherever they are', async () => {
    const half = text.length / 2;
    const frames = [text.subarray(0, half), text.subarray(half)].map((part) => compressed('zstd', part));
    const packed = Buffer.concat([SKIPPABLE, frames[0]!, SKIPPABLE, SKIPPABLE, frames[1]!, SKIPPABLE]);
    for (const size of [1, 1000, 1 << 20]) {
      expect(Buffer.compare(await expanded(decompress(inChunks(packed, size), 'x')), text)).toBe(0);
    }
  });

  it('never takes damaged data for good: each of 200 flipped bits is noticed', async () => {
    const packed = compressed('zstd', text);
    for (let flip = 0; flip < 200; flip += 1) {
      const damaged = packed.slice();
      // The frame's header says nothing of its content; behind it every bit counts.
      const at = 20 + ((flip * 7919) % (packed.length - 20));
      damaged[at]! ^= 1 << (flip % 8);
      await expect(expanded(decompress(inChunks(damaged, 65_536), 'zstd'))).rejects.toThrow();
    }
  });

  it('reads what stands before other data at the end, and refuses those', async () => {
    const packed = Buffer.concat([compressed('zstd', text), Buffer.from('not zstd')]);
    let read = 0;
    const reading = (async () => {
      for await (const piece of decompress(inChunks(packed, 4096), 'my.file')) read += piece.length;
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('my.file') as unknown,
    });
    expect(read).toBe(text.length);
  });
});

describe('zstd by the compiled decoder', () => {
  /** Two frames of several blocks, and what cannot be compressed. */
  const noise = Uint8Array.from(
    { length: 300_000 },
    (_, at) => (Math.imul(at * at + 7, 2_654_435_761) >>> 13) & 255,
  );
  const packed = Buffer.concat([compressed('zstd', text), SKIPPABLE, compressed('zstd', Buffer.from(noise))]);

  function expandedBy(bytes: Uint8Array, chunkBytes: number): Buffer {
    const parts: Uint8Array[] = [];
    const decoder = new ZstdDecoder((piece) => parts.push(piece.slice()), true);
    try {
      for (let at = 0; at < bytes.length; at += chunkBytes) decoder.push(bytes.subarray(at, at + chunkBytes));
      decoder.end();
    } finally {
      decoder.close();
    }
    return Buffer.concat(parts);
  }

  it('is the same however the bytes are cut', async () => {
    await compileZstd();
    expect(compiledZstd()).toBeDefined();
    for (const size of [1, 13, 5000, 1 << 20]) {
      expect(Buffer.compare(expandedBy(packed, size), Buffer.concat([text, noise]))).toBe(0);
    }
  });

  it('can be left in the middle of a frame', () => {
    const decoder = new ZstdDecoder(() => undefined, true);
    decoder.push(packed.subarray(0, 20_000));
    decoder.close();
    expect(expandedBy(packed, 5000).length).toBe(text.length + noise.length);
  });

  // After the first damage it is the one in JavaScript: the last test here.
  it('finds damage', () => {
    for (const at of [30, 1000, 20_000]) {
      const damaged = Uint8Array.from(packed);
      for (let i = 0; i < 40; i += 1) damaged[at + i]! ^= 0x5a;
      expect(() => expandedBy(damaged, 5000)).toThrow();
    }
  });
});
