import type { EventStore } from '../../model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../../model/taskTable.js';
import { textOf } from '../text/bytes.js';
import type { PerfLineHeader } from './perfLineHeader.js';
import type { PerfTaskRecords } from './perfTaskRecords.js';

/** Who ran when a line was recorded, and what its header tells of that thread beyond the model. */
export class PerfSamples {
  readonly #store: EventStore;
  readonly #header: PerfLineHeader;
  readonly #records: PerfTaskRecords;
  /** By CPU: the task switched to last. */
  readonly #running: number[] = [];
  /** By characters; 0: not interned yet. */
  readonly #stateNumbers = new Uint16Array(128 * 128);

  constructor(store: EventStore, header: PerfLineHeader, records: PerfTaskRecords) {
    this.#store = store;
    this.#header = header;
    this.#records = records;
  }

  /** Number of a previous state; those of one or two characters are remembered without making a string. */
  stateOf(line: Uint8Array, start: number, end: number): number {
    const first = line[start]!;
    const second = end - start === 2 ? line[start + 1]! : 0;
    if (end - start > 2 || first > 127 || second > 127) {
      return this.#store.states.intern(textOf(line, start, end));
    }
    const key = first * 128 + second;
    const known = this.#stateNumbers[key]!;
    return known !== 0
      ? known
      : (this.#stateNumbers[key] = this.#store.states.intern(textOf(line, start, end)));
  }

  setRunning(cpu: number, task: number): void {
    this.#running[cpu] = task;
  }

  /** Who ran, by the line's header; the payload of a switch tells it better. */
  actorOf(line: Uint8Array, lineNumber: number): number {
    const header = this.#header;
    const { tasks } = this.#store;
    const { tid, commStart, commEnd } = header;
    if (!header.hasTid || tid < 0) {
      // A thread that has just exited has no number any more: who was switched to last still runs.
      const running = this.#running[header.cpu];
      if (running !== undefined) return running;
      return header.hasTid ? tasks.internBytes(-1, line, commStart, commEnd) : NO_TASK;
    }
    if (tid === 0) return IDLE_TASK;
    const thread = tasks.threadOf(tid);
    if (commEnd === commStart && thread >= 0) return tasks.threadTasks[thread]!;
    const { seconds, nanoseconds, tgid } = header;
    const change =
      commEnd === commStart
        ? 'same'
        : this.#records.sample(tid, tgid, line, commStart, commEnd, lineNumber, seconds, nanoseconds);
    // perf's name of a kernel worker differs from the kernel's for good: only a change of it is news.
    if (thread < 0 || change === 'renamed') return tasks.internBytes(tid, line, commStart, commEnd);
    return tasks.threadTasks[thread]!;
  }

  /** After the row was added: keeps the thread group, and a header that names somebody else than the actor. */
  note(actor: number, lineNumber: number): void {
    const { hasTid, tid, tgid } = this.#header;
    const { tasks } = this.#store;
    if (!hasTid || actor === NO_TASK) return;
    if (tasks.pids[actor] !== tid) {
      // There are samples with tid 0 whose thread group tells who it was.
      this.#records.stray(lineNumber, tid === 0 && tgid > 0 ? tgid : tid, tgid);
    } else if (tgid > 0 && tid > 0) {
      tasks.setTgid(actor, tgid);
    }
  }
}
