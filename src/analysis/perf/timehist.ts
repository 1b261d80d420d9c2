import type { EventStore } from '../../trace/model/eventStore.js';
import { EventType } from '../../trace/model/eventType.js';
import { IDLE_TASK } from '../../trace/model/taskTable.js';
import { MIGRATE, SWITCH, WAKEUP, WAKEUP_NEW, WAKING } from './eventCodes.js';
import { PerfThreads, kernelComm } from './perfThreads.js';
import { PerfTaskStates, type PerfCompat } from './taskState.js';

export interface TimehistOptions {
  readonly compat: PerfCompat;
  /** Also rows of wakeups (`-w`). */
  readonly wakeups?: boolean;
  /** Also rows of migrations (`-M`). */
  readonly migrations?: boolean;
  /** What stands for a delay that the trace cannot tell: null, or 0 as perf has it. Default `null`. */
  readonly unknown?: 'null' | 'as-perf';
}

/** A task left its CPU: one row of `perf sched timehist`. Times in ns, not rounded. */
export interface TimehistSwitch {
  readonly kind: 'switch';
  /** Row of the event store. */
  readonly row: number;
  /** Time of the switch, ns after the store's `baseNs`. */
  readonly offsetNs: number;
  readonly cpu: number;
  readonly tid: number;
  /** perf's `comm[tid/pid]`; `<idle>` for idle. */
  readonly label: string;
  readonly isIdle: boolean;
  /** From the task's last switch out to its switch in; 0 when one of them was not recorded. */
  readonly waitNs: number;
  /** From the first wakeup (newer perf: or from the preemption) to the switch in; null: no wakeups recorded. */
  readonly delayNs: number | null;
  /** From the switch in to this switch; 0 at the first switch of a CPU, as in perf. */
  readonly runNs: number;
  /** State it left in, perf's letter; `I` for idle, `?` not told. */
  readonly state: string;
  readonly nextPid: number;
  readonly nextComm: string;
}

/** A task was woken (`-w`) by the task `label`. */
export interface TimehistWakeup {
  readonly kind: 'wakeup';
  readonly row: number;
  readonly offsetNs: number;
  readonly cpu: number;
  readonly label: string;
  readonly awakened: string;
}

/** A task was moved (`-M`) by the task `label`. */
export interface TimehistMigration {
  readonly kind: 'migration';
  readonly row: number;
  readonly offsetNs: number;
  readonly cpu: number;
  readonly label: string;
  readonly migrated: string;
  readonly fromCpu: number;
  readonly toCpu: number;
}

/** perf reports events that it lost. */
export interface TimehistLoss {
  readonly kind: 'lost';
  readonly offsetNs: number;
  readonly cpu: number;
  /** Undefined: not told. */
  readonly count: number | undefined;
}

export type TimehistRow = TimehistSwitch | TimehistWakeup | TimehistMigration | TimehistLoss;

/**
 * The rows of `perf sched timehist`, in order of time, as perf 6.1 or newer perf computes them. The store must be
 * sorted by time. Rows are made one by one: memory grows with the threads, not with the events.
 *
 * Source: timehist_sched_change_event and timehist_update_runtime_stats in tools/perf/builtin-sched.c.
 */
export function timehist(store: EventStore, options: TimehistOptions): Generator<TimehistRow> {
  return new Timehist(store, options).rows();
}

/** What perf keeps by thread; NaN: not set. */
class Clock {
  lastOutNs = NaN;
  readyNs = NaN;
}

class Timehist {
  readonly #store: EventStore;
  readonly #options: TimehistOptions;
  readonly #threads: PerfThreads;
  readonly #states: PerfTaskStates;
  readonly #clocks: (Clock | undefined)[] = [];
  readonly #idleClocks: (Clock | undefined)[] = [];
  /** By CPU: time of its last switch, NaN before the first. */
  readonly #lastSwitchNs: Float64Array;
  readonly #losses: TimehistLoss[] = [];
  /** perf takes sched_waking where it was recorded, and then ignores sched_wakeup. */
  readonly #ignoredWakeup: number | undefined;

  constructor(store: EventStore, options: TimehistOptions) {
    this.#store = store;
    this.#options = options;
    this.#states = new PerfTaskStates(store, options.compat);
    this.#threads = new PerfThreads(
      store,
      options.compat,
      (slot) => (this.#clocks[slot] = undefined),
      (offsetNs, cpu, count) => this.#losses.push({ kind: 'lost', offsetNs, cpu, count }),
    );
    this.#lastSwitchNs = new Float64Array(store.cpuLimit).fill(NaN);
    this.#ignoredWakeup = store.countOf(EventType.Waking) > 0 ? WAKEUP : undefined;
  }

