import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../../src/trace/compression.js';
import { compressed, zstdBomb } from '../../support/compressed.js';

const KINDS = ['gzip', 'zstd', 'xz'] as const;

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  // One buffer for all chunks, as sources do: a decompressor that keeps a chunk gets garbage.
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
    await Promise.resolve();
  }
}

async function expanded(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece.slice());
  return new Uint8Array(Buffer.concat(parts));
}

/** Text that compresses, but not to nothing. */
const text = new TextEncoder().encode(
  Array.from({ length: 200_000 }, (_, at) => `line ${at} ${Math.imul(at, 2654435761) >>> 7}\n`).join(''),
);

describe.each(KINDS)('decompress %s', (kind) => {
  it.each([1 << 22, 4099])('gives back the bytes (chunks of %i)', async (size) => {
    const result = await expanded(decompress(inChunks(compressed(kind, text), size), 'x'));
    expect(Buffer.compare(result, text)).toBe(0);
  });

  it('is recognised in chunks of a byte', async () => {
    const small = text.subarray(0, 1000);
    const result = await expanded(decompress(inChunks(compressed(kind, small), 1), 'x'));
    expect(Buffer.compare(result, small)).toBe(0);
  });

  it('yields what is whole of a truncated stream, then says where it ends', async () => {
    const bytes = compressed(kind, text);
    let yielded = 0;
    const reading = (async () => {
      for await (const piece of decompress(
        inChunks(bytes.subarray(0, bytes.length * 0.7), 65536),
        'my.file',
      )) {
        expect(Buffer.compare(piece, text.subarray(yielded, yielded + piece.length))).toBe(0);
        yielded += piece.length;
      }
    })();
    const error = await reading.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).toMatchObject({ code: 'bad-input' });
    expect(error?.message).toContain(`my.file is damaged or cut off: its ${kind} data`);
    expect(error?.message).toContain(`after byte ${yielded} of the text`);
    expect(yielded).toBeGreaterThan(text.length / 3);
  });

  it('says where a damaged stream cannot be read any more', async () => {
    const bytes = compressed(kind, text).slice();
    bytes.fill(0xa5, bytes.length * 0.5, bytes.length * 0.5 + 500);
    await expect(expanded(decompress(inChunks(bytes, 65536), 'my.file'))).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/my\.file is damaged.*after byte \d+/) as unknown,
    });
  });

  it('stops reading the source when the reader leaves', async () => {
    const bytes = compressed(kind, text);
    let given = 0;
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of inChunks(bytes, 1000)) {
          given += chunk.length;
          yield chunk;
        }
      } finally {
        closed = true;
      }
    }
    for await (const piece of decompress(source(), 'x')) if (piece.length > 0) break;
    // A transform is torn down a turn of the event loop later.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(true);
    expect(given).toBeLessThanOrEqual(bytes.length);
  });

  it('passes on the failure of the source itself', async () => {
    const bytes = compressed(kind, text);
    const failure = new Error('the disk is gone');
    async function* source(): AsyncGenerator<Uint8Array> {
      yield* inChunks(bytes.subarray(0, bytes.length / 2), 1000);
      throw failure;
    }
    await expect(expanded(decompress(source(), 'x'))).rejects.toThrow(/the disk is gone/);
  });
});

describe('decompress', () => {
  it('passes on what is not compressed, also when it is tiny or empty', async () => {
    for (const bytes of [text, text.subarray(0, 3), new Uint8Array(0)]) {
      expect(Buffer.compare(await expanded(decompress(inChunks(bytes, 5000), 'x')), bytes)).toBe(0);
    }
  });

  it('reads several gzip members, one behind the other', async () => {
    const twice = Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]);
    expect(Buffer.from(await expanded(decompress(inChunks(twice, 7), 'x'))).toString()).toBe('one\ntwo\n');
  });
});

describe('a small file that expands enormously', () => {
  /** Most memory that array buffers took while all is read and dropped. */
  async function peakBytes(pieces: AsyncIterable<Uint8Array>): Promise<{ peak: number; total: number }> {
    let peak = 0;
    let total = 0;
    for await (const piece of pieces) {
      total += piece.length;
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    return { peak, total };
  }
  const LIMIT = 300e6;

  it('costs time, not memory: 1 GB of zeros in gzip', async () => {
    const member = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const bytes = new Uint8Array(Buffer.concat(Array<Buffer>(16).fill(member)));
    const { peak, total } = await peakBytes(decompress(inChunks(bytes, 1 << 22), 'bomb'));
    expect(total).toBe(2 ** 30);
    expect(peak).toBeLessThan(LIMIT);
  });

  it('costs time, not memory: 2 GB of zeros in 64 KB of zstd', async () => {
    const { peak, total } = await peakBytes(decompress(inChunks(zstdBomb(16384), 1 << 22), 'bomb'));
    expect(total).toBe(2 ** 31);
    expect(peak).toBeLessThan(LIMIT);
  });

  it('costs time, not memory: the same in JavaScript', async () => {
    const { peak, total } = await peakBytes(decompress(inChunks(zstdBomb(16384), 1 << 22), 'zstd'));
    expect(total).toBe(2 ** 31);
    expect(peak).toBeLessThan(LIMIT);
  });

  it('costs time, not memory: 256 MB of zeros in xz', async () => {
    // Not through `compressed`: the zeros themselves would count as memory.
    const xz = execFileSync('sh', ['-c', 'head -c 268435456 /dev/zero | xz -1 -c']);
    const bytes = new Uint8Array(xz);
    const { peak, total } = await peakBytes(decompress(inChunks(bytes, 1 << 22), 'bomb'));
    expect(total).toBe(2 ** 28);
    expect(peak).toBeLessThan(LIMIT);
  });
});
