/**
 * What perf does differently since 6.8. There is no such perf to compare with here; each expectation follows from
 * tools/perf/builtin-sched.c, util/evsel.c and util/machine.c as named beside it.
 */
import { describe, expect, it } from 'vitest';
import { schedLatency } from '../../../../src/analysis/perf/latency.js';
import { latencyText } from '../../../../src/analysis/perf/latencyText.js';
import { perfTaskState, type PerfCompat } from '../../../../src/analysis/perf/taskState.js';
import { timehist, type TimehistSwitch } from '../../../../src/analysis/perf/timehist.js';
import { TimehistText } from '../../../../src/analysis/perf/timehistText.js';
import type { EventStore } from '../../../../src/trace/model/eventStore.js';
import { importPerfScript } from '../../../support/perfOracle.js';

const encoder = new TextEncoder();

/** Events at whole microseconds of second 1, on CPU 0. */
function at(us: number, comm: string, tid: number, event: string): string {
  const time = `1.${String(us).padStart(6, '0')}`;
  return `${comm.padStart(16)} ${String(tid).padStart(7)} [000]     ${time}: ${event}\n`;
}
const change = (us: number, prev: string, prevPid: number, state: string, next: string, nextPid: number) =>
  at(
    us,
    prev,
    prevPid,
    `sched:sched_switch: prev_comm=${prev} prev_pid=${prevPid} prev_prio=120 prev_state=${state} ==> next_comm=${next} next_pid=${nextPid} next_prio=120`,
  );
const wake = (us: number, event: string, waker: string, wakerPid: number, comm: string, pid: number) =>
  at(us, waker, wakerPid, `sched:${event}: comm=${comm} pid=${pid} prio=120 target_cpu=000`);

async function store(...lines: string[]): Promise<EventStore> {
  return importPerfScript(encoder.encode(lines.join('')));
}

function switches(of: EventStore, compat: PerfCompat): TimehistSwitch[] {
  return [...timehist(of, { compat, unknown: 'as-perf' })].filter((row) => row.kind === 'switch');
}

const summary = (rows: TimehistSwitch[]) =>
  rows.map(({ label, waitNs, delayNs, runNs, state }) => [label, waitNs, delayNs, runNs, state]);

describe('previous states', () => {
  it.each([
    ['R', 'R', 'R'],
    // evsel__taskstate reads any bit beyond the kernel's letters, so TASK_REPORT_MAX, as R.
    ['R+', 'W', 'R'],
    ['S', 'S', 'S'],
    ['D', 'D', 'D'],
    // 6.1 indexes letters of an older kernel with the bits of a new one.
    ['I', 'K', 'I'],
    ['Z', 'X', 'Z'],
    ['X', 'Z', 'X'],
    ['P', 'x', 'P'],
    ['D|K', 'D', 'D'],
    ['0', 'R', 'R'],
    ['256', 'W', 'R'],
    ['128', 'K', 'I'],
    ['2', 'D', 'D'],
    ['2147483648', '?', 'R'],
    ['4294967296', 'R', 'R'],
    ['', '?', '?'],
  ])('%s is %s in 6.1 and %s in newer perf', (text, old, newer) => {
    expect(perfTaskState(text, 'perf-6.1').letter).toBe(old);
    expect(perfTaskState(text, 'perf-newer').letter).toBe(newer);
    expect(perfTaskState(text, 'perf-newer').isRunnable).toBe(newer === 'R');
    expect(perfTaskState(text, 'perf-6.1').isRunnable).toBe(old === 'R');
  });
});

