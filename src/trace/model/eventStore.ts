import { Failure } from '../../base/errors.js';
import { EVENT_NAMES, EventType, type EventName } from './eventType.js';
import { reorder, sortedOrder, type Column } from './rowOrder.js';
import { StringTable } from './stringTable.js';
import { TaskTable } from './taskTable.js';
import type { Diagnostic, LossReport, TraceMetadata } from './traceMetadata.js';

/** Stands in the priority columns where the format does not tell one. */
export const UNKNOWN_PRIO = -32768;

/** 2^53: the largest span of nanoseconds (104 days) that a float64 offset holds exactly. */
const MAX_EXACT_OFFSET = Number.MAX_SAFE_INTEGER;

/**
 * The columnar event model: one row an event, structure of typed arrays, 32 bytes a row
 * (8 more once a trace carries vruntimes). Rows are in source order while a trace is read and, when `sortByTime`
 * found disorder, in order of time afterwards.
 *
 * Two tasks belong to a row. The *actor* ran on the CPU when the event was recorded: the previous task of a
 * switch, the waker of a wakeup, the parent of a fork. The *subject* is whom the event is about: the next task
 * of a switch, the woken, migrated, charged, new or ending task.
 *
 * `arg` by type: wakeups: target CPU (-1 unknown) · migrate: origCpu * 65536 + destCpu · stat_runtime: runtime
 * in ns · exec: old pid · others: 0.
 */
