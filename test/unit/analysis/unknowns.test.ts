import { describe, expect, it } from 'vitest';
import { TraceAnalysis } from '../../../src/analysis/traceAnalysis.js';
import { ThreadState } from '../../../src/protocol/traceMessages.js';
import { TraceBuilder } from './traceBuilder.js';

const STATUS = { name: 'x', complete: true, progress: { doneBytes: 1, totalBytes: undefined, events: 0 } };
const ALL = { range: null, filter: '', sort: 'pid', descending: false, offset: 0, limit: 100 } as const;

describe('a trace without wakeups', () => {
  const trace = new TraceBuilder()
    .switch(0, 0, 0, 'R', 1)
    .switch(100, 0, 1, 'S', 2)
    .switch(150, 0, 2, 'R', 1)
    .switch(200, 0, 1, 'S', 2)
    .switch(300, 0, 2, 'S', 0);
  const analysis = trace.analyse();

  it('has null, not zero, for what only wakeups tell', () => {
    const [row] = analysis.tasks(ALL).rows;
    expect(row).toMatchObject({
      runtimeNs: 150,
      wakeups: null,
      migrations: null,
      wakeupLatencyMeanNs: null,
      wakeupLatencyMaxNs: null,
    });
    expect(analysis.cpus({ range: null }).rows[0]).toMatchObject({ depthMean: null, depthMax: null });
    expect(analysis.histogram({ range: null, thread: null }).wakeupCount).toBeNull();
    expect(analysis.wakers({ range: null, thread: null, limit: 5 }).rows).toEqual([]);
    const summary = analysis.summary(STATUS);
    expect(summary).toMatchObject({ hasWakeups: false, latencyFrom: null, hasPrevStates: true });
  });

  it('still tells preemption', () => {
    expect(analysis.tasks(ALL).rows[1]).toMatchObject({ preemptionWaitMaxNs: 50, preemptionWaitTotalNs: 50 });
  });
});

describe('a trace that tells neither previous tasks nor states', () => {
  // As perf sched map: what a CPU switches to.
  const trace = new TraceBuilder()
    .switch(10, 0, null, '', 1)
    .switch(50, 0, null, '', 0)
    .switch(70, 0, null, '', 1)
    .switch(100, 0, null, '', 2);
  const analysis = trace.analyse();

  it('has run times, and unknown states in between', () => {
    const [first] = analysis.tasks(ALL).rows;
    expect(first).toMatchObject({ runtimeNs: 70, switches: 2, preemptionWaitTotalNs: null, wakeups: null });
    const timeline = analysis.model.threads[trace.thread(1)]!;
    const states = Array.from({ length: timeline.segmentCount }, (_, i) => timeline.stateOf(i)).slice(2);
    const { Running, Unknown } = ThreadState;
    expect(states).toEqual([Running, Unknown, Running, Unknown]);
    expect(analysis.summary(STATUS).hasPrevStates).toBe(false);
  });

  it('knows nothing of a CPU before its first switch', () => {
    expect(analysis.cpus({ range: null }).rows[0]).toMatchObject({ busyNs: 70, idleNs: 20, unknownNs: 0 });
    const other = new TraceBuilder()
      .switch(0, 0, null, '', 1)
      .switch(30, 1, null, '', 2)
      .switch(50, 0, null, '', 0);
    expect(other.analyse().cpus({ range: null }).rows[1]).toMatchObject({ busyNs: 20, unknownNs: 30 });
  });
});

