import { describe, expect, test } from 'vitest';
import {
  collapseRare,
  countConfusion,
  isRight,
  knownClasses,
  OTHER,
  reordered,
} from '../../../../src/learning/evaluation/confusion.js';
import { clusteredOrder } from '../../../../src/learning/evaluation/seriation.js';
import { streamOf, uniform } from '../../../../src/learning/layers/chance.js';

// Targets and guesses of ten events over the classes 1 … 4 and UNK.
const GUESSES = {
  target: Int32Array.of(1, 1, 1, 1, 2, 2, 3, 4, 0, 0),
  guess: Int32Array.of(1, 1, 2, 1, 2, 1, 4, 4, 1, 0),
};

const chance = (what: number, at: number) => uniform(streamOf(what, 'confusion'), at);

/** As a table of counts by class, to compare with. */
function tableOf(confusion: ReturnType<typeof countConfusion>): Record<string, number> {
  const name = (place: number) => String(confusion.classes[place]!);
  return Object.fromEntries(
    Array.from(confusion.count, (count, cell) => [
      `${name(confusion.target[cell]!)}>${name(confusion.guess[cell]!)}`,
      count,
    ]),
  );
}

describe('counts', () => {
  test('every event is in one cell, frequent classes come first, UNK last', () => {
    const confusion = countConfusion(GUESSES);
    expect([...confusion.classes]).toEqual([1, 2, 4, 3, 0]);
    expect([...confusion.support]).toEqual([4, 2, 1, 1, 2]);
    expect([...confusion.predicted]).toEqual([5, 2, 2, 0, 1]);
    expect(tableOf(confusion)).toEqual({
      '1>1': 3,
      '1>2': 1,
      '2>2': 1,
      '2>1': 1,
      '3>4': 1,
      '4>4': 1,
      '0>1': 1,
      '0>0': 1,
    });
  });

  test('UNK that is answered by UNK is not right', () => {
    expect(countConfusion(GUESSES)).toMatchObject({ events: 10, right: 5 });
    expect(isRight(0, 0)).toBe(false);
    expect(isRight(3, 3)).toBe(true);
  });

  test('only the chosen events count', () => {
    const confusion = countConfusion(GUESSES, [0, 2, 6]);
    expect(tableOf(confusion)).toEqual({ '1>1': 1, '1>2': 1, '3>4': 1 });
    expect(confusion).toMatchObject({ events: 3, right: 1 });
  });

  test('a class that is often guessed and never comes is no rare one', () => {
    const confusion = countConfusion({ target: Int32Array.of(1, 1, 2), guess: Int32Array.of(7, 7, 7) });
    expect([...confusion.classes]).toEqual([7, 1, 2]);
  });
});

describe('rare classes', () => {
  test('become one, with their sums, and tell how many of theirs were right', () => {
    const collapsed = collapseRare(countConfusion(GUESSES), 1);
    expect([...collapsed.classes]).toEqual([1, 0, OTHER]);
    expect(tableOf(collapsed)).toEqual({
      '1>1': 3,
      '1>-1': 1,
      '0>1': 1,
      '0>0': 1,
      '-1>1': 1,
      '-1>-1': 3,
    });
    expect([...collapsed.support]).toEqual([4, 2, 4]);
    // 2>2 and 4>4, but not 3>4.
    expect(collapsed).toMatchObject({ events: 10, right: 5, rightOfOther: 2 });
    expect(knownClasses(collapsed)).toBe(1);
  });

  test('nothing changes where there are no more than are wanted', () => {
    const confusion = countConfusion(GUESSES);
    expect(collapseRare(confusion, 4)).toBe(confusion);
  });
});

describe('clusters', () => {
  test('classes that are taken for each other stand side by side, others apart by size', () => {
    // 1 and 4 are confused, as are 2 and 5; 3 is always right.
    const pairs: [number, number, number][] = [
      [1, 1, 50],
      [1, 4, 30],
      [4, 1, 9],
      [4, 4, 11],
      [2, 2, 30],
      [2, 5, 10],
      [5, 2, 5],
      [5, 5, 7],
      [3, 3, 45],
      [0, 1, 3],
    ];
    const target = Int32Array.from(pairs.flatMap(([came, , count]) => Array<number>(count).fill(came)));
    const guess = Int32Array.from(pairs.flatMap(([, said, count]) => Array<number>(count).fill(said)));
    const confusion = countConfusion({ target, guess });
    const ordered = reordered(confusion, clusteredOrder(confusion));
    expect([...ordered.classes]).toEqual([1, 4, 2, 5, 3, 0]);
    expect(tableOf(ordered)).toEqual(tableOf(confusion));
    expect(ordered.support[1]).toBe(20);
  });

  test('blocks that were shuffled are found again', () => {
    // Ten groups of eight; within a group each is taken for the others. Names tell nothing of the group.
    const [groups, size, events] = [10, 8, 40_000];
    const target = new Int32Array(events);
    const guess = new Int32Array(events);
    const name = (group: number, member: number) => 1 + (((member * groups + group) * 37) % (groups * size));
    for (let at = 0; at < events; at += 1) {
      const group = Math.floor(chance(1, at) * groups);
      target[at] = name(group, Math.floor(chance(2, at) * size));
      const isLost = chance(4, at) < 0.05;
      const other = isLost ? Math.floor(chance(5, at) * groups) : group;
      guess[at] = name(other, Math.floor(chance(3, at) * size));
    }
    const confusion = countConfusion({ target, guess });
    const { classes } = reordered(confusion, clusteredOrder(confusion));
    const groupOf = new Map(
      Array.from({ length: groups * size }, (_, at) => [
        name(at % groups, Math.floor(at / groups)),
        at % groups,
      ]),
    );
    const changes = [...classes].filter(
      (each, at) => at > 0 && groupOf.get(each) !== groupOf.get(classes[at - 1]!),
    );
    expect(changes).toHaveLength(groups - 1);
  });

  test('500 classes take less than a second', () => {
    const events = 100_000;
    const target = Int32Array.from({ length: events }, (_, at) => 1 + Math.floor(500 * chance(1, at) ** 2));
    const guess = target.map((each, at) =>
      chance(2, at) < 0.6 ? each : 1 + Math.floor(500 * chance(3, at)),
    );
    const confusion = countConfusion({ target, guess });
    expect(knownClasses(confusion)).toBe(500);
    const startedMs = performance.now();
    const order = clusteredOrder(confusion);
    const tookMs = performance.now() - startedMs;
    expect(new Set(order).size).toBe(500);
    expect(tookMs).toBeLessThan(1000);
  });
});
