/** What all collectors share: what is asked of them and what comes of it. */
import type { WorkloadCommand } from '../workloads/workload.js';

/** Events of group `sched` unless said otherwise. */
export interface TracefsSettings {
  readonly collector: 'tracefs';
  /** `sched_switch`, `sched_wakeup`, …; `group:name` for others. */
  readonly events: readonly string[];
  /** Event → filter expression of the kernel. */
  readonly filters: Readonly<Record<string, string>>;
  readonly bufferKbPerCpu: number;
  readonly overwrite: boolean;
  readonly clock: string;
  readonly format: 'trace.dat' | 'text';
}

export interface PerfSettings {
  readonly collector: 'perf';
  /** Tracepoints `sched:sched_switch`, …; the default set is what latency analysis needs. */
  readonly events: readonly string[];
  readonly bufferPages: number;
}

export interface PerfMapSettings {
  readonly collector: 'perf-map';
}

export interface BpftraceSettings {
  readonly collector: 'bpftrace';
  /** Name of a program in `media/remote/bpftrace/`. */
  readonly program: string;
  /** How long a task counts as cache-hot, for the time of the recording; restored then. Null: as it is. */
  readonly migrationCostNs: number | null;
}

export type CollectorSettings = TracefsSettings | PerfSettings | PerfMapSettings | BpftraceSettings;

/** What to collect, until when, into which file. */
export interface CollectionRequest {
  readonly settings: CollectorSettings;
  /** Ends with the workload, or after the duration, whichever is first; without both when it is stopped. */
  readonly workload: WorkloadCommand | null;
  readonly durationMs: number | null;
  readonly category: string;
  readonly run: number;
  /** The recording; `.meta.json` is put behind its name. */
  readonly path: string;
}

/** Null: the collector cannot tell while it runs. */
export interface CollectionCounters {
  readonly elapsedMs: number;
  readonly events: number | null;
  readonly eventsPerSecond: number | null;
  readonly lostEvents: number | null;
  /** Events by what they say, in the order in which they are shown (`forced`, …); null: of one kind. */
  readonly classes: readonly EventClass[] | null;
  readonly receivedBytes: number;
}

export interface EventClass {
  readonly name: string;
  readonly events: number;
}

export type CollectionPhase = 'preparing' | 'collecting' | 'finishing' | 'verifying' | 'done';

export interface CollectionProgress {
  readonly phase: CollectionPhase;
  readonly counters: CollectionCounters;
}

export interface CollectionControl {
  readonly onProgress: (progress: CollectionProgress) => void;
  /** Aborted: finish, keep what was collected. */
  readonly stop: AbortSignal;
  /** Aborted: drop everything. */
  readonly cancel: AbortSignal;
}

export interface CollectionResult {
  readonly path: string;
  readonly metaPath: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly counters: CollectionCounters;
  /** What the user should know: lost events, a workload that failed. */
  readonly remarks: readonly string[];
}