describe('before the first switch of a CPU', () => {
  const trace = (overwritten: number | undefined) => {
    const builder = new TraceBuilder().switch(0, 0, 0, 'R', 1).tick(40, 1, 2).switch(100, 1, 2, 'S', 0);
    builder.store.metadata.overwrittenEvents = overwritten;
    return builder.analyse();
  };

  it('its task ran from the start of the recording, when nothing was overwritten', () => {
    expect(trace(0).cpus({ range: null }).rows[1]).toMatchObject({ busyNs: 100, unknownNs: 0 });
    expect(trace(0).tasks(ALL).rows[1]!.runtimeNs).toBe(100);
  });

  it('its task ran from its first event on, when the beginning may be missing', () => {
    for (const overwritten of [3, undefined]) {
      expect(trace(overwritten).cpus({ range: null }).rows[1]).toMatchObject({ busyNs: 60, unknownNs: 40 });
      expect(trace(overwritten).tasks(ALL).rows[1]!.runtimeNs).toBe(60);
    }
  });

  it('a wakeup of the task that turns out to run is none', () => {
    const builder = new TraceBuilder().switch(0, 0, 0, 'R', 1).waking(20, 0, 2, 1).switch(100, 1, 2, 'S', 0);
    expect(builder.analyse().tasks(ALL).rows[1]).toMatchObject({ runtimeNs: 100, wakeups: 0 });
  });
});

describe('exec by a thread that does not lead its group', () => {
  it('goes on running under the pid of the leader', () => {
    const trace = new TraceBuilder().switch(0, 0, 0, 'R', 11).exec(40, 0, 10, 11).switch(100, 0, 10, 'S', 0);
    const analysis = trace.analyse();
    expect(analysis.tasks(ALL).rows.map((row) => [row.pid, row.runtimeNs, row.switches])).toEqual([
      [10, 60, 0],
      [11, 40, 1],
    ]);
    expect(analysis.cpus({ range: null }).rows[0]).toMatchObject({ busyNs: 100, unknownNs: 0, switches: 2 });
    expect(analysis.summary(STATUS).remarks).toEqual([]);
    expect(analysis.sliceAt({ lane: { kind: 'thread', thread: trace.thread(10) }, atNs: 60 })).toMatchObject({
      pid: 10,
      startNs: 40,
      endNs: 100,
      before: { pid: 11 },
    });
  });
});

describe('summary', () => {
  it('tells the facts of the trace', () => {
    const trace = new TraceBuilder()
      .switch(5_000_000_000, 0, 0, 'R', 1)
      .waking(5_000_000_100, 0, 2, 3)
      .loss(1, 9)
      .switch(5_000_000_300, 0, 1, 'S', 0);
    const analysis = trace.analyse();
    expect(analysis.summary({ ...STATUS, complete: false })).toMatchObject({
      name: 'x',
      baseNs: '5000000000',
      startNs: 0,
      endNs: 300,
      events: 3,
      eventCounts: { sched_switch: 2, sched_waking: 1 },
      // CPU 3 is only the target of a wakeup; CPU 1 has lost all its events.
      cpus: [0, 1],
      threads: 2,
      losses: [{ cpu: 1, startNs: 0, endNs: 300, count: 9 }],
      lostEvents: 9,
      overwrittenEvents: 0,
      hasWakeups: true,
      latencyFrom: 'sched_waking',
      complete: false,
      doneBytes: 1,
      totalBytes: null,
    });
    expect(analysis.cpus({ range: null }).rows[1]).toMatchObject({ cpu: 1, unknownNs: 300, busyNs: 0 });
  });
});

describe('rows that come later', () => {
  it('change the answers', () => {
    const trace = new TraceBuilder().switch(0, 0, 0, 'R', 1).switch(100, 0, 1, 'S', 0);
    const analysis = new TraceAnalysis(trace.store);
    analysis.advance();
    expect(analysis.tasks(ALL).rows[0]!.runtimeNs).toBe(100);
    trace.switch(150, 0, 0, 'R', 1);
    expect(analysis.tasks(ALL).rows[0]!.runtimeNs).toBe(100);
    trace.tick(180, 0, 1);
    analysis.advance();
    expect(analysis.tasks(ALL).rows[0]!.runtimeNs).toBe(130);
    expect(analysis.threads({ filter: '', offset: 0, limit: 1 }).total).toBe(1);
    analysis.finish();
    expect(() => analysis.advance()).toThrow('finished');
  });
});
