import { TraceAnalysis } from '../../../src/analysis/traceAnalysis.js';
import { EventType } from '../../../src/trace/model/eventType.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../../../src/trace/model/taskTable.js';
import { rowWriter } from '../../bench/syntheticTrace.js';

/**
 * Builds small traces by readable calls. Times are ns from 0, tasks are pids (0 is idle) named `t<pid>` unless
 * named otherwise. The actor of an event is whom the CPU was switched to last.
 */
export class TraceBuilder {
  readonly store = new EventStore();
  readonly #write = rowWriter(this.store);
  readonly #names = new Map<number, string>();
  readonly #running = new Map<number, number>();

  constructor() {
    // As after a recording whose buffers were large enough.
    this.store.metadata.overwrittenEvents = 0;
  }

  name(pid: number, comm: string): this {
    this.#names.set(pid, comm);
    return this;
  }

  task(pid: number): number {
    if (pid === 0) return IDLE_TASK;
    return this.store.tasks.intern(pid, this.#names.get(pid) ?? `t${pid}`);
  }

  thread(pid: number): number {
    return this.store.tasks.threadOf(pid);
  }

  switch(timeNs: number, cpu: number, prev: number | null, state: string, next: number): this {
    const actor = prev === null ? NO_TASK : this.task(prev);
    const stateNumber = this.store.states.intern(state);
    this.#write(EventType.Switch, timeNs, cpu, actor, this.task(next), stateNumber, 0);
    this.#running.set(cpu, next);
    return this;
  }

  waking(timeNs: number, cpu: number, woken: number, target: number): this {
    return this.#wake(EventType.Waking, timeNs, cpu, woken, target);
  }

  wakeup(timeNs: number, cpu: number, woken: number, target: number): this {
    return this.#wake(EventType.Wakeup, timeNs, cpu, woken, target);
  }

  wakeupNew(timeNs: number, cpu: number, woken: number, target: number): this {
    return this.#wake(EventType.WakeupNew, timeNs, cpu, woken, target);
  }

  migrate(timeNs: number, cpu: number, pid: number, from: number, to: number): this {
    this.#write(EventType.Migrate, timeNs, cpu, this.#actor(cpu), this.task(pid), 0, from * 65536 + to);
    return this;
  }

  exec(timeNs: number, cpu: number, pid: number, oldPid: number): this {
    this.#write(EventType.Exec, timeNs, cpu, this.task(pid), this.task(pid), 0, oldPid);
    this.#running.set(cpu, pid);
    return this;
  }

  /** An event that changes no state: shows that its CPU recorded, and who ran there. */
  tick(timeNs: number, cpu: number, pid: number): this {
    this.#write(EventType.StatRuntime, timeNs, cpu, this.task(pid), this.task(pid), 0, 1000);
    return this;
  }

  /** Events of this CPU were lost between its event before and its next one. */
  loss(cpu: number, count: number | undefined = 1): this {
    this.store.addLoss(cpu, count, this.store.length);
    this.#running.delete(cpu);
    return this;
  }

  /** Analyses all rows. */
  analyse(): TraceAnalysis {
    const analysis = new TraceAnalysis(this.store);
    analysis.advance();
    analysis.finish();
    return analysis;
  }

  #wake(type: EventType, timeNs: number, cpu: number, woken: number, target: number): this {
    this.#write(type, timeNs, cpu, this.#actor(cpu), this.task(woken), 0, target);
    return this;
  }

  #actor(cpu: number): number {
    const running = this.#running.get(cpu);
    return running === undefined ? NO_TASK : this.task(running);
  }
}
