/**
 * The CSV forms of the KernelOracle family, all recordings of a file. The importer of `trace` reads the same rows, but of
 * the first recording only, since recordings share no timeline; here each `workload_type,trace_id` is a recording.
 *
 *     timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id
 *     5630.872220,0.000003,stress-ng,2657,1,S,swapper/1,hackbench,hackbench_pipe_small_run0
 *
 * `trace_id~2` is the second sequence of the recording `trace_id`: our own export writes so where events were lost in
 * between. `time_diff` is not read: it follows from `timestamp`, and that without rounding.
 */
import type { ByteSource } from '../../base/byteSource.js';
import { Failure } from '../../base/errors.js';
import { decompress } from '../../trace/compression.js';
import { CsvFields } from '../../trace/importers/csv/csvFields.js';
import { SecondsReader } from '../../trace/importers/csv/csvSeconds.js';
import { readCsvColumns, type CsvColumns } from '../../trace/importers/csv/kernelOracleCsvColumns.js';
import { NumberReader, DIGIT_0, DOT, skipSpaces, textOf } from '../../trace/importers/text/bytes.js';
import { LineSession, type LineReader } from '../../trace/importers/text/lineSession.js';
import type { Diagnostic } from '../../trace/model/traceMetadata.js';
import { SwitchRowsBuilder, type SwitchRows, type Symbols } from './switchRows.js';

/** Later "seconds" are other units (the year 5138). */
const LATEST_SECONDS = 1e11;
const CPUS = 65536;
/** A `trace_id` that tells more recordings apart than anybody has is a number of rows. */
const MAX_RECORDINGS = 16_384;
const FIRST_CAPACITY = 256;
/** Offsets are exact below. */
const MAX_OFFSET_NS = 2 ** 53;

/** A recording of a CSV file: sequences that do not touch, one unless the file says otherwise. */
export interface CsvRecording {
  readonly traceId: string;
  readonly workloadType: string;
  readonly pieces: readonly SwitchRows[];
}

export interface CsvFile {
  readonly form: CsvColumns['form'];
  readonly recordings: readonly CsvRecording[];
  readonly remarks: readonly string[];
}

/** Reads a file. Failures: those of the source, `bad-input`, `empty-input`, `cancelled`. */
export async function readCsvRecordings(
  source: ByteSource,
  symbols: Symbols,
  signal?: AbortSignal,
  onBytes?: (textBytes: number) => void,
): Promise<CsvFile> {
  const diagnostics: Diagnostic[] = [];
  const reader = new RecordingsReader(symbols, source.name);
  const session = new LineSession({ diagnostics }, reader);
  let textBytes = 0;
  for await (const chunk of decompress(source.chunks(signal), source.name)) {
    session.push(chunk);
    textBytes += chunk.length;
    onBytes?.(textBytes);
  }
  session.end();
  const recordings = reader.recordings();
  const remarks = [
    ...reader.remarks(),
    ...diagnostics.map(({ message, line }) => (line === undefined ? message : `line ${line}: ${message}`)),
  ];
  if (recordings.length === 0) {
    throw new Failure(
      textBytes === 0 ? 'empty-input' : 'bad-input',
      `${source.name} holds no row that can be read.${remarks[0] === undefined ? '' : ` First remark: ${remarks[0]}`}`,
    );
  }
  return { form: reader.form, recordings, remarks };
}

/** Rows of one `workload_type,trace_id`. */
interface Group {
  /** Bytes of both fields, to know the next row's without making text of it. */
  readonly trace: Uint8Array;
  readonly workload: Uint8Array;
  readonly traceId: string;
  readonly workloadType: string;
  readonly baseSeconds: number;
  readonly baseNanoseconds: number;
  readonly rows: SwitchRowsBuilder;
}

class RecordingsReader implements LineReader {
  readonly #symbols: Symbols;
  readonly #name: string;
  readonly #fields = new CsvFields();
  readonly #number = new NumberReader();
  readonly #time = new SecondsReader();
  readonly #groups = new Map<string, Group>();
  #group: Group | undefined;
  #columns: CsvColumns | undefined;
  #headerText = '';
  #refused = 0;
  #firstRefused = 0;
  /** State numbers of states of one character, by its code; 0 not interned yet. */
  readonly #shortStates = new Uint16Array(256);

  constructor(symbols: Symbols, name: string) {
    this.#symbols = symbols;
    this.#name = name;
  }

