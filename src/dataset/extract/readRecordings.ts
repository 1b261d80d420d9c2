import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileSource } from '../../base/byteSource.js';
import { Failure } from '../../base/errors.js';
import { detectFormat } from '../../trace/detect.js';
import { importTrace } from '../../trace/importTrace.js';
import { kernelOracleCsv } from '../../trace/importers/csv/kernelOracleCsv.js';
import { looksLikeMigrationRecords } from '../../trace/migrations/recordHeader.js';
import type { EventStore } from '../../trace/model/eventStore.js';
import { isTar } from '../../trace/recording/tarFolder.js';
import { openInput } from '../../trace/recording/openInput.js';
import type { SliceDecoders } from '../../trace/recording/sliceDecoders.js';
import { categoryOf, factsOfName, isKnownWorkload } from '../category.js';
import type { RecordingEntry } from '../files/dataSetMeta.js';
import { readCollectedMeta, type CollectedMeta } from './collectedMeta.js';
import { readCsvRecordings, type CsvRecording } from './csvRecordings.js';
import { cutSequences, type Loss, type Stretch } from './cutSequences.js';
import type { Input } from './findInputs.js';
import { filesOf, headOf, requireUnchanged } from './inputFiles.js';
import { switchesOf } from './storeRows.js';
import { pidOf, type SwitchRows, type Symbols } from './switchRows.js';

/** A recording as sequences, and what is known of it. The rows are all that is kept of its events. */
export interface ExtractedRecording extends Omit<RecordingEntry, 'parts' | 'rows'> {
  readonly stretches: readonly Stretch[];
}

export interface ExtractOptions {
  readonly symbols: Symbols;
  readonly perCpu: boolean;
  /** For every recording, whatever it says itself. */
  readonly category: string | null;
  readonly decoders?: SliceDecoders | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
}

/** Of remarks more are no help. */
const MAX_REMARKS = 20;
/** Rows that are digested at once. */
const DIGEST_ROWS = 64 * 1024;

/**
 * The recordings of an input: one, or as many as a CSV file holds. Failures: those of reading and of the formats,
 * `file-changed`, `cancelled`.
 */
export async function readRecordings(input: Input, options: ExtractOptions): Promise<ExtractedRecording[]> {
  const files = await filesOf(input, options.signal);
  const found =
    input.kind === 'file' && (await isCsv(input.path))
      ? await fromCsv(input, options)
      : [await fromTrace(input, options, files[0]?.sha256)];
  await requireUnchanged(files);
  const inputs = files.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 }));
  return found.map((recording) => ({ ...recording, files: inputs }));
}

type Read = Omit<ExtractedRecording, 'files'>;

async function isCsv(path: string): Promise<boolean> {
  const head = await headOf(path);
  if (looksLikeMigrationRecords(head)) {
    throw new Failure('bad-input', `${path} holds records of the load balancer, and no switches of tasks.`);
  }
  if (head.length === 0) throw new Failure('empty-input', `${path} is empty: there is nothing to learn.`);
  return !isTar(head) && detectFormat(head, path) === kernelOracleCsv;
}

async function fromTrace(input: Input, options: ExtractOptions, sha256: string | undefined): Promise<Read> {
  const { symbols, perCpu, signal, decoders, onProgress } = options;
  const store = await importTrace(await openInput([input.path]), {
    ...(signal === undefined ? {} : { signal }),
    ...(decoders === undefined ? {} : { decoders }),
    onProgress: ({ doneBytes }) => onProgress?.(doneBytes),
  });
  const rows = switchesOf(store, symbols);
  const meta = await readCollectedMeta(input.path);
  const remarks = remarksOf(store);
  if (typeof meta === 'string') remarks.push(meta);
  else if (meta !== undefined && meta.sha256 !== sha256) {
    remarks.push(
      `${input.path}.meta.json describes another content: the recording changed since it was made`,
    );
  }
  return {
    ...described(input, options.category, typeof meta === 'object' ? meta : undefined),
    traceId: null,
    format: store.metadata.format,
    events: store.length,
    lostEvents: store.lostEventCount(),
    lossPlaces: store.losses.length,
    overwrittenEvents: store.metadata.overwrittenEvents ?? null,
    remarks,
    ...contentOf([{ rows, losses: [...store.losses, ...lateBeginnings(store)] }], perCpu, symbols),
  };
}

async function fromCsv(input: Input, options: ExtractOptions): Promise<Read[]> {
  const { symbols, perCpu, signal } = options;
  const source = await fileSource(input.path);
  const { recordings, remarks } = await readCsvRecordings(source, symbols, signal, (bytes) =>
    options.onProgress?.(bytes),
  );
  const meta = await readCollectedMeta(input.path);
  return recordings.map((recording) => {
    const pieces = recording.pieces.map((rows) => ({ rows, losses: [] }));
    const told = recordings.length === 1 && typeof meta === 'object' ? meta : undefined;
    return {
      ...(told === undefined
        ? describedByCsv(input, options.category, recording)
        : described(input, options.category, told)),
      traceId: recording.traceId === '' ? null : recording.traceId,
      format: kernelOracleCsv.name,
      events: pieces.reduce((sum, { rows }) => sum + rows.length, 0),
      lostEvents: 0,
      lossPlaces: 0,
      overwrittenEvents: null,
      remarks: remarks.slice(0, MAX_REMARKS),
      ...contentOf(pieces, perCpu, symbols),
    };
  });
}

