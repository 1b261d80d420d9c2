import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/base/byteSource.js';
import { importTrace } from '../../../src/trace/importTrace.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { EventType } from '../../../src/trace/model/eventType.js';
import { NO_TASK } from '../../../src/trace/model/taskTable.js';

function waking(microseconds: number, cpu = 0): string {
  const seconds = Math.floor(microseconds / 1e6);
  const fraction = String(microseconds % 1e6).padStart(6, '0');
  return `          <idle>-0       [00${cpu}] d..2.  ${seconds}.${fraction}: sched_waking: comm=a pid=5 prio=120 target_cpu=000\n`;
}

const open = (text: string) => importTrace(bytesSource('damaged', Buffer.from(`# tracer: nop\n${text}`)));

describe('a damaged source', () => {
  it('with a time stamp out of all bounds loses that event only', async () => {
    const store = await open(waking(1000) + waking(3000) + waking(3e16) + waking(5000));
    expect(store.length).toBe(3);
    expect(store.endNs - store.startNs).toBe(4e6);
    expect(store.isSorted).toBe(true);
    expect(store.diagnostics[0]).toMatchObject({
      severity: 'warning',
      message: expect.stringContaining('104 days') as unknown,
    });
  });

  it.each(['65535', '4294967295', '9007199254740991', '-32769'])(
    'with a wakeup to CPU %s loses that event only',
    async (cpu) => {
      const bad = waking(2000).replace('target_cpu=000', `target_cpu=${cpu}`);
      const store = await open(waking(1000) + bad + waking(3000));
      expect(store.length).toBe(2);
      expect(store.diagnostics).toHaveLength(1);
      expect(store.diagnostics[0]).toMatchObject({ severity: 'warning', line: 3 });
    },
  );

  it.each(['4294967296', '2147483648', '9007199254740991'])('does not know who has pid %s', async (pid) => {
    const store = await open(waking(1000) + waking(2000).replace('pid=5', `pid=${pid}`));
    expect(Array.from(store.subject.subarray(0, 2))).toEqual([store.tasks.threadOf(5), NO_TASK]);
  });

  it.each(['9223372036854775807', '0', '999999'])('does not believe in %s CPUs', async (cpus) => {
    const store = await open(`# entries-in-buffer/entries-written: 5/10   #P:${cpus}\n${waking(1000)}`);
    expect(store.metadata.cpuCount).toBeUndefined();
  });

  it('does not believe in numbers of events beyond what is counted', async () => {
    const written = '9'.repeat(400);
    const text = `# entries-in-buffer/entries-written: 5/${written}   #P:2\nCPU:0 [LOST ${written} EVENTS]\n`;
    const store = await open(text + waking(1000));
    expect(store.metadata.overwrittenEvents).toBeUndefined();
    expect(store.losses.map(({ count }) => count)).toEqual([undefined]);
  });

  it('whose first time is beyond all clocks begins with the next event', async () => {
    const store = await open(waking(1e18) + waking(3000) + waking(5000));
    expect(store.length).toBe(2);
    expect(store.baseNs).toBe(3_000_000n);
  });

  it('with very many reports of lost events is read in linear time', async () => {
    const count = 50_000;
    const events = (from: number) => Array.from({ length: count }, (_, at) => waking(from + at)).join('');
    const losses = 'CPU:7 [LOST 3 EVENTS]\nCPU:0 [LOST 1 EVENTS]\n'.repeat(count);
    const store = await open(events(0) + losses + events(count) + waking(2 * count, 7));
    // Looking back from each report, and through all open ones at each event, took minutes: the time limit of tests.
    expect(store.losses).toHaveLength(2 * count);
    expect(store.losses[0]).toMatchObject({ cpu: 7, afterNs: undefined, beforeNs: 2 * count * 1000 });
    expect(store.losses[1]).toMatchObject({
      cpu: 0,
      afterNs: (count - 1) * 1000,
      beforeNs: count * 1000,
    });
  });
});

describe('a store', () => {
  const add = (store: EventStore, offset: number, cpu = 0) =>
    store.addAt(EventType.Exit, offset, cpu, 0, 0, 0, 0, 0, 0, 0, 1);

  it('takes no time beyond all clocks for its base', () => {
    const store = new EventStore();
    expect(() => add(store, store.offsetOf(2n ** 64n - 1n))).toThrow(/104 days/);
    expect(store.offsetOf(7_000n)).toBe(0);
    add(store, store.offsetOf(7_005n));
    expect(store.absoluteNs(0)).toBe(7_005n);
  });

  it('has no CPU beyond 65534', () => {
    const store = new EventStore();
    expect(() => add(store, 0, 65_535)).toThrow(/CPU 65535/);
    expect(() => store.addLoss(70_000, 1, 1)).toThrow(/CPU 70000/);
    expect([store.length, store.losses.length, store.cpuLimit]).toEqual([0, 0, 0]);
  });
});
