import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure } from '../../base/errors.js';
import type { EventStore } from '../model/eventStore.js';
import { csvPieces } from './csv.js';
import { ftracePieces } from './ftrace.js';
import { kernelOracleCsvPieces } from './kernelOracleCsv.js';
import { parquetPieces } from './parquet.js';

export interface ExportFormat {
  /** Stable identifier, the CLI's `--to`. */
  readonly name: string;
  /** What users call it. */
  readonly label: string;
  /** File name extension, without the dot. */
  readonly extension: string;
  /** The file in pieces. The store must be sorted by time and may not change meanwhile. */
  readonly pieces: (store: EventStore) => Iterable<Uint8Array | string>;
}

/** Every format that a trace can be exported to. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  { name: 'csv', label: 'CSV, all events and columns', extension: 'csv', pieces: csvPieces },
  {
    name: 'kernel-oracle-csv',
    label: 'KernelOracle CSV, one row a context switch',
    extension: 'csv',
    pieces: kernelOracleCsvPieces,
  },
  { name: 'ftrace', label: 'ftrace text, as tracefs prints it', extension: 'ftrace', pieces: ftracePieces },
  { name: 'parquet', label: 'Apache Parquet', extension: 'parquet', pieces: parquetPieces },
];

/** The exported file in pieces, made as they are asked for. Failure `wrong-usage`: there is no such format. */
// eslint-disable-next-line @typescript-eslint/require-await -- callers pull asynchronously
export async function* exportTrace(store: EventStore, format: string): AsyncGenerator<Uint8Array | string> {
  yield* formatOf(format).pieces(store);
}

/**
 * Writes the exported file, whole or not at all; returns its size in bytes.
 * Failures: `wrong-usage` (no such format), `write-failed`, `cancelled`.
 */
export async function writeExport(
  store: EventStore,
  format: string,
  path: string,
  signal?: AbortSignal,
): Promise<number> {
  const { pieces } = formatOf(format);
  let bytes = 0;
  function* counted(): Generator<Uint8Array> {
    for (const piece of pieces(store)) {
      const encoded = typeof piece === 'string' ? Buffer.from(piece) : piece;
      bytes += encoded.length;
      yield encoded;
    }
  }
  await writeFileAtomically(path, counted(), signal);
  return bytes;
}

function formatOf(name: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each.name === name);
  if (format !== undefined) return format;
  throw new Failure(
    'wrong-usage',
    `There is no export format "${name}". Known: ${EXPORT_FORMATS.map((each) => each.name).join(', ')}.`,
  );
}
