import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSetMeta, DataSetOptions } from '../../src/dataset/files/dataSetMeta.js';
import { META_FILE } from '../../src/dataset/files/dataSetMeta.js';
import { writeColumns, type ColumnArray, type ColumnType } from '../../src/dataset/files/columnFile.js';
import {
  PART_NAMES,
  type Feature,
  type PartName,
  type Standardisation,
} from '../../src/dataset/sequences.js';
import { DEFAULT_OPTIONS } from '../../src/dataset/buildDataSet.js';
import { taskName } from '../../src/dataset/taskName.js';
import { randomNumbers } from './randomNumbers.js';

// A data set as rows that a test can change before it is written: what the description says follows from the rows as they
// then are, unless the test says that, too. So each planted flaw is the only one.

export interface DraftRow {
  pid: number;
  comm: string;
  cpu: number;
  deltaNs: number;
  state: number;
  /** In place of the vocabulary's. */
  task?: number;
}

export interface DraftSequence {
  recording: number;
  cpu: number | null;
  startNs: bigint;
  rows: DraftRow[];
}

type Recording = DataSetMeta['recordings'][number];

export interface DataSetDraft {
  options: DataSetOptions;
  parts: Record<PartName, DraftSequence[]>;
  recordings: { name: string; workload: string; run: number; changes: Partial<Recording> }[];
  /** In place of the training part's. */
  features?: (parts: readonly DraftSequence[]) => Record<Feature, Standardisation>;
  /** The last word. */
  finish?: (meta: DataSetMeta) => DataSetMeta;
}

export interface DraftOptions {
  readonly perCpu: boolean;
  readonly vocabulary: 'comm' | 'pid';
  /** Of each recording. */
  readonly rows: number;
}

const PROGRAMS = ['server', 'client', 'logger', 'backup', 'shell', 'indexer'];
const STRANGER = 'stranger';
/** Which run goes where; the third workload is held out. */
const PARTS: readonly PartName[] = ['train', 'validation', 'seen'];

/** Recordings of three workloads on two CPUs without any flaw. */
export function dataSetDraft(chosen: Partial<DraftOptions> = {}): DataSetDraft {
  const { perCpu = false, vocabulary = 'comm', rows = 1500 } = chosen;
  const draft: DataSetDraft = {
    options: { ...DEFAULT_OPTIONS, perCpu, vocabulary, split: 'run' },
    parts: { train: [], validation: [], seen: [], unseen: [] },
    recordings: [],
  };
  const add = (workload: string, run: number, part: PartName) => {
    const recording = draft.recordings.length;
    draft.recordings.push({ name: `${workload}_run${run}.trace`, workload, run, changes: {} });
    for (const cpu of perCpu ? [0, 1] : [null]) {
      const seed = recording * 2 + (cpu ?? 0) + 1;
      const startNs = 10n ** 12n * BigInt(recording + 1);
      const strangers = part === 'unseen';
      const count = perCpu ? rows / 2 : rows;
      draft.parts[part].push({ recording, cpu, startNs, rows: draftRows(count, seed, cpu, strangers) });
    }
  };
  for (const workload of ['web', 'mail']) PARTS.forEach((part, run) => add(workload, run, part));
  add('video', 0, 'unseen');
  return draft;
}

/** Tasks follow each other as a program would, with much chance. */
function draftRows(count: number, seed: number, cpu: number | null, strangers: boolean): DraftRow[] {
  const random = randomNumbers(seed);
  let last = 0;
  return Array.from({ length: count }, (_, row) => {
    const chance = random(100);
    last = chance < 40 ? (last + 1) % PROGRAMS.length : random(PROGRAMS.length);
    const isIdle = chance >= 85;
    const comm = strangers && chance < 12 ? STRANGER : PROGRAMS[last]!;
    return {
      pid: isIdle ? 0 : comm === STRANGER ? 999 : 100 + last,
      comm: isIdle ? 'swapper/0' : comm,
      cpu: cpu ?? random(2),
      deltaNs: row === 0 ? NaN : 1000 + random(200_000),
      state: 1 + random(2),
    };
  });
}

/** Writes the folder, and gives the description that it holds. */
export async function writeDraft(folder: string, draft: DataSetDraft): Promise<DataSetMeta> {
  mkdirSync(folder, { recursive: true });
  const meta = metaOf(draft);
  const comms = new Map(meta.comms.map((name, index) => [name, index]));
  const index = new Map(meta.vocabulary.tasks.map((name, at) => [name, at]));
  for (const name of PART_NAMES) {
    const sequences = draft.parts[name];
    const rows = sequences.flatMap((sequence) => sequence.rows);
    let first = 0;
    const starts = sequences.map((sequence) => (first += sequence.rows.length) - sequence.rows.length);
    const columns: [string, ColumnType, ColumnArray][] = [
      ['task', 'i32', Int32Array.from(rows, (row) => row.task ?? index.get(nameOf(row, draft)) ?? 0)],
      ['state', 'u8', Uint8Array.from(rows, (row) => row.state)],
      ['cpu', 'u16', Uint16Array.from(rows, (row) => row.cpu)],
      ['delta_ns', 'f64', Float64Array.from(rows, (row) => row.deltaNs)],
      ['pid', 'i32', Int32Array.from(rows, (row) => row.pid)],
      ['comm', 'u32', Uint32Array.from(rows, (row) => comms.get(row.comm)!)],
      ['starts', 'u32', Uint32Array.from(starts)],
      ['recording', 'u32', Uint32Array.from(sequences, ({ recording }) => recording)],
      ['sequence_cpu', 'i32', Int32Array.from(sequences, ({ cpu }) => cpu ?? -1)],
      ['start_ns', 'i64', BigInt64Array.from(sequences, ({ startNs }) => startNs)],
    ];
    const written = await writeColumns(
      join(folder, `${name}.columns`),
      columns.map(([column, type, values]) => ({
        name: column,
        type,
        count: values.length,
        pieces: () => [values],
      })),
    );
    Object.assign(meta.parts[name], written);
  }
  const finished = draft.finish?.(meta) ?? meta;
  writeFileSync(join(folder, META_FILE), JSON.stringify(finished));
  return finished;
}

