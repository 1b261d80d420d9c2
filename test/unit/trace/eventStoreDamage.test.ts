import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/base/byteSource.js';
import { importTrace } from '../../../src/trace/importTrace.js';

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
