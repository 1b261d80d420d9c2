import { describe, expect, it } from 'vitest';
import { alignClocks } from '../../../../src/analysis/timelineMigrations/clockAlignment.js';
import { timeOn } from '../../../../src/analysis/timelineMigrations/moves.js';
import { inOrder, madeMoves, type MadeClocks } from '../../../support/madeMoves.js';

const usual: MadeClocks = {
  seed: 1,
  calls: 600,
  spanNs: 5e9,
  offsetNs: 0,
  driftPpm: 0,
  missing: 0.3,
  others: 3000,
  tasks: 40,
};

function align(changes: Partial<MadeClocks>, sameClockOffsetNs: number | null) {
  const made = { ...usual, ...changes };
  const { calls, moves, followed } = madeMoves(made);
  const traceNs = { startNs: moves.timeNs[0] ?? 0, endNs: moves.timeNs.at(-1) ?? 0 };
  const alignment = alignClocks({ calls, moves, traceNs, sameClockOffsetNs });
  const errorAt = (timeNs: number) =>
    timeOn(alignment.line, timeNs) - (timeNs + made.offsetNs + made.driftPpm * 1e-6 * timeNs);
  return { ...alignment, followed, errorsNs: [0, made.spanNs / 2, made.spanNs].map(errorAt) };
}

describe('clocks that are the same', () => {
  it('are checked by the moves that follow the calls', () => {
    const { verdict, isVoted, matching, followed, delayNs } = align({}, 0);
    expect(verdict).toBe('checked');
    expect(isVoted).toBe(false);
    // A few moves at wakeups follow a call by chance.
    expect(matching.count).toBeGreaterThanOrEqual(followed * 0.98);
    expect(matching.count).toBeLessThan(followed * 1.05);
    expect(delayNs).toBeGreaterThan(4000);
    expect(delayNs).toBeLessThan(60_000);
  });

  it('stay unchecked where the trace holds no moves, or too few calls fall into it', () => {
    expect(align({ missing: 1, others: 0 }, 0).verdict).toBe('unchecked');
    expect(align({ calls: 4, missing: 0, others: 10 }, 0).verdict).toBe('unchecked');
  });

  it('are found out when they are not: the moves set the offset', () => {
    const { verdict, isVoted, errorsNs } = align({ offsetNs: 3.2e9 }, 0);
    expect(verdict).toBe('checked');
    expect(isVoted).toBe(true);
    for (const error of errorsNs) expect(Math.abs(error)).toBeLessThan(50_000);
  });
});

describe('clocks that are not known', () => {
  it.each([
    ['an offset', { offsetNs: -1.234e12 }],
    ['a drift', { offsetNs: 7e8, driftPpm: 60, spanNs: 60e9, calls: 2000, others: 8000 }],
    ['a drift the other way, over ten minutes', { driftPpm: -35, spanNs: 600e9, calls: 1200, others: 5000 }],
    ['most moves missing', { offsetNs: 5e7, missing: 0.7, calls: 400 }],
    ['few calls', { offsetNs: 4e9, calls: 30, missing: 0.2 }],
    ['two tasks that move all the time', { offsetNs: 1e9, tasks: 2 }],
  ] as const)('are aligned with %s', (_, changes) => {
    const { verdict, isVoted, matching, followed, errorsNs } = align(changes, null);
    expect(verdict).toBe('checked');
    expect(isVoted).toBe(true);
    expect(matching.count).toBeGreaterThanOrEqual(followed * 0.95);
    for (const error of errorsNs) expect(Math.abs(error)).toBeLessThan(100_000);
  });

  it('are not aligned when no move follows any call', () => {
    expect(align({ missing: 1 }, null).verdict).toBe('unaligned');
    expect(align({ missing: 1, tasks: 3 }, null).verdict).toBe('unaligned');
    expect(align({ missing: 1, others: 0 }, null).verdict).toBe('unaligned');
    expect(align({ calls: 0 }, null).verdict).toBe('unaligned');
  });

  it('do not take another clock for the same when nothing fits', () => {
    expect(align({ missing: 1 }, 0).verdict).toBe('unaligned');
  });
});

it('gives a move to the last call before it with the same task and CPUs', () => {
  const way = { pid: 7, fromCpu: 1, toCpu: 2 };
  const calls = inOrder([10, 20, 30, 9e6].map((timeNs) => ({ ...way, timeNs: timeNs * 1000 })));
  const moves = inOrder([
    { ...way, timeNs: 25_000 },
    { ...way, timeNs: 25_500, pid: 8 },
    { ...way, timeNs: 26_000, fromCpu: 3 },
    { ...way, timeNs: 9.001e9 },
  ]);
  const { matching } = alignClocks({
    calls,
    moves,
    traceNs: { startNs: 0, endNs: 1e10 },
    sameClockOffsetNs: 0,
  });
  expect([...matching.moveOf]).toEqual([-1, -1, 0, 3]);
});
