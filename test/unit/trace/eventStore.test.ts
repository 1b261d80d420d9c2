import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../src/base/errors.js';
import { bytesSource } from '../../../src/base/byteSource.js';
import { importTrace } from '../../../src/trace/importTrace.js';
import { EventType } from '../../../src/trace/model/eventType.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { addRuntime, addSwitch } from '../../support/storeBuilder.js';

describe('EventStore', () => {
  it('keeps times exact to the nanosecond, also far from its base and before it', () => {
    const store = new EventStore();
    store.add(EventType.Switch, 1_700_000_000, 123_456_789, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    store.add(EventType.Switch, 1_700_000_000 + 9_000_000, 999_999_999, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    store.add(EventType.Switch, 1_699_999_999, 1, 0, 0, 0, 0, 0, 0, 0, 0, 3);
    expect([0, 1, 2].map((row) => store.absoluteNs(row))).toEqual([
      1_700_000_000_123_456_789n,
      1_709_000_000_999_999_999n,
      1_699_999_999_000_000_001n,
    ]);
    expect(store.isSorted).toBe(false);
    expect(store.startNs).toBeLessThan(0);
    expect(store.baseNs + BigInt(store.startNs)).toBe(1_699_999_999_000_000_001n);
  });

  it('refuses a time more than 104 days away and says where it is', () => {
    const store = new EventStore();
    addSwitch(store, 5_000, 0, 0, 1, 1);
    const far = () => addSwitch(store, 105 * 86_400 * 1e9, 0, 1, 0, 77);
    expect(far).toThrow(/^Line 77: .*104 days/);
    try {
      far();
    } catch (error) {
      expect(isFailure(error, 'bad-input')).toBe(true);
    }
    expect(store.length).toBe(1);
    const earlier = new EventStore();
    addSwitch(earlier, 105 * 86_400 * 1e9, 0, 0, 1);
    expect(() => addSwitch(earlier, 0, 0, 1, 0)).toThrow(/104 days/);
  });

  it('grows by itself, and keeps everything while it does', () => {
    const store = new EventStore();
    const rows = 200_003;
    for (let row = 0; row < rows; row += 1) {
      if (row % 3 === 0) addRuntime(store, row * 1000, row % 5, 1, row, BigInt(row) * 7n);
      else addSwitch(store, row * 1000, row % 5, 1, 2);
    }
    expect(store.length).toBe(rows);
    expect(store.countOf(EventType.StatRuntime)).toBe(Math.ceil(rows / 3));
    expect(store.cpuLimit).toBe(5);
    for (let row = 0; row < rows; row += 3) {
      if (store.arg[row] !== row || store.vruntimeNs![row] !== BigInt(row) * 7n)
        throw new Error(`row ${row}`);
    }
    expect(store.residentBytes()).toBe(40 * rows);
    expect(store.residentBytes() / rows).toBeLessThanOrEqual(40);
  });

  it('reserves room without changing what is there, and never shrinks', () => {
    const store = new EventStore();
    addSwitch(store, 1000, 0, 0, 1);
    addRuntime(store, 2000, 0, 1, 500, -1n);
    store.reserve(300_000);
    const { timeNs, vruntimeNs } = store;
    expect(timeNs.length).toBe(300_000);
    expect(vruntimeNs?.length).toBe(300_000);
    expect(vruntimeNs?.[1]).toBe(-1n);
    store.reserve(10);
    addSwitch(store, 3000, 0, 1, 0);
    expect(store.timeNs).toBe(timeNs);
    expect(store.length).toBe(3);
  });

  it('answers sensibly while it is empty', () => {
    const store = new EventStore();
    expect([store.startNs, store.endNs]).toEqual([NaN, NaN]);
    expect([store.length, store.cpuLimit, store.firstRowAtOrAfter(0)]).toEqual([0, 0, 0]);
    expect(store.eventCounts()).toEqual({});
    expect(store.isSorted).toBe(true);
    store.sortByTime();
    expect(store.hasWakeups).toBe(false);
  });

  it('finds the first row at or after a time', () => {
    const store = new EventStore();
    for (const time of [1000, 2000, 2000, 5000]) addSwitch(store, time, 0, 0, 1);
    expect([-1, 0, 1, 1000, 1001, 4000, 4001].map((offset) => store.firstRowAtOrAfter(offset))).toEqual([
      0, 0, 1, 1, 3, 3, 4,
    ]);
  });
});

describe('EventStore.sortByTime', () => {
  /** Small and repeatable; nothing of the test depends on its quality. */
  function* random(seed: number): Generator<number> {
    for (let x = seed; ; yield x) x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
  }

  it.each([2, 3, 7, 64, 333])('is stable with %i ascending runs, in all columns', (runs) => {
    const store = new EventStore();
    const numbers = random(runs);
    const perRun = 500;
    for (let run = 0; run < runs; run += 1) {
      for (let at = 0; at < perRun; at += 1) {
        // Steps of 0 make equal times within a run, the coarse grid makes them between runs.
        const time = (10 + at) * 1000 + (Number(numbers.next().value) % 2) * 1000;
        addRuntime(store, time, run % 8, 1 + (run % 3), store.length, BigInt(store.length));
      }
    }
    expect(store.isSorted).toBe(false);
    store.sortByTime();
    expect(store.isSorted).toBe(true);
    for (let row = 0; row < store.length; row += 1) {
      const source = store.line[row]! - 1;
      if (store.arg[row] !== source) throw new Error('arg left its row');
      if (store.vruntimeNs![row] !== BigInt(source)) throw new Error('vruntime left its row');
      const run = Math.floor(source / perRun);
      if (store.cpu[row] !== run % 8 || store.tasks.pids[store.actor[row]!] !== 1 + (run % 3)) {
        throw new Error('a column left its row');
      }
      if (row === 0) continue;
      const [before, here] = [store.timeNs[row - 1]!, store.timeNs[row]!];
      if (here < before || (here === before && store.line[row]! < store.line[row - 1]!)) {
        throw new Error(`row ${row} is out of order`);
      }
    }
  });

  it('turns a reversed trace round and can be appended to afterwards', () => {
    const store = new EventStore();
    for (let time = 1000; time > 0; time -= 1) addSwitch(store, time * 1000, 0, 0, 1);
    store.sortByTime();
    expect(store.timeNs[0]).toBe(store.startNs);
    expect(store.absoluteNs(0)).toBe(1000n);
    addSwitch(store, 2_000_000, 3, 1, 0);
    expect(store.isSorted).toBe(true);
    expect(store.absoluteNs(1000)).toBe(2_000_000n);
  });
});

describe('losses', () => {
  it('lie between the last event of their CPU and the next one', () => {
    const store = new EventStore();
    store.addLoss(1, 5, 1);
    addSwitch(store, 1000, 0, 0, 1);
    addSwitch(store, 2000, 1, 0, 2);
    store.addLoss(0, 7, 4);
    store.addLoss(0, undefined, 5);
    addSwitch(store, 3000, 1, 2, 0);
    addSwitch(store, 4000, 0, 1, 0);
    store.addLoss(9, 1, 8);
    expect(store.losses).toEqual([
      { cpu: 1, afterNs: undefined, beforeNs: 1000, count: 5, line: 1 },
      { cpu: 0, afterNs: 0, beforeNs: 3000, count: 7, line: 4 },
      { cpu: 0, afterNs: 0, beforeNs: 3000, count: undefined, line: 5 },
      { cpu: 9, afterNs: undefined, beforeNs: undefined, count: 1, line: 8 },
    ]);
    expect(store.lostEventCount()).toBe(13);
    // A CPU that only lost events is a CPU of the trace all the same.
    expect(store.cpuLimit).toBe(10);
  });
});

describe('the time that counts from the start', () => {
  it('is that from the earliest event, however the rows came', async () => {
    const line = (seconds: string, from: number, to: number) =>
      `  a-${from} [000] d..2. ${seconds}: sched_switch: prev_comm=a prev_pid=${from} prev_prio=120 prev_state=S ==> next_comm=b next_pid=${to} next_prio=120\n`;
    const lost = 'CPU:0 [LOST 3 EVENTS]\n';
    const text = line('7.000005', 1, 2) + line('7.000001', 3, 1) + lost + line('7.000009', 2, 3);
    const store = await importTrace(bytesSource('test', new TextEncoder().encode(text)), {
      format: 'tracefs-text',
    });
    expect([...store.timeNs.subarray(0, 3)]).toEqual([0, 4000, 8000]);
    expect([store.startNs, store.endNs, store.baseNs]).toEqual([0, 8000, 7_000_001_000n]);
    expect(store.losses).toMatchObject([{ afterNs: 0, beforeNs: 8000, count: 3 }]);
    expect(store.moveBase()).toBe(false);
  });
});
