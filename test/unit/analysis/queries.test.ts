import { describe, expect, it } from 'vitest';
import type { TraceAnalysis } from '../../../src/analysis/traceAnalysis.js';
import { ThreadState, type LaneId, type TaskSortKey } from '../../../src/protocol/traceMessages.js';
import { TraceBuilder } from './traceBuilder.js';

/**
 * Two CPUs. CPU 0: t1 runs, sleeps at 100, is woken by t2 at 150, runs 160…200, is preempted by t3 until 300, runs
 * to 400. CPU 1: t2 runs from 0 on.
 */
function sample(): TraceBuilder {
  return new TraceBuilder()
    .name(3, 'cc1 "plus", x')
    .switch(0, 0, 0, 'R', 1)
    .switch(0, 1, 0, 'R', 2)
    .switch(100, 0, 1, 'S', 0)
    .waking(150, 1, 1, 0)
    .wakeup(152, 1, 1, 0)
    .switch(160, 0, 0, 'R', 1)
    .wakeupNew(190, 1, 3, 0)
    .migrate(195, 1, 3, 1, 0)
    .switch(200, 0, 1, 'R+', 3)
    .switch(300, 0, 3, 'D|K', 1)
    .switch(400, 0, 1, 'S', 0)
    .tick(500, 1, 2);
}

function tasks(analysis: TraceAnalysis, sort: TaskSortKey = 'pid', descending = false, filter = '') {
  return analysis.tasks({ range: null, filter, sort, descending, offset: 0, limit: 100 });
}

describe('tasks', () => {
  const analysis = sample().analyse();

  it('tells what each thread did', () => {
    const [first, second, third] = tasks(analysis).rows;
    expect(first).toMatchObject({
      pid: 1,
      comm: 't1',
      tgid: null,
      runtimeNs: 240,
      switches: 3,
      wakeups: 1,
      migrations: 0,
      wakeupLatencyMeanNs: 10,
      wakeupLatencyP50Ns: 10,
      wakeupLatencyMaxNs: 10,
      wakeupLatencyMaxAtNs: 150,
      preemptionWaitTotalNs: 100,
      preemptionWaitMeanNs: 100,
      preemptionWaitMaxNs: 100,
      preemptionWaitMaxAtNs: 200,
    });
    expect(second).toMatchObject({ pid: 2, runtimeNs: 500, wakeups: 0, wakeupLatencyMaxNs: null });
    expect(third).toMatchObject({
      pid: 3,
      runtimeNs: 100,
      wakeups: 1,
      migrations: 1,
      wakeupLatencyMaxNs: 10,
    });
  });

  it('clips time to the range and counts a latency where it ends', () => {
    const range = { startNs: 155, endNs: 200 };
    const { rows } = analysis.tasks({
      range,
      filter: '1',
      sort: 'pid',
      descending: false,
      offset: 0,
      limit: 9,
    });
    expect(rows[0]).toMatchObject({ runtimeNs: 40, switches: 1, wakeups: 0, wakeupLatencyMaxNs: 10 });
    expect(rows[0]).toMatchObject({ preemptionWaitMaxNs: null, preemptionWaitTotalNs: 0 });
  });

  it('lists only who did something in a range', () => {
    const range = { startNs: 410, endNs: 450 };
    const { rows, total } = analysis.tasks({
      range,
      filter: '',
      sort: 'pid',
      descending: false,
      offset: 0,
      limit: 9,
    });
    expect([total, rows.map((row) => row.pid)]).toEqual([1, [2]]);
  });

  it('sorts both ways, unknown last, equals by pid', () => {
    const pids = (sort: TaskSortKey, descending: boolean) =>
      tasks(analysis, sort, descending).rows.map((row) => row.pid);
    expect(pids('runtimeNs', true)).toEqual([2, 1, 3]);
    expect(pids('runtimeNs', false)).toEqual([3, 1, 2]);
    expect(pids('wakeupLatencyMaxNs', true)).toEqual([1, 3, 2]);
    expect(pids('wakeupLatencyMaxNs', false)).toEqual([1, 3, 2]);
    expect(pids('comm', false)).toEqual([3, 1, 2]);
  });

  it('filters by part of the comm in any case, or the whole pid', () => {
    expect(tasks(analysis, 'pid', false, 'PLUS').rows.map((row) => row.pid)).toEqual([3]);
    expect(tasks(analysis, 'pid', false, '2').rows.map((row) => row.pid)).toEqual([2]);
    expect(tasks(analysis, 'pid', false, 'nobody').total).toBe(0);
  });

  it('pages', () => {
    const page = analysis.tasks({
      range: null,
      filter: '',
      sort: 'pid',
      descending: false,
      offset: 1,
      limit: 1,
    });
    expect([page.total, page.rows.map((row) => row.pid)]).toEqual([3, [2]]);
  });

  it('is copied as CSV with comms quoted', () => {
    const lines = analysis.tasksCsv({ range: null, filter: '' }).split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]!.startsWith('pid,tgid,comm,runtime_ns,switches')).toBe(true);
    expect(lines[1]!.startsWith('2,,t2,500,1,0,0,,,')).toBe(true);
    expect(lines[3]!.startsWith('3,,"cc1 ""plus"", x",100,1,1,1,10,10,')).toBe(true);
    expect(lines[4]).toBe('');
  });
});

