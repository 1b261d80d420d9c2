import { expect, test } from 'vitest';
import { wholeCut } from '../../../../../src/learning/migrations/models/deployableTree.js';
import { randomNumbers } from '../../../../support/randomNumbers.js';

test('whole numbers are on the side of the cut on which float32 puts them', () => {
  const next = randomNumbers(11);
  for (let round = 0; round < 400; round += 1) {
    const size = 2 ** next(52);
    const sign = next(2) === 0 ? 1 : -1;
    // Near a float32 and half-way between two of them: that is where rounding decides.
    const cut = sign * (Math.fround(size * (1 + next(1000) / 1000)) + [0, 0.25, 0.5, -0.5][next(4)]!);
    const whole = wholeCut(cut);
    expect(Number.isInteger(whole)).toBe(true);
    expect(Math.fround(whole) <= cut, `${cut}`).toBe(true);
    expect(Math.fround(whole + 1) <= cut, `${cut}`).toBe(false);
  }
});

test('small cuts are what they look like', () => {
  expect([2.5, 2, 0, -0.5, 0.5].map(wholeCut).map((each) => each + 0)).toEqual([2, 2, 0, -1, 0]);
});
