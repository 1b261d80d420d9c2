import { impossible, MAX_CPU, MAX_EXACT_OFFSET, requireStorable, tooLongSpan } from './eventRefused.js';
import { EVENT_NAMES, EventType, type EventName } from './eventType.js';
import { EventColumns, HIGH_HALF, type RowBlock } from './eventColumns.js';
import { reorder, sortedOrder } from './rowOrder.js';
import { StringTable } from './stringTable.js';
import { TaskTable } from './taskTable.js';
import type { Diagnostic, LossReport, TraceMetadata } from './traceMetadata.js';

/** What places the losses of a source. */
interface LossPlaces {
  readonly lastNs: Float64Array<ArrayBuffer>;
  readonly openLosses: Map<number, LossReport[]>;
}

/** Stands in the priority columns where the format does not tell one. */
export const UNKNOWN_PRIO = -32768;

/** Lost events of one report: a sum of millions of such is exact. */
const MAX_LOSS = 2 ** 32;

/** 2^63 ns: no clock counts further, and times are exported as signed numbers of 64 bits. */
const MAX_SECONDS = 9_223_372_036;

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
export class EventStore extends EventColumns {
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
  /** Number of CPUs seen: highest CPU number + 1. */
  #cpuLimit = 0;
  #minNs = Infinity;
  #maxNs = -Infinity;
  #isSorted = true;
  readonly #countByType = new Float64Array(EVENT_NAMES.length);

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
    if (rows > this.capacity) this.growTo(rows, this.#length);
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
    if (!this.#hasBase && !this.#setBase(seconds, nanoseconds)) throw impossible(line, 'time', seconds);
    const offset = (seconds - this.#baseSeconds) * 1e9 + (nanoseconds - this.#baseNanoseconds);
    return this.addAt(type, offset, cpu, actor, subject, actorPrio, subjectPrio, state, flags, arg, line);
  }

  /**
   * The offset (ns after `baseNs`) of an absolute time in ns, for `addAt`. The first time asked for becomes the
   * base. Exact within 104 days of it; farther away `addAt` refuses, as it does a time that no clock counts to; such
   * a one becomes no base.
   */
  offsetOf(absoluteNs: bigint): number {
    // Too far for `addAt`, which refuses it.
    if (!this.#hasBase && !this.#setBaseNs(absoluteNs)) return Number(absoluteNs);
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
    // V8 inlines functions of 460 bytes of bytecode at most, and this one is worth it: what is rare stands elsewhere.
    const row = this.#length;
    if (!(offset <= MAX_EXACT_OFFSET && offset >= -MAX_EXACT_OFFSET) || arg > MAX_CPU || arg < -1) {
      requireStorable(type, offset, arg, line);
    }
    if (cpu >= this.#cpuLimit) this.#admitCpu(cpu, line);
    if (row === this.capacity) this.#growByHalf();
    if (offset >= this.#maxNs && row > 0) this.#maxNs = offset;
    else this.#noteFirstOrEarlier(offset);
    if (state > 255 || flags > 255 || arg !== (arg | 0)) this.makeRoom(state, flags, arg);
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
    this.#sourceCount = Math.max(1, this.sources.length);
    if (sourceIndex === this.#sourceIndex) return;
    this.#pausedSources.set(this.#sourceIndex, { lastNs: this.#lastNs, openLosses: this.#openLosses });
    this.#sourceIndex = sourceIndex;
    const paused = this.#pausedSources.get(sourceIndex);
    this.#openLosses = paused?.openLosses ?? new Map<number, LossReport[]>();
    this.#lastNs = new Float64Array(Math.max(16, 2 * this.#cpuLimit)).fill(NaN);
    if (paused !== undefined) this.#lastNs.set(paused.lastNs.subarray(0, this.#lastNs.length));
  }

  /** The place in the source that a value of the `line` column means: 1-based line or record, and which file. */
  placeOf(value: number): { readonly line: number; readonly source: number } {
    const count = Math.max(1, this.sources.length);
    return { line: Math.floor(value / count), source: value % count };
  }

  /** What the `line` column holds for a line of the file that is being read. */
  placeNumber(line: number): number {
    return line * this.#sourceCount + this.#sourceIndex;
  }

  setExecFile(line: number, file: string): void {
    this.execFiles.set(this.placeNumber(line), file);
  }

  setVruntime(row: number, vruntimeNs: bigint): void {
    this.vruntimes()[row] = vruntimeNs;
  }

  /** The same in two halves of 32 bits: no BigInt has to be made. */
  setVruntimeHalves(row: number, high: number, low: number): void {
    const halves = this.vruntimeHalves();
    halves[2 * row + HIGH_HALF] = high;
    halves[2 * row + 1 - HIGH_HALF] = low;
  }

  /**
   * Notes that a CPU dropped events at this point of the source: between the event of that CPU read last and the
   * next one that is added. `count` is undefined when the recorder does not tell how many, and taken so when it is more
   * than any recorder loses.
   */
  addLoss(cpu: number, count: number | undefined, line: number): void {
    if (cpu >= this.#cpuLimit) this.#admitCpu(cpu, line);
    const loss: LossReport = {
      cpu,
      afterNs: this.#latestNsOf(cpu),
      beforeNs: undefined,
      count: count !== undefined && count >= 0 && count <= MAX_LOSS ? count : undefined,
      line: this.placeNumber(line),
    };
    this.losses.push(loss);
    const open = this.#openLosses.get(cpu);
    if (open === undefined) this.#openLosses.set(cpu, [loss]);
    else open.push(loss);
  }

  /** Copies of the used part of all columns, and what is known of the rows together. */
  rowBlock(): RowBlock {
    const length = this.#length;
    return {
      length,
      ...this.columnsUpTo(length),
      isSorted: this.#isSorted,
      startNs: this.#minNs,
      endNs: this.#maxNs,
      counts: Array.from(this.#countByType),
      lastNs: this.#lastNs.slice(0, this.#cpuLimit),
    };
  }

  /** Whether a loss waits for the next event of its CPU: then rows must come one by one. */
  get hasOpenLosses(): boolean {
    return this.#openLosses.size > 0;
  }

  /**
   * Appends rows whose numbers (offsets, tasks, states, flags) are this store's already; `line` is that of the file
   * being read. Failure `EventRefused` when they lie too far from the rest; then nothing was changed.
   */
  appendRows(block: RowBlock): void {
    const at = this.#length;
    if (block.endNs > MAX_EXACT_OFFSET || block.startNs < -MAX_EXACT_OFFSET)
      throw tooLongSpan(block.line[0]!);
    if (at + block.length > this.capacity) this.growTo(Math.ceil((at + block.length) * 1.5), this.#length);
    if (block.lastNs.length > this.#cpuLimit) this.#admitCpu(block.lastNs.length - 1, block.line[0]!);
    if (!block.isSorted || block.startNs < this.#maxNs) this.#isSorted = false;
    this.#minNs = Math.min(this.#minNs, block.startNs);
    this.#maxNs = Math.max(this.#maxNs, block.endNs);
    this.setColumns(block, at);
    if (this.#sourceCount > 1)
      for (let i = 0; i < block.length; i += 1) this.line[at + i] = this.placeNumber(block.line[i]!);
    block.counts.forEach((count, type) => (this.#countByType[type]! += count));
    block.lastNs.forEach((ns, cpu) => {
      if (!Number.isNaN(ns)) this.#lastNs[cpu] = ns;
    });
    this.#length = at + block.length;
  }

  /** Brings the rows into order of time; rows of equal time keep their source order. No-op when sorted. */
  sortByTime(): void {
    if (this.#isSorted) return;
    const order = sortedOrder(this.timeNs, this.#length);
    this.eachColumn((column) => {
      reorder(column, order);
      return column;
    });
    this.#isSorted = true;
  }

  /**
   * Moves offset 0 by so many ns, and with it all times: what is shown as the time from the start counts from there. By
   * default to the earliest event, when everything is read. Returns false when nothing had to be done.
   */
  moveBase(byNs = this.#length === 0 ? 0 : this.#minNs): boolean {
    const isExact = this.#length === 0 || this.#maxNs - byNs <= MAX_EXACT_OFFSET;
    if (byNs === 0 || !isExact || !this.#hasBase) return false;
    if (!this.#setBaseNs(this.baseNs + BigInt(byNs))) return false;
    for (let row = 0; row < this.#length; row += 1) this.timeNs[row]! -= byNs;
    for (const loss of this.losses) {
      if (loss.afterNs !== undefined) loss.afterNs -= byNs;
      if (loss.beforeNs !== undefined) loss.beforeNs -= byNs;
    }
    this.#lastNs = this.#lastNs.map((ns) => ns - byNs);
    this.#minNs -= byNs;
    this.#maxNs -= byNs;
    return true;
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
    return this.bytesPerRow() * this.#length;
  }

  /** By CPU: losses of the source being read after which no event of the CPU has come yet. */
  #openLosses = new Map<number, LossReport[]>();
  /** By CPU: offset of the event that was added last from the source being read, NaN for none. */
  #lastNs = new Float64Array(16).fill(NaN);
  /** By source that is not being read just now: the two above. A loss lies between events of its own file. */
  readonly #pausedSources = new Map<number, LossPlaces>();
  #baseSeconds = 0;
  #baseNanoseconds = 0;

  /** False, and nothing done, for a time that no clock counts to. */
  #setBase(seconds: number, nanoseconds: number): boolean {
    if (!(seconds < MAX_SECONDS && seconds > -MAX_SECONDS)) return false;
    this.#baseSeconds = seconds;
    this.#baseNanoseconds = nanoseconds;
    this.baseNs = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    return (this.#hasBase = true);
  }

  #setBaseNs(absoluteNs: bigint): boolean {
    const seconds = Number(absoluteNs / 1_000_000_000n);
    return this.#setBase(seconds, Number(absoluteNs - BigInt(seconds) * 1_000_000_000n));
  }

  #growByHalf(): void {
    // Offsets that no base was asked for count from 0.
    this.#hasBase = true;
    this.growTo(Math.max(65536, Math.ceil(this.#length * 1.5)), this.#length);
  }

  #noteFirstOrEarlier(offset: number): void {
    if (offset < this.#maxNs) this.#isSorted = false;
    else this.#maxNs = offset;
    if (offset < this.#minNs) this.#minNs = offset;
  }

  #admitCpu(cpu: number, line: number): void {
    if (cpu > MAX_CPU) throw impossible(line, 'CPU', cpu);
    this.#cpuLimit = cpu + 1;
    if (cpu > 255) this.widenCpus();
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
}
