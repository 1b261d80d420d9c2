/**
 * What the trace view asks of the worker that owns the trace, and what it is told.
 *
 * All times are numbers: nanoseconds after `TraceSummary.baseNs` (exact up to 104 days). Unknown quantities are
 * `null`, never 0. Rows are event numbers in order of time.
 */
import type { TimelineMigrationRequests, TimelineMigrations } from './timelineMigrations.js';

/** State of a thread between two of its events; values are stored in byte arrays. */
export enum ThreadState {
  /** Before the first event of the thread, across lost events, or not told by the format. */
  Unknown = 0,
  Running = 1,
  /** Woken up and waiting for a CPU. */
  Runnable = 2,
  /** Switched out while runnable (`R`, `R+`): waiting for a CPU again. */
  Preempted = 3,
  Sleeping = 4,
  Uninterruptible = 5,
  /** Stopped, traced, zombie, dead, parked or idle (`T t X Z P I`). */
  Other = 6,
}

/** A line of the timeline. Thread numbers are those of `TaskRow.thread`. */
export type LaneId =
  | { readonly kind: 'cpu'; readonly cpu: number }
  | { readonly kind: 'depth'; readonly cpu: number }
  | { readonly kind: 'thread'; readonly thread: number };

export interface TimeRange {
  readonly startNs: number;
  readonly endNs: number;
}

/** Where commands of the editor are to look: the start of the selected slice, or where its menu was opened. */
export interface TraceCursor {
  /** `null`: on none that is known. */
  readonly cpu: number | null;
  readonly atNs: number;
}

/**
 * Segments of one lane in order of time, never overlapping; nothing is drawn between them.
 * Where slices are narrower than a pixel, a segment is one pixel wide and summarises them.
 */
export interface LaneSegments {
  readonly lane: LaneId;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  /** cpu lane: the thread that ran (longest, if several). thread lane: the CPU (65535 unknown). depth lane: maximum depth. */
  readonly value: Uint32Array;
  /** `ThreadState`; cpu lane: Running, or Unknown for a hatched gap. thread lane: the state that took most time. */
  readonly state: Uint8Array;
  /** Share 0…1 of the segment's time spent busy (cpu), running (thread) or, for depth, the mean depth. */
  readonly fill: Float32Array;
  /** Number of slices summarised: 1 for an exact segment. */
  readonly count: Uint32Array;
}

export interface Loss {
  readonly cpu: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly count: number | null;
}

export interface SourceRemark {
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly line: number | null;
  /** Which of `TraceSummary.sources` it is about; null when there is one, or it is about all. */
  readonly source: number | null;
}

