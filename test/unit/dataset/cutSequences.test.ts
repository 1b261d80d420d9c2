import { describe, expect, it } from 'vitest';
import { cutSequences, type Loss, type Stretch } from '../../../src/dataset/extract/cutSequences.js';
import { switchesOf } from '../../../src/dataset/extract/storeRows.js';
import { Symbols } from '../../../src/dataset/extract/switchRows.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { randomNumbers } from '../../support/randomNumbers.js';
import { addSwitch } from '../../support/storeBuilder.js';
import { switchRows } from '../../support/switchRows.js';

function timesOf(stretches: readonly Stretch[]): number[][] {
  return stretches.map(({ rows, start, end }) => [...rows.timeNs.subarray(start, end)]);
}

const rows = switchRows([10, 0, 1], [20, 1, 2], [30, 0, 3], [40, 1, 4], [50, 0, 5], [60, 1, 6], [70, 0, 7]);

describe('sequences', () => {
  it('are one for all CPUs, or one for each', () => {
    expect(timesOf(cutSequences(rows, [], false))).toEqual([[10, 20, 30, 40, 50, 60, 70]]);
    const perCpu = cutSequences(rows, [], true);
    expect(timesOf(perCpu)).toEqual([
      [10, 30, 50, 70],
      [20, 40, 60],
    ]);
    expect(perCpu.map(({ cpu }) => cpu)).toEqual([0, 1]);
  });

  it('end where any CPU lost events when CPUs are merged, and what others did meanwhile is left out', () => {
    const loss: Loss = { cpu: 1, afterNs: 20, beforeNs: 60 };
    expect(timesOf(cutSequences(rows, [loss], false))).toEqual([
      [10, 20],
      [60, 70],
    ]);
  });

  it('end only where their own CPU lost events when CPUs are apart', () => {
    const loss: Loss = { cpu: 0, afterNs: 30, beforeNs: 50 };
    expect(timesOf(cutSequences(rows, [loss], true))).toEqual([
      [10, 30],
      [50, 70],
      [20, 40, 60],
    ]);
  });

  it('begin after a loss at the start, end at one without an end, and are two at least', () => {
    expect(timesOf(cutSequences(rows, [{ cpu: 1, afterNs: undefined, beforeNs: 40 }], false))).toEqual([
      [40, 50, 60, 70],
    ]);
    expect(timesOf(cutSequences(rows, [{ cpu: 1, afterNs: 40, beforeNs: undefined }], false))).toEqual([
      [10, 20, 30, 40],
    ]);
    const alone: Loss[] = [
      { cpu: 0, afterNs: 10, beforeNs: 30 },
      { cpu: 0, afterNs: 30, beforeNs: 50 },
    ];
    expect(timesOf(cutSequences(rows, alone, false))).toEqual([[50, 60, 70]]);
  });

  it('end on both sides of every event of a moment in which events were lost', () => {
    const moment = switchRows([10, 0, 1], [20, 0, 2], [30, 0, 3], [30, 0, 4], [30, 0, 5], [40, 0, 6]);
    expect(timesOf(cutSequences(moment, [{ cpu: 0, afterNs: 30, beforeNs: 30 }], true))).toEqual([
      [10, 20],
      [30, 40],
    ]);
  });

  it('never hold two events with a loss between them, whatever was lost', () => {
    const random = randomNumbers(3);
    for (let round = 0; round < 200; round += 1) {
      const many = switchRows(...Array.from({ length: 60 }, (_, at) => [10 * at, random(3), at] as const));
      const losses = Array.from({ length: random(6) }, () => {
        const cpu = random(3);
        const own = [...many.timeNs].filter((_, row) => many.cpu[row] === cpu);
        const at = random(own.length - 1);
        return { cpu, afterNs: own[at], beforeNs: own[at + 1] };
      });
      for (const { rows: kept, start, end, cpu } of cutSequences(many, losses, round % 2 === 0)) {
        for (let row = start + 1; row < end; row += 1) {
          const [from, to] = [kept.timeNs[row - 1]!, kept.timeNs[row]!];
          const between = losses.filter(
            (loss) => (cpu === null || cpu === loss.cpu) && loss.afterNs! < to && loss.beforeNs! > from,
          );
          expect(between).toEqual([]);
        }
      }
    }
  });

  it('are in order of time also when the source is not', () => {
    const shuffled = switchRows([30, 0, 3], [10, 0, 1], [20, 0, 2], [10, 0, 9]);
    expect([...shuffled.task]).toEqual([1, 9, 2, 3]);
  });
});

describe('switches of a store', () => {
  it('have the numbers that tasks and states of the data set have, whatever those of the store are', () => {
    const symbols = new Symbols();
    const known = symbols.tasks.intern(8, 'task8');
    const store = new EventStore();
    addSwitch(store, 1000, 0, 0, 7);
    addSwitch(store, 2000, 1, 7, 8);
    addSwitch(store, 3000, 0, 8, 0);
    const { length, timeNs, task, cpu, state } = switchesOf(store, symbols);
    expect({ length, times: [...timeNs], cpus: [...cpu] }).toEqual({
      length: 3,
      times: [0, 1000, 2000],
      cpus: [0, 1, 0],
    });
    expect([...task]).toEqual([symbols.tasks.intern(7, 'task7'), known, 0]);
    expect([...state].map((each) => symbols.states.get(each))).toEqual(['S', 'S', 'S']);
  });
});