describe('threads', () => {
  it('come with most run time first', () => {
    const trace = sample();
    const analysis = trace.analyse();
    const { rows, total } = analysis.threads({ filter: '', offset: 0, limit: 2 });
    expect([total, rows.map((row) => row.pid)]).toEqual([3, [2, 1]]);
    expect(analysis.threads({ filter: '3', offset: 0, limit: 9 }).rows.map((row) => row.pid)).toEqual([3]);
  });

  it('have names by number, former ones too', () => {
    const trace = new TraceBuilder()
      .name(5, 'bash')
      .switch(0, 0, 0, 'R', 5)
      .name(5, 'make')
      .exec(50, 0, 5, 5)
      .switch(100, 0, 5, 'S', 0);
    const { rows } = trace.analyse().threadNames({ threads: [trace.thread(5), 77] });
    expect(rows).toEqual([
      { thread: trace.thread(5), pid: 5, tgid: null, comm: 'make', formerComms: ['bash'] },
    ]);
  });
});

describe('cpus', () => {
  it('tell busy and idle time, depth and migrations', () => {
    const { rows } = sample().analyse().cpus({ range: null });
    expect(rows[0]).toMatchObject({
      cpu: 0,
      busyNs: 340,
      idleNs: 160,
      unknownNs: 0,
      switches: 6,
      migrationsIn: 1,
      depthMax: 2,
    });
    // 1 in 0…100 and 150…190, 2 in 190…300, 1 in 300…400.
    expect(rows[0]!.depthMean).toBeCloseTo((100 + 40 + 220 + 100) / 500, 12);
  });
});

describe('histogram', () => {
  const analysis = sample().analyse();

  it('counts the waits of all threads or of one', () => {
    const all = analysis.histogram({ range: null, thread: null });
    expect([all.wakeupCount, all.preemptionCount]).toEqual([2, 1]);
    expect(all.edgesNs).toHaveLength(all.wakeupLatency.length + 1);
    expect(all.edgesNs.slice(0, 3)).toEqual([0, 100, 158]);
    // Both latencies are 10 ns; the wait of exactly 100 ns stands in the bin that begins there.
    expect(all.wakeupLatency[0]).toBe(2);
    expect(all.preemptionWait[1]).toBe(1);
    expect(analysis.histogram({ range: null, thread: 2 }).wakeupCount).toBe(0);
  });

  it('has bins that ascend and hold every value', () => {
    const trace = new TraceBuilder().switch(0, 0, 0, 'R', 1);
    let now = 0;
    const lengths = [100, 158, 159, 999, 1000, 1584, 1585, 2_511_886, 2_511_887, 9_999_999_999];
    for (const length of lengths) {
      trace.switch((now += 10), 0, 1, 'S', 0).waking((now += 10), 0, 1, 0);
      trace.switch((now += length), 0, 0, 'R', 1);
    }
    const { edgesNs, wakeupLatency } = trace.analyse().histogram({ range: null, thread: null });
    wakeupLatency.forEach((count, bin) => {
      const expected = lengths.filter(
        (length) => length >= edgesNs[bin]! && length < edgesNs[bin + 1]!,
      ).length;
      expect([edgesNs[bin], count]).toEqual([edgesNs[bin], expected]);
      expect(edgesNs[bin + 1]).toBeGreaterThan(edgesNs[bin]!);
    });
    expect(wakeupLatency.reduce((sum, count) => sum + count, 0)).toBe(lengths.length);
  });
});

describe('wakers', () => {
  it('tell who woke whom and how long it took', () => {
    const trace = sample();
    const analysis = trace.analyse();
    const { rows } = analysis.wakers({ range: null, thread: null, limit: 10 });
    expect(rows.map((row) => [row.wakerPid, row.wokenPid, row.count, row.latencyMaxNs])).toEqual([
      [2, 1, 1, 10],
      [2, 3, 1, 10],
    ]);
    const ofOne = analysis.wakers({ range: null, thread: trace.thread(3), limit: 10 }).rows;
    expect(ofOne.map((row) => row.wokenPid)).toEqual([3]);
    const late = analysis.wakers({ range: { startNs: 155, endNs: 165 }, thread: null, limit: 10 }).rows;
    expect(late.map((row) => [row.count, row.latencyMeanNs])).toEqual([[0, 10]]);
  });
});

