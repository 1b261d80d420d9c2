/**
 * A shortcut for the records that nearly all of a recording consists of: switches, wakeups, run times and migrations of
 * threads that were seen before under the same name, laid out as kernels lay them out since long. It reads whole words, and
 * does in one go what the general reader does step by step. Whatever is unusual it leaves to that one, and nothing is
 * changed then.
 */
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { IDLE_TASK } from '../../model/taskTable.js';
import type { LatencyFlags } from './latencyFlags.js';
import { UNKNOWN_TASK, type RecentTasks } from './recentTasks.js';
import type { RecordBytes } from './recordBytes.js';
import { ABSENT, type RecordPlan, type TaskPlace } from './recordPlan.js';
import type { RunningTasks } from './runningTasks.js';

/** Where and when the record was made: offset in the store in ns, CPU, 1-based number of the record. */
export interface RecordStamp {
  readonly offsetNs: number;
  readonly cpu: number;
  readonly line: number;
}

export class SchedFastPath {
  readonly #store: EventStore;
  readonly #recent: RecentTasks;
  readonly #flagNumbers: Uint32Array;
  readonly #running: RunningTasks;

  constructor(store: EventStore, recent: RecentTasks, flags: LatencyFlags, running: RunningTasks) {
    this.#store = store;
    this.#recent = recent;
    this.#flagNumbers = flags.numbers;
    this.#running = running;
  }

  /**
   * Adds the record `[at, at + length)` of an event whose plan `hasWords`; `at` is a multiple of 4, and the record is as
   * long as its plan says. False when the general reader has to. Failure `EventRefused`: as of the store.
   */
  read(plan: RecordPlan, piece: RecordBytes, at: number, length: number, stamp: RecordStamp): boolean {
    if (plan.type === EventType.Switch) return this.#switch(plan, piece.words, at, length, stamp);
    return this.#ofOneTask(plan, piece.words, at, length, stamp);
  }

  #switch(plan: RecordPlan, words: Int32Array, at: number, length: number, stamp: RecordStamp): boolean {
    const flags = this.#flagNumbers[words[at >> 2]! >>> 16]! - 1;
    const actor = this.#taskOf(plan.partner, words, at, length);
    const subject = this.#taskOf(plan.subject, words, at, length);
    const prevState = words[(at + plan.stateAt) >> 2]!;
    // With a sign bit it is beyond all of them, too.
    const state = prevState >>> 0 < plan.stateNumbers.length ? plan.stateNumbers[prevState]! : 0;
    const actorPrio = words[(at + plan.partnerPrioAt) >> 2]!;
    const prio = words[(at + plan.prioAt) >> 2]!;
    if ((flags | actor | subject) < 0 || state === 0 || !isPrio(actorPrio) || !isPrio(prio)) return false;
    const { cpu } = stamp;
    this.#store.addAt(
      EventType.Switch,
      stamp.offsetNs,
      cpu,
      actor,
      subject,
      actorPrio,
      prio,
      state,
      flags,
      0,
      stamp.line,
    );
    this.#running.set(cpu, words[(at + plan.subject.pidAt) >> 2]!, subject);
    return true;
  }

  #ofOneTask(plan: RecordPlan, words: Int32Array, at: number, length: number, stamp: RecordStamp): boolean {
    const { type } = plan;
    const { cpu } = stamp;
    const flags = this.#flagNumbers[words[at >> 2]! >>> 16]! - 1;
    const subject = this.#taskOf(plan.subject, words, at, length);
    let arg = words[(at + plan.argAt) >> 2]!;
    if ((flags | subject | arg) < 0) return false;
    let prio = UNKNOWN_PRIO;
    if (plan.prioAt !== ABSENT) {
      prio = words[(at + plan.prioAt) >> 2]!;
      if (!isPrio(prio)) return false;
    }
    if (plan.secondArgAt !== ABSENT) {
      const second = words[(at + plan.secondArgAt) >> 2]!;
      if (type === EventType.Migrate) {
        if (second < 0 || (arg | second) > 0x7fff) return false;
        arg = arg * 65536 + second;
        // Of a run time it is the high half: more than two seconds are no time slice.
      } else if (second !== 0) return false;
    }
    if (plan.successAt !== ABSENT && words[(at + plan.successAt) >> 2] === 0) return false;
    const subjectPid = words[(at + plan.subject.pidAt) >> 2]!;
    const running = this.#running;
    const actorPid = words[(at + plan.actorPidAt) >> 2]!;
    const runningPid = running.pidOn(cpu);
    if (actorPid !== 0 && (actorPid < 0 || actorPid !== runningPid)) return false;
    if (runningPid === subjectPid && tellsName(type)) running.set(cpu, subjectPid, subject);
    const actor = actorPid === 0 ? IDLE_TASK : running.taskOn(cpu);
    const store = this.#store;
    const row = store.addAt(
      type,
      stamp.offsetNs,
      cpu,
      actor,
      subject,
      UNKNOWN_PRIO,
      prio,
      0,
      flags,
      arg,
      stamp.line,
    );
    if (plan.vruntimeAt !== ABSENT) {
      const low = words[(at + plan.vruntimeAt) >> 2]!;
      store.setVruntimeHalves(row, words[(at + plan.secondVruntimeAt) >> 2]!, low);
    }
    return true;
  }

  #taskOf(place: TaskPlace, words: Int32Array, at: number, length: number): number {
    const pid = words[(at + place.pidAt) >> 2]!;
    if (place.commAt !== ABSENT) {
      return pid === 0 ? IDLE_TASK : this.#recent.find(pid, words, (at + place.commAt) >> 2);
    }
    const location = words[(at + place.locationAt) >> 2]!;
    const textAt = place.textOrigin + (location & 0xffff);
    const textBytes = location >>> 16;
    if ((textAt & 3) !== 0 || textAt + textBytes > length) return UNKNOWN_TASK;
    return pid === 0 ? IDLE_TASK : this.#recent.findText(pid, words, (at + textAt) >> 2, textBytes);
  }
}

/** Priorities are -1…139. */
function isPrio(value: number): boolean {
  return value > -32768 && value < 32768;
}

/** Whether who runs may tell of itself in such an event. Of wakeups the general reader does not ask that either. */
function tellsName(type: EventType): boolean {
  return type === EventType.StatRuntime || type === EventType.Migrate;
}
