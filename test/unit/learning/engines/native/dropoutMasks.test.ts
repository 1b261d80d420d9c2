import { expect, it } from 'vitest';
import { isDropped } from '../../../../../src/learning/engines/dropoutMask.js';
import { dropoutFactors } from '../../../../../src/learning/engines/native/dropoutMasks.js';

it.each([
  [0, 3],
  [0.1, 0],
  [0.5, -7],
  [0.500001, 2_000_000_000],
  [0.999, 12],
  [1e-9, 5],
])('of rate %d and seed %d are those of all engines', (rate, seed) => {
  const factors = dropoutFactors(20_000, rate, seed);
  const expected = Float32Array.from({ length: 20_000 }, (_, index) =>
    isDropped(seed, index, rate) ? 0 : 1 / (1 - rate),
  );
  expect(factors).toEqual(expected);
});
