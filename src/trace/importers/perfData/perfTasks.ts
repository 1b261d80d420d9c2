/**
 * Records about threads and losses. Layouts of include/uapi/linux/perf_event.h, behind the header of 8 bytes:
 *
 *     COMM          u32 pid · u32 tid · comm, NUL-padded to 8 bytes
 *     FORK, EXIT    u32 pid · u32 parent's pid · u32 tid · u32 parent's tid · u64 time
 *     LOST          u64 id · u64 count
 *     LOST_SAMPLES  u64 count
 */
import type { EventStore } from '../../model/eventStore.js';
import { PerfTaskRecords } from '../perf/perfTaskRecords.js';
import { textOf } from './bytesReader.js';
import { readU64 } from './perfAttr.js';
import type { Chunk } from './chunk.js';
import { HEADER_BYTES, type SampleLayout } from './sampleLayout.js';

export const COMM = 3;
export const LOST = 2;
export const EXIT = 4;
export const FORK = 7;
export const LOST_SAMPLES = 13;

/** The store's column of CPUs has 16 bits. */
export const MAX_CPU = 65534;

const MAX_LOSS = 2 ** 48;
/** Losses behind the last event of their CPU come last. */
const LAST = Number.MAX_VALUE;

export class PerfTasks {
  readonly #store: EventStore;
  readonly #records: PerfTaskRecords;
  readonly #isLittle: boolean;
  /** Names that COMM and FORK records give, by tid. */
  readonly #names = new Map<number, Uint8Array>();
  /** Losses that records reported where they happened, and the samples that perf counted at the end. */
  #reportedLosses = 0;
  #countedLosses = 0;
  /** Losses that are on no CPU in particular. */
  unplacedLosses = 0;

  constructor(store: EventStore, isLittle: boolean) {
    this.#store = store;
    this.#isLittle = isLittle;
    this.#records = PerfTaskRecords.begin(store);
    // What has no COMM record is unknown to perf, also when there is none at all.
    this.#records.hasTaskEvents = true;
  }

  /** A thread's name for the model: perf's where no event has named the thread. */
  commOf(tid: number): Uint8Array | undefined {
    return this.#store.tasks.threadOf(tid) >= 0 ? undefined : this.#names.get(tid);
  }

  /** Notes whom a sample is of where that is not who ran, else the thread group. */
  sampled(actor: number, tid: number, tgid: number, line: number): void {
    const { tasks } = this.#store;
    if (tasks.pids[actor] !== tid) this.#records.stray(line, tid === 0 && tgid > 0 ? tgid : tid, tgid);
    else if (tgid > 0 && tid > 0) tasks.setTgid(actor, tgid);
  }

