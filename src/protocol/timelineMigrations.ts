/**
 * Migrations on the timeline: what the trace view asks about them. Decisions of the load balancer come from migration
 * records that were made together with the trace, other moves from the trace's own sched_migrate_task events.
 *
 * Times are nanoseconds after the trace's base, as everywhere in the trace view.
 */
import type { RecordRow } from './migrationMessages.js';

/** What a mark says. Higher ones are drawn over lower ones. */
export enum MigrationKind {
  /** sched_migrate_task without a decision of the load balancer: placed at its wakeup, exec, affinity, … */
  Moved = 0,
  /** `can_migrate_task` said no. */
  Refused = 1,
  /** `can_migrate_task` said yes. */
  Allowed = 2,
  /** It said yes although the task was cache-hot. */
  Forced = 3,
}

export const MIGRATION_KINDS: readonly MigrationKind[] = [
  MigrationKind.Moved,
  MigrationKind.Refused,
  MigrationKind.Allowed,
  MigrationKind.Forced,
];

/**
 * Marks on the lane of the CPU that a task goes to: by kind, lowest first, and within a kind in order of time. Where several of
 * a kind fall into one pixel they are one mark.
 */
export interface MigrationMarks {
  readonly cpu: number;
  readonly kind: Uint8Array;
  /** Of the first and the last one that it stands for. */
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly count: Uint32Array;
  /** Number of the first one among all of its kind; `migration` tells more of it. */
  readonly item: Uint32Array;
}

/** How the records' clock was laid on the trace's. */
export interface RecordsClock {
  /**
   * `checked`: moves of the trace follow the calls that allowed them. `unchecked`: both say that they have the same clock, but
   * there is nothing to check that with. `unaligned`: the times cannot be compared, and nothing is drawn.
   */
  readonly verdict: 'checked' | 'unchecked' | 'unaligned';
  /** What is added to times of the records, ns, as a decimal string: both clocks may count from anywhere. */
  readonly offsetNs: string;
  readonly driftPpm: number;
  /** Calls that allowed a migration while the trace was recorded, and how many of them a move follows. */
  readonly calls: number;
  readonly matches: number;
  /** From the end of the call to the move, median, ns; null without matches. */
  readonly delayNs: number | null;
}

/** A file of migration records that was laid on the timeline, or why it was not. */
export interface RecordsOnTimeline {
  readonly name: string;
  /** Found by its description beside the trace, opened together with it, or added by the user. */
  readonly origin: 'beside' | 'opened' | 'added';
  readonly calls: number;
  readonly allowed: number;
  /** Null: the records do not tell. */
  readonly forced: number | null;
  readonly isDrawn: boolean;
  /** Null: it could not be read. */
  readonly clock: RecordsClock | null;
  /** All of this in sentences. */
  readonly text: string;
}

export interface TimelineMigrations {
  /** Whether the trace has been read; before that nothing is known. */
  readonly isReady: boolean;
  /** sched_migrate_task events of the trace. */
  readonly moves: number;
  readonly files: readonly RecordsOnTimeline[];
}

/** One migration, or one call that refused it. */
export interface MigrationDetail {
  readonly kind: MigrationKind;
  readonly item: number;
  readonly atNs: number;
  readonly pid: number;
  /** Null: not in the trace. */
  readonly thread: number | null;
  readonly comm: string | null;
  readonly fromCpu: number | null;
  readonly toCpu: number;
  /** The trace's own event of the move: the same for `Moved`; null where none follows the call. */
  readonly move: { readonly atNs: number; readonly line: number; readonly source: number } | null;
  /** Null for `Moved`. */
  readonly record: RecordRow | null;
  /** File of the record. */
  readonly file: string | null;
  /** Place among all of its kind on the timeline, from 1, and how many there are. */
  readonly place: number;
  readonly total: number;
}

interface Range {
  readonly startNs: number;
  readonly endNs: number;
}

export interface TimelineMigrationRequests {
  migrations: { params: Record<string, never>; result: TimelineMigrations };
  migrationMarks: {
    params: {
      readonly range: Range;
      /** Marks of a kind closer than this share of the range become one: the width in units of a mark's own width. */
      readonly columns: number;
      readonly cpus: readonly number[];
      readonly kinds: readonly MigrationKind[];
    };
    result: { readonly range: Range; readonly lanes: readonly MigrationMarks[] };
  };
  migration: {
    params: { readonly kind: MigrationKind; readonly item: number };
    result: MigrationDetail | null;
  };
  /** The next or previous one of a kind: after the one given, else counted from a time. */
  stepMigration: {
    params: {
      readonly kind: MigrationKind;
      readonly fromNs: number;
      readonly item: number | null;
      readonly direction: 1 | -1;
    };
    result: MigrationDetail | null;
  };
  /** Asks for files of migration records and lays them on the timeline (host only). */
  addMigrationRecords: { params: Record<string, never>; result: null };
}
