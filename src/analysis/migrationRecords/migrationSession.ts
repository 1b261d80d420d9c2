import { setImmediate } from 'node:timers/promises';
import type { ByteSource } from '../../base/byteSource.js';
import { Failure } from '../../base/errors.js';
import type {
  MigrationRequests,
  MigrationSummary,
  RecordFilter,
  RecordsState,
} from '../../protocol/migrationMessages.js';
import { importMigrationRecords } from '../../trace/migrations/importMigrationRecords.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { RecordFacts } from './recordFacts.js';
import { summariseMigrations } from './migrationSummary.js';
import { filteredRows, sortedRows } from './recordOrder.js';
import { recordRow } from './recordRow.js';

/** How often a view is told how far reading has come. */
const PROGRESS_MS = 150;

interface Loaded {
  readonly store: MigrationRecordStore;
  readonly facts: RecordFacts;
  readonly summary: MigrationSummary;
}

export interface LoadRecordsOptions {
  readonly signal?: AbortSignal;
  readonly onUpdate?: (state: RecordsState) => void;
}

/** Migration records that are read once and asked about: their summary, and pages of their rows. */
export class MigrationSession {
  #loaded: Loaded | undefined;
  #state: RecordsState;
  /** The rows of the last question: the next page is of the same, as a rule. */
  #filtered: { readonly key: string; readonly rows: Uint32Array } | undefined;
  #sorted: { readonly key: string; readonly rows: Uint32Array } | undefined;

  constructor(readonly name: string) {
    this.#state = { kind: 'reading', progress: { name, rows: 0, doneBytes: 0, totalBytes: null } };
  }

  /** Reads the source. Failures are those of `importMigrationRecords`. */
  async load(source: ByteSource, options: LoadRecordsOptions = {}): Promise<MigrationSummary> {
    let toldMs = -Infinity;
    const store = await importMigrationRecords(source, {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onProgress: async ({ rows, doneBytes, totalBytes }) => {
        const progress = { name: this.name, rows, doneBytes, totalBytes: totalBytes ?? null };
        this.#state = { kind: 'reading', progress };
        const now = performance.now();
        if (now - toldMs >= PROGRESS_MS) {
          toldMs = now;
          options.onUpdate?.(this.#state);
        }
        // Requests of the view wait in the message queue: let them in between two pieces.
        await setImmediate();
      },
    });
    const summary = summariseMigrations(store, this.name);
    this.#loaded = { store, facts: new RecordFacts(store), summary };
    this.#state = { kind: 'ready', summary };
    options.onUpdate?.(this.#state);
    return summary;
  }

  get state(): RecordsState {
    return this.#state;
  }

  /** A page of the rows that a filter leaves, in order. */
  records(params: MigrationRequests['records']['params']): MigrationRequests['records']['result'] {
    const { store, facts } = this.#ready();
    const { filter, sort, descending, offset, limit } = params;
    const key = JSON.stringify([filter, sort, descending]);
    if (this.#sorted?.key !== key) {
      this.#sorted = { key, rows: sortedRows(store, facts, this.#filter(filter), sort, descending) };
    }
    const { rows } = this.#sorted;
    const page = Array.from(rows.subarray(offset, offset + limit), (row) => recordRow(store, facts, row));
    return { total: rows.length, rows: page };
  }

  /** The lines of the source that a filter leaves, ascending. */
  linesOf(filter: RecordFilter): Uint32Array {
    const { store } = this.#ready();
    return this.#filter(filter).map((row) => store.lineOf(row));
  }

  #filter(filter: RecordFilter): Uint32Array {
    const { store, facts } = this.#ready();
    const key = JSON.stringify(filter);
    if (this.#filtered?.key !== key) this.#filtered = { key, rows: filteredRows(store, facts, filter) };
    return this.#filtered.rows;
  }

  #ready(): Loaded {
    if (this.#loaded !== undefined) return this.#loaded;
    throw new Failure('not-found', `${this.name} is still being read.`);
  }
}
