/**
 * Rows of migration records: comma-separated whole numbers, as bpftrace prints them. A row counts whole or not at all; what
 * cannot be read is reported with its line and the reason. Reading goes on behind it.
 */
import { Failure } from '../../base/errors.js';
import { CsvFields } from '../importers/csv/csvFields.js';
import { DIGIT_0, DOT, MINUS, skipSpaces, textOf } from '../importers/text/bytes.js';
import type { LineReader } from '../importers/text/lineSession.js';
import { WideColumn, type RecordColumn } from './recordColumn.js';
import type { RecordColumnName } from './recordColumns.js';
import { MAX_PREAMBLE_LINES, readRecordHeader, type RecordHeader } from './recordHeader.js';
import type { MigrationRecordStore } from './migrationRecordStore.js';

const EXCERPT_BYTES = 80;
/** So many digits are always exact in a float64. */
const EXACT_DIGITS = 15;
const MAX_CPU = 65535;

/** Largest value of columns that are numbers of something; beyond it the line is damaged. */
const LIMITS: Partial<Record<RecordColumnName, number>> = {
  migration: 2,
  forced: 1,
  cpu_idle: 1,
  cpu_newly_idle: 1,
  cpu: MAX_CPU,
  src_cpu: MAX_CPU,
  dst_cpu: MAX_CPU,
  // PID_MAX_LIMIT of include/linux/threads.h.
  pid: 4 * 1024 * 1024,
};

interface BoundColumn {
  readonly name: RecordColumnName;
  readonly field: number;
  readonly column: RecordColumn;
  readonly wide: WideColumn | undefined;
  readonly lowest: number;
  readonly limit: number;
}

export class RecordReader implements LineReader {
  readonly #store: MigrationRecordStore;
  readonly #fields = new CsvFields();
  #columns: readonly BoundColumn[] | undefined;
  #comm: { readonly field: number; readonly column: RecordColumn } | undefined;
  #fieldCount = 0;
  #headerText = '';
  #preambleLines = 0;
  #repeatedHeaders = 0;
  /** Values of the row being read, by column, and the column at fault when one cannot be read. */
  #values = new Float64Array(0);
  #fault = -1;

  constructor(store: MigrationRecordStore) {
    this.#store = store;
  }

  fast(bytes: Uint8Array, start: number, lineNumber: number): number {
    if (this.#columns === undefined) return -1;
    const next = this.#fields.readUnquoted(bytes, start);
    if (next < 0 || this.#fields.count !== this.#fieldCount || !this.#parse(this.#columns)) return -1;
    this.#add(this.#columns, lineNumber);
    return next;
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    if (skipSpaces(bytes, start, end) === end) return true;
    if (this.#columns === undefined) {
      this.#header(bytes, start, end, lineNumber);
      return true;
    }
    const fault = this.#readRow(this.#columns, bytes, start, end, lineNumber);
    if (fault === undefined) return true;
    const lost = /^Lost (\d{1,15}) events?\s*$/.exec(textOf(bytes, start, Math.min(end, start + 64)));
    if (lost !== null) this.#store.lostRecords += Number(lost[1]);
    else if (end - start === this.#headerText.length && textOf(bytes, start, end) === this.#headerText) {
      // Files put together with `cat` repeat their header.
      this.#repeatedHeaders += 1;
    } else {
      const excerpt = textOf(bytes, start, Math.min(end, start + EXCERPT_BYTES));
      this.#store.reportMalformed({ line: lineNumber, reason: fault, excerpt: visible(excerpt) });
    }
    return true;
  }

  end(): void {
    if (this.#columns === undefined) throw new Failure('bad-input', 'There is no header row.');
    if (this.#repeatedHeaders > 0) {
      this.#store.diagnostics.push({
        severity: 'info',
        message: `The header is repeated ${this.#repeatedHeaders} times: several recordings were put together here, and their times may not follow each other.`,
      });
    }
  }

  #header(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    const header = readRecordHeader(bytes, start, end);
    if (typeof header === 'string') {
      throw new Failure(
        'bad-input',
        `Line ${lineNumber}: this is a table of migration records, but ${header}. Record again with all columns, or add them.`,
      );
    }
    if (header !== undefined) {
      this.#bind(header, textOf(bytes, start, end));
      return;
    }
    this.#preambleLines += 1;
    if (this.#preambleLines > MAX_PREAMBLE_LINES) {
      throw new Failure(
        'bad-input',
        `The first ${MAX_PREAMBLE_LINES} lines hold no header of migration records.`,
      );
    }
  }