describe('slices', () => {
  const trace = sample();
  const analysis = trace.analyse();
  const cpu0: LaneId = { kind: 'cpu', cpu: 0 };
  const lane1: LaneId = { kind: 'thread', thread: trace.thread(1) };

  it('tell the wakeup that led to them, and the neighbours', () => {
    const slice = analysis.sliceAt({ lane: cpu0, atNs: 170 });
    expect(slice).toMatchObject({
      pid: 1,
      state: ThreadState.Running,
      cpu: 0,
      startNs: 160,
      endNs: 200,
      row: 5,
      line: 6,
      prio: 120,
      leftState: 'R+',
      preemptionWaitNs: null,
      wakeup: { row: 3, atNs: 150, latencyNs: 10, event: 'sched_waking', wakerPid: 2, wakerCpu: 1 },
      before: { pid: 0, startNs: 100, endNs: 160 },
      after: { pid: 3, startNs: 200, endNs: 300 },
    });
    expect(analysis.sliceAt({ lane: lane1, atNs: 170 })).toEqual(slice);
    expect(analysis.sliceAt({ lane: { kind: 'depth', cpu: 0 }, atNs: 170 })).toEqual(slice);
  });

  it('tell a preemption wait apart', () => {
    expect(analysis.sliceAt({ lane: cpu0, atNs: 300 })).toMatchObject({
      pid: 1,
      wakeup: null,
      preemptionWaitNs: 100,
      leftState: 'S',
    });
    expect(analysis.sliceAt({ lane: cpu0, atNs: 250 })).toMatchObject({ pid: 3, leftState: 'D|K' });
  });

  it('tell intervals of waiting and sleeping', () => {
    expect(analysis.sliceAt({ lane: lane1, atNs: 120 })).toMatchObject({
      state: ThreadState.Sleeping,
      cpu: null,
      startNs: 100,
      endNs: 150,
      leftState: 'S',
      wakeup: null,
      line: 3,
    });
    expect(analysis.sliceAt({ lane: lane1, atNs: 155 })).toMatchObject({
      state: ThreadState.Runnable,
      cpu: 0,
      wakeup: { latencyNs: 10, wakerPid: 2 },
    });
    expect(analysis.sliceAt({ lane: lane1, atNs: 250 })).toMatchObject({
      state: ThreadState.Preempted,
      cpu: 0,
      preemptionWaitNs: 100,
    });
  });

  it('that last to the end have no end', () => {
    expect(analysis.sliceAt({ lane: { kind: 'cpu', cpu: 1 }, atNs: 450 })).toMatchObject({
      pid: 2,
      endNs: null,
      after: null,
      leftState: null,
    });
  });

  it('of idle are told as such, and nothing outside the recording', () => {
    expect(analysis.sliceAt({ lane: cpu0, atNs: 120 })).toMatchObject({ thread: 0, pid: 0, comm: 'swapper' });
    expect(analysis.sliceAt({ lane: cpu0, atNs: 501 })).toBeNull();
    expect(analysis.sliceAt({ lane: cpu0, atNs: -1 })).toBeNull();
    expect(analysis.sliceAt({ lane: { kind: 'cpu', cpu: 8 }, atNs: 10 })).toBeNull();
  });

  it('are stepped through', () => {
    const step = (fromNs: number, direction: 1 | -1) =>
      analysis.step({ thread: trace.thread(1), fromNs, direction })?.startNs;
    expect([step(0, 1), step(160, 1), step(200, 1), step(300, 1)]).toEqual([160, 300, 300, undefined]);
    expect([step(500, -1), step(300, -1), step(160, -1), step(0, -1)]).toEqual([300, 160, 0, undefined]);
  });

  it('that began before the recording are told by the event that ended them', () => {
    const early = new TraceBuilder().tick(0, 0, 1).tick(10, 1, 9).switch(50, 0, 1, 'S', 0).tick(60, 1, 9);
    const detail = early.analyse().sliceAt({ lane: { kind: 'cpu', cpu: 0 }, atNs: 20 });
    expect(detail).toMatchObject({ pid: 1, startNs: 0, endNs: 50, row: 2, line: 3, before: null });
    const thread: LaneId = { kind: 'thread', thread: early.thread(1) };
    expect(early.analyse().sliceAt({ lane: thread, atNs: 20 })).toEqual(detail);
    expect(early.analyse().sliceAt({ lane: { kind: 'cpu', cpu: 1 }, atNs: 20 })).toBeNull();
  });
});
