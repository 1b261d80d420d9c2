import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileSource } from '../../base/byteSource.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, isFailure } from '../../base/errors.js';
import { RecordFacts } from '../../analysis/migrationRecords/recordFacts.js';
import { importMigrationRecords } from '../../trace/migrations/importMigrationRecords.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { RECORD_COLUMN_NAMES, type RecordColumnName } from '../../trace/migrations/recordColumns.js';
import { looksLikeMigrationRecords } from '../../trace/migrations/recordHeader.js';
import { readCollectedMeta } from '../extract/collectedMeta.js';
import { findInputs, type Input } from '../extract/findInputs.js';
import { filesOf, headOf, requireUnchanged } from '../extract/inputFiles.js';
import type { LeftOutFile, MigrationRecording, MigrationSet } from './migrationSet.js';
import { factsOfMigrationFile } from './recordingName.js';

export interface MigrationSetProgress {
  /** The file that is read, and how many were read before it. */
  readonly path: string;
  readonly done: number;
  readonly total: number;
  /** Of all files so far. */
  readonly rows: number;
}

export interface ReadMigrationSetOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as files are read; reading goes on when it has settled. */
  readonly onProgress?: ((progress: MigrationSetProgress) => void | Promise<void>) | undefined;
}

/** Thirty columns of so many rows take four gigabytes. */
const MAX_ROWS = 2 ** 24;

interface ReadRecording {
  readonly described: Omit<MigrationRecording, 'firstRow'>;
  readonly store: MigrationRecordStore;
  readonly facts: RecordFacts;
  /** Of what was called for whom and when: the same records in another file have the same. */
  readonly rowsSha256: string;
}

/**
 * The calls of `can_migrate_task` that files and folders hold, one recording a file. Workload and machine are those of the
 * `.meta.json` beside a file, else of its name. Files of a folder that are no such tables, and copies of records that were
 * read already, are left out and told.
 * Failures: those of reading, `bad-input` (a file that was named is no such table, or a folder holds none), `too-large`,
 * `cancelled`.
 */
export async function readMigrationSet(
  paths: readonly string[],
  options: ReadMigrationSetOptions = {},
): Promise<MigrationSet> {
  const inputs = await findInputs(paths);
  const read: ReadRecording[] = [];
  const leftOut: LeftOutFile[] = [];
  let rows = 0;
  for (const [done, input] of inputs.entries()) {
    throwIfCancelled(options.signal);
    const report = (ofFile: number) =>
      options.onProgress?.({ path: input.path, done, total: inputs.length, rows: rows + ofFile });
    await report(0);
    try {
      const recording = await readRecording(input, options.signal, report);
      const twin = read.find(({ rowsSha256 }) => rowsSha256 === recording.rowsSha256);
      if (twin === undefined) {
        read.push(recording);
        rows += recording.store.length;
      } else {
        leftOut.push({ path: input.path, reason: `It holds the same records as ${twin.described.path}.` });
      }
    } catch (error) {
      if (input.isNamed || !isFailure(error) || !isNoTable(error)) throw error;
      leftOut.push({ path: input.path, reason: error.message.split('\n')[0]! });
    }
    if (rows > MAX_ROWS) throw tooLarge(paths, rows);
  }
  if (read.length === 0) throw withoutTable(paths, leftOut);
  return { ...joined(read, rows), leftOut };
}

/** What is expected among the files of a folder: notes, traces, tables without a row. */
function isNoTable({ code }: Failure): boolean {
  return code === 'bad-input' || code === 'empty-input';
}

async function readRecording(
  input: Input,
  signal: AbortSignal | undefined,
  onRows: (rows: number) => void | Promise<void>,
): Promise<ReadRecording> {
  const { path } = input;
  if (input.kind === 'folder' || !looksLikeMigrationRecords(await headOf(path))) {
    throw new Failure('bad-input', `${path} is no table of migration records (calls of can_migrate_task).`);
  }
  const files = await filesOf(input, signal);
  const store = await importMigrationRecords(await fileSource(path), {
    ...(signal === undefined ? {} : { signal }),
    onProgress: ({ rows }) => onRows(rows),
  });
  await requireUnchanged(files);
  const facts = new RecordFacts(store);
  const { sha256 } = files[0]!;
  const described = {
    path,
    name: basename(path).split('.')[0]!,
    sha256,
    rows: store.length,
    malformed: store.malformedCount,
    lost: store.lostRecords,
    lacks: RECORD_COLUMN_NAMES.filter((name) => !has(store, facts, name)),
    ...(await contextOf(input, sha256, store)),
  };
  return { described, store, facts, rowsSha256: digestOf(store) };
}

