import { describe, expect, it } from 'vitest';
import { isDropped } from '../../../../../src/learning/engines/dropoutMask.js';
import { DropoutMasks } from '../../../../../src/learning/engines/native/dropoutMasks.js';

function expected(length: number, rate: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => (isDropped(seed, index, rate) ? 0 : 1 / (1 - rate)));
}

describe('what dropout multiplies with', () => {
  it.each([
    [0, 3],
    [0.1, 0],
    [0.5, -7],
    [0.500001, 2_000_000_000],
    [0.999, 12],
    [1e-9, 5],
  ])('of rate %d and seed %d is that of all engines', (rate, seed) => {
    expect(new DropoutMasks().factors(20_001, rate, seed, { isOpen: true })).toEqual(
      expected(20_001, rate, seed),
    );
  });

  it('stays as it is while its owner is open, and gives its memory on afterwards', () => {
    const masks = new DropoutMasks();
    const owner = { isOpen: true };
    const first = masks.factors(1000, 0.5, 1, owner);
    const second = masks.factors(1000, 0.5, 2, owner);
    expect(first).toEqual(expected(1000, 0.5, 1));
    expect(second.buffer).not.toBe(first.buffer);
    owner.isOpen = false;
    const third = masks.factors(900, 0.25, 3, { isOpen: true });
    expect(third).toEqual(expected(900, 0.25, 3));
    expect([first.buffer, second.buffer]).toContain(third.buffer);
  });

  it('keeps masks whose memory is no longer remembered', () => {
    const masks = new DropoutMasks();
    const owner = { isOpen: true };
    const made = Array.from({ length: 40 }, (_, seed) => masks.factors(100, 0.5, seed, owner));
    for (const [seed, mask] of made.entries()) expect(mask).toEqual(expected(100, 0.5, seed));
  });
});