type Described = Pick<Read, 'category' | 'workload' | 'run' | 'categoryFrom'>;

function described(input: Input, category: string | null, meta: CollectedMeta | undefined): Described {
  const facts = factsOfName(basename(input.path));
  const workload = meta?.workload ?? facts.workload ?? input.folder ?? 'recording';
  const run = meta?.run ?? facts.run;
  if (category !== null) return { category, workload, run, categoryFrom: 'option' };
  if (meta !== undefined) return { category: meta.category, workload, run, categoryFrom: 'meta.json' };
  // A folder may be a category or a machine; names of known workloads leave no doubt.
  if (input.folder !== undefined && !isKnownWorkload(workload)) {
    return { category: categoryOf(input.folder), workload, run, categoryFrom: 'folder' };
  }
  return { category: categoryOf(workload), workload, run, categoryFrom: 'name' };
}

function describedByCsv(input: Input, category: string | null, recording: CsvRecording): Described {
  const { workloadType, traceId } = recording;
  if (traceId === '' && workloadType === '') return described(input, category, undefined);
  const facts = factsOfName(traceId);
  const workload =
    facts.workload ??
    (workloadType === '' ? (factsOfName(basename(input.path)).workload ?? 'csv') : workloadType);
  const own = categoryOf(workloadType === '' ? workload : workloadType);
  return {
    category: category ?? own,
    workload,
    run: facts.run,
    categoryFrom: category === null ? 'csv' : 'option',
  };
}

function remarksOf({ diagnostics }: EventStore): string[] {
  return diagnostics
    .filter(({ severity }) => severity !== 'info')
    .slice(0, MAX_REMARKS)
    .map(({ message, line }) => (line === undefined ? message : `line ${line}: ${message}`));
}

/**
 * Where a ring buffer was overwritten, what is left of each CPU begins at another time, and what ran there before is not
 * known: until the last CPU has begun there is something missing from all together.
 */
function lateBeginnings(store: EventStore): Loss[] {
  if ((store.metadata.overwrittenEvents ?? 0) === 0) return [];
  const firstNs = new Map<number, number>();
  for (let row = 0; row < store.length && firstNs.size < store.cpuLimit; row += 1) {
    if (!firstNs.has(store.cpu[row]!)) firstNs.set(store.cpu[row]!, store.timeNs[row]!);
  }
  return [...firstNs].map(([cpu, beforeNs]) => ({ cpu, afterNs: undefined, beforeNs }));
}

interface Piece {
  readonly rows: SwitchRows;
  readonly losses: readonly Loss[];
}

function contentOf(pieces: readonly Piece[], perCpu: boolean, symbols: Symbols) {
  const rowsSha256 = digestOf(pieces, symbols);
  const stretches = pieces.flatMap(({ rows, losses }) => cutSequences(rows, losses, perCpu));
  const switches = pieces.reduce((sum, { rows }) => sum + rows.length, 0);
  const kept = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  const times = pieces
    .filter(({ rows }) => rows.length > 0)
    .map(({ rows: { baseNs, timeNs, length } }) => ({
      startNs: baseNs + BigInt(timeNs[0]!),
      endNs: baseNs + BigInt(timeNs[length - 1]!),
    }));
  const cpus = new Set<number>();
  for (const { rows } of pieces) {
    for (let row = 0; row < rows.length; row += 1) {
      // Most rows follow one of the same CPU.
      if (row === 0 || rows.cpu[row] !== rows.cpu[row - 1]) cpus.add(rows.cpu[row]!);
    }
  }
  return {
    stretches,
    rowsSha256,
    leftOut: switches - kept,
    cpus: cpus.size,
    startNs: String(
      times.reduce((least, { startNs }) => (startNs < least ? startNs : least), times[0]?.startNs ?? 0n),
    ),
    endNs: String(times.reduce((most, { endNs }) => (endNs > most ? endNs : most), times[0]?.endNs ?? 0n)),
  };
}

/** Of what happened when and to whom, so that the same recording in another file or format has the same. */
function digestOf(pieces: readonly Piece[], { tasks }: Symbols): string {
  const hash = createHash('sha256');
  for (const { rows } of pieces) {
    const firstNs = rows.timeNs[0] ?? 0;
    for (let first = 0; first < rows.length; first += DIGEST_ROWS) {
      const end = Math.min(rows.length, first + DIGEST_ROWS);
      const timeNs = rows.timeNs.slice(first, end);
      const pids = new Int32Array(end - first);
      for (let at = 0; at < pids.length; at += 1) {
        timeNs[at]! -= firstNs;
        pids[at] = pidOf(tasks, rows.task[first + at]!);
      }
      hash.update(timeNs).update(rows.cpu.subarray(first, end)).update(pids);
    }
  }
  return hash.digest('hex');
}
