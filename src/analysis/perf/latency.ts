import type { EventStore } from '../../trace/model/eventStore.js';
import { EventType } from '../../trace/model/eventType.js';
import { IDLE_THREAD } from '../../trace/model/taskTable.js';
import { STAT_RUNTIME, SWITCH, WAKEUP, WAKEUP_NEW, WAKING } from './eventCodes.js';
import { PerfThreads } from './perfThreads.js';
import { PerfTaskStates, type PerfCompat } from './taskState.js';

export interface LatencyOptions {
  readonly compat: PerfCompat;
  /** One row a name instead of one a thread, as `perf sched latency` without `-p`. */
  readonly mergeByComm?: boolean;
  /** What stands for a number that the trace cannot tell: null, or 0 as perf has it. Default `null`. */
  readonly unknown?: 'null' | 'as-perf';
}

/** A task (or all of a name). Times in ns, exact. */
export interface LatencyRow {
  readonly comm: string;
  readonly pid: number;
  /** Threads in this row: more than one only when merged by name. */
  readonly threads: number;
  /** Sum of sched_stat_runtime; null: not recorded. */
  readonly runtimeNs: number | null;
  /** Times it was switched in after a wait that perf saw begin. */
  readonly switches: number;
  /** Integer quotient of all delays and `switches`; null: no wakeups recorded. */
  readonly averageDelayNs: number | null;
  readonly maxDelayNs: number | null;
  /** When the longest wait began and ended, ns after the store's `baseNs`; null: there was no wait. */
  readonly maxStartOffsetNs: number | null;
  readonly maxEndOffsetNs: number | null;
}

export interface LatencyReport {
  /** In perf's order: by average delay, longest delay, switches, runtime, all descending. */
  readonly rows: LatencyRow[];
  readonly totalRuntimeNs: number | null;
  readonly totalSwitches: number;
  /** Wakeups that perf looked at, and what it found wrong: wakeups before the switch out, wrong previous tasks. */
  readonly timestamps: number;
  readonly unorderedTimestamps: number;
  readonly contextSwitchBugs: number;
  /** Whether the source reports lost events. */
  readonly hasLosses: boolean;
}

const SLEEPING = 0;
const WAITING = 1;
const OTHER = 2;

/** What perf gathers of a thread: its sums and its newest work atom. */
interface Atoms {
  readonly slot: number;
  /** Name at the time another thread took over the number. */
  comm: string | undefined;
  state: number;
  outNs: number;
  wakeNs: number;
  runtimeNs: number;
  switches: number;
  totalDelayNs: number;
  maxDelayNs: number;
  maxStartNs: number;
  maxEndNs: number;
  threads: number;
}

/**
 * The rows of `perf sched latency -p`, as perf 6.1 or newer perf computes them. The store must be sorted by time.
 * Memory grows with the threads, not with the events.
 *
 * A delay is the time from a wakeup (only one that finds the task asleep), or from a switch out in state R, to the
 * switch in. perf 6.1 only looks at sched_wakeup, newer perf at sched_waking where it was recorded.
 * Source: latency_{switch,wakeup,runtime}_event in tools/perf/builtin-sched.c.
 */
export function schedLatency(store: EventStore, options: LatencyOptions): LatencyReport {
  return new Latency(store, options).report();
}

class Latency {
  readonly #store: EventStore;
  readonly #options: LatencyOptions;
  readonly #threads: PerfThreads;
  readonly #states: PerfTaskStates;
  readonly #all: Atoms[] = [];
  readonly #bySlot: (Atoms | undefined)[] = [];
  readonly #runningPid: number[] = [];
  readonly #ignoredWakeup: number;
  #timestamps = 0;
  #unorderedTimestamps = 0;
  #contextSwitchBugs = 0;