  *rows(): Generator<TimehistRow> {
    const store = this.#store;
    for (let row = 0; row < store.length; row += 1) {
      this.#threads.advanceTo(row);
      if (this.#losses.length > 0) yield* this.#losses.splice(0);
      switch (store.type[row]) {
        case SWITCH:
          yield this.#switch(row);
          break;
        case WAKEUP:
        case WAKING:
        case WAKEUP_NEW: {
          const wakeup = this.#wakeup(row);
          if (wakeup !== undefined) yield wakeup;
          break;
        }
        case MIGRATE:
          if (this.#options.migrations === true) yield this.#migration(row);
          break;
        default:
      }
    }
    this.#threads.advanceToEnd();
    yield* this.#losses;
  }

  #switch(row: number): TimehistSwitch {
    const store = this.#store;
    const threads = this.#threads;
    const timeNs = store.timeNs[row]!;
    const cpu = store.cpu[row]!;
    const actor = store.actor[row]!;
    const isIdle = actor === IDLE_TASK;
    const slot = isIdle ? 0 : threads.slotOfSample(row);
    const clock = isIdle ? (this.#idleClocks[cpu] ??= new Clock()) : (this.#clocks[slot] ??= new Clock());
    const state = this.#states.of(store.state[row]!);
    const inNs = this.#lastSwitchNs[cpu]!;
    // A wakeup or a switch out after the switch in is out of order: perf leaves it out, as it does what it never saw.
    const delayNs = clock.readyNs <= inNs ? inNs - clock.readyNs : 0;
    const waitNs = clock.lastOutNs <= inNs ? inNs - clock.lastOutNs : 0;
    if (!isIdle) threads.nameBySwitch(slot, kernelComm(store, actor));
    const next = store.subject[row]!;
    const result: TimehistSwitch = {
      kind: 'switch',
      row,
      offsetNs: timeNs,
      cpu,
      tid: isIdle ? 0 : threads.tid(slot),
      label: isIdle ? '<idle>' : threads.label(slot, kernelComm(store, actor)),
      isIdle,
      waitNs,
      delayNs: isIdle || this.#isDelayKnown(clock) ? delayNs : null,
      runNs: Number.isNaN(inNs) ? 0 : timeNs - inNs,
      state: isIdle ? 'I' : state.letter,
      nextPid: store.tasks.pids[next]!,
      // The model has one idle task; the kernel names it by CPU.
      nextComm: next === IDLE_TASK ? `swapper/${cpu}` : kernelComm(store, next),
    };
    clock.lastOutNs = timeNs;
    // Newer perf lets a preempted task wait from now on; 6.1 only counts from a wakeup.
    clock.readyNs = state.isRunnable && this.#options.compat === 'perf-newer' ? timeNs : NaN;
    this.#lastSwitchNs[cpu] = timeNs;
    return result;
  }

  #wakeup(row: number): TimehistWakeup | undefined {
    const store = this.#store;
    const threads = this.#threads;
    if (store.type[row] === this.#ignoredWakeup) return undefined;
    const woken = threads.slotOfSubject(row);
    const clock = (this.#clocks[woken] ??= new Clock());
    const offsetNs = store.timeNs[row]!;
    // The first wakeup since the switch out counts.
    if (Number.isNaN(clock.readyNs)) clock.readyNs = offsetNs;
    if (this.#options.wakeups !== true) return undefined;
    const waker = threads.slotOfSample(row);
    return {
      kind: 'wakeup',
      row,
      offsetNs,
      cpu: store.cpu[row]!,
      label: threads.label(waker, kernelComm(store, store.actor[row]!)),
      awakened: threads.label(woken, kernelComm(store, store.subject[row]!)),
    };
  }

  #migration(row: number): TimehistMigration {
    const store = this.#store;
    const threads = this.#threads;
    const migrated = threads.slotOfSubject(row);
    const mover = threads.slotOfSample(row);
    const arg = store.arg[row]!;
    return {
      kind: 'migration',
      row,
      offsetNs: store.timeNs[row]!,
      cpu: store.cpu[row]!,
      label: threads.label(mover, kernelComm(store, store.actor[row]!)),
      migrated: threads.label(migrated, kernelComm(store, store.subject[row]!)),
      fromCpu: Math.floor(arg / 65536),
      toCpu: arg % 65536,
    };
  }

  /** Without wakeups only a preempted task's delay is known, and only newer perf counts that one. */
  #isDelayKnown(clock: Clock): boolean {
    if (this.#options.unknown === 'as-perf' || this.#store.hasWakeups) return true;
    return !Number.isNaN(clock.readyNs);
  }
}