export interface TraceSummary {
  readonly name: string;
  /** Names of the files of a recording that lies in several; empty for one. */
  readonly sources: readonly string[];
  readonly format: string;
  readonly formatLabel: string;
  /** Absolute time in ns of offset 0, as a decimal string. */
  readonly baseNs: string;
  readonly startNs: number;
  readonly endNs: number;
  readonly events: number;
  readonly eventCounts: Readonly<Record<string, number>>;
  /** CPUs with events or losses, ascending. */
  readonly cpus: readonly number[];
  readonly threads: number;
  readonly losses: readonly Loss[];
  readonly lostEvents: number;
  readonly overwrittenEvents: number | null;
  readonly remarks: readonly SourceRemark[];
  readonly hasWakeups: boolean;
  readonly hasPrevStates: boolean;
  readonly hasTextLines: boolean;
  /** From which event wakeup latency counts in this trace. */
  readonly latencyFrom: 'sched_waking' | 'sched_wakeup' | null;
  /** Whether everything has been read; while false, numbers are of the part read so far. */
  readonly complete: boolean;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

/** Names by thread number. */
export interface ThreadName {
  readonly thread: number;
  readonly pid: number;
  readonly tgid: number | null;
  readonly comm: string;
  /** Earlier names, oldest first. */
  readonly formerComms: readonly string[];
}

export interface TaskRow extends ThreadName {
  readonly runtimeNs: number;
  readonly switches: number;
  readonly wakeups: number | null;
  /** Number of sched_migrate_task events; null when the trace has none at all. */
  readonly migrations: number | null;
  readonly wakeupLatencyMeanNs: number | null;
  readonly wakeupLatencyP50Ns: number | null;
  readonly wakeupLatencyP90Ns: number | null;
  readonly wakeupLatencyP99Ns: number | null;
  readonly wakeupLatencyMaxNs: number | null;
  /** Start (the wakeup) of the worst wakeup latency. */
  readonly wakeupLatencyMaxAtNs: number | null;
  /** Time spent preempted, waiting to run again. Kept apart from wakeup latency. */
  readonly preemptionWaitTotalNs: number | null;
  readonly preemptionWaitMeanNs: number | null;
  readonly preemptionWaitP50Ns: number | null;
  readonly preemptionWaitP90Ns: number | null;
  readonly preemptionWaitP99Ns: number | null;
  readonly preemptionWaitMaxNs: number | null;
  readonly preemptionWaitMaxAtNs: number | null;
}

export type TaskSortKey =
  | 'comm'
  | 'pid'
  | 'runtimeNs'
  | 'switches'
  | 'wakeups'
  | 'migrations'
  | 'wakeupLatencyMeanNs'
  | 'wakeupLatencyP50Ns'
  | 'wakeupLatencyP99Ns'
  | 'wakeupLatencyMaxNs'
  | 'preemptionWaitTotalNs'
  | 'preemptionWaitMaxNs';

export interface CpuRow {
  readonly cpu: number;
  readonly busyNs: number;
  readonly idleNs: number;
  /** Time covered by gaps (lost events) or before the CPU's first switch. */
  readonly unknownNs: number;
  readonly switches: number;
  readonly migrationsIn: number | null;
  /** Runnable threads waiting or running, time-weighted mean and maximum; null without wakeups. */
  readonly depthMean: number | null;
  readonly depthMax: number | null;
}

export interface Neighbour {
  readonly thread: number;
  readonly comm: string;
  readonly pid: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** One uninterrupted stay of a thread on a CPU, or (state not Running) one interval of its waiting or sleeping. */
export interface SliceDetail {
  readonly thread: number;
  readonly comm: string;
  readonly pid: number;
  readonly tgid: number | null;
  readonly prio: number | null;
  readonly state: ThreadState;
  /** CPU it ran on or waits for; null unknown. */
  readonly cpu: number | null;
  readonly startNs: number;
  /** null: it lasted to the end of the recording. */
  readonly endNs: number | null;
  /** Event that began it. */
  readonly row: number;
  /** State it left the CPU in, as the kernel printed it (`S`, `R+`, `D|K`), for Running slices; null unknown. */
  readonly leftState: string | null;
  /** Why it could run: the wakeup before this slice. null: none recorded (preempted, or format without wakeups). */
  readonly wakeup: {
    readonly row: number;
    readonly atNs: number;
    readonly latencyNs: number;
    readonly event: string;
    readonly wakerThread: number;
    readonly wakerComm: string;
    readonly wakerPid: number;
    readonly wakerCpu: number;
    /** Latency flags at the wakeup (`d.h3.`); empty when the format has none. */
    readonly flags: string;
  } | null;
  /** Wait after a preemption that ended with this slice. */
  readonly preemptionWaitNs: number | null;
  readonly before: Neighbour | null;
  readonly after: Neighbour | null;
  /** 1-based line of the source, and which of `TraceSummary.sources` it is in (0 when there is one). */
  readonly line: number;
  readonly source: number;
}

export interface Histogram {
  /** Lower edges of the bins in ns, then the last upper edge: bins + 1 values, logarithmic. */
  readonly edgesNs: readonly number[];
  readonly wakeupLatency: readonly number[];
  readonly preemptionWait: readonly number[];
  /** Values in all, and their percentiles; null without wakeups. */
  readonly wakeupCount: number | null;
  readonly preemptionCount: number | null;
}

export interface WakerRow {
  readonly wakerThread: number;
  readonly wakerComm: string;
  readonly wakerPid: number;
  readonly wokenThread: number;
  readonly wokenComm: string;
  readonly wokenPid: number;
  readonly count: number;
  readonly latencyMeanNs: number | null;
  readonly latencyMaxNs: number | null;
}

/** Requests by name: what is sent and what comes back. */
export interface TraceRequests extends TimelineMigrationRequests {
  summary: { params: Record<string, never>; result: TraceSummary };
  viewport: {
    params: { readonly range: TimeRange; readonly widthPx: number; readonly lanes: readonly LaneId[] };
    result: { readonly range: TimeRange; readonly lanes: readonly LaneSegments[] };
  };
  /** Threads in lane order: most run time first. */
  threads: {
    params: { readonly filter: string; readonly offset: number; readonly limit: number };
    result: { readonly total: number; readonly rows: readonly ThreadName[] };
  };
  threadNames: {
    params: { readonly threads: readonly number[] };
    result: { readonly rows: readonly ThreadName[] };
  };
  tasks: {
    params: {
      readonly range: TimeRange | null;
      readonly filter: string;
      readonly sort: TaskSortKey;
      readonly descending: boolean;
      readonly offset: number;
      readonly limit: number;
    };
    result: { readonly total: number; readonly rows: readonly TaskRow[] };
  };
  cpus: { params: { readonly range: TimeRange | null }; result: { readonly rows: readonly CpuRow[] } };
  histogram: {
    params: { readonly range: TimeRange | null; readonly thread: number | null };
    result: Histogram;
  };
  wakers: {
    params: { readonly range: TimeRange | null; readonly thread: number | null; readonly limit: number };
    result: { readonly rows: readonly WakerRow[] };
  };
  /** The slice or interval of a lane at a time; null where nothing is known. */
  sliceAt: { params: { readonly lane: LaneId; readonly atNs: number }; result: SliceDetail | null };
  /** The next or previous Running slice of a thread, counted from a time. */
  step: {
    params: { readonly thread: number; readonly fromNs: number; readonly direction: 1 | -1 };
    result: SliceDetail | null;
  };
  /** Opens the source at a line (host only). */
  showLine: { params: { readonly line: number; readonly source: number }; result: null };
  /** Says which range is selected now, for the commands of the editor (host only). */
  rangeSelected: { params: { readonly range: TimeRange | null }; result: null };
  /** Says where the cursor is, for the commands of the editor (host only). */
  cursorMoved: { params: { readonly cursor: TraceCursor | null }; result: null };
  /** Asks for format and file and writes the events of a range there (host only). */
  exportRange: { params: { readonly range: TimeRange }; result: null };
  /** Puts text into the clipboard (host only). */
  copyText: { params: { readonly text: string; readonly what: string }; result: null };
  /** Whole task table of a range as CSV. */
  tasksCsv: { params: { readonly range: TimeRange | null; readonly filter: string }; result: string };
}

/** Requests of the view that the host answers itself. */
export const HOST_METHODS = [
  'showLine',
  'copyText',
  'rangeSelected',
  'cursorMoved',
  'exportRange',
  'addMigrationRecords',
] as const;
export type HostMethod = (typeof HOST_METHODS)[number];

/** What the webview is told without asking. */
export interface TraceEvents {
  /** More has been read, or everything: ask again for what is shown. */
  updated: TraceSummary;
  /** Records were laid on the timeline, or were not: ask again for the marks that are shown. */
  migrationsUpdated: TimelineMigrations;
  /** The trace cannot be read; the message says why and what to do. */
  failed: { readonly message: string };
  /**
   * The host asks the view to show a range, a task, or what a CPU did at a moment (commands, links from other panels).
   * With a moment the range is what is to be in sight, else it is selected.
   */
  reveal: {
    readonly range: TimeRange | null;
    readonly thread: number | null;
    readonly moment?: { readonly cpu: number; readonly atNs: number } | undefined;
  };
}

/** What the webview keeps with `setState` across hiding and reloads. */
export interface TraceViewState {
  readonly range: TimeRange | null;
  readonly selection: TimeRange | null;
  readonly thread: number | null;
  readonly filter: string;
  /** Which migrations are marked, if the user has chosen. */
  readonly migrations?: string | undefined;
}