  constructor(store: EventStore, options: LatencyOptions) {
    this.#store = store;
    this.#options = options;
    this.#states = new PerfTaskStates(store, options.compat);
    this.#threads = new PerfThreads(store, 'perf-6.1', (slot) => {
      // `latency` does not listen to exits in any version: a thread is only renewed when its number is reused.
      const atoms = this.#bySlot[slot];
      if (atoms !== undefined) atoms.comm = this.#comm(slot);
      this.#bySlot[slot] = undefined;
    });
    const usesWaking = options.compat === 'perf-newer' && store.countOf(EventType.Waking) > 0;
    this.#ignoredWakeup = usesWaking ? WAKEUP : WAKING;
  }

  report(): LatencyReport {
    const store = this.#store;
    for (let row = 0; row < store.length; row += 1) {
      this.#threads.advanceTo(row);
      const type = store.type[row]!;
      if (type === SWITCH) this.#switch(row);
      else if (type === STAT_RUNTIME) this.#statRuntime(row);
      else if (type === WAKEUP || type === WAKING || type === WAKEUP_NEW) {
        if (type !== this.#ignoredWakeup) this.#wakeup(row);
      }
    }
    this.#threads.advanceToEnd();
    return this.#result();
  }

  #switch(row: number): void {
    const store = this.#store;
    const timeNs = store.timeNs[row]!;
    const cpu = store.cpu[row]!;
    const prev = store.actor[row]!;
    const next = store.subject[row]!;
    const running = this.#runningPid[cpu];
    if (running !== undefined && running !== store.tasks.pids[prev]) this.#contextSwitchBugs += 1;
    this.#runningPid[cpu] = store.tasks.pids[next]!;

    const out = this.#atoms(this.#threads.slotOfTask(prev));
    switchOut(out, this.#states.of(store.state[row]!).isRunnable, timeNs);
    const slot = this.#threads.slotOfTask(next);
    const isNew = this.#bySlot[slot] === undefined;
    const entered = this.#atoms(slot);
    // A task that perf has not heard of is taken to wait from this moment on: a delay of zero.
    if (isNew) switchOut(entered, true, timeNs);
    switchIn(entered, timeNs);
  }

  #wakeup(row: number): void {
    const timeNs = this.#store.timeNs[row]!;
    const slot = this.#threads.slotOfSubject(row);
    const isNew = this.#bySlot[slot] === undefined;
    const atoms = this.#atoms(slot);
    if (isNew) switchOut(atoms, false, timeNs);
    // A wakeup of a task on the run queue only changes its state: it waits since longer, or does not.
    if (atoms.state !== SLEEPING) return;
    this.#timestamps += 1;
    if (atoms.outNs > timeNs) {
      this.#unorderedTimestamps += 1;
      return;
    }
    atoms.state = WAITING;
    atoms.wakeNs = timeNs;
  }

  #statRuntime(row: number): void {
    const slot = this.#threads.slotOfTask(this.#store.subject[row]!);
    const isNew = this.#bySlot[slot] === undefined;
    const atoms = this.#atoms(slot);
    if (isNew) switchOut(atoms, true, this.#store.timeNs[row]!);
    atoms.runtimeNs += this.#store.arg[row]!;
  }

  #atoms(slot: number): Atoms {
    let atoms = this.#bySlot[slot];
    if (atoms === undefined) {
      atoms = {
        slot,
        comm: undefined,
        state: SLEEPING,
        outNs: 0,
        wakeNs: 0,
        runtimeNs: 0,
        switches: 0,
        totalDelayNs: 0,
        maxDelayNs: 0,
        maxStartNs: NaN,
        maxEndNs: NaN,
        threads: 1,
      };
      this.#bySlot[slot] = atoms;
      this.#all.push(atoms);
    }
    return atoms;
  }

  #comm(slot: number): string {
    const { tasks } = this.#store;
    return this.#threads.comm(slot, slot < tasks.threadCount ? tasks.threadComm(slot) : '');
  }

  #result(): LatencyReport {
    for (const atoms of this.#all) atoms.comm ??= this.#comm(atoms.slot);
    // perf walks its tree of threads from the highest number down, and equals stay in that order.
    let all = this.#all.sort((a, b) => this.#threads.tid(b.slot) - this.#threads.tid(a.slot));
    if (this.#options.mergeByComm === true) all = mergedByComm(all);
    all = all.filter((atoms) => atoms.switches > 0 && atoms.comm !== 'swapper' && atoms.slot !== IDLE_THREAD);
    all.sort(compare);
    const asPerf = this.#options.unknown === 'as-perf';
    const isRuntimeKnown = asPerf || this.#store.countOf(EventType.StatRuntime) > 0;
    const rows = all.map((atoms) => this.#row(atoms, isRuntimeKnown, asPerf || this.#store.hasWakeups));
    return {
      rows,
      totalRuntimeNs: isRuntimeKnown ? rows.reduce((sum, row) => sum + (row.runtimeNs ?? 0), 0) : null,
      totalSwitches: rows.reduce((sum, row) => sum + row.switches, 0),
      timestamps: this.#timestamps,
      unorderedTimestamps: this.#unorderedTimestamps,
      contextSwitchBugs: this.#contextSwitchBugs,
      hasLosses: this.#store.losses.length > 0,
    };
  }

  #row(atoms: Atoms, isRuntimeKnown: boolean, areDelaysKnown: boolean): LatencyRow {
    const hasMax = areDelaysKnown && atoms.maxDelayNs > 0;
    return {
      comm: atoms.comm ?? '',
      pid: this.#threads.tid(atoms.slot),
      threads: atoms.threads,
      runtimeNs: isRuntimeKnown ? atoms.runtimeNs : null,
      switches: atoms.switches,
      averageDelayNs: areDelaysKnown ? average(atoms) : null,
      maxDelayNs: areDelaysKnown ? atoms.maxDelayNs : null,
      maxStartOffsetNs: hasMax ? atoms.maxStartNs : null,
      maxEndOffsetNs: hasMax ? atoms.maxEndNs : null,
    };
  }
}

