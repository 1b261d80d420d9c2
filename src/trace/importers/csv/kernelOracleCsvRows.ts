/** Rows of KernelOracle's CSV files into a store. */
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../../model/taskTable.js';
import { DIGIT_0, DOT, NumberReader, ascii, startsWith } from '../text/bytes.js';
import type { CsvFields } from './csvFields.js';
import { SecondsReader } from './csvSeconds.js';
import type { CsvColumns } from './kernelOracleCsvColumns.js';
import { RecordingFilter } from './kernelOracleCsvRecordings.js';
import { TracefsContext } from '../tracefs/tracefsContext.js';

/** CPU numbers fit into 16 bits in the store. */
const CPUS = 65536;
/** The year 5138: later "seconds" are milliseconds, microseconds or nanoseconds. */
const LATEST_SECONDS = 1e11;
const SWAPPER = ascii('swapper');
const SLASH = 0x2f;

export class KernelOracleCsvRows {
  readonly recordings = new RecordingFilter();
  readonly #store: EventStore;
  readonly #columns: CsvColumns;
  readonly #context: TracefsContext;
  readonly #number = new NumberReader();
  readonly #time = new SecondsReader();
  /** By CPU: who runs there. */
  readonly #running = new Uint32Array(CPUS).fill(NO_TASK);
  /** By task: its comm as the file has it. */
  readonly #commBytes: Uint8Array[] = [];

  constructor(store: EventStore, columns: CsvColumns) {
    this.#store = store;
    this.#columns = columns;
    this.#context = new TracefsContext(store);
  }

  /** Reads a row. False when a field cannot be read; nothing was stored then. */
  read(fields: CsvFields, lineNumber: number): boolean {
    const columns = this.#columns;
    const { bytes, starts, ends } = fields;
    const time = this.#time;
    if (!time.read(bytes, starts[columns.time]!, ends[columns.time]!)) return false;
    const pid = this.#integer(fields, columns.pid);
    const cpu = columns.cpu < 0 ? 0 : this.#integer(fields, columns.cpu);
    if (!(cpu >= 0 && cpu < CPUS) || Number.isNaN(pid) || time.seconds > LATEST_SECONDS) return false;
    if (!this.#isShown(fields)) return true;

    const { comm } = columns;
    const next = this.#task(pid, bytes, starts[comm]!, ends[comm]!);
    const previous = this.#previous(fields, cpu);
    this.#running[cpu] = next;
    this.#store.add(
      EventType.Switch,
      time.seconds,
      time.nanoseconds,
      cpu,
      previous,
      next,
      UNKNOWN_PRIO,
      UNKNOWN_PRIO,
      this.#state(fields),
      0,
      0,
      lineNumber,
    );
    return true;
  }

  /** Why a row that `read` refused cannot be read, and the field at fault. */
  explain(fields: CsvFields): { readonly why: string; readonly example: string } {
    const columns = this.#columns;
    const time = fields.text(columns.time);
    if (/^[-+]?[\d.]+[eE][-+]?\d+$/.test(time)) {
      return {
        why: 'the time is in exponent notation, which loses digits; write it with all of them, for example with float_format="%.9f"',
        example: time,
      };
    }
    if (/^\d{12,}(?:\.\d*)?$/.test(time)) {
      return { why: 'the time is too large to be in seconds', example: time };
    }
    if (!this.#time.read(fields.bytes, fields.starts[columns.time]!, fields.ends[columns.time]!)) {
      return { why: 'the time is no number of seconds', example: time };
    }
    if (Number.isNaN(this.#integer(fields, columns.pid))) {
      return { why: 'the pid is no whole number', example: fields.text(columns.pid) };
    }
    return { why: 'the cpu is no whole number from 0 to 65535', example: fields.text(columns.cpu) };
  }

  /** A decimal integer, or NaN. pandas prints whole numbers as `2657.0` when some in their column are missing. */
  #integer({ bytes, starts, ends }: CsvFields, column: number): number {
    const number = this.#number;
    const end = ends[column]!;
    const value = number.integer(bytes, starts[column]!, end);
    if (!number.ok) return NaN;
    let at = number.end;
    if (at < end && bytes[at] === DOT) at += 1;
    while (at > number.end && at < end && bytes[at] === DIGIT_0) at += 1;
    return at === end ? value : NaN;
  }

  #isShown(fields: CsvFields): boolean {
    const { trace, workload } = this.#columns;
    const isShown =
      trace < 0 || this.recordings.accept(fields.bytes, fields.starts[trace]!, fields.ends[trace]!);
    if (this.#store.length === 0 && isShown) {
      const { properties } = this.#store.metadata;
      if (workload >= 0) properties.set('workload_type', fields.text(workload));
      if (trace >= 0) properties.set('trace_id', fields.text(trace));
    }
    return isShown;
  }

  #task(pid: number, bytes: Uint8Array, start: number, end: number): number {
    const task = this.#store.tasks.internBytes(pid, bytes, start, end);
    this.#commBytes[task] ??= bytes.slice(start, end);
    return task;
  }

  /** Who left the CPU: see the importer's comment on what can be known. */
  #previous({ bytes, starts, ends }: CsvFields, cpu: number): number {
    const running = this.#running[cpu]!;
    const { previousComm } = this.#columns;
    if (previousComm < 0) return running;
    const start = starts[previousComm]!;
    const end = ends[previousComm]!;
    if (startsWith(bytes, start, end, SWAPPER)) {
      // perf calls idle `swapper`, on any CPU; other tasks may call themselves so.
      if (running === IDLE_TASK || this.#isIdleOf(cpu, bytes, start, end)) return IDLE_TASK;
    }
    const comm = running === NO_TASK ? undefined : this.#commBytes[running];
    const isSame = comm?.length === end - start && startsWith(bytes, start, end, comm);
    return isSame ? running : NO_TASK;
  }

  #state({ bytes, starts, ends }: CsvFields): number {
    const { state } = this.#columns;
    if (state < 0 || starts[state]! === ends[state]!) return 0;
    return this.#context.stateOf(bytes, starts[state]!, ends[state]!);
  }

  /** Whether this is `swapper/<cpu>`, the name of this CPU's idle task. */
  #isIdleOf(cpu: number, bytes: Uint8Array, start: number, end: number): boolean {
    const digits = start + SWAPPER.length + 1;
    if (digits >= end || bytes[digits - 1] !== SLASH) return false;
    return this.#number.integer(bytes, digits, end) === cpu && this.#number.end === end;
  }
}
