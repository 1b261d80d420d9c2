import { describe, expect, it } from 'vitest';
import { prepareZstdBlocks, unzstdBlock, unzstdInJavaScript } from '../../../src/trace/zstdBlocks.js';
import { compressed, zstdBomb } from '../../support/compressed.js';

const text = new TextEncoder().encode('sched_switch: prev_comm=a prev_pid=1 '.repeat(2000));
const block = compressed('zstd', text);

describe.each([
  ['before the compiled decoder is there', unzstdBlock, async () => Promise.resolve()],
  ['by the compiled decoder or the native one', unzstdBlock, prepareZstdBlocks],
  ['in JavaScript', unzstdInJavaScript, async () => Promise.resolve()],
])('a zstd block, %s', (_name, expand, prepare) => {
  it('is expanded', async () => {
    await prepare();
    expect(expand(block, text.length)).toEqual(text);
  });

  it('that has another size than declared is refused', async () => {
    await prepare();
    for (const sizeBytes of [0, 1, text.length - 1, text.length + 1]) {
      expect(() => expand(block, sizeBytes)).toThrow();
    }
    expect(() => expand(zstdBomb(1000), 128 * 1024)).toThrow();
  });

  it('that is damaged or cut is refused, and the next one is expanded', async () => {
    await prepare();
    for (let at = 0; at < block.length; at += 7) {
      const damaged = block.slice();
      damaged[at]! ^= 0x55;
      try {
        expect(expand(damaged, text.length)).toHaveLength(text.length);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      expect(() => expand(block.subarray(0, at), text.length)).toThrow();
    }
    expect(expand(block, text.length)).toEqual(text);
  });
});
