import { asThreadState } from './columnEnums.js';
import { ThreadState } from '../protocol/traceMessages.js';
import { EventType } from '../trace/model/eventType.js';
import { LEADING_SEGMENTS } from './laneTimeline.js';
import { nearestRank, selectRank } from './percentile.js';
import type { SchedulingModel } from './schedulingModel.js';
import { ThreadRole } from './threadTimeline.js';
import type { TimeWindow } from './timeWindow.js';

/** Mean, percentiles (nearest rank) and maximum of waits, ns; all null when there are none. */
export interface WaitStatistics {
  readonly count: number;
  readonly totalNs: number;
  readonly meanNs: number | null;
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p99Ns: number | null;
  readonly maxNs: number | null;
  /** When the longest wait began. */
  readonly maxAtNs: number | null;
}

/** Waits of one kind, gathered from one or more threads. */
export class WaitList {
  lengthsNs = new Float64Array(1024);
  count = 0;
  #maxNs = -1;
  #maxAtNs = 0;

  clear(): void {
    this.count = 0;
    this.#maxNs = -1;
  }

  add(startNs: number, endNs: number): void {
    if (this.count === this.lengthsNs.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.lengthsNs);
      this.lengthsNs = larger;
    }
    const lengthNs = endNs - startNs;
    this.lengthsNs[this.count++] = lengthNs;
    if (lengthNs > this.#maxNs) {
      this.#maxNs = lengthNs;
      this.#maxAtNs = startNs;
    }
  }

  /** Reorders the list. */
  statistics(): WaitStatistics {
    const { count, lengthsNs } = this;
    if (count === 0) return NO_WAITS;
    let totalNs = 0;
    for (let i = 0; i < count; i += 1) totalNs += lengthsNs[i]!;
    const percentile = (percent: number) => selectRank(lengthsNs, count, nearestRank(count, percent));
    return {
      count,
      totalNs,
      meanNs: totalNs / count,
      p50Ns: percentile(50),
      p90Ns: percentile(90),
      p99Ns: percentile(99),
      maxNs: this.#maxNs,
      maxAtNs: this.#maxAtNs,
    };
  }
}

const NO_WAITS: WaitStatistics = {
  count: 0,
  totalNs: 0,
  meanNs: null,
  p50Ns: null,
  p90Ns: null,
  p99Ns: null,
  maxNs: null,
  maxAtNs: null,
};

/**
 * What a thread did in a window of time, in one walk over its events there. Wakeup latency runs from the wakeup to
 * the sched-in, preemption wait from a switch-out in `R` to the next sched-in; a wait that a gap interrupts is
 * neither (see `SchedulingPass`). Reused from thread to thread; the wait lists grow until they are cleared.
 */
export class ThreadActivity {
  runtimeNs = 0;
  switches = 0;
  wakeups = 0;
  readonly wakeupLatencies = new WaitList();
  readonly preemptionWaits = new WaitList();

  clear(): void {
    this.runtimeNs = 0;
    this.switches = 0;
    this.wakeups = 0;
    this.wakeupLatencies.clear();
    this.preemptionWaits.clear();
  }

  /** Adds what one thread did. */
  addThread(model: SchedulingModel, thread: number, window: TimeWindow): void {
    const timeline = model.threads[thread];
    if (timeline === undefined || timeline.entries.length === 0) return;
    const { timeNs, type, state: prevState } = model.store;
    const { stateByNumber } = model.prevStates;
    const { values, length } = timeline.entries;
    const first = window.isWhole ? 0 : timeline.firstEntryAtOrAfter(window.startNs);
    let state: ThreadState = timeline.stateOf(first + LEADING_SEGMENTS - 1);
    let sinceNs = timeline.startOf(first + LEADING_SEGMENTS - 1);
    let runtimeNs = 0;
    for (let i = first; i < length; i += 1) {
      const row = values[i]! >>> 2;
      const now = timeNs[row]!;
      if (now >= window.eventsBeforeNs) break;
      if (state === ThreadState.Running) runtimeNs += now - Math.max(sinceNs, window.startNs);
      switch (values[i]! & 3) {
        case ThreadRole.SwitchedOut:
          state = asThreadState(stateByNumber[prevState[row]!]!);
          break;
        case ThreadRole.SwitchedIn:
          if (type[row] === EventType.Switch) this.switches += 1;
          if (state === ThreadState.Runnable) this.wakeupLatencies.add(sinceNs, now);
          else if (state === ThreadState.Preempted) this.preemptionWaits.add(sinceNs, now);
          state = ThreadState.Running;
          break;
        case ThreadRole.Woken:
          this.wakeups += 1;
          state = ThreadState.Runnable;
          break;
        default:
          state = ThreadState.Unknown;
      }
      sinceNs = now;
    }
    if (state === ThreadState.Running) {
      runtimeNs += Math.max(0, window.endNs - Math.max(sinceNs, window.startNs));
    }
    this.runtimeNs += runtimeNs;
  }
}
