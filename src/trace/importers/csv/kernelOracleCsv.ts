/**
 * CSV of the KernelOracle family of models, in both forms; times in seconds, columns found by the names in the header.
 *
 * Made from `perf sched map`, everything on one CPU, each row names who runs now:
 *
 *     task_code,time,name,pid
 *     A0,1964.315332,migration/0,18
 *
 * One row a sched_switch; `task_name` and `pid` are the next task's, `prev_state` and `prev_comm` of the one that left:
 *
 *     timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id
 *     5630.872220,0.000003,stress-ng,2657,1,S,swapper/1,hackbench,run0
 *
 * The pid of who left is not recorded. The actor of a row is therefore whom the CPU's row before switched to, provided
 * that `prev_comm` is its name; otherwise it is unknown (at the first row of a CPU, after lost events or an exec) unless
 * it is called `swapper/<cpu>`, which is idle. Wakeups and priorities are not in these files.
 *
 * Several `trace_id`s in a file are recordings that share no clock: the first one is read, the others are counted.
 * A quoted field may hold commas and quotes; line ends in it, which no comm of the kernel's own tools has, are not read.
 */
import { Failure } from '../../../base/errors.js';
import type { EventStore } from '../../model/eventStore.js';
import { NEWLINE, skipSpaces, textOf } from '../text/bytes.js';
import { CsvFields } from './csvFields.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { readCsvColumns } from './kernelOracleCsvColumns.js';
import { KernelOracleCsvRows } from './kernelOracleCsvRows.js';
import { LineSession, type LineReader } from '../text/lineSession.js';

const CARRIAGE_RETURN = 0x0d;

export const kernelOracleCsv: StreamImporter = {
  kind: 'stream',
  name: 'kernel-oracle-csv',
  label: 'KernelOracle CSV (task codes or context switches)',
  detect,
  begin(store: EventStore): ImportSession {
    return new LineSession(store, new KernelOracleCsvReader(store));
  },
};

function detect(head: Uint8Array): Detection {
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  while (head[at] === NEWLINE || head[at] === CARRIAGE_RETURN) at += 1;
  const newline = head.indexOf(NEWLINE, at);
  const lineEnd = newline < 0 ? head.length : newline;
  const isCrlf = lineEnd > at && head[lineEnd - 1] === CARRIAGE_RETURN;
  const columns = readCsvColumns(head, at, isCrlf ? lineEnd - 1 : lineEnd);
  return typeof columns === 'string'
    ? { matches: false, reason: columns }
    : { matches: true, confidence: 0.95 };
}

class KernelOracleCsvReader implements LineReader {
  readonly #store: EventStore;
  readonly #fields = new CsvFields();
  #rows: KernelOracleCsvRows | undefined;
  #fieldCount = 0;
  #headerText = '';
  /** Rows that were refused, by why: how many, and the first one. */
  readonly #refused = new Map<string, { count: number; readonly line: number; readonly example: string }>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  line(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    if (skipSpaces(line, start, end) === end) return true;
    if (this.#rows === undefined) {
      this.#rows = this.#header(line, start, end, lineNumber);
      return true;
    }
    if (!this.#fields.read(line, start, end) || this.#fields.count !== this.#fieldCount) return false;
    if (this.#rows.read(this.#fields, lineNumber)) return true;
    // Files put together with `cat` repeat their header.
    if (textOf(line, start, end) !== this.#headerText) this.#refuse(this.#rows, lineNumber);
    return true;
  }

  fast(bytes: Uint8Array, start: number, lineNumber: number): number {
    if (this.#rows === undefined) return -1;
    const next = this.#fields.readUnquoted(bytes, start);
    if (next < 0 || this.#fields.count !== this.#fieldCount) return -1;
    return this.#rows.read(this.#fields, lineNumber) ? next : -1;
  }

  end(): void {
    const { diagnostics } = this.#store;
    for (const [why, { count, line, example }] of this.#refused) {
      const rows = count === 1 ? '1 row was' : `${count} rows were`;
      diagnostics.push({
        severity: 'warning',
        message: `${rows} left out: ${why}. The first one has "${example}".`,
        line,
      });
    }
    const others = this.#rows?.recordings.othersText();
    if (others !== undefined) diagnostics.push({ severity: 'warning', message: others });
  }

  #header(line: Uint8Array, start: number, end: number, lineNumber: number): KernelOracleCsvRows {
    const columns = readCsvColumns(line, start, end);
    if (typeof columns === 'string') {
      throw new Failure('bad-input', `Line ${lineNumber}: this is no KernelOracle CSV: ${columns}.`);
    }
    const { metadata } = this.#store;
    const prevState = columns.form === 'switches';
    metadata.capabilities = { wakeups: false, prevState, priorities: false, textLines: true };
    metadata.properties.set('form', columns.form);
    this.#headerText = textOf(line, start, end);
    this.#fieldCount = columns.count;
    return new KernelOracleCsvRows(this.#store, columns);
  }

  #refuse(rows: KernelOracleCsvRows, line: number): void {
    const { why, example } = rows.explain(this.#fields);
    const known = this.#refused.get(why);
    if (known === undefined) this.#refused.set(why, { count: 1, line, example: example.slice(0, 40) });
    else known.count += 1;
  }
}
