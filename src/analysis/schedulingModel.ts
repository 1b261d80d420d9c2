import { AnalysedTrace } from './analysedTrace.js';
import type { CpuTimeline } from './cpuTimeline.js';
import type { RunQueueDepth } from './runQueueDepth.js';
import type { ThreadTimeline } from './threadTimeline.js';
import { Uint32List } from './uint32List.js';

/** Everything the analysis knows of a CPU. */
export interface CpuRecord {
  readonly cpu: number;
  readonly timeline: CpuTimeline;
  readonly depth: RunQueueDepth;
  /** Whether events or losses of this CPU are in the recording; others are only named as targets of wakeups. */
  readonly isRecorded: boolean;
  /** How often its switches contradict what came before, so that some are missing although no loss is reported. */
  readonly unreportedGaps: number;
}

/** What the pass over the events leaves behind and the queries read. */
export class SchedulingModel extends AnalysedTrace {
  /** By thread number. That of idle (0) stays empty: idle runs on many CPUs at once. */
  readonly threads: ThreadTimeline[] = [];
  /** Running time by thread, ns, of the stays on a CPU that have ended. */
  endedRuntimeNs = new Float64Array(0);
  /** By CPU number, with holes. */
  readonly cpus: (CpuRecord | undefined)[] = [];
  /** Rows of sched_migrate_task. */
  readonly migrations = new Uint32List(64);
  /** CPUs with events or losses, ascending. */
  cpuRecords(): CpuRecord[] {
    return this.cpus.filter((record) => record?.isRecorded === true) as CpuRecord[];
  }

  /** Bytes allocated by lists and pyramids. */
  allocatedBytes(): number {
    let sum = this.migrations.allocatedBytes;
    for (const thread of this.threads) sum += thread.allocatedBytes;
    for (const { timeline, depth } of this.cpuRecords()) {
      sum += timeline.allocatedBytes + depth.allocatedBytes;
    }
    return sum;
  }
}
