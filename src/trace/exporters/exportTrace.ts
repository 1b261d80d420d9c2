import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure } from '../../base/errors.js';
import { EventType } from '../model/eventType.js';
import type { EventStore } from '../model/eventStore.js';
import { csvPieces } from './csv.js';
import { ExportedPart, type ExportChoice } from './exportedPart.js';
import { ftracePieces } from './ftrace.js';
import { kernelOracleCsvPieces } from './kernelOracleCsv.js';
import { parquetPieces } from './parquet.js';
import { taskCodesCsvPieces } from './taskCodesCsv.js';

export interface ExportFormat {
  /** Stable identifier, the CLI's `--to`. */
  readonly name: string;
  /** What users call it. */
  readonly label: string;
  /** File name extension, without the dot. */
  readonly extension: string;
  /** What the format cannot hold, as part of a sentence; undefined: everything that the model has is in it. */
  readonly leavesOut: string | undefined;
  /** Whether only switches are written. */
  readonly switchesOnly?: true;
  /** Whether the form tells no CPU, so that it holds one CPU only. */
  readonly oneCpu?: true;
  /** The file in pieces. The store must be sorted by time and may not change meanwhile. */
  readonly pieces: (part: ExportedPart) => Iterable<Uint8Array | string>;
}

/** Every format that a trace can be exported to. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    name: 'csv',
    label: 'CSV, all events and columns',
    extension: 'csv',
    leavesOut: 'lost events',
    pieces: csvPieces,
  },
  {
    name: 'kernel-oracle-csv',
    label: 'KernelOracle CSV, one row a context switch',
    extension: 'csv',
    leavesOut: 'wakeups, migrations, run times, priorities, the pid of who left, lost events',
    switchesOnly: true,
    pieces: kernelOracleCsvPieces,
  },
  {
    name: 'task-code-csv',
    label: 'KernelOracle CSV with task codes, of one CPU',
    extension: 'csv',
    leavesOut: 'wakeups, migrations, run times, priorities, states, who left, lost events',
    switchesOnly: true,
    oneCpu: true,
    pieces: taskCodesCsvPieces,
  },
  {
    name: 'ftrace',
    label: 'ftrace text, as tracefs prints it',
    extension: 'ftrace',
    leavesOut: undefined,
    pieces: ftracePieces,
  },
  {
    name: 'parquet',
    label: 'Apache Parquet',
    extension: 'parquet',
    leavesOut: undefined,
    pieces: parquetPieces,
  },
];

/**
 * The exported file in pieces, made as they are asked for. Failure `wrong-usage`: there is no such format, or it cannot
 * hold what was chosen, or the choice holds no event.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- callers pull asynchronously
export async function* exportTrace(
  store: EventStore,
  format: string,
  choice?: ExportChoice,
): AsyncGenerator<Uint8Array | string> {
  yield* exportFormat(format).pieces(new ExportedPart(store, choice));
}

export interface ExportJob extends ExportChoice {
  /** Name of a format. */
  readonly format: string;
  /** File to write. */
  readonly path: string;
  readonly signal?: AbortSignal;
  /** Share of the rows that are written, 0…1, now and then. */
  readonly onProgress?: (share: number) => void;
}

export interface Exported {
  readonly bytes: number;
  readonly events: number;
}

/**
 * Writes the exported file, whole or not at all.
 * Failures: `wrong-usage` (as `exportTrace`), `write-failed`, `cancelled`.
 */
export async function writeExport(store: EventStore, job: ExportJob): Promise<Exported> {
  const format = exportFormat(job.format);
  const part = new ExportedPart(store, job);
  let bytes = 0;
  function* counted(): Generator<Uint8Array> {
    const rows = Math.max(1, part.endRow - part.firstRow);
    for (const piece of format.pieces(part)) {
      const encoded = typeof piece === 'string' ? Buffer.from(piece) : piece;
      bytes += encoded.length;
      yield encoded;
      job.onProgress?.((part.reachedRow - part.firstRow) / rows);
    }
  }
  await writeFileAtomically(job.path, counted(), job.signal);
  return { bytes, events: eventsOf(part, format) };
}

/** How many events of a part a format holds. */
function eventsOf(part: ExportedPart, { switchesOnly }: ExportFormat): number {
  const { store } = part;
  const SWITCH: number = EventType.Switch;
  let events = 0;
  for (let row = part.firstRow; row < part.endRow; row += 1) {
    if (part.has(row) && (switchesOnly !== true || store.type[row] === SWITCH)) events += 1;
  }
  return events;
}

/** The format of a name. Failure `wrong-usage`. */
export function exportFormat(name: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each.name === name);
  if (format !== undefined) return format;
  throw new Failure(
    'wrong-usage',
    `There is no export format "${name}". Known: ${EXPORT_FORMATS.map((each) => each.name).join(', ')}.`,
  );
}
