import { EventType } from '../../src/trace/model/eventType.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { IDLE_TASK } from '../../src/trace/model/taskTable.js';

/** A small seeded generator of random numbers 0 ≤ x < 1 (mulberry32, public domain, by Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SyntheticOptions {
  readonly events: number;
  readonly cpus: number;
  readonly threads: number;
  readonly seed: number;
  /** Whether sched_waking stands before sched_wakeup. Default true. */
  readonly waking?: boolean;
  /** Mean time between two steps of the whole machine in ns. Default 700. */
  readonly stepNs?: number;
  /** Share of steps that take no time at all, so that events share time stamps. Default 0. */
  readonly ties?: number;
}

/** Receives the events in order of time; times are ns from 0. */
export type EventSink = (
  type: EventType,
  timeNs: number,
  cpu: number,
  actor: number,
  subject: number,
  state: number,
  arg: number,
) => void;

const SLEEP_STATES = ['S', 'S', 'S', 'D', 'D|K', 'I'];

/**
 * Plays a machine: per CPU a run queue, threads that sleep, are woken by whoever runs, preempted and migrated. The
 * events are those the kernel would record, in order of time and consistent with each other.
 */
export function playMachine(store: EventStore, options: SyntheticOptions, sink: EventSink): void {
  new Machine(store, options, sink).run();
}

/** The same, written to a store. */
export function fillSyntheticStore(store: EventStore, options: SyntheticOptions): void {
  store.reserve(options.events);
  store.metadata.format = 'synthetic';
  store.metadata.overwrittenEvents = 0;
  playMachine(store, options, rowWriter(store));
}

/** Writes events as rows; source lines count from 1. */
export function rowWriter(store: EventStore): EventSink {
  return (type, timeNs, cpu, actor, subject, state, arg) => {
    const seconds = Math.floor(timeNs / 1e9);
    const line = store.length + 1;
    store.add(type, seconds, timeNs - seconds * 1e9, cpu, actor, subject, 120, 120, state, 0, arg, line);
  };
}

class Machine {
  readonly #options: SyntheticOptions;
  readonly #sink: EventSink;
  readonly #random: () => number;
  readonly #tasks: number[] = [];
  /** By CPU: what runs, and who waits (indexes of threads). */
  readonly #running: number[];
  readonly #queues: number[][];
  readonly #sleeping: number[] = [];
  readonly #lastCpu: number[] = [];
  readonly #sleepStates: readonly number[];
  readonly #runnableState: number;
  readonly #preemptedState: number;
  #timeNs = 0;
  #emitted = 0;

  constructor(store: EventStore, options: SyntheticOptions, sink: EventSink) {
    this.#options = options;
    this.#sink = sink;
    this.#random = seededRandom(options.seed);
    for (let i = 0; i < options.threads; i += 1) {
      this.#tasks.push(store.tasks.intern(1000 + i, `worker/${i % 50}`));
      this.#sleeping.push(i);
      this.#lastCpu.push(i % options.cpus);
    }
    this.#running = new Array<number>(options.cpus).fill(-1);
    this.#queues = this.#running.map(() => []);
    this.#sleepStates = SLEEP_STATES.map((state) => store.states.intern(state));
    this.#runnableState = store.states.intern('R');
    this.#preemptedState = store.states.intern('R+');
  }

  run(): void {
    while (this.#emitted < this.#options.events) this.#step();
  }

  #step(): void {
    const cpu = this.#below(this.#options.cpus);
    const current = this.#running[cpu]!;
    const queue = this.#queues[cpu]!;
    const dice = this.#random();
    if (current < 0 && queue.length > 0) this.#switch(cpu, this.#runnableState);
    else if (dice < 0.46 && this.#sleeping.length > 0) this.#wake(cpu);
    else if (current >= 0 && dice < 0.86)
      this.#switch(cpu, this.#sleepStates[this.#below(SLEEP_STATES.length)]!);
    else if (current >= 0 && queue.length > 0 && dice < 0.96) this.#switch(cpu, this.#preemptedState);
    else if (queue.length > 0) this.#migrate(cpu);
  }

  #wake(waker: number): void {
    const at = this.#below(this.#sleeping.length);
    const thread = this.#sleeping[at]!;
    this.#sleeping[at] = this.#sleeping[this.#sleeping.length - 1]!;
    this.#sleeping.pop();
    const from = this.#lastCpu[thread]!;
    const cpu = this.#random() < 0.8 ? from : this.#below(this.#options.cpus);
    if (this.#options.waking !== false) this.#emit(EventType.Waking, waker, this.#tasks[thread]!, 0, from);
    if (cpu !== from) this.#emit(EventType.Migrate, waker, this.#tasks[thread]!, 0, from * 65536 + cpu);
    this.#emit(EventType.Wakeup, waker, this.#tasks[thread]!, 0, cpu);
    this.#lastCpu[thread] = cpu;
    this.#queues[cpu]!.push(thread);
  }

  #switch(cpu: number, state: number): void {
    const prev = this.#running[cpu]!;
    const next = this.#queues[cpu]!.shift() ?? -1;
    const isPreempted = prev >= 0 && state === this.#preemptedState;
    this.#emit(EventType.Switch, cpu, next < 0 ? IDLE_TASK : this.#tasks[next]!, state, 0);
    this.#running[cpu] = next;
    if (prev < 0) return;
    this.#lastCpu[prev] = cpu;
    if (isPreempted) this.#queues[cpu]!.push(prev);
    else this.#sleeping.push(prev);
  }

  #migrate(from: number): void {
    const to = this.#below(this.#options.cpus);
    if (to === from) return;
    const thread = this.#queues[from]!.pop()!;
    this.#emit(EventType.Migrate, to, this.#tasks[thread]!, 0, from * 65536 + to);
    this.#queues[to]!.push(thread);
    this.#lastCpu[thread] = to;
  }

  /** The actor is whoever runs on the CPU. */
  #emit(type: EventType, cpu: number, subject: number, state: number, arg: number): void {
    const { stepNs = 700, ties = 0 } = this.#options;
    if (this.#random() >= ties) this.#timeNs += 1 + Math.floor(this.#random() * 2 * stepNs);
    const running = this.#running[cpu]!;
    const actor = running < 0 ? IDLE_TASK : this.#tasks[running]!;
    this.#sink(type, this.#timeNs, cpu, actor, subject, state, arg);
    this.#emitted += 1;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
