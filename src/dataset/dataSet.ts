import { join } from 'node:path';
import { Failure } from '../base/errors.js';
import { columnOf, readColumns, type ReadFile } from './files/columnFile.js';
import { readDataSetMeta, type DataSetMeta } from './files/dataSetMeta.js';
import { NOT_TOLD, type PartName, type SequenceOrigin, type Sequences } from './sequences.js';

/** A part as it lies in its file: the sequences, and what models do not read but exports do. */
export interface StoredPart extends Sequences {
  /** Pid of each `task`; -1: not told. */
  readonly pid: Int32Array;
  /** Its name as recorded: index in `comms` of `dataset_meta.json`. */
  readonly comm: Uint32Array;
  /**
   * Whether more than one task was runnable there when `task` was given the CPU: 1 yes, 0 no, `NOT_TOLD` where the recording
   * does not tell, or the data set is older than the column.
   */
  readonly contested: Uint8Array;
  /** By sequence: absolute time in ns of its first row. */
  readonly startNs: BigInt64Array;
}

/** A data set on disk. */
export interface DataSet {
  readonly folder: string;
  readonly meta: DataSetMeta;
  /**
   * Reads a part; each call reads it anew. Failures: `file-not-found`, `read-failed`, `too-large`, and `bad-input` for a
   * file that is damaged or not the one that belongs to this data set.
   */
  part(name: PartName, signal?: AbortSignal): Promise<StoredPart>;
}

/** Stands for the CPU of sequences of merged CPUs. */
const MERGED = -1;

/** Opens a data set by its folder. Failures: as `readDataSetMeta`. */
export async function openDataSet(folder: string): Promise<DataSet> {
  const meta = await readDataSetMeta(folder);
  return {
    folder,
    meta,
    part: async (name, signal) => {
      const entry = meta.parts[name];
      const path = join(folder, entry.file);
      const file = await readColumns(path, signal);
      if (file.sha256 !== entry.sha256) {
        throw new Failure(
          'bad-input',
          `${path} is sound, but not the file that ${folder} was built with. Copy the whole data set again, or build it again.`,
        );
      }
      const part = partOf(file);
      requireSound(path, part, meta);
      return part;
    },
  };
}

/** A part of its columns, as they are. Failure `bad-input` for one that lacks a column. */
export function partOf(file: Pick<ReadFile, 'path' | 'columns'>): StoredPart {
  const recording = columnOf(file, 'recording', Uint32Array);
  const sequenceCpu = columnOf(file, 'sequence_cpu', Int32Array);
  const task = columnOf(file, 'task', Int32Array);
  return {
    rows: task.length,
    task,
    state: columnOf(file, 'state', Uint8Array),
    cpu: columnOf(file, 'cpu', Uint16Array),
    deltaNs: columnOf(file, 'delta_ns', Float64Array),
    starts: columnOf(file, 'starts', Uint32Array),
    origins: Array.from(recording, (each, at) => originOf(each, sequenceCpu[at] ?? MERGED)),
    pid: columnOf(file, 'pid', Int32Array),
    comm: columnOf(file, 'comm', Uint32Array),
    contested: file.columns.has('contested')
      ? columnOf(file, 'contested', Uint8Array)
      : new Uint8Array(task.length).fill(NOT_TOLD),
    startNs: columnOf(file, 'start_ns', BigInt64Array),
  };
}

function requireSound(path: string, part: StoredPart, meta: DataSetMeta): void {
  const fault = faultOf(part, meta);
  if (fault === undefined) return;
  throw new Failure('bad-input', `${path} contradicts itself: ${fault}. Build the data set again.`);
}

function originOf(recording: number, cpu: number): SequenceOrigin {
  return { recording, cpu: cpu === MERGED ? null : cpu };
}

/** A digest says that a file is as it was written, not that it was written well: indices are used without checks later. */
function faultOf(part: StoredPart, { vocabulary, recordings, comms }: DataSetMeta): string | undefined {
  const { rows, starts, origins } = part;
  const ofRows = [part.state, part.cpu, part.deltaNs, part.pid, part.comm, part.contested];
  if (ofRows.some(({ length }) => length !== rows)) return 'its columns are not equally long';
  if (starts.length !== origins.length || starts.length !== part.startNs.length) {
    return 'its columns of sequences are not equally long';
  }
  if (rows > 0 && starts[0] !== 0) return 'its first sequence does not begin with its first row';
  for (let at = 0; at < starts.length; at += 1) {
    if (starts[at]! >= (starts[at + 1] ?? rows)) return `its sequence ${at} has no row`;
  }
  if (origins.some(({ recording }) => recording >= recordings.length)) return 'it names an unknown recording';
  if (!isWithin(part.task, vocabulary.tasks.length)) return 'it names an unknown task';
  if (!isWithin(part.state, vocabulary.states.length)) return 'it names an unknown state';
  if (!isWithin(part.comm, comms.length)) return 'it names an unknown comm';
  if (!part.contested.every((each) => each <= 1 || each === NOT_TOLD)) {
    return 'its column "contested" holds something else than 0, 1 and 255';
  }
  return undefined;
}

function isWithin(values: Int32Array | Uint8Array | Uint32Array, limit: number): boolean {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at]!;
    if (value < 0 || value >= limit) return false;
  }
  return true;
}
