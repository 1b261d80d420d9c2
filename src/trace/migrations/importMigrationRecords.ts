import type { ByteSource } from '../../base/byteSource.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import { decompress } from '../compression.js';
import { LineSession } from '../importers/text/lineSession.js';
import { MigrationRecordStore } from './migrationRecordStore.js';
import { RecordReader } from './recordReader.js';

export const MIGRATION_RECORDS_FORMAT = 'can-migrate-task-csv';
export const MIGRATION_RECORDS_LABEL = 'migration records (can_migrate_task)';

/** After so many rows their density is known well enough to reserve room for the rest. */
const DENSITY_ROWS = 10_000;
/** What one misleading beginning can make us reserve. */
const MAX_RESERVED_ROWS = 2 ** 26;

export interface RecordsProgress {
  /** Bytes of the source, compressed or not, that were read. */
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  readonly rows: number;
}

export interface ImportRecordsOptions {
  readonly signal?: AbortSignal;
  /** Called after each piece of the source; reading goes on when it has settled. */
  readonly onProgress?: (progress: RecordsProgress) => void | Promise<void>;
}

/**
 * Reads migration records from CSV, gzip, zstd and xz included. Malformed rows are left out and reported in the store. A
 * source that breaks off after some rows keeps them, with an `error` diagnostic. Failures: those of the byte source,
 * `bad-input` (not such a table, or without a required column), `empty-input`, `cancelled`.
 */
export async function importMigrationRecords(
  source: ByteSource,
  options: ImportRecordsOptions = {},
): Promise<MigrationRecordStore> {
  const store = new MigrationRecordStore();
  const counted = new CountedChunks();
  const session = new LineSession(store, new RecordReader(store));
  let isReserved = false;
  try {
    for await (const chunk of decompress(counted.of(source.chunks(options.signal)), source.name)) {
      throwIfCancelled(options.signal);
      session.push(chunk);
      if (!isReserved && store.length > DENSITY_ROWS) {
        isReserved = true;
        reserve(store, counted.bytes, source.sizeBytes);
      }
      await options.onProgress?.({
        doneBytes: counted.bytes,
        totalBytes: source.sizeBytes,
        rows: store.length,
      });
    }
    session.end();
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled' || store.length === 0) throw named(error, source);
    store.diagnostics.unshift({ severity: 'error', message: messageOf(error) });
  }
  // Lines without an end and overlong ones are no rows either.
  store.malformedCount += session.unreadLines;
  if (store.length === 0) throw withoutRows(store, source);
  return store;
}

function reserve(store: MigrationRecordStore, doneBytes: number, totalBytes: number | undefined): void {
  if (totalBytes === undefined || doneBytes === 0) return;
  store.reserve(Math.min(MAX_RESERVED_ROWS, Math.ceil((store.length * 1.1 * totalBytes) / doneBytes)));
}

function named(error: unknown, source: ByteSource): unknown {
  if (!isFailure(error, 'bad-input') || error.message.includes(source.name)) return error;
  return new Failure('bad-input', `${source.name}: ${error.message}`, { cause: error });
}

function withoutRows(store: MigrationRecordStore, source: ByteSource): Failure {
  const first = store.malformedLines[0];
  const hint =
    first === undefined
      ? 'only the header is there. Did the load balancer run while it was recorded?'
      : `all ${store.malformedCount} lines are malformed, the first one (line ${first.line}) because ${first.reason}.`;
  return new Failure(
    first === undefined ? 'empty-input' : 'bad-input',
    `${source.name} holds no migration record: ${hint}`,
  );
}

class CountedChunks {
  bytes = 0;

  async *of(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}
