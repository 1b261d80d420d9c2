import type { CpuStream } from './cpuStream.js';

/**
 * Brings bundles into order of time while the file is read. Perfetto drains the ring buffers in rounds, CPU by CPU:
 *
 *     CPU 0  CPU 1  CPU 3 │ CPU 0  CPU 0  CPU 1  CPU 3 │ CPU 0  CPU 1 …
 *
 * A round begins with a CPU that was drained before in this one. When a round is over, all CPUs have been drained after
 * everything that the round before brought, so that events up to there can be added. A CPU that had more than could be
 * read at once holds the others back to where it stands. Files that do not follow this come out of order in places,
 * and are sorted at the end, as the store does for every format.
 */
export class DrainWindows {
  /** By CPU. */
  readonly streams: CpuStream[] = [];
  readonly #byCpu = new Map<number, CpuStream>();
  /** By CPU drained in this round: offset of its last event. */
  readonly #round = new Map<number, number>();
  #lastCpu = -1;
  /** Offset of the last event of all rounds that are over. */
  #settledNs = -Infinity;

  constructor(readonly makeStream: (cpu: number) => CpuStream) {}

  streamOf(cpu: number): CpuStream {
    const known = this.#byCpu.get(cpu);
    if (known !== undefined) return known;
    const stream = this.makeStream(cpu);
    this.#byCpu.set(cpu, stream);
    const behind = this.streams.findIndex((other) => other.cpu > cpu);
    this.streams.splice(behind < 0 ? this.streams.length : behind, 0, stream);
    return stream;
  }

  /** Says that a bundle of this CPU, with events up to an offset, comes next. True when events may be added now. */
  begin(cpu: number, latestNs: number): boolean {
    const isNewRound = this.#round.has(cpu) && this.#lastCpu !== cpu;
    if (isNewRound) this.#endRound();
    this.#lastCpu = cpu;
    this.#round.set(cpu, Math.max(latestNs, this.#round.get(cpu) ?? -Infinity));
    return isNewRound;
  }

  /** Lets everything go that waits. */
  releaseAll(): void {
    this.#release(Infinity);
  }

  #endRound(): void {
    let until = this.#settledNs;
    for (const latestNs of this.#round.values()) {
      if (latestNs < until) until = latestNs;
      if (latestNs > this.#settledNs) this.#settledNs = latestNs;
    }
    this.#round.clear();
    this.#release(until);
  }

  #release(untilNs: number): void {
    for (const stream of this.streams) stream.untilNs = untilNs;
  }
}
