import { EventType } from '../model/eventType.js';
import type { EventStore } from '../model/eventStore.js';
import { oneLine } from './csvText.js';
import type { ExportedPart } from './exportedPart.js';
import { IDLE_TASK, NO_TASK, UNKNOWN_PID } from '../model/taskTable.js';

const SWITCH: number = EventType.Switch;

/** Not yet looked for, as against NO_TASK: looked for and not told. */
const NOT_LOOKED = -1;

/** Spells the tasks of tracefs lines, each once; keeps who runs where. */
export class FtraceTasks {
  readonly #store: EventStore;
  readonly #hasTgids: boolean;
  readonly #headers: (string | undefined)[] = [];
  readonly #prevs: (string | undefined)[] = [];
  readonly #nexts: (string | undefined)[] = [];
  readonly #commPids: (string | undefined)[] = [];
  readonly #running: Float64Array;

  constructor({ store, firstRow }: ExportedPart) {
    this.#store = store;
    this.#hasTgids = hasTgids(store);
    this.#running = new Float64Array(store.cpuLimit).fill(NOT_LOOKED);
    this.#lookBack(firstRow);
  }

  setRunning(cpu: number, task: number): void {
    this.#running[cpu] = task;
  }

  /**
   * Who ran when the event was recorded, or NO_TASK. Where the source does not say it at the event (a line without
   * a pid, or the -1 of a thread that is gone), the switches of the CPU do.
   */
  actorOf(row: number): number {
    const store = this.#store;
    const actor = store.actor[row]!;
    if (actor !== NO_TASK && store.tasks.pids[actor]! >= 0) return actor;
    // A switch that does not tell whom it takes off the CPU contradicts the switch before it, or there is none.
    if (actor === NO_TASK && store.type[row] === SWITCH) return NO_TASK;
    const cpu = store.cpu[row]!;
    if (this.#running[cpu] === NOT_LOOKED) this.#running[cpu] = this.#firstPrevious(row, cpu);
    return this.#running[cpu]!;
  }

  /** `            bash-12841   (  12841) ` */
  header(task: number): string {
    if (task === NO_TASK) return headerText('<...>', UNKNOWN_PID, this.#hasTgids, -1);
    const { tasks } = this.#store;
    return (this.#headers[task] ??= headerText(
      task === IDLE_TASK ? '<idle>' : this.#comm(task, 0),
      tasks.pids[task]!,
      this.#hasTgids,
      tasks.threadTgids[tasks.threads[task]!]!,
    ));
  }

  pid(task: number): number {
    return task === NO_TASK ? UNKNOWN_PID : this.#store.tasks.pids[task]!;
  }

  prev(task: number, cpu: number): string {
    if (task === IDLE_TASK) return `prev_comm=swapper/${cpu} prev_pid=0 prev_prio=`;
    return (this.#prevs[task] ??= `prev_comm=${this.#comm(task, cpu)} prev_pid=${this.pid(task)} prev_prio=`);
  }

  next(task: number, cpu: number): string {
    if (task === IDLE_TASK) return `next_comm=swapper/${cpu} next_pid=0 next_prio=`;
    return (this.#nexts[task] ??= `next_comm=${this.#comm(task, cpu)} next_pid=${this.pid(task)} next_prio=`);
  }

  commPid(task: number, cpu: number): string {
    if (task === IDLE_TASK) return `comm=swapper/${cpu} pid=0`;
    return (this.#commPids[task] ??= `comm=${this.#comm(task, cpu)} pid=${this.pid(task)}`);
  }

  child(task: number, cpu: number): string {
    return `child_comm=${this.#comm(task, cpu)} child_pid=${this.pid(task)}`;
  }

  #comm(task: number, cpu: number): string {
    if (task === NO_TASK) return '<...>';
    if (task === IDLE_TASK) return `swapper/${cpu}`;
    return oneLine(this.#store.tasks.comms[task]!);
  }

  /** Who ran on each CPU when the part begins, as the rows before it tell. */
  #lookBack(firstRow: number): void {
    const store = this.#store;
    const running = this.#running;
    let missing = running.length;
    for (let row = firstRow - 1; row >= 0 && missing > 0; row -= 1) {
      const cpu = store.cpu[row]!;
      if (store.type[row] !== SWITCH || running[cpu] !== NOT_LOOKED) continue;
      running[cpu] = store.subject[row]!;
      missing -= 1;
    }
  }

  #firstPrevious(from: number, cpu: number): number {
    const store = this.#store;
    for (let row = from; row < store.length; row += 1) {
      if (store.type[row] === SWITCH && store.cpu[row] === cpu) return store.actor[row]!;
    }
    return NO_TASK;
  }
}

export function hasTgids(store: EventStore): boolean {
  return store.tasks.threadTgids.some((tgid) => tgid > 0);
}

/** The kernel's `%16s-%-7d (%7d) `; C pads bytes, not characters. */
function headerText(comm: string, pid: number, withTgid: boolean, tgid: number): string {
  const padding = ' '.repeat(Math.max(0, 16 - Buffer.byteLength(comm)));
  const group = !withTgid ? '' : tgid > 0 ? `(${String(tgid).padStart(7)}) ` : '(-------) ';
  return `${padding}${comm}-${String(pid).padEnd(7)} ${group}`;
}