  /**
   * The record `[at, end)`, of the absolute time in ns; 0 for what was before the recording. Returns the CPU that lost
   * records, -1 for none.
   */
  read(
    type: number,
    chunk: Chunk,
    at: number,
    end: number,
    layout: SampleLayout,
    ns: bigint,
    line: number,
  ): number {
    const { view } = chunk;
    // A loss is handed on before the event that follows it, and tells its own, later time.
    const ownNs =
      type === LOST && layout.timeFromEnd > 0
        ? view.getBigUint64(end - layout.timeFromEnd, this.#isLittle)
        : ns;
    const stamp = {
      line,
      seconds: Number(ownNs / 1_000_000_000n),
      nanoseconds: Number(ownNs % 1_000_000_000n),
    };
    const bodyEnd = end - layout.trailerBytes;
    const body = at + HEADER_BYTES;
    const cpu = type === LOST || type === LOST_SAMPLES ? this.#cpu(view, end, layout) : -1;
    const room = bodyEnd - body;
    if (type === COMM && room >= 8) this.#comm(chunk, body, bodyEnd, stamp);
    else if (type === FORK && room >= 16) this.#fork(view, body, stamp);
    else if (type === EXIT && room >= 16) this.#records.exit(view.getInt32(body + 8, this.#isLittle), stamp);
    else if (type === LOST && room >= 16) this.#lost(this.#count(view, body + 8), cpu, stamp);
    else if (type === LOST_SAMPLES && room >= 8) this.#lostSamples(this.#count(view, body), cpu, stamp);
    return cpu;
  }

  /** All records were read. */
  finish(): void {
    const { tasks } = this.#store;
    for (const [tid, tgid] of this.#records.tgids) {
      const thread = tasks.threadOf(tid);
      if (thread > 0 && tgid > 0) tasks.threadTgids[thread] = tgid;
    }
    // What follows a loss in the file may be no event of the model: the next one of its CPU decides where it stands.
    this.#store.losses.sort((a, b) => (a.beforeNs ?? LAST) - (b.beforeNs ?? LAST));
    // perf's count at the end covers what was reported in between, and names CPU 0 for all.
    this.unplacedLosses += Math.max(0, this.#countedLosses - this.#reportedLosses);
  }

  #comm({ view, bytes }: Chunk, body: number, end: number, stamp: Stamp): void {
    const tgid = view.getInt32(body, this.#isLittle);
    const tid = view.getInt32(body + 4, this.#isLittle);
    const padded = bytes.subarray(body + 8, end);
    const zero = padded.indexOf(0);
    const comm = zero < 0 ? padded.slice() : padded.slice(0, zero);
    this.#records.comm(tid, tgid, textOf(comm), stamp);
    this.#name(tid, comm, stamp);
  }

  #fork(view: DataView, body: number, stamp: Stamp): void {
    const tid = view.getInt32(body + 8, this.#isLittle);
    const parentTid = view.getInt32(body + 12, this.#isLittle);
    this.#records.fork(tid, view.getInt32(body, this.#isLittle), parentTid, stamp);
    const { tasks } = this.#store;
    const parent = tasks.threadOf(parentTid);
    const comm = parent >= 0 ? tasks.commBytes(tasks.threadTasks[parent]!) : this.#names.get(parentTid);
    if (comm !== undefined) this.#name(tid, comm, stamp);
  }

  /**
   * A name that was given while the recording ran is the kernel's and goes into the model. Those from before come from
   * /proc, where workers have longer names than in the events; events know better.
   */
  #name(tid: number, comm: Uint8Array, { seconds, nanoseconds }: Stamp): void {
    const { tasks } = this.#store;
    this.#names.set(tid, comm);
    if ((seconds > 0 || nanoseconds > 0) && tasks.threadOf(tid) > 0) {
      tasks.internBytes(tid, comm, 0, comm.length);
    }
  }

  #lost(count: number, cpu: number, stamp: Stamp): void {
    if (count === 0) return;
    this.#reportedLosses += count;
    if (cpu < 0) {
      this.unplacedLosses += count;
      return;
    }
    this.#store.addLoss(cpu, count, stamp.line);
    this.#records.lost(cpu, count, stamp);
  }

  /** With a time they are the kernel's, of this moment; without one perf's sum of the whole recording. */
  #lostSamples(count: number, cpu: number, stamp: Stamp): void {
    if (stamp.seconds === 0 && stamp.nanoseconds === 0) {
      this.#countedLosses += count;
      return;
    }
    if (count === 0) return;
    this.#reportedLosses += count;
    if (cpu < 0) this.unplacedLosses += count;
    else this.#store.addLoss(cpu, count, stamp.line);
  }

  /** A count of lost records; one that no machine reaches is damage and counts as none. */
  #count(view: DataView, at: number): number {
    const count = readU64(view, at, this.#isLittle);
    return count <= MAX_LOSS ? count : 0;
  }

  /** CPU of the trailer; -1: not told. */
  #cpu(view: DataView, end: number, { cpuFromEnd }: SampleLayout): number {
    if (cpuFromEnd === 0) return -1;
    const cpu = view.getUint32(end - cpuFromEnd, this.#isLittle);
    return cpu <= MAX_CPU ? cpu : -1;
  }
}

interface Stamp {
  readonly line: number;
  readonly seconds: number;
  readonly nanoseconds: number;
}
