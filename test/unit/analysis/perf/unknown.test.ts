import { describe, expect, it } from 'vitest';
import { schedLatency } from '../../../../src/analysis/perf/latency.js';
import { latencyText } from '../../../../src/analysis/perf/latencyText.js';
import {
  PerfStamp,
  cutBytes,
  cutMilliseconds,
  padBytes,
  roundedMilliseconds,
} from '../../../../src/analysis/perf/perfText.js';
import { timehist } from '../../../../src/analysis/perf/timehist.js';
import { TimehistText } from '../../../../src/analysis/perf/timehistText.js';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { EventType } from '../../../../src/trace/model/eventType.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';

/** Three tasks on one CPU, made without a tracer: no perf records, no run times. */
function switchesOnly(): EventStore {
  const store = new EventStore();
  const [a, b] = [store.tasks.intern(1, 'a'), store.tasks.intern(2, 'b')];
  const [sleeping, preempted] = [store.states.intern('S'), store.states.intern('R')];
  const add = (ns: number, prev: number, next: number, state: number) =>
    store.add(EventType.Switch, 5, ns, 0, prev, next, 120, 120, state, 0, 0, store.length + 1);
  add(1_000, a, b, preempted);
  add(3_000, b, a, sleeping);
  add(6_000, a, b, sleeping);
  add(7_000, b, 0, sleeping);
  add(9_000, 0, a, sleeping);
  return store;
}

describe('what a trace does not tell', () => {
  it('is null in timehist, and a dash in its text', () => {
    const store = switchesOnly();
    const rows = [...timehist(store, { compat: 'perf-newer' })].filter((row) => row.kind === 'switch');
    // Only the preempted task's wait is known to begin; idle waits for nobody.
    expect(rows.map((row) => row.delayNs)).toEqual([null, null, 2_000, null, 0]);
    expect(rows.map((row) => row.waitNs)).toEqual([0, 0, 2_000, 3_000, 0]);
    const text = new TimehistText(store, { compat: 'perf-newer' });
    const printed = rows.map((row) => text.line(row));
    expect(printed[0]).toBe(
      '       5.000001 [0000]  a[1]                                0.000          -      0.000 ',
    );
    expect(printed[2]).toBe(
      '       5.000006 [0000]  a[1]                                0.002      0.002      0.003 ',
    );
    expect(printed[4]).toBe(
      '       5.000009 [0000]  <idle>                              0.000      0.000      0.002 ',
    );
  });

  it('is null in latency, and a dash in its text', () => {
    const store = switchesOnly();
    const report = schedLatency(store, { compat: 'perf-6.1' });
    expect(report.totalRuntimeNs).toBeNull();
    expect(
      report.rows.map(({ comm, runtimeNs, averageDelayNs, maxDelayNs, switches }) => [
        comm,
        runtimeNs,
        averageDelayNs,
        maxDelayNs,
        switches,
      ]),
    ).toEqual([
      ['a', null, null, null, 1],
      ['b', null, null, null, 1],
    ]);
    expect(latencyText(store, report, 'perf-6.1')[4]).toBe(
      '  a:1                   |          - ms |        1 | avg:       - ms | max:       - ms | max start:            - s | max end:            - s',
    );
  });

  it('can be had as the zeros of perf', () => {
    const store = switchesOnly();
    const rows = [...timehist(store, { compat: 'perf-6.1', unknown: 'as-perf' })];
    expect(rows.map((row) => (row.kind === 'switch' ? row.delayNs : NaN))).toEqual([0, 0, 0, 0, 0]);
    const report = schedLatency(store, { compat: 'perf-6.1', unknown: 'as-perf' });
    expect(report.rows.map(({ runtimeNs, maxDelayNs }) => [runtimeNs, maxDelayNs])).toEqual([
      [0, 2_000],
      [0, 0],
    ]);
    expect(latencyText(store, report, 'perf-6.1')[5]).toContain(
      'max start:     0.000000 s | max end:     0.000000 s',
    );
  });

  it('leaves out the thread group where only the thread is known', () => {
    const store = switchesOnly();
    store.tasks.setTgid(store.tasks.intern(2, 'b'), 1);
    const labels = [...timehist(store, { compat: 'perf-6.1' })].map((row) =>
      row.kind === 'switch' ? row.label : '',
    );
    expect(labels).toEqual(['a[1]', 'b[2/1]', 'a[1]', 'b[2/1]', '<idle>']);
  });
});

describe("perf's numbers", () => {
  it('are cut off in timehist', () => {
    expect([0, 999, 1_000, 1_999_999, 12_345_678_901].map(cutMilliseconds)).toEqual([
      '0.000',
      '0.000',
      '0.001',
      '1.999',
      '12345.678',
    ]);
  });

  it('are rounded in latency as printf does, halves to even where they are exact', () => {
    // 62,500 ns is 0.0625 ms exactly: printf gives 0.062. 500 ns is a little more than 0.0005 in binary.
    expect([62_500, 187_500, 500, 1_500, 499, 501, 0].map(roundedMilliseconds)).toEqual([
      '0.062',
      '0.188',
      '0.001',
      '0.002',
      '0.000',
      '0.001',
      '0.000',
    ]);
  });

  it('keep nanoseconds of absolute times exact far from zero', () => {
    const store = new EventStore();
    store.add(EventType.Switch, 1_700_000_000, 999_999_999, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    const stamp = new PerfStamp(store);
    expect([0, 1, 1_000_000_001].map((ns) => stamp.text(ns))).toEqual([
      '1700000000.999999',
      '1700000001.000000',
      '1700000002.000000',
    ]);
  });

  it('are padded and cut by bytes', () => {
    expect(padBytes('äö', 6)).toBe('äö  ');
    expect(cutBytes('abcdef', 4)).toBe('abcd');
    expect(cutBytes('äöü', 4)).toBe('äö');
    expect(cutBytes('äöü', 6)).toBe('äöü');
  });
});

describe('a time stamp of more digits than a clock has', () => {
  it('costs its line, not the reports', async () => {
    const event =
      'sched:sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120';
    const text = `a 1 [000] 5.000001000: ${event}\nc 3 [000] ${'9'.repeat(400)}.000001000: ${event}\n`;
    const store = await importTrace(bytesSource('test', new TextEncoder().encode(text)), {
      format: 'perf-script',
    });
    expect(store.length).toBe(1);
    expect(schedLatency(store, { compat: 'perf-6.1' }).totalSwitches).toBeGreaterThan(0);
    expect([...timehist(store, { compat: 'perf-6.1' })]).toHaveLength(1);
  });
});
