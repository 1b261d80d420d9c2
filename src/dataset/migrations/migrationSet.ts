/**
 * Calls of `can_migrate_task` of several recordings, as what models of the load balancer learn from: a row a call, in the
 * order of the recordings and, within one, of the file.
 */
import type { RecordColumnName } from '../../trace/migrations/recordColumns.js';

export interface MigrationRecording {
  readonly path: string;
  /** The file's name without what follows its first dot. */
  readonly name: string;
  /** Benchmark that ran: `hackbench_pipe`. */
  readonly workload: string;
  /** Machine that was recorded: `smp4`; null where nothing tells it. */
  readonly machine: string | null;
  readonly sha256: string;
  readonly firstRow: number;
  readonly rows: number;
  /** Lines that could not be read, and records that the collector lost. */
  readonly malformed: number;
  readonly lost: number;
  /** `migration_cost_ns` of the scheduler while it was recorded; null where nothing tells it. */
  readonly migrationCostNs?: number | null;
  /** Columns that others may have and this one does not; `forced`: it does not tell forced migrations in any way. */
  readonly lacks?: readonly RecordColumnName[];
  /** What is odd about it, each as a sentence without an end. */
  readonly remarks?: readonly string[];
}

/** A file that was found and not taken. */
export interface LeftOutFile {
  readonly path: string;
  readonly reason: string;
}

export interface MigrationSet {
  readonly rows: number;
  readonly recordings: readonly MigrationRecording[];
  readonly leftOut?: readonly LeftOutFile[];
  /** [rows] index into `recordings` */
  readonly recording: Uint16Array;
  /**
   * [rows] each; the columns that every recording has. Whole numbers, exact up to 2^53. `forced` is 1 where a call was
   * allowed although the task was hot, whichever way a recording tells it.
   */
  readonly columns: ReadonlyMap<RecordColumnName, Float64Array>;
}

/** 1: migrated? 2: does its history group end in a forced migration? 3: is this call forced? (Thesis, chapter 5.) */
export type Experiment = 1 | 2 | 3;

export interface Labelled {
  readonly experiment: Experiment;
  /** [rows] 1: positive */
  readonly labels: Uint8Array;
  readonly positives: number;
  /** [rows] number of the row's history group: same recording, pid, source, destination and number of migrations so far. */
  readonly groups: Uint32Array;
  readonly groupCount: number;
}

/** Rows of a set that were chosen, ascending, and the columns that are left, normalised: what a model is given. */
export interface FeatureTable {
  readonly rows: number;
  readonly names: readonly string[];
  /** [rows, names.length], a row behind the other */
  readonly values: Float32Array;
}