/** What ran, where and how. */
async function contextOf(
  { path, folder }: Input,
  sha256: string,
  store: MigrationRecordStore,
): Promise<Required<Pick<MigrationRecording, 'workload' | 'machine' | 'migrationCostNs' | 'remarks'>>> {
  const facts = factsOfMigrationFile(basename(path));
  const meta = await readCollectedMeta(path);
  const told = typeof meta === 'object' ? meta : undefined;
  const remarks = store.diagnostics
    .filter(({ severity }) => severity !== 'info')
    .map(({ message }) => message);
  if (typeof meta === 'string') remarks.push(meta);
  else if (told !== undefined && told.sha256 !== sha256) {
    remarks.push(`${path}.meta.json describes another content: the recording changed since it was made`);
  }
  return {
    workload: told?.workload ?? facts.workload ?? folder ?? 'recording',
    machine: told?.machine ?? facts.machine,
    migrationCostNs: told?.migrationCostNs ?? facts.migrationCostNs,
    remarks,
  };
}

function digestOf(store: MigrationRecordStore): string {
  const hash = createHash('sha256');
  for (const name of ['ts', 'pid', 'migration'] as const) hash.update(valuesOf(store, name));
  return hash.digest('hex');
}

function valuesOf(store: MigrationRecordStore, name: RecordColumnName): Float64Array {
  const column = store.required(name);
  return Float64Array.from({ length: store.length }, (_, row) => column.at(row));
}

/** Of forced migrations: whether they are told, not by which column. */
function has(store: MigrationRecordStore, facts: RecordFacts, name: RecordColumnName): boolean {
  return name === 'forced' ? facts.tellsForced : store.column(name) !== undefined;
}

function joined(read: readonly ReadRecording[], rows: number): MigrationSet {
  const columns = new Map<RecordColumnName, Float64Array>();
  for (const name of RECORD_COLUMN_NAMES) {
    if (read.every(({ store, facts }) => has(store, facts, name))) columns.set(name, new Float64Array(rows));
  }
  const recording = new Uint16Array(rows);
  const recordings: MigrationRecording[] = [];
  let firstRow = 0;
  for (const [index, { store, facts, described }] of read.entries()) {
    recordings.push({ ...described, firstRow });
    recording.fill(index, firstRow, firstRow + store.length);
    for (const [name, values] of columns) fill(values, firstRow, store, facts, name);
    firstRow += store.length;
  }
  return { rows, recordings, recording, columns };
}

function fill(
  values: Float64Array,
  firstRow: number,
  store: MigrationRecordStore,
  facts: RecordFacts,
  name: RecordColumnName,
): void {
  if (name === 'forced') {
    for (let row = 0; row < store.length; row += 1) values[firstRow + row] = Number(facts.isForced(row));
    return;
  }
  const column = store.required(name);
  for (let row = 0; row < store.length; row += 1) values[firstRow + row] = column.at(row);
}

function tooLarge(paths: readonly string[], rows: number): Failure {
  return new Failure(
    'too-large',
    `${paths.join(', ')} hold more than ${rows.toLocaleString('en-US')} migration records; at most ${MAX_ROWS.toLocaleString('en-US')} are learned from at once. Name fewer recordings.`,
  );
}

function withoutTable(paths: readonly string[], leftOut: readonly LeftOutFile[]): Failure {
  const reasons = leftOut.slice(0, 5).map(({ path, reason }) => `  - ${path}: ${reason}`);
  return new Failure(
    'bad-input',
    `No migration records (calls of can_migrate_task) were found in ${paths.join(', ')}:\n${reasons.join('\n')}`,
  );
}