function nameOf({ comm, pid }: DraftRow, { options }: DataSetDraft): string {
  return options.vocabulary === 'pid' ? String(pid) : (taskName(comm, pid) ?? '');
}

function metaOf(draft: DataSetDraft): DataSetMeta {
  const all = PART_NAMES.flatMap((name) => draft.parts[name]);
  const train = draft.parts.train.flatMap(({ rows }) => rows);
  const idle = draft.options.vocabulary === 'pid' ? '0' : 'swapper';
  const names = new Set(train.map((row) => nameOf(row, draft)));
  names.delete(idle);
  const tasks = ['UNK', idle, ...[...names].sort()];
  return {
    format: 'kernel-oracle-dataset',
    version: 1,
    kernelOracleVersion: '1.2.3',
    created: '2026-02-03T12:00:00.000Z',
    options: draft.options,
    vocabulary: {
      kind: draft.options.vocabulary,
      tasks,
      taskCounts: tasks.map((name) => train.filter((row) => nameOf(row, draft) === name).length),
      states: ['UNK', 'S', 'R'],
    },
    comms: ['', ...new Set(all.flatMap(({ rows }) => rows.map(({ comm }) => comm)))],
    features: (draft.features ?? standardised)(draft.parts.train),
    heldOut: 'video',
    recordings: draft.recordings.map((_, index) => recordingOf(draft, index)),
    leftOut: [],
    parts: {
      train: partOf(draft, 'train'),
      validation: partOf(draft, 'validation'),
      seen: partOf(draft, 'seen'),
      unseen: partOf(draft, 'unseen'),
    },
    warnings: [],
  };
}

function recordingOf(draft: DataSetDraft, index: number): Recording {
  const { name, workload, run, changes } = draft.recordings[index]!;
  const inPart = (part: PartName) => draft.parts[part].filter(({ recording }) => recording === index);
  const sequences = PART_NAMES.flatMap(inPart);
  const ends = sequences.map(({ startNs, rows }) =>
    rows.reduce((sum, { deltaNs }) => (deltaNs > 0 ? sum + BigInt(deltaNs) : sum), startNs),
  );
  const rows = sequences.reduce((sum, each) => sum + each.rows.length, 0);
  return {
    files: [{ path: `/recordings/${name}`, sizeBytes: 1000, sha256: digest(`file ${name}`) }],
    traceId: null,
    format: 'ftrace',
    category: workload,
    workload,
    run,
    categoryFrom: 'name',
    events: 4 * rows,
    rows,
    leftOut: 0,
    cpus: 2,
    startNs: String(
      sequences.reduce((least, { startNs }) => (startNs < least ? startNs : least), 10n ** 18n),
    ),
    endNs: String(ends.reduce((most, end) => (end > most ? end : most), 0n)),
    lostEvents: 0,
    lossPlaces: 0,
    overwrittenEvents: null,
    rowsSha256: digest(`rows ${name}`),
    remarks: [],
    parts: {
      train: rowsIn(inPart('train')),
      validation: rowsIn(inPart('validation')),
      seen: rowsIn(inPart('seen')),
      unseen: rowsIn(inPart('unseen')),
    },
    ...changes,
  };
}

function partOf(draft: DataSetDraft, name: PartName): DataSetMeta['parts'][PartName] {
  const sequences = draft.parts[name];
  const rows = rowsIn(sequences);
  return {
    file: `${name}.columns`,
    sizeBytes: 0,
    sha256: digest(name),
    rows,
    sequences: sequences.length,
    windows: 0,
    targets: rows - sequences.length,
    unknownTargets: 0,
    idleTargets: 0,
    mostFrequentSuccessor: 0,
    contestedKnown: 0,
    contestedTargets: 0,
  };
}

function rowsIn(sequences: readonly DraftSequence[]): number {
  return sequences.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** By the plain formulas, in two passes. */
export function standardised(sequences: readonly DraftSequence[]): Record<Feature, Standardisation> {
  const rows = sequences.flatMap((sequence) => sequence.rows);
  const deltas = rows.map(({ deltaNs }) => deltaNs).filter((ns) => ns >= 0);
  return {
    cpu: momentsOf(rows.map(({ cpu }) => cpu)),
    logDelta: momentsOf(deltas.map((ns) => Math.log1p(ns))),
    delta: momentsOf(deltas),
  };
}

function momentsOf(values: readonly number[]): Standardisation {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
