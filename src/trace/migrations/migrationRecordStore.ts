import type { Diagnostic } from '../model/traceMetadata.js';
import { StringTable } from '../model/stringTable.js';
import { createRecordColumn, type RecordColumn } from './recordColumn.js';
import { RECORD_COLUMNS, type RecordColumnName } from './recordColumns.js';

/** Malformed lines that are named one by one; of more only the number is told. */
export const NAMED_MALFORMED_LINES = 100;
/** Names of tasks that are told apart; a task takes a new one with exec, so there are few a pid. */
const COMM_CAPACITY = 1_000_000;

export interface MalformedLine {
  readonly line: number;
  /** As part of a sentence: `delta is empty`. */
  readonly reason: string;
  /** The beginning of the line, without control characters. */
  readonly excerpt: string;
}

/** Calls of `can_migrate_task`, one row each, in the order of the file. */
export class MigrationRecordStore {
  length = 0;
  readonly diagnostics: Diagnostic[] = [];
  readonly comms = new StringTable('task names', COMM_CAPACITY);
  /** The first ones, at most `NAMED_MALFORMED_LINES`. */
  readonly malformedLines: MalformedLine[] = [];
  malformedCount = 0;
  /** What the collector itself said it lost. */
  lostRecords = 0;
  /** Columns of the file that mean nothing here. */
  readonly unknownColumns: string[] = [];
  readonly #columns = new Map<RecordColumnName, RecordColumn>();
  /** Number of the comm, where the file names tasks. */
  #commColumn: RecordColumn | undefined;
  #capacity = 0;
  /** From row `#shiftRows[i]` on, a row stands `#shiftLines[i]` lines after its own number. */
  readonly #shiftRows: number[] = [];
  readonly #shiftLines: number[] = [];

  /** Adds a column; all columns are added before the first row. */
  addColumn(name: RecordColumnName): RecordColumn {
    const column = createRecordColumn(RECORD_COLUMNS[name].bytes);
    this.#columns.set(name, column);
    return column;
  }

  addCommColumn(): RecordColumn {
    return (this.#commColumn = createRecordColumn(2));
  }

  /** A column of the file; undefined when the file does not have it. */
  column(name: RecordColumnName): RecordColumn | undefined {
    return this.#columns.get(name);
  }

  /** A column that every file has. */
  required(name: RecordColumnName): RecordColumn {
    const column = this.#columns.get(name);
    if (column === undefined) throw new Error(`The records have no column ${name}.`);
    return column;
  }

  get hasComms(): boolean {
    return this.#commColumn !== undefined;
  }

  /** Name of the task; undefined when the file does not tell it. */
  commAt(row: number): string | undefined {
    return this.#commColumn === undefined ? undefined : this.comms.get(this.#commColumn.at(row));
  }

  /** Number of the name in `comms`; 0 when the file does not tell names. */
  commIndexAt(row: number): number {
    return this.#commColumn?.at(row) ?? 0;
  }

  /** Bytes that one more row takes. */
  get bytesPerRow(): number {
    let sum = this.#commColumn?.bytesPerRow ?? 0;
    for (const column of this.#columns.values()) sum += column.bytesPerRow;
    return sum;
  }

  reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = rows;
    this.#commColumn?.reserve(rows);
    for (const column of this.#columns.values()) column.reserve(rows);
  }

  /** The row to fill next, with room for it. It counts once `commit` was called. */
  nextRow(): number {
    if (this.length === this.#capacity) this.reserve(Math.max(1024, Math.ceil(this.#capacity * 1.5)));
    return this.length;
  }

  commit(line: number): void {
    const shift = line - this.length;
    if (this.#shiftLines.at(-1) !== shift) {
      this.#shiftRows.push(this.length);
      this.#shiftLines.push(shift);
    }
    this.length += 1;
  }

  /** 1-based line of the source that a row was read from. */
  lineOf(row: number): number {
    let low = 0;
    let high = this.#shiftRows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#shiftRows[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return row + (this.#shiftLines[low] ?? 0);
  }

  reportMalformed(malformed: MalformedLine): void {
    this.malformedCount += 1;
    if (this.malformedLines.length < NAMED_MALFORMED_LINES) this.malformedLines.push(malformed);
  }
}
