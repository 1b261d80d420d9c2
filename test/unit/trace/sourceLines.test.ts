import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../src/base/byteSource.js';
import { readSourceLines } from '../../../src/trace/sourceLines.js';
import { compressed } from '../../support/compressed.js';

const encoder = new TextEncoder();
const text = Array.from({ length: 1000 }, (_, at) => `line ${at + 1} ü—ß`).join('\n');

describe('readSourceLines', () => {
  it.each([1, 3, 97, 1 << 20])('gives lines by number (chunks of %i bytes)', async (size) => {
    const source = bytesSource('x', encoder.encode(text), size);
    expect(await readSourceLines(source, 1, 2)).toEqual(['line 1 ü—ß', 'line 2 ü—ß']);
    expect(await readSourceLines(source, 500, 500)).toEqual(['line 500 ü—ß']);
    expect(await readSourceLines(source, 999, 2000)).toEqual(['line 999 ü—ß', 'line 1000 ü—ß']);
    expect(await readSourceLines(source, 1001, 1002)).toEqual([]);
  });

  it('gives empty lines, and none of their line ends', async () => {
    const source = bytesSource('x', encoder.encode('a\r\n\r\n\nb\r\n'));
    expect(await readSourceLines(source, 1, 9)).toEqual(['a', '', '', 'b']);
  });

  it('decompresses', async () => {
    const source = bytesSource('x', compressed('gzip', encoder.encode(text)), 1000);
    expect(await readSourceLines(source, 700, 701)).toEqual(['line 700 ü—ß', 'line 701 ü—ß']);
  });

  it('cuts long lines, also over chunks, and counts them as one', async () => {
    const source = bytesSource('x', encoder.encode(`${'a'.repeat(100_000)}\nnext\n`), 4096);
    expect(await readSourceLines(source, 1, 2, undefined, 5000)).toEqual(['a'.repeat(5000), 'next']);
  });

  it('reads no further than it must, and stops when cancelled', async () => {
    let given = 0;
    const cancel = new AbortController();
    const source: ByteSource = {
      name: 'x',
      sizeBytes: undefined,
      async *chunks(signal) {
        for (given = 0; given < 1000; given += 1) {
          signal?.throwIfAborted();
          yield encoder.encode(`line ${given + 1}\n`);
          await Promise.resolve();
        }
      },
    };
    expect(await readSourceLines(source, 3, 4)).toEqual(['line 3', 'line 4']);
    expect(given).toBeLessThan(6);
    cancel.abort();
    await expect(readSourceLines(source, 3, 4, cancel.signal)).rejects.toThrow();
  });
});
