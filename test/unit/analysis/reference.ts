import { stateOfPrevState } from '../../../src/analysis/prevState.js';
import { ThreadState } from '../../../src/protocol/traceMessages.js';
import { EventType } from '../../../src/trace/model/eventType.js';
import type { EventStore } from '../../../src/trace/model/eventStore.js';

/** A stretch of time and what held in it: thread of a CPU (-1 unknown), state of a thread, depth (-1 unknown). */
export interface Stretch {
  readonly startNs: number;
  readonly endNs: number;
  readonly value: number;
  readonly cpu: number;
}

interface Wait {
  readonly thread: number;
  readonly startNs: number;
  readonly endNs: number;
}

/**
 * The plain reading of a complete and consistent trace, written without any care for speed: what the analysis must
 * agree with. Each thread's state and CPU are replayed event by event; depths are counted from scratch after each.
 */
export class Reference {
  readonly cpus = new Map<number, Stretch[]>();
  readonly threads = new Map<number, Stretch[]>();
  readonly depths = new Map<number, Stretch[]>();
  readonly wakeupLatencies: Wait[] = [];
  readonly preemptionWaits: Wait[] = [];
  readonly wakeups = new Map<number, number>();
  readonly switches = new Map<number, number>();
  readonly endNs: number;
  readonly #now = new Map<number, { state: ThreadState; cpu: number; sinceNs: number }>();
  readonly #onCpu = new Map<number, { thread: number; sinceNs: number }>();
  readonly #depth = new Map<number, { depth: number; sinceNs: number }>();

  constructor(readonly store: EventStore) {
    this.endNs = store.timeNs[store.length - 1]!;
    for (let row = 0; row < store.length; row += 1) this.#apply(row);
    for (const [thread] of this.#now) this.#enter(thread, ThreadState.Unknown, -1, this.endNs);
    for (const [cpu] of this.#onCpu) this.#run(cpu, -1, this.endNs);
    for (const [cpu] of this.#depth) this.#setDepth(cpu, -1, this.endNs);
  }

  #apply(row: number): void {
    const { store } = this;
    const now = store.timeNs[row]!;
    const { threads } = store.tasks;
    const subject = threads[store.subject[row]!]!;
    const cpu = store.cpu[row]!;
    const target = store.arg[row]! % 65536;
    const known = this.#now.get(subject);
    switch (store.type[row]) {
      case EventType.Switch: {
        const actor = threads[store.actor[row]!]!;
        if (!this.#onCpu.has(cpu)) {
          this.#onCpu.set(cpu, { thread: actor, sinceNs: store.timeNs[0]! });
          if (actor !== 0)
            this.#now.set(actor, { state: ThreadState.Running, cpu, sinceNs: store.timeNs[0]! });
        }
        const state = stateOfPrevState(store.states.get(store.state[row]!));
        if (actor !== 0) this.#enter(actor, state, cpu, now);
        if (subject !== 0) this.#switchIn(subject, cpu, now);
        this.#run(cpu, subject, now);
        if (!this.#depth.has(cpu)) this.#depth.set(cpu, { depth: -1, sinceNs: store.timeNs[0]! });
        this.#recount(now, cpu);
        return;
      }
      case EventType.Waking:
      case EventType.Wakeup:
      case EventType.WakeupNew:
        if (known?.state === ThreadState.Runnable) known.cpu = target;
        else if (known?.state !== ThreadState.Running && known?.state !== ThreadState.Preempted) {
          this.#enter(subject, ThreadState.Runnable, target, now);
          this.wakeups.set(subject, (this.wakeups.get(subject) ?? 0) + 1);
        }
        break;
      case EventType.Migrate:
        if (known?.state === ThreadState.Runnable || known?.state === ThreadState.Preempted)
          known.cpu = target;
        break;
      default:
    }
    this.#recount(now, -1);
  }

  #switchIn(thread: number, cpu: number, now: number): void {
    const known = this.#now.get(thread);
    const wait = known && { thread, startNs: known.sinceNs, endNs: now };
    if (wait && known.state === ThreadState.Runnable) this.wakeupLatencies.push(wait);
    if (wait && known.state === ThreadState.Preempted) this.preemptionWaits.push(wait);
    this.switches.set(thread, (this.switches.get(thread) ?? 0) + 1);
    this.#enter(thread, ThreadState.Running, cpu, now);
  }

  #enter(thread: number, state: ThreadState, cpu: number, now: number): void {
    const known = this.#now.get(thread) ?? {
      state: ThreadState.Unknown,
      cpu: -1,
      sinceNs: this.store.timeNs[0]!,
    };
    const list = this.threads.get(thread) ?? [];
    this.threads.set(thread, list);
    list.push({ startNs: known.sinceNs, endNs: now, value: known.state, cpu: known.cpu });
    this.#now.set(thread, { state, cpu, sinceNs: now });
  }

  #run(cpu: number, thread: number, now: number): void {
    const known = this.#onCpu.get(cpu)!;
    const list = this.cpus.get(cpu) ?? [];
    this.cpus.set(cpu, list);
    list.push({ startNs: known.sinceNs, endNs: now, value: known.thread, cpu });
    this.#onCpu.set(cpu, { thread, sinceNs: now });
  }

  /** Depths are known from a CPU's first switch on. */
  #recount(now: number, switched: number): void {
    for (const [cpu, known] of this.#depth) {
      if (known.depth < 0 && cpu !== switched) continue;
      let depth = 0;
      for (const each of this.#now.values()) {
        const counts =
          each.state === ThreadState.Running ||
          each.state === ThreadState.Runnable ||
          each.state === ThreadState.Preempted;
        if (counts && each.cpu === cpu) depth += 1;
      }
      if (depth !== known.depth) this.#setDepth(cpu, depth, now);
    }
  }

  #setDepth(cpu: number, depth: number, now: number): void {
    const known = this.#depth.get(cpu)!;
    const list = this.depths.get(cpu) ?? [];
    this.depths.set(cpu, list);
    list.push({ startNs: known.sinceNs, endNs: now, value: known.depth, cpu });
    this.#depth.set(cpu, { depth, sinceNs: now });
  }
}

/** Neighbours of one value joined, empty stretches left out. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const each of stretches) {
    if (each.endNs <= each.startNs) continue;
    const last = result.at(-1);
    if (last?.value === each.value) result[result.length - 1] = { ...last, endNs: each.endNs };
    else result.push(each);
  }
  return result;
}