export class EventStore {
  readonly tasks = new TaskTable();
  /** Previous states as the kernel printed them: `R`, `R+`, `S`, `D|K`, or a number of a raw format. */
  readonly states = new StringTable('previous states', 65536);
  /** Latency flags as printed (`d..2.`). */
  readonly flagTexts = new StringTable('latency flags', 65536);
  readonly losses: LossReport[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly metadata: TraceMetadata = {
    format: '',
    properties: new Map(),
    capabilities: { wakeups: true, prevState: true, priorities: true, textLines: true },
    overwrittenEvents: undefined,
    cpuCount: undefined,
  };
  /** File names of exec events, by what `line` holds for their row. */
  readonly execFiles = new Map<number, string>();
  /** Names of the files of a recording that lies in several; empty for the usual case, one. */
  readonly sources: string[] = [];
  #sourceIndex = 0;
  #sourceCount = 1;

  /** Absolute time in ns of offset 0: the time of the first row that was added. */
  baseNs = 0n;
  #hasBase = false;
  #length = 0;
  #capacity = 0;
  /** Number of CPUs seen: highest CPU number + 1. */
  #cpuLimit = 0;
  #minNs = Infinity;
  #maxNs = -Infinity;
  #isSorted = true;
  readonly #countByType = new Float64Array(EVENT_NAMES.length);

  timeNs = new Float64Array(0);
  actor = new Uint32Array(0);
  subject = new Uint32Array(0);
  line = new Uint32Array(0);
  // These hold small numbers in nearly every recording; the first one that does not fit widens the column.
  arg: Int32Array | Float64Array = new Int32Array(0);
  cpu: Uint8Array | Uint16Array = new Uint8Array(0);
  state: Uint8Array | Uint16Array = new Uint8Array(0);
  flags: Uint8Array | Uint16Array = new Uint8Array(0);
  actorPrio = new Int16Array(0);
  subjectPrio = new Int16Array(0);
  type = new Uint8Array(0);
  /** Virtual run time in ns of stat_runtime rows, 0 elsewhere; undefined until a row carries one. */
  vruntimeNs: BigInt64Array | undefined;

  get length(): number {
    return this.#length;
  }

  get cpuLimit(): number {
    return this.#cpuLimit;
  }

  /** Earliest and latest offset in ns after `baseNs`; NaN while empty. The earliest is negative in unsorted input. */
  get startNs(): number {
    return this.#length === 0 ? NaN : this.#minNs;
  }

  get endNs(): number {
    return this.#length === 0 ? NaN : this.#maxNs;
  }

  /** Whether all rows so far are in order of time. */
  get isSorted(): boolean {
    return this.#isSorted;
  }

  countOf(type: EventType): number {
    return this.#countByType[type]!;
  }

  /** Events by kernel name, only those that occur. */
  eventCounts(): Partial<Record<EventName, number>> {
    const counts: Partial<Record<EventName, number>> = {};
    EVENT_NAMES.forEach((name, type) => {
      if (this.#countByType[type]! > 0) counts[name] = this.#countByType[type]!;
    });
    return counts;
  }

  /** Whether wakeup latencies can be known: the format has wakeups and this recording contains some. */
  get hasWakeups(): boolean {
    const seen =
      this.countOf(EventType.Wakeup) + this.countOf(EventType.WakeupNew) + this.countOf(EventType.Waking);
    return this.metadata.capabilities.wakeups && seen > 0;
  }

  /** Absolute time of a row in ns. Exact. */
  absoluteNs(row: number): bigint {
    return this.baseNs + BigInt(this.timeNs[row]!);
  }

  /** Reported lost events; those of unknown number count 0. */
  lostEventCount(): number {
    return this.losses.reduce((sum, loss) => sum + (loss.count ?? 0), 0);
  }

  /**
   * Prepares room for `rows` rows. Memory of rows not yet written is only reserved (zero pages of the operating
   * system), so that a generous estimate is cheaper than growing by copies.
   */
  reserve(rows: number): void {
    if (rows > this.#capacity) this.#grow(rows);
  }

  /**
   * Appends a row and returns its number. The time is absolute, split as seconds and nanoseconds within the
   * second, both exact integers, so that parsers need no BigInt in their inner loop.
   */
  add(
    type: EventType,
    seconds: number,
    nanoseconds: number,
    cpu: number,
    actor: number,
    subject: number,
    actorPrio: number,
    subjectPrio: number,
    state: number,
    flags: number,
    arg: number,
    line: number,
  ): number {
    if (!this.#hasBase) this.#setBase(seconds, nanoseconds);
    const offset = (seconds - this.#baseSeconds) * 1e9 + (nanoseconds - this.#baseNanoseconds);
    return this.addAt(type, offset, cpu, actor, subject, actorPrio, subjectPrio, state, flags, arg, line);
  }

  /**
   * The offset (ns after `baseNs`) of an absolute time in ns, for `addAt`. The first time asked for becomes the
   * base. Exact within 104 days of it; farther away `addAt` refuses.
   */
  offsetOf(absoluteNs: bigint): number {
    if (!this.#hasBase) {
      const seconds = Number(absoluteNs / 1_000_000_000n);
      this.#setBase(seconds, Number(absoluteNs - BigInt(seconds) * 1_000_000_000n));
    }
    return Number(absoluteNs - this.baseNs);
  }

  /** As `add`, for formats that count time in nanoseconds: `offsetNs` comes from `offsetOf` and whole-number sums. */
  addAt(
    type: EventType,
    offset: number,
    cpu: number,
    actor: number,
    subject: number,
    actorPrio: number,
    subjectPrio: number,
    state: number,
    flags: number,
    arg: number,
    line: number,
  ): number {
    const row = this.#length;
    if (row === this.#capacity) this.#grow(Math.max(65536, Math.ceil(row * 1.5)));
    // Before anything changes: the rows so far stay good, and with them the span of the trace.
    if (!(offset <= MAX_EXACT_OFFSET && offset >= -MAX_EXACT_OFFSET)) throw tooLongSpan(line);
    if (offset < this.#maxNs) this.#isSorted = false;
    else this.#maxNs = offset;
    if (offset < this.#minNs) this.#minNs = offset;
    if (cpu >= this.#cpuLimit) this.#admitCpu(cpu);
    if (state > 255 || flags > 255 || arg !== (arg | 0)) this.#makeRoom(state, flags, arg);
    this.#lastNs[cpu] = offset;
    this.timeNs[row] = offset;
    this.type[row] = type;
    this.cpu[row] = cpu;
    this.actor[row] = actor;
    this.subject[row] = subject;
    this.actorPrio[row] = actorPrio;
    this.subjectPrio[row] = subjectPrio;
    this.state[row] = state;
    this.flags[row] = flags;
    this.arg[row] = arg;
    this.line[row] = line * this.#sourceCount + this.#sourceIndex;
    this.#countByType[type]! += 1;
    this.#length = row + 1;
    if (this.#openLosses.size > 0) this.#closeLosses(cpu, offset);
    return row;
  }

  /** Says which of the recording's files (`sources`) the next events come from. */
  readFrom(sourceIndex: number): void {
    this.#sourceIndex = sourceIndex;
    this.#sourceCount = Math.max(1, this.sources.length);
  }

  /** The place in the source that a value of the `line` column means: 1-based line or record, and which file. */
  placeOf(value: number): { readonly line: number; readonly source: number } {
    const count = Math.max(1, this.sources.length);
    return { line: Math.floor(value / count), source: value % count };
  }

  /** What the `line` column holds for a line of the file that is being read. */
  #placeNumber(line: number): number {
    return line * this.#sourceCount + this.#sourceIndex;
  }

  setExecFile(line: number, file: string): void {
    this.execFiles.set(this.#placeNumber(line), file);
  }

  setVruntime(row: number, vruntimeNs: bigint): void {
    this.vruntimeNs ??= new BigInt64Array(this.#capacity);
    this.vruntimeNs[row] = vruntimeNs;
  }

  /**
   * Notes that a CPU dropped events at this point of the source: between the event of that CPU read last and the
   * next one that is added. `count` is undefined when the recorder does not tell how many.
   */
  addLoss(cpu: number, count: number | undefined, line: number): void {
    const loss: LossReport = {
      cpu,
      afterNs: this.#latestNsOf(cpu),
      beforeNs: undefined,
      count,
      line: this.#placeNumber(line),
    };
    this.losses.push(loss);
    const open = this.#openLosses.get(cpu);
    if (open === undefined) this.#openLosses.set(cpu, [loss]);
    else open.push(loss);
    if (cpu >= this.#cpuLimit) this.#admitCpu(cpu);
  }

  /** Brings the rows into order of time; rows of equal time keep their source order. No-op when sorted. */
  sortByTime(): void {
    if (this.#isSorted) return;
    const order = sortedOrder(this.timeNs, this.#length);
    this.#eachColumn((column) => {
      reorder(column, order);
      return column;
    });
    this.#isSorted = true;
  }

  /** First row whose time is at or after the offset. The rows must be sorted. */
  firstRowAtOrAfter(offsetNs: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeNs[middle]! < offsetNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Bytes the rows take in memory (used rows, all columns), for the benchmark and the info view. */
  residentBytes(): number {
    let perRow = 0;
    this.#eachColumn((column) => {
      perRow += column.BYTES_PER_ELEMENT;
      return column;
    });
    return perRow * this.#length;
  }

  /** By CPU: losses after which no event of it has come yet. */
  readonly #openLosses = new Map<number, LossReport[]>();
  /** By CPU: offset of the event added last, NaN for none. */
  #lastNs = new Float64Array(16).fill(NaN);
  #baseSeconds = 0;
  #baseNanoseconds = 0;

  #setBase(seconds: number, nanoseconds: number): void {
    this.#baseSeconds = seconds;
    this.#baseNanoseconds = nanoseconds;
    this.baseNs = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    this.#hasBase = true;
  }

  #admitCpu(cpu: number): void {
    this.#cpuLimit = cpu + 1;
    if (cpu > 255) this.cpu = wide(this.cpu, this.#capacity);
    if (cpu < this.#lastNs.length) return;
    const larger = new Float64Array(2 * cpu + 1).fill(NaN);
    larger.set(this.#lastNs);
    this.#lastNs = larger;
  }

  #closeLosses(cpu: number, offsetNs: number): void {
    const open = this.#openLosses.get(cpu);
    if (open === undefined) return;
    for (const loss of open) loss.beforeNs = offsetNs;
    this.#openLosses.delete(cpu);
  }

  /** Offset of the CPU's last row so far. */
  #latestNsOf(cpu: number): number | undefined {
    const latestNs = this.#lastNs[cpu];
    return latestNs === undefined || Number.isNaN(latestNs) ? undefined : latestNs;
  }

  /** Widens the columns that one of these values does not fit. */
  #makeRoom(state: number, flags: number, arg: number): void {
    if (state > 255) this.state = wide(this.state, this.#capacity);
    if (flags > 255) this.flags = wide(this.flags, this.#capacity);
    if (arg !== (arg | 0) && this.arg instanceof Int32Array) {
      const larger = new Float64Array(this.#capacity);
      larger.set(this.arg);
      this.arg = larger;
    }
  }

  #grow(capacity: number): void {
    const used = this.#length;
    this.#eachColumn((column) => enlarged(column, capacity, used));
    this.#capacity = capacity;
  }

  /** Replaces each column by what the function makes of it, one after the other: the peak is one column more. */
  #eachColumn(replaced: <T extends Column>(column: T) => T): void {
    this.timeNs = replaced(this.timeNs);
    this.actor = replaced(this.actor);
    this.subject = replaced(this.subject);
    this.arg = replaced(this.arg);
    this.line = replaced(this.line);
    this.cpu = replaced(this.cpu);
    this.state = replaced(this.state);
    this.flags = replaced(this.flags);
    this.actorPrio = replaced(this.actorPrio);
    this.subjectPrio = replaced(this.subjectPrio);
    this.type = replaced(this.type);
    if (this.vruntimeNs !== undefined) this.vruntimeNs = replaced(this.vruntimeNs);
  }
}

/** A new array of the same kind. */
function emptyLike<T extends Column>(column: T, length: number): T {
  return new (column.constructor as new (length: number) => T)(length);
}

function enlarged<T extends Column>(from: T, capacity: number, used: number): T {
  const to = emptyLike(from, capacity);
  (to as Uint8Array).set(from.subarray(0, used) as Uint8Array);
  return to;
}

function wide(column: Uint8Array | Uint16Array, capacity: number): Uint16Array {
  if (column instanceof Uint16Array) return column;
  const larger = new Uint16Array(capacity);
  larger.set(column);
  return larger;
}

/** This one event cannot be stored; nothing was changed, and reading may go on with the next. */
export class EventRefused extends Failure {}

function tooLongSpan(line: number): EventRefused {
  return new EventRefused(
    'bad-input',
    `Line ${line}: this event lies more than 104 days away from the first one, which no recording does. The time stamps are damaged.`,
  );
}