describe('timehist', () => {
  it.each(['R', 'R+'])('a task preempted in %s waits for its CPU from that moment on', async (state) => {
    const trace = await store(
      change(10, 'a', 1, 'S', 'b', 2),
      change(20, 'b', 2, state, 'c', 3),
      change(50, 'c', 3, 'S', 'b', 2),
      change(60, 'b', 2, 'S', 'a', 1),
    );
    // 6.1 sets ready_to_run to 0 at every switch out; newer perf to the time of the switch out in state R.
    const letter = state === 'R' ? 'R' : 'W';
    expect(summary(switches(trace, 'perf-6.1'))).toEqual([
      ['a[1]', 0, 0, 0, 'S'],
      ['b[2]', 0, 0, 10_000, letter],
      ['c[3]', 0, 0, 30_000, 'S'],
      ['b[2]', 30_000, 0, 10_000, 'S'],
    ]);
    expect(summary(switches(trace, 'perf-newer'))).toEqual([
      ['a[1]', 0, 0, 0, 'S'],
      ['b[2]', 0, 0, 10_000, 'R'],
      ['c[3]', 0, 0, 30_000, 'S'],
      ['b[2]', 30_000, 30_000, 10_000, 'S'],
    ]);
  });

  it('a wakeup of a preempted task does not shorten its delay', async () => {
    const trace = await store(
      change(10, 'a', 1, 'S', 'b', 2),
      change(20, 'b', 2, 'R', 'c', 3),
      wake(30, 'sched_waking', 'c', 3, 'b', 2),
      change(50, 'c', 3, 'S', 'b', 2),
      change(60, 'b', 2, 'S', 'a', 1),
    );
    expect(switches(trace, 'perf-6.1')[3]?.delayNs).toBe(20_000);
    expect(switches(trace, 'perf-newer')[3]?.delayNs).toBe(30_000);
  });

  it('forgets a thread at its exit: its last row has no past, and is named by the switch', async () => {
    // machine__process_exit_event removes the thread; timehist_print_sample then takes prev_comm.
    const trace = await store(
      at(0, 'b', 2, 'PERF_RECORD_COMM: b:2/2'),
      at(0, 'a', 1, 'PERF_RECORD_COMM: a:1/1'),
      change(10, 'b', 2, 'S', 'a', 1),
      wake(15, 'sched_waking', 'a', 1, 'b', 2),
      change(20, 'a', 1, 'S', 'b', 2),
      at(25, 'b', 2, 'PERF_RECORD_EXIT(2:2):(1:1)'),
      change(30, 'b', 2, 'Z', 'a', 1),
    );
    expect(summary(switches(trace, 'perf-6.1'))[2]).toEqual(['b[2]', 10_000, 5_000, 10_000, 'X']);
    expect(summary(switches(trace, 'perf-newer'))[2]).toEqual(['b[2]', 0, 0, 10_000, 'Z']);
  });

  it('takes a number that is used again for a new thread in both', async () => {
    const trace = await store(
      at(0, 'b', 2, 'PERF_RECORD_COMM: b:2/2'),
      at(0, 'a', 1, 'PERF_RECORD_COMM: a:1/1'),
      change(10, 'b', 2, 'S', 'a', 1),
      at(15, 'a', 1, 'PERF_RECORD_FORK(2:2):(1:1)'),
      wake(16, 'sched_wakeup_new', 'a', 1, 'a', 2),
      change(20, 'a', 1, 'S', 'a', 2),
      change(30, 'a', 2, 'S', 'a', 1),
    );
    for (const compat of ['perf-6.1', 'perf-newer'] as const) {
      expect(summary(switches(trace, compat))[2]).toEqual(['a[2]', 0, 4_000, 10_000, 'S']);
    }
    const { rows } = schedLatency(trace, { compat: 'perf-6.1' });
    expect(rows.map(({ comm, pid, switches: count }) => [comm, pid, count])).toEqual([
      ['a', 2, 1],
      ['a', 1, 1],
    ]);
  });

  it('prints the line of units without a place for the state', async () => {
    const trace = await store(change(10, 'a', 1, 'S', 'b', 2));
    const units = (compat: PerfCompat) => new TimehistText(trace, { compat, state: true }).header()[1]!;
    expect(units('perf-6.1')).toBe(`${units('perf-newer')}       `);
  });
});

describe('latency', () => {
  it('starts at sched_waking where it was recorded; 6.1 does not know it', async () => {
    const trace = await store(
      change(10, 'b', 2, 'S', 'a', 1),
      wake(20, 'sched_waking', 'a', 1, 'b', 2),
      wake(23, 'sched_wakeup', 'a', 1, 'b', 2),
      change(30, 'a', 1, 'S', 'b', 2),
    );
    const delay = (compat: PerfCompat) =>
      schedLatency(trace, { compat }).rows.find((row) => row.pid === 2)?.maxDelayNs;
    expect(delay('perf-6.1')).toBe(7_000);
    expect(delay('perf-newer')).toBe(10_000);
  });

  it('counts a task preempted in R+ as waiting', async () => {
    const trace = await store(
      change(10, 'a', 1, 'R+', 'b', 2),
      change(20, 'b', 2, 'S', 'a', 1),
      wake(25, 'sched_wakeup', 'a', 1, 'b', 2),
    );
    const rows = (compat: PerfCompat) =>
      schedLatency(trace, { compat }).rows.map(({ pid, maxDelayNs }) => [pid, maxDelayNs]);
    // 6.1 takes it as asleep and no wakeup follows.
    expect(rows('perf-6.1')).toEqual([[2, 0]]);
    expect(rows('perf-newer')).toEqual([
      [1, 10_000],
      [2, 0],
    ]);
  });

  it('calls the switches a count', async () => {
    const trace = await store(change(10, 'a', 1, 'R', 'b', 2));
    const title = (compat: PerfCompat) => latencyText(trace, schedLatency(trace, { compat }), compat)[2];
    expect(title('perf-6.1')).toContain('| Switches |');
    expect(title('perf-newer')).toContain('|  Count   |');
  });
});
