/** The header row of migration records: which columns stand where, or what is missing. */
import { NEWLINE } from '../importers/text/bytes.js';
import { CsvFields } from '../importers/csv/csvFields.js';
import {
  COMM_COLUMN,
  RECORD_COLUMN_NAMES,
  REQUIRED_COLUMNS,
  type RecordColumnName,
} from './recordColumns.js';

/** Lines before the header that a collector may print, such as bpftrace's `Attaching 2 probes...`. */
export const MAX_PREAMBLE_LINES = 20;
/** So many known columns make a header one of migration records, even if others are missing. */
const TELLING_COLUMNS = 8;
/** Of these no other table of the scheduler has several. */
const SIGNATURE: readonly string[] = [
  'task_nr_migrations',
  'src_rq_nr_running',
  'dst_rq_nr_running',
  'sd_nr_balance_failed',
  'sd_cache_nice_tries',
  'cpu_newly_idle',
];

/** Characters of an unknown column's name that are shown. */
const SHOWN_NAME = 60;

const CARRIAGE_RETURN = 0x0d;

export interface RecordHeader {
  /** By column: the number of its field. */
  readonly fields: ReadonlyMap<RecordColumnName, number>;
  /** Field of the comm; -1 when there is none. */
  readonly comm: number;
  readonly unknown: readonly string[];
  /** Fields of the header row; each row has as many. */
  readonly count: number;
}

/** The header in a line; as text, what is wrong with it; undefined when it is no header of migration records. */
export function readRecordHeader(
  line: Uint8Array,
  start: number,
  end: number,
): RecordHeader | string | undefined {
  const csv = new CsvFields();
  if (!csv.read(line, start, end)) return undefined;
  const names = Array.from({ length: csv.count }, (_, field) => csv.text(field).trim());
  if (!isTelling(names)) return undefined;
  const missing = REQUIRED_COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) return `its header lacks ${listed(missing)}`;
  const known = new Set<string>([...RECORD_COLUMN_NAMES, COMM_COLUMN]);
  const twice = names.find((name, at) => known.has(name) && names.indexOf(name) !== at);
  if (twice !== undefined) return `its header names the column ${twice} twice`;
  const fields = RECORD_COLUMN_NAMES.filter((name) => names.includes(name)).map(
    (name) => [name, names.indexOf(name)] as const,
  );
  return {
    fields: new Map(fields),
    comm: names.indexOf(COMM_COLUMN),
    unknown: names.filter((name) => !known.has(name)).map((name) => name.slice(0, SHOWN_NAME)),
    count: names.length,
  };
}

/** Whether the first bytes of a (decompressed) file are those of a table of migration records. Never throws. */
export function looksLikeMigrationRecords(head: Uint8Array): boolean {
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  for (let line = 0; line <= MAX_PREAMBLE_LINES && at < head.length; line += 1) {
    const newline = head.indexOf(NEWLINE, at);
    const end = newline < 0 ? head.length : newline;
    const isCrlf = end > at && head[end - 1] === CARRIAGE_RETURN;
    if (readRecordHeader(head, at, isCrlf ? end - 1 : end) !== undefined) return true;
    at = end + 1;
  }
  return false;
}

function isTelling(names: readonly string[]): boolean {
  const known = REQUIRED_COLUMNS.filter((name) => names.includes(name));
  return known.length >= TELLING_COLUMNS && SIGNATURE.filter((name) => names.includes(name)).length >= 2;
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? `the column ${names[0]!}` : `the columns ${names.join(', ')}`;
}
