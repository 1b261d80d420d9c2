import type { IdleKind } from '../../protocol/migrationMessages.js';
import type { RecordColumn } from '../../trace/migrations/recordColumn.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';

const IDLE_KINDS: readonly IdleKind[] = ['busy', 'idle', 'newly idle'];

/** What follows from the columns of a record. */
export class RecordFacts {
  readonly #migration: RecordColumn;
  readonly #forced: RecordColumn | undefined;
  readonly #startRuntime: RecordColumn;
  readonly #idle: RecordColumn;
  readonly #newlyIdle: RecordColumn;
  /** Whether the records tell forced migrations at all: by a column of their own, or by a 2 for the decision. */
  readonly tellsForced: boolean;

  constructor(store: MigrationRecordStore) {
    this.#migration = store.required('migration');
    this.#forced = store.column('forced');
    this.#startRuntime = store.required('start_runtime');
    this.#idle = store.required('cpu_idle');
    this.#newlyIdle = store.required('cpu_newly_idle');
    this.tellsForced = this.#forced !== undefined || hasTwo(this.#migration, store.length);
  }

  isMigrated(row: number): boolean {
    return this.#migration.at(row) !== 0;
  }

  /** Allowed although cache-hot. */
  isForced(row: number): boolean {
    return this.#migration.at(row) === 2 || (this.isMigrated(row) && this.#forced?.at(row) === 1);
  }

  /** Marked as forced, but refused: that contradicts itself. */
  isContradiction(row: number): boolean {
    return !this.isMigrated(row) && this.#forced?.at(row) === 1;
  }

  /**
   * The task's `exec_start` is 0: the kernel sets it so when a task is forked and when it is moved to another CPU
   * (`migrate_task_rq_fair`), until it runs there.
   */
  hasNeverRun(row: number): boolean {
    return this.#startRuntime.at(row) === 0;
  }

  /** 0 busy, 1 idle, 2 newly idle. */
  idleCode(row: number): number {
    if (this.#newlyIdle.at(row) === 1) return 2;
    return this.#idle.at(row) === 1 ? 1 : 0;
  }

  idleKind(row: number): IdleKind {
    return IDLE_KINDS[this.idleCode(row)]!;
  }
}

function hasTwo(column: RecordColumn, rows: number): boolean {
  for (let row = 0; row < rows; row += 1) if (column.at(row) === 2) return true;
  return false;
}