  #bind(header: RecordHeader, text: string): void {
    const store = this.#store;
    this.#headerText = text;
    this.#fieldCount = header.count;
    this.#columns = [...header.fields].map(([name, field]) => {
      const column = store.addColumn(name);
      return {
        name,
        field,
        column,
        wide: column instanceof WideColumn ? column : undefined,
        lowest: name in LIMITS ? 0 : Number.MIN_SAFE_INTEGER,
        limit: LIMITS[name] ?? Number.MAX_SAFE_INTEGER,
      };
    });
    if (header.comm >= 0) this.#comm = { field: header.comm, column: store.addCommColumn() };
    store.unknownColumns.push(...header.unknown);
    this.#values = new Float64Array(this.#columns.length);
  }

  /** Reads a row that may have quotes; else tells why it cannot be read. */
  #readRow(
    columns: readonly BoundColumn[],
    bytes: Uint8Array,
    start: number,
    end: number,
    lineNumber: number,
  ): string | undefined {
    const fields = this.#fields;
    if (!fields.read(bytes, start, end)) return 'a quoted field does not end';
    if (fields.count !== this.#fieldCount) {
      return `${fields.count} fields instead of ${this.#fieldCount}`;
    }
    if (!this.#parse(columns)) return this.#explain(columns[this.#fault]!);
    this.#add(columns, lineNumber);
    return undefined;
  }

  /** Reads all values of a row; what only 64 bits hold is read when it is stored. */
  #parse(columns: readonly BoundColumn[]): boolean {
    const { bytes, starts, ends } = this.#fields;
    const values = this.#values;
    for (let at = 0; at < columns.length; at += 1) {
      const { field, lowest, limit, wide } = columns[at]!;
      const value = wholeNumber(bytes, starts[field]!, ends[field]!);
      if (wide === undefined ? !(value >= lowest && value <= limit) : Number.isNaN(value)) {
        this.#fault = at;
        return false;
      }
      values[at] = value;
    }
    return true;
  }

  #add(columns: readonly BoundColumn[], lineNumber: number): void {
    const store = this.#store;
    const row = store.nextRow();
    const values = this.#values;
    for (let at = 0; at < columns.length; at += 1) {
      const { column, wide, field } = columns[at]!;
      const value = values[at]!;
      if (wide === undefined || Number.isSafeInteger(value)) column.set(row, value);
      else wide.setExact(row, BigInt(/-?\d+/.exec(this.#fields.text(field))![0]));
    }
    if (this.#comm !== undefined) {
      this.#comm.column.set(row, store.comms.intern(this.#fields.text(this.#comm.field)));
    }
    store.commit(lineNumber);
  }

  #explain({ name, field, limit }: BoundColumn): string {
    const text = visible(this.#fields.text(field).slice(0, 40));
    if (text.trim() === '') return `${name} is empty`;
    if (/^[-+]?\d*\.?\d+[eE][-+]?\d+$/.test(text)) {
      return `${name} is in exponent notation (${text}), which loses digits`;
    }
    if (!/^-?\d+(?:\.0*)?$/.test(text)) return `${name} is no whole number: ${text}`;
    return limit === Number.MAX_SAFE_INTEGER
      ? `${name} is out of range: ${text}`
      : `${name} is not from 0 to ${limit}: ${text}`;
  }
}

/**
 * A whole number, or NaN; beyond 2^53 it is rounded, beyond 64 bits NaN. pandas prints whole numbers as `2657.0` when some
 * in their column are missing.
 */
function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at += 1;
  const firstDigit = at;
  let value = 0;
  while (at < end) {
    const digit = bytes[at]! - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    at += 1;
  }
  if (at === firstDigit) return NaN;
  const digits = at - firstDigit;
  if (at < end) {
    if (bytes[at] === DOT) at += 1;
    while (at < end && bytes[at] === DIGIT_0) at += 1;
    if (at < end) return NaN;
  }
  if (digits <= EXACT_DIGITS) return isNegative ? -value : value;
  return fits64Bits(textOf(bytes, start, firstDigit + digits)) ? (isNegative ? -value : value) : NaN;
}

function fits64Bits(text: string): boolean {
  // Twenty digits and a sign are the longest that may fit.
  if (text.length > 21) return false;
  const value = BigInt(text);
  return value >= -(1n << 63n) && value < 1n << 64n;
}

/** Control characters would garble a terminal or hide the rest of a message. */
function visible(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