  get form(): CsvColumns['form'] {
    return this.#columns?.form ?? 'switches';
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    if (skipSpaces(bytes, start, end) === end) return true;
    if (this.#columns === undefined) {
      this.#columns = this.#header(bytes, start, end);
      this.#headerText = textOf(bytes, start, end);
      return true;
    }
    if (!this.#fields.read(bytes, start, end) || this.#fields.count !== this.#columns.count) return false;
    // Files put together with `cat` repeat their header.
    if (this.#row(this.#columns) || textOf(bytes, start, end) === this.#headerText) return true;
    if (this.#refused === 0) this.#firstRefused = lineNumber;
    this.#refused += 1;
    return true;
  }

  fast(bytes: Uint8Array, start: number): number {
    if (this.#columns === undefined) return -1;
    const next = this.#fields.readUnquoted(bytes, start);
    if (next < 0 || this.#fields.count !== this.#columns.count) return -1;
    return this.#row(this.#columns) ? next : -1;
  }

  *remarks(): Generator<string> {
    if (this.#refused === 0) return;
    const rows = this.#refused === 1 ? '1 row was' : `${this.#refused} rows were`;
    yield `${rows} left out: timestamp, pid or cpu is no number in its range (first in line ${this.#firstRefused})`;
  }

  recordings(): CsvRecording[] {
    const found = new Map<string, { traceId: string; workloadType: string; pieces: SwitchRows[] }>();
    for (const { traceId, workloadType, baseSeconds, baseNanoseconds, rows } of this.#groups.values()) {
      const whole = traceId.replace(/~\d+$/, '');
      const key = `${workloadType}\0${whole}`;
      const recording = found.get(key) ?? { traceId: whole, workloadType, pieces: [] };
      found.set(key, recording);
      recording.pieces.push(rows.finish(BigInt(baseSeconds) * 1_000_000_000n + BigInt(baseNanoseconds)));
    }
    this.#groups.clear();
    return [...found.values()];
  }

  #header(bytes: Uint8Array, start: number, end: number): CsvColumns {
    const columns = readCsvColumns(bytes, start, end);
    if (typeof columns !== 'string') return columns;
    throw new Failure('bad-input', `${this.#name} is no KernelOracle CSV: ${columns}.`);
  }

  /** Adds the row that was taken apart last; false when it cannot be read. */
  #row(columns: CsvColumns): boolean {
    const { bytes, starts, ends } = this.#fields;
    const time = this.#time;
    if (!time.read(bytes, starts[columns.time]!, ends[columns.time]!)) return false;
    const pid = this.#integer(columns.pid);
    const cpu = columns.cpu < 0 ? 0 : this.#integer(columns.cpu);
    if (!(cpu >= 0 && cpu < CPUS) || Number.isNaN(pid) || time.seconds > LATEST_SECONDS) return false;
    const group = this.#groupOf(columns);
    const offsetNs = (time.seconds - group.baseSeconds) * 1e9 + (time.nanoseconds - group.baseNanoseconds);
    if (!(Math.abs(offsetNs) < MAX_OFFSET_NS)) return false;
    const task = this.#symbols.tasks.internBytes(pid, bytes, starts[columns.comm]!, ends[columns.comm]!);
    group.rows.add(offsetNs, task, this.#state(columns.state), cpu);
    return true;
  }

  /** A decimal integer, or NaN. pandas prints whole numbers as `2657.0` when some in their column are missing. */
  #integer(column: number): number {
    const number = this.#number;
    const { bytes, starts, ends } = this.#fields;
    const end = ends[column]!;
    const value = number.integer(bytes, starts[column]!, end);
    if (!number.ok) return NaN;
    let at = number.end;
    if (at < end && bytes[at] === DOT) at += 1;
    while (at > number.end && at < end && bytes[at] === DIGIT_0) at += 1;
    return at === end ? value : NaN;
  }

  #state(column: number): number {
    if (column < 0) return 0;
    const { bytes, starts, ends } = this.#fields;
    const start = starts[column]!;
    const end = ends[column]!;
    if (end - start !== 1) return this.#symbols.states.intern(textOf(bytes, start, end));
    return (this.#shortStates[bytes[start]!] ||= this.#symbols.states.intern(textOf(bytes, start, end)));
  }

  /** Rows of a recording usually stand together: one comparison of bytes. */
  #groupOf(columns: CsvColumns): Group {
    const known = this.#group;
    if (
      known !== undefined &&
      this.#is(known.trace, columns.trace) &&
      this.#is(known.workload, columns.workload)
    ) {
      return known;
    }
    return (this.#group = this.#find(columns));
  }

  #is(value: Uint8Array, column: number): boolean {
    if (column < 0) return true;
    const { bytes, starts, ends } = this.#fields;
    const start = starts[column]!;
    if (value.length !== ends[column]! - start) return false;
    for (let at = 0; at < value.length; at += 1) if (value[at] !== bytes[start + at]) return false;
    return true;
  }

  #find(columns: CsvColumns): Group {
    const traceId = this.#text(columns.trace);
    const workloadType = this.#text(columns.workload);
    const key = `${workloadType}\0${traceId}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    if (this.#groups.size === MAX_RECORDINGS) {
      throw new Failure(
        'bad-input',
        `${this.#name} names more than ${MAX_RECORDINGS} recordings in its columns workload_type and trace_id. They should tell recordings apart, not rows.`,
      );
    }
    const group: Group = {
      trace: this.#bytes(columns.trace),
      workload: this.#bytes(columns.workload),
      traceId,
      workloadType,
      baseSeconds: this.#time.seconds,
      baseNanoseconds: this.#time.nanoseconds,
      rows: new SwitchRowsBuilder(FIRST_CAPACITY),
    };
    this.#groups.set(key, group);
    return group;
  }

  #text(column: number): string {
    return column < 0 ? '' : this.#fields.text(column);
  }

  #bytes(column: number): Uint8Array {
    const { bytes, starts, ends } = this.#fields;
    return column < 0 ? new Uint8Array(0) : bytes.slice(starts[column], ends[column]);
  }
}
