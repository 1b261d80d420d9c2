import { join } from 'node:path';
import { NO_TASK } from '../../trace/model/taskTable.js';
import { pidOf, type Symbols } from '../extract/switchRows.js';
import { rowsIn, type Slice } from '../partRows.js';
import { NOT_TOLD, type PartName } from '../sequences.js';
import { indexOfTask, type Vocabulary } from '../vocabulary.js';
import { writeColumns, type ColumnType, type WrittenColumn, type WrittenFile } from './columnFile.js';

/** Values that are made at once while a column is written. */
const PIECE_VALUES = 128 * 1024;
/** In the column of sequences' CPUs. */
const MERGED = -1;

/** Numbers of comms as files have them: recorded names, each once. */
export class CommNames {
  /** 0 is the empty text: not told. */
  readonly names: string[] = [''];
  readonly #numbers = new Map<string, number>([['', 0]]);
  /** By task of the table: number of its comm + 1, 0 not asked for yet. */
  readonly #byTask: Uint32Array;
  readonly #symbols: Symbols;

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
    this.#byTask = new Uint32Array(symbols.tasks.taskCount);
  }

  numberOf(task: number): number {
    if (task === NO_TASK) return 0;
    if (this.#byTask[task] === 0) this.#byTask[task] = this.#give(this.#symbols.tasks.comms[task]!) + 1;
    return this.#byTask[task]! - 1;
  }

  #give(comm: string): number {
    const known = this.#numbers.get(comm);
    if (known !== undefined) return known;
    this.#numbers.set(comm, this.names.length);
    this.names.push(comm);
    return this.names.length - 1;
  }
}

export interface PartTables {
  readonly symbols: Symbols;
  readonly vocabulary: Vocabulary;
  readonly comms: CommNames;
}

export function partFileName(part: PartName): string {
  return `${part}.columns`;
}

/** Writes the file of a part, whole or not at all. Failures: `write-failed`, `cancelled`. */
export function writePart(
  folder: string,
  part: PartName,
  slices: readonly Slice[],
  tables: PartTables,
  signal?: AbortSignal,
): Promise<WrittenFile> {
  return writeColumns(join(folder, partFileName(part)), partColumns(slices, tables), signal);
}

/** The columns of a part; `contested` only where a recording of it tells. */
export function partColumns(
  slices: readonly Slice[],
  { symbols, vocabulary, comms }: PartTables,
): WrittenColumn[] {
  const { tasks } = symbols;
  const { stateIndex } = vocabulary;
  const count = rowsIn(slices);
  const isTold = slices.some(({ rows }) => rows.contested !== null);
  return [
    column('task', 'i32', count, slices, newInt32, (to, at, { rows }, first, end) => {
      for (let row = first; row < end; row += 1) to[at++] = indexOfTask(vocabulary, rows.task[row]!);
    }),
    column('state', 'u8', count, slices, newUint8, (to, at, { rows }, first, end) => {
      for (let row = first; row < end; row += 1) to[at++] = stateIndex[rows.state[row]!]!;
    }),
    column('cpu', 'u16', count, slices, newUint16, (to, at, { rows }, first, end) =>
      to.set(rows.cpu.subarray(first, end), at),
    ),
    column('delta_ns', 'f64', count, slices, newFloat64, (to, at, { rows, start }, first, end) => {
      for (let row = first; row < end; row += 1) {
        to[at++] = row === start ? NaN : rows.timeNs[row]! - rows.timeNs[row - 1]!;
      }
    }),
    column('pid', 'i32', count, slices, newInt32, (to, at, { rows }, first, end) => {
      for (let row = first; row < end; row += 1) to[at++] = pidOf(tasks, rows.task[row]!);
    }),
    column('comm', 'u32', count, slices, newUint32, (to, at, { rows }, first, end) => {
      for (let row = first; row < end; row += 1) to[at++] = comms.numberOf(rows.task[row]!);
    }),
    ...(isTold ? [column('contested', 'u8', count, slices, newUint8, fillContested)] : []),
    ...ofSequences(slices),
  ];
}

const fillContested: Fill<Uint8Array> = (to, at, { rows: { contested } }, first, end) => {
  if (contested === null) to.fill(NOT_TOLD, at, at + end - first);
  else to.set(contested.subarray(first, end), at);
};

function ofSequences(slices: readonly Slice[]): WrittenColumn[] {
  const count = slices.length;
  const starts = new Uint32Array(count);
  let row = 0;
  slices.forEach(({ start, end }, at) => {
    starts[at] = row;
    row += end - start;
  });
  const recording = Uint32Array.from(slices, (slice) => slice.recording);
  const cpu = Int32Array.from(slices, (slice) => slice.cpu ?? MERGED);
  const startNs = BigInt64Array.from(slices, ({ rows, start }) => rows.baseNs + BigInt(rows.timeNs[start]!));
  return [
    { name: 'starts', type: 'u32', count, pieces: () => [starts] },
    { name: 'recording', type: 'u32', count, pieces: () => [recording] },
    { name: 'sequence_cpu', type: 'i32', count, pieces: () => [cpu] },
    { name: 'start_ns', type: 'i64', count, pieces: () => [startNs] },
  ];
}

const newInt32 = (length: number) => new Int32Array(length);
const newUint8 = (length: number) => new Uint8Array(length);
const newUint16 = (length: number) => new Uint16Array(length);
const newUint32 = (length: number) => new Uint32Array(length);
const newFloat64 = (length: number) => new Float64Array(length);

/** Puts the values of rows `[first, end)` of a slice at `at`. Each column has a loop of its own: one for all is slow. */
type Fill<A> = (to: A, at: number, slice: Slice, first: number, end: number) => void;

function column<A extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(
  name: string,
  type: ColumnType,
  count: number,
  slices: readonly Slice[],
  create: (length: number) => A,
  fill: Fill<A>,
): WrittenColumn {
  return { name, type, count, pieces: () => pieces(slices, count, create, fill) };
}

function* pieces<A>(
  slices: readonly Slice[],
  count: number,
  create: (length: number) => A,
  fill: Fill<A>,
): Generator<A> {
  let left = count;
  let size = Math.min(PIECE_VALUES, left);
  let piece = create(size);
  let length = 0;
  for (const slice of slices) {
    for (let row = slice.start; row < slice.end;) {
      const end = Math.min(slice.end, row + size - length);
      fill(piece, length, slice, row, end);
      length += end - row;
      row = end;
      if (length < size) continue;
      yield piece;
      left -= size;
      size = Math.min(PIECE_VALUES, left);
      piece = create(size);
      length = 0;
    }
  }
}
