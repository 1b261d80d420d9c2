import { describe, expect, it } from 'vitest';
import { nearestRank, selectRank } from '../../../src/analysis/percentile.js';
import { stateOfPrevState } from '../../../src/analysis/prevState.js';
import { ThreadState } from '../../../src/protocol/traceMessages.js';
import { seededRandom } from '../../bench/syntheticTrace.js';

describe('stateOfPrevState', () => {
  const { Preempted, Sleeping, Uninterruptible, Other, Unknown } = ThreadState;

  it.each([
    ['R', Preempted],
    ['R+', Preempted],
    ['0', Preempted],
    ['256', Preempted],
    ['0x100', Preempted],
    ['1024', Preempted],
    ['S', Sleeping],
    ['1', Sleeping],
    ['S|W', Sleeping],
    ['D', Uninterruptible],
    ['D|K', Uninterruptible],
    ['D|W', Uninterruptible],
    ['2', Uninterruptible],
    ['130', Uninterruptible],
    ['D|N', Other],
    ['1026', Other],
    ['I', Other],
    ['128', Other],
    ['T', Other],
    ['t', Other],
    ['X', Other],
    ['x', Other],
    ['Z', Other],
    ['P', Other],
    ['32', Other],
    ['', Unknown],
    ['?', Unknown],
  ])('%j is state %i', (text, state) => {
    expect(stateOfPrevState(text)).toBe(state);
  });
});

describe('percentiles by nearest rank', () => {
  it('are the value at ceil(percent / 100 · n)', () => {
    expect([1, 2, 3, 100, 101].map((count) => nearestRank(count, 50) + 1)).toEqual([1, 1, 2, 50, 51]);
    expect([1, 99, 100, 101, 1000].map((count) => nearestRank(count, 99) + 1)).toEqual([1, 99, 99, 100, 990]);
  });

  it('are found as sorting finds them', () => {
    const random = seededRandom(5);
    for (let round = 0; round < 300; round += 1) {
      const length = 1 + Math.floor(random() * 200);
      const spread = random() < 0.3 ? 3 : 1e6;
      const values = Float64Array.from({ length }, () => Math.floor(random() * spread));
      const sorted = [...values].sort((a, b) => a - b);
      const rank = Math.floor(random() * length);
      expect(selectRank(values, length, rank)).toBe(sorted[rank]);
    }
  });
});