/** A new work atom: the task is off its CPU from now on. */
function switchOut(atoms: Atoms, isRunnable: boolean, timeNs: number): void {
  atoms.outNs = timeNs;
  atoms.state = isRunnable ? WAITING : SLEEPING;
  atoms.wakeNs = isRunnable ? timeNs : 0;
}

function switchIn(atoms: Atoms, timeNs: number): void {
  if (atoms.state !== WAITING) return;
  atoms.state = OTHER;
  if (timeNs < atoms.wakeNs) return;
  const delayNs = timeNs - atoms.wakeNs;
  atoms.totalDelayNs += delayNs;
  if (delayNs > atoms.maxDelayNs) {
    atoms.maxDelayNs = delayNs;
    atoms.maxStartNs = atoms.wakeNs;
    atoms.maxEndNs = timeNs;
  }
  atoms.switches += 1;
}

function average(atoms: Atoms): number {
  return Math.floor(atoms.totalDelayNs / atoms.switches);
}

/** perf's default order: `avg, max, switch, runtime`, descending. */
function compare(a: Atoms, b: Atoms): number {
  return (
    average(b) - average(a) ||
    b.maxDelayNs - a.maxDelayNs ||
    b.switches - a.switches ||
    b.runtimeNs - a.runtimeNs
  );
}

/** The first of a name (the highest number) takes in all others; then by name from the last down. */
function mergedByComm(all: Atoms[]): Atoms[] {
  const byComm = new Map<string, Atoms>();
  for (const atoms of all) {
    const first = byComm.get(atoms.comm ?? '');
    if (first === undefined) {
      byComm.set(atoms.comm ?? '', atoms);
      continue;
    }
    first.threads += 1;
    first.runtimeNs += atoms.runtimeNs;
    first.switches += atoms.switches;
    first.totalDelayNs += atoms.totalDelayNs;
    if (first.maxDelayNs < atoms.maxDelayNs) {
      first.maxDelayNs = atoms.maxDelayNs;
      first.maxStartNs = atoms.maxStartNs;
      first.maxEndNs = atoms.maxEndNs;
    }
  }
  return [...byComm.entries()].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, atoms]) => atoms);
}
