import type { FuzzOutcome } from './fuzzRun.js';
import type { KeptInput } from './fuzzInput.js';
import type { JobResult } from './messages.js';

/** Lanes a format: what two processes can do at once. Each is worked on in order, so that it can be repeated. */
export const LANES = 2;
/** Enough to keep the start of a process from mattering, few enough to show progress. */
const JOB_RUNS = 4000;
/** Inputs to go on from; the older ones have had their turn. */
const MAX_KEPT = 400;

/** Every second run of a format, in order, and what has been learnt in them. */
export class Lane {
  readonly outcomes: Partial<Record<FuzzOutcome, number>> = {};
  kept: KeptInput[] = [];
  seen: Uint8Array | undefined;
  isBusy = false;
  runs = 0;
  branches = 0;
  slowestMs = 0;
  peakBytes = 0;
  found = 0;
  /** Runs to be made up for before new ones: those behind one that ended its process. */
  readonly #again: number[] = [];
  #next: number;

  constructor(
    readonly format: string,
    readonly index: number,
  ) {
    this.#next = index;
  }

  /** Numbers of the runs to do next; those of all lanes stay below `limit`. */
  take(limit: number): number[] {
    if (this.#again.length > 0) return this.#again.splice(0);
    const runs: number[] = [];
    for (; runs.length < JOB_RUNS && this.#next < limit; this.#next += LANES) runs.push(this.#next);
    return runs;
  }

  /** What stands behind a run that ended its process is still to be done. */
  putBack(runs: readonly number[]): void {
    this.#again.push(...runs);
  }

  isDone(limit: number): boolean {
    return this.#again.length === 0 && this.#next >= limit;
  }

  learn(result: JobResult): void {
    this.runs += result.runs;
    this.found += result.found;
    this.slowestMs = Math.max(this.slowestMs, result.slowestMs);
    if (result.suspicion === undefined) this.peakBytes = Math.max(this.peakBytes, result.peakBytes);
    for (const [outcome, count] of Object.entries(result.outcomes) as [FuzzOutcome, number][]) {
      this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + count;
    }
    this.kept = [...this.kept, ...result.newlyKept].slice(-MAX_KEPT);
    this.seen = result.seen;
    this.branches = result.branches;
  }
}
