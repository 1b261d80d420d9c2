import { describe, expect, test } from 'vitest';
import { Chance } from '../../../../src/learning/forecast/chance.js';
import { Successors, Transitions } from '../../../../src/learning/forecast/companion.js';
import { littleSequences } from '../../../support/littleDataSet.js';
import { sequencesOf } from '../../../support/predictors.js';

const TASKS = 6;

/** How often each task is drawn. */
function drawn(
  count: number,
  draw: (chance: Chance) => number | null,
  task: Int32Array,
): Map<number, number> {
  const chance = new Chance(1, 'test');
  const counts = new Map<number, number>();
  for (let at = 0; at < count; at += 1) {
    const row = draw(chance);
    const each = row === null ? -1 : task[row]!;
    counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  return counts;
}

describe('what follows on the same past', () => {
  test('is drawn as often as it did in training', () => {
    const train = littleSequences(20_000, 3);
    const successors = new Successors(train, TASKS);
    const counts = drawn(20_000, (chance) => successors.draw([2, 1, 5], chance), train.task);
    // Counted by hand.
    const wanted = new Map<number, number>();
    let all = 0;
    for (let row = 3; row < train.rows; row += 1) {
      if (row >= 10_000 && row < 10_003) continue;
      const [a, b, c] = [train.task[row - 3], train.task[row - 2], train.task[row - 1]];
      if (a !== 5 || b !== 1 || c !== 2 || train.task[row] === 0) continue;
      wanted.set(train.task[row]!, (wanted.get(train.task[row]!) ?? 0) + 1);
      all += 1;
    }
    expect(all).toBeGreaterThan(300);
    for (const [task, count] of wanted)
      expect(Math.abs((counts.get(task) ?? 0) / 20_000 - count / all)).toBeLessThan(0.012);
    expect([...counts.keys()].every((task) => wanted.has(task))).toBe(true);
  });

  const train = sequencesOf([{ task: [1, 2, 3, 4, 1, 2, 3, 5] }, { task: [4, 0, 2, 4] }]);
  const only = (past: readonly number[]) =>
    [...drawn(200, (chance) => new Successors(train, TASKS).draw(past, chance), train.task).keys()].sort();

  test('depends on three tasks', () => {
    expect(only([3, 2, 1])).toEqual([4, 5]);
    expect(only([1, 4, 3])).toEqual([2]);
  });

  test('of a past that never was, on as much of its end as was', () => {
    // 5 3 2 never was; 3 2 neither begins with 5, but [3, 2] was followed by 4 and 5.
    expect(only([3, 2, 5])).toEqual([4, 5]);
    expect(only([4, 4, 4])).toEqual([1]);
    // 5 was last only at the end of a sequence: nothing follows on it, nor does the next sequence.
    expect(only([5])).toEqual([1, 2, 3, 4, 5]);
  });

  test('never is unknown, nor is a past across an unknown task', () => {
    // In the second sequence 2 comes behind 4 and 0: not behind 4.
    expect(only([])).toEqual([1, 2, 3, 4, 5]);
    expect(only([2])).toEqual([3, 4]);
  });

  test('is nothing where training knows no task', () => {
    const nothing = new Successors(sequencesOf([{ task: [0, 0] }]), TASKS);
    expect(nothing.draw([1], new Chance(1, 'test'))).toBeNull();
  });
});

describe('how long it took from one task to the next', () => {
  const train = sequencesOf([
    { task: [1, 2, 1, 2, 3, 2], deltaNs: [NaN, 10, 20, 11, 30, 40] },
    { task: [3, 5], deltaNs: [NaN, 50] },
  ]);
  const times = (before: number | null, task: number) => {
    const transitions = new Transitions(train, TASKS);
    const chance = new Chance(2, 'test');
    const rows = Array.from({ length: 200 }, () => transitions.draw(before, task, chance));
    return [...new Set(rows.map((row) => (row === null ? NaN : train.deltaNs[row]!)))].sort((a, b) => a - b);
  };

  test('is drawn of the same two', () => {
    expect(times(1, 2)).toEqual([10, 11]);
    expect(times(3, 2)).toEqual([40]);
  });

  test('else of the task, else of all', () => {
    expect(times(5, 2)).toEqual([10, 11, 40]);
    expect(times(null, 1)).toEqual([20]);
    expect(times(1, 4)).toEqual([10, 11, 20, 30, 40, 50]);
  });

  test('first rows of sequences have none', () => {
    expect(times(2, 3)).toEqual([30]);
    expect(
      new Transitions(sequencesOf([{ task: [1] }]), TASKS).draw(null, 1, new Chance(1, 'test')),
    ).toBeNull();
  });
});
