import { EventRefused } from '../../model/eventRefused.js';
import type { EventStore } from '../../model/eventStore.js';
import type { CompiledSamples } from './compiledSamples.js';
import type { PerfEvents } from './perfEvents.js';
import { MAX_CPU, LOST, type PerfTasks } from './perfTasks.js';
import type { Chunk } from './chunk.js';
import { NOWHERE, recordSize } from './sampleLayout.js';

export const SAMPLE = 9;

/** Takes the records in order of time and brings them into the store. */
export class PerfSink {
  /** Samples of scheduler events that could not be read, and the record number of the first. */
  damaged = 0;
  firstDamagedLine = 0;
  firstRefusal: string | undefined;
  /** Time of the record that is delivered, ns after the origin. NaN at first, which keeps it a double. */
  timeNs = NaN;
  readonly #store: EventStore;
  readonly #events: PerfEvents;
  readonly #tasks: PerfTasks;
  readonly #compiled: CompiledSamples | undefined;
  /** Absolute time in ns that `timeNs` counts from. */
  #originNs = 0n;
  /** What to add to those for an offset of the store; NaN until the first event. */
  #shiftNs = NaN;

  constructor(store: EventStore, events: PerfEvents, tasks: PerfTasks, compiled?: CompiledSamples) {
    this.#store = store;
    this.#events = events;
    this.#tasks = tasks;
    this.#compiled = compiled;
  }

  set originNs(ns: bigint) {
    this.#originNs = ns;
  }

  /**
   * Has the compiled decoder read the rows of the queue from `from` on, before `end` and not later than `untilNs`. Returns the
   * first one that is left to `deliver`.
   */
  deliverRows(from: number, end: number, untilNs: number): number {
    const compiled = this.#compiled;
    // The next event of a CPU ends its loss, and the store counts from its first event on.
    if (compiled === undefined || this.#store.hasOpenLosses || Number.isNaN(this.#shiftNs)) return from;
    this.#events.reader.recent.followRenames();
    return compiled.read(from, end, untilNs, this.#shiftNs);
  }

  /** Brings into the store what the compiled decoder has read. */
  flush(): void {
    this.#compiled?.rows.flush();
  }

  deliver(chunk: Chunk, at: number, attr: number, line: number): void {
    this.flush();
    const type = chunk.int32(at);
    const end = at + recordSize(chunk, at);
    if (type !== SAMPLE) {
      this.other(type, chunk, at, end, attr, this.#absolute(), line);
      return;
    }
    try {
      if (this.#sample(chunk, at, end, attr, line)) return;
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      this.firstRefusal ??= error.message;
    }
    if (this.damaged === 0) this.firstDamagedLine = line;
    this.damaged += 1;
  }

  /** A record about a thread or a loss, at an absolute time; 0: from before the recording. */
  other(type: number, chunk: Chunk, at: number, end: number, attr: number, ns: bigint, line: number): void {
    const layout = this.#events.layouts[attr];
    if (layout === undefined) return;
    this.flush();
    const cpu = this.#tasks.read(type, chunk, at, end, layout, ns, line);
    if (type === LOST && cpu >= 0) this.#events.reader.forget(cpu);
  }

  #sample(chunk: Chunk, at: number, end: number, attr: number, line: number): boolean {
    const events = this.#events;
    const { reader } = events;
    const layout = events.layouts[attr]!;
    const raw = layout.rawAt(chunk, at, end);
    if (raw === NOWHERE) return false;
    const rawBytes = chunk.int32(raw) >>> 0;
    const cpu = chunk.int32(at + layout.cpuAt) >>> 0;
    if (rawBytes > end - raw - 4 || cpu > MAX_CPU) return false;
    if (Number.isNaN(this.#shiftNs)) this.#begin();
    reader.offsetNs = this.timeNs + this.#shiftNs;
    reader.cpu = cpu;
    reader.line = line;
    const store = this.#store;
    const row = store.length;
    if (!reader.read(events.tracepoints[attr]!, chunk, raw + 4, rawBytes)) return false;
    if (store.length > row && layout.tidAt !== NOWHERE) {
      const tgid = chunk.int32(at + layout.tidAt);
      const tid = chunk.int32(at + layout.tidAt + 4);
      const actor = store.actor[row]!;
      this.#tasks.sampled(actor, tid, tgid, line);
      reader.recent.noteTgid(actor);
    }
    return true;
  }

  /** The store counts from its first event on. */
  #begin(): void {
    this.#shiftNs = this.#store.offsetOf(this.#absolute()) - this.timeNs;
  }

  #absolute(): bigint {
    return this.#originNs + BigInt(this.timeNs);
  }
}
