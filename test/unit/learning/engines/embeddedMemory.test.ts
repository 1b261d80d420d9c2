import { describe, expect, it } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { LinearMemory } from '../../../../src/learning/engines/embedded/linearMemory.js';
import { randomNumbers } from '../../../support/randomNumbers.js';
import { runBundled } from './bundled.js';
import { memoryTests } from './engineContract.js';

const MEGABYTE = 2 ** 20;

memoryTests((maxMemoryBytes) => EmbeddedEngine.create({ threads: 1, maxMemoryBytes }));

describe('linear memory', () => {
  it('is given out without overlap and joined again, in any order', () => {
    const memory = new LinearMemory(65536, 32 * MEGABYTE);
    const random = randomNumbers(11);
    const held: { block: { address: number; bytes: number }; mark: number }[] = [];
    for (let step = 0; step < 3000; step += 1) {
      if (held.length > 30 || (held.length > 0 && random(2) === 0)) {
        const [{ block, mark }] = held.splice(random(held.length), 1) as [(typeof held)[number]];
        const found = memory.ints(block.address, block.bytes / 4);
        expect([found[0], found.at(-1)]).toEqual([mark, mark]);
        memory.release(block);
      } else {
        const block = memory.allocate(1 + random(300_000));
        memory.ints(block.address, block.bytes / 4).fill(step);
        held.push({ block, mark: step });
      }
    }
    for (const { block } of held) memory.release(block);
    expect(memory.usedBytes).toBe(0);
    // Everything is one stretch again.
    const all = memory.memory.buffer.byteLength - 65536;
    expect(memory.allocate(all).bytes).toBe(all);
  });
});

describe('threads', () => {
  it('do not keep a process alive, disposed of or not, and work in a bundle', () => {
    const result = runBundled(`
      import { EmbeddedEngine } from './src/learning/engines/embedded/embeddedEngine.js';
      const [used, left] = [await EmbeddedEngine.create({ threads: 3 }), await EmbeddedEngine.create({ threads: 2 })];
      const sum = (engine) => engine.scope(() => {
        const x = engine.tensor(300, 300, new Float32Array(90000).fill(0.5));
        return engine.read(engine.dense(x, x, null)).reduce((a, b) => a + b, 0);
      });
      console.log(sum(used), sum(left));
      used.dispose();
    `);
    expect(result).toEqual({ status: 0, stdout: '6750000 6750000\n', stderr: '' });
  });
});
