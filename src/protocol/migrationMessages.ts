/**
 * What the view of migration records asks of the worker that owns them, and what it is told.
 *
 * A record is one call of `can_migrate_task`; rows are record numbers in the order of the file. What a file does not record
 * is `null`, never 0. Numbers of the kernel that need 64 bits are decimal strings.
 */

/** Counts of calls: `forced` (allowed although cache-hot) is part of `migrated`; null where the file does not tell. */
export interface CallCounts {
  readonly calls: number;
  readonly migrated: number;
  readonly forced: number | null;
}

export interface TypeCounts extends CallCounts {
  /** `enum migration_type` of the kernel. */
  readonly type: number;
  /** `load`, `util`, `task`, `misfit`; else the number. */
  readonly name: string;
}

export interface PairCounts extends CallCounts {
  readonly srcCpu: number;
  readonly dstCpu: number;
}

export interface IdleCounts extends CallCounts {
  readonly idle: IdleKind;
}

/** What the destination CPU was when it pulled: `env->idle`. */
export type IdleKind = 'busy' | 'idle' | 'newly idle';

/** A density over the logarithm of the duration; the area under it is 1 a decade. */
export interface LatencyDensity {
  readonly ns: readonly number[];
  readonly density: readonly number[];
}

/** Durations of the calls, with what the probe adds. Percentiles by nearest rank: values that occurred. */
export interface CallLatency {
  readonly count: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** Row of the longest call. */
  readonly maxRow: number;
  readonly density: LatencyDensity;
}

export interface MalformedLines {
  readonly count: number;
  /** The first ones. */
  readonly lines: readonly { readonly line: number; readonly reason: string; readonly excerpt: string }[];
}

/** Something to know before the numbers are used. */
export interface RecordsCaution {
  readonly kind:
    | 'never-ran'
    | 'scaled-loads'
    | 'two-clocks'
    | 'class-imbalance'
    | 'lost-records'
    | 'contradiction'
    | 'unordered';
  readonly severity: 'warning' | 'info';
  readonly title: string;
  readonly text: string;
}

export interface RecordsRemark {
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly line: number | null;
}

export interface MigrationSummary {
  readonly name: string;
  readonly format: string;
  readonly formatLabel: string;
  readonly rows: number;
  readonly migrated: number;
  readonly refused: number;
  readonly forced: number | null;
  /** Rows of tasks that had not run since they were forked or moved: their `delta` is no duration. */
  readonly neverRan: number;
  readonly tasks: number;
  /** Earliest and latest `ts`, absolute, ns. */
  readonly startNs: string;
  readonly endNs: string;
  readonly durationNs: number;
  readonly byType: readonly TypeCounts[] | null;
  readonly byIdle: readonly IdleCounts[];
  /** Most calls first. */
  readonly byPair: readonly PairCounts[] | null;
  readonly latency: CallLatency | null;
  readonly malformed: MalformedLines;
  readonly lostRecords: number;
  readonly cautions: readonly RecordsCaution[];
  readonly remarks: readonly RecordsRemark[];
  readonly hasComms: boolean;
  /** Columns that KernelOracle knows and this file has not, and the other way round. */
  readonly missingColumns: readonly string[];
  readonly unknownColumns: readonly string[];
}

/** While the file is being read there are no numbers yet, only how far it has come. */
export interface RecordsProgressMessage {
  readonly name: string;
  readonly rows: number;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
}

export type RecordsState =
  | { readonly kind: 'reading'; readonly progress: RecordsProgressMessage }
  | { readonly kind: 'ready'; readonly summary: MigrationSummary };

export type RecordOutcome = 'any' | 'migrated' | 'refused' | 'forced' | 'neverRan';

/** All conditions hold at once. */
export interface RecordFilter {
  /** Exact pid, or part of the comm whatever the case; empty matches all. */
  readonly text: string;
  readonly outcome: RecordOutcome;
  readonly type: number | null;
  readonly srcCpu: number | null;
  readonly dstCpu: number | null;
}

export const RECORD_SORT_KEYS = [
  'row',
  'ts',
  'comm',
  'pid',
  'outcome',
  'cpu',
  'srcCpu',
  'dstCpu',
  'type',
  'idle',
  'lat',
  'delta',
  'vruntime',
  'startRuntime',
  'taskLoadAvg',
  'taskUtilAvg',
  'nrMigrations',
  'srcLoad',
  'srcLoadAvg',
  'srcRunning',
  'srcUtilAvg',
  'dstLoad',
  'dstLoadAvg',
  'dstRunning',
  'dstUtilAvg',
  'imbalance',
  'balanceFailed',
  'cacheNiceTries',
  'loop',
  'lbFlags',
  'sdFlags',
] as const;

export type RecordSortKey = (typeof RECORD_SORT_KEYS)[number];

/** One call, as the table shows it. Times in ns. */
export interface RecordRow {
  readonly row: number;
  /** 1-based line of the source. */
  readonly line: number;
  /** Absolute, of the monotonic clock. */
  readonly ts: string;
  readonly pid: number;
  readonly comm: string | null;
  readonly migrated: boolean;
  readonly forced: boolean | null;
  readonly idle: IdleKind;
  /** The task had not run since it was forked or moved: `delta` is no duration. */
  readonly neverRan: boolean;
  readonly delta: string;
  readonly vruntime: string;
  readonly startRuntime: string;
  readonly imbalance: string;
  readonly cpu: number | null;
  readonly srcCpu: number | null;
  readonly dstCpu: number | null;
  readonly type: number | null;
  readonly lat: number | null;
  readonly taskLoadAvg: number;
  readonly taskUtilAvg: number;
  readonly nrMigrations: number;
  readonly srcLoad: number;
  readonly srcLoadAvg: number;
  readonly srcRunning: number;
  readonly srcUtilAvg: number;
  readonly dstLoad: number;
  readonly dstLoadAvg: number;
  readonly dstRunning: number;
  readonly dstUtilAvg: number;
  readonly balanceFailed: number;
  readonly cacheNiceTries: number;
  readonly loop: number | null;
  readonly lbFlags: number | null;
  readonly sdFlags: number | null;
}

/** What the view may ask. */
export interface MigrationRequests {
  recordsState: { params: Record<string, never>; result: RecordsState };
  records: {
    params: {
      readonly filter: RecordFilter;
      readonly sort: RecordSortKey;
      readonly descending: boolean;
      readonly offset: number;
      readonly limit: number;
    };
    result: { readonly total: number; readonly rows: readonly RecordRow[] };
  };
  /** Asks the user for a file and writes the rows that the filter leaves; null when the user gave up (host only). */
  saveRecords: {
    params: { readonly filter: RecordFilter };
    result: { readonly rows: number; readonly bytes: number; readonly path: string } | null;
  };
  /** Opens the source at a line (host only). */
  showRecordLine: { params: { readonly line: number }; result: null };
}

/** What the view is told without asking. */
export interface MigrationEvents {
  recordsUpdated: RecordsState;
  failed: { readonly message: string };
}

/** What the view keeps with `setState` across hiding and reloads. */
export interface MigrationViewState {
  readonly filter: RecordFilter;
  readonly sort: RecordSortKey;
  readonly descending: boolean;
}
