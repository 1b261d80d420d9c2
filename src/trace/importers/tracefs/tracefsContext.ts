/** What a reader of tracefs text remembers from line to line: who runs where, and numbers of short texts. */
import type { EventStore } from '../../model/eventStore.js';
import { LESS_THAN, skipSpaces, textOf } from '../text/bytes.js';

/** CPUs whose running task is remembered in a flat array; the kernel's NR_CPUS limit is 8192. */
const TRACKED_CPUS = 8192;
/** Flags longer than this do not exist and are not cached; six bytes still fit into an exact number. */
const CACHED_FLAGS = 6;

export class TracefsContext {
  readonly #store: EventStore;
  readonly #runningTask = new Uint32Array(TRACKED_CPUS);
  readonly #runningPid = new Int32Array(TRACKED_CPUS).fill(-1);
  /** By a hash of the flags: the characters packed into a number, and the number of their text. */
  readonly #flagKeys = new Float64Array(512);
  readonly #flagNumbers = new Uint16Array(512);
  /** Numbers of states of one or two characters; 0 not interned yet. */
  readonly #stateNumbers = new Uint16Array(128 * 128);

  constructor(store: EventStore) {
    this.#store = store;
  }

  setRunning(cpu: number, task: number, pid: number): void {
    if (cpu >= TRACKED_CPUS) return;
    this.#runningTask[cpu] = task;
    this.#runningPid[cpu] = pid;
  }

  /** Task that runs on a CPU when it has this pid; undefined when another does or none is known. */
  runningTask(cpu: number, pid: number): number | undefined {
    return cpu < TRACKED_CPUS && this.#runningPid[cpu] === pid ? this.#runningTask[cpu] : undefined;
  }

  /** Who runs where, as far as switches have told. */
  running(): [cpu: number, task: number][] {
    const all: [number, number][] = [];
    this.#runningPid.forEach((pid, cpu) => {
      if (pid >= 0) all.push([cpu, this.#runningTask[cpu]!]);
    });
    return all;
  }

  /**
   * The task that a header `comm-pid` means. If that pid was switched to last on this CPU, it is that task: the
   * header's comm is the thread's name when the trace was *printed*, the switch has the one it had at the time.
   * The comm `[start, commEnd)` may have spaces before it: they are looked for only when the name is needed.
   */
  actorOf(
    line: Uint8Array,
    cpu: number,
    pid: number,
    start: number,
    commEnd: number,
    abbreviated = false,
  ): number {
    if (pid === 0) return 0;
    if (cpu < TRACKED_CPUS && this.#runningPid[cpu] === pid) return this.#runningTask[cpu]!;
    const { tasks } = this.#store;
    const commStart = skipSpaces(line, start, commEnd);
    return abbreviated || line[commStart] === LESS_THAN
      ? tasks.internAbbreviated(pid, line, commStart, commEnd)
      : tasks.internBytes(pid, line, commStart, commEnd);
  }

  flagsOf(line: Uint8Array, start: number, end: number): number {
    if (end === start) return 0;
    if (end - start > CACHED_FLAGS) return this.#store.flagTexts.intern(textOf(line, start, end));
    let key = 1;
    let hash = 0;
    for (let i = start; i < end; i += 1) {
      key = key * 256 + line[i]!;
      hash = (hash * 31 + line[i]!) & 0x1ff;
    }
    if (this.#flagKeys[hash] === key) return this.#flagNumbers[hash]!;
    const number = this.#store.flagTexts.intern(textOf(line, start, end));
    this.#flagKeys[hash] = key;
    this.#flagNumbers[hash] = number;
    return number;
  }

  stateOf(line: Uint8Array, start: number, end: number): number {
    const first = line[start]!;
    const second = end - start === 2 ? line[start + 1]! : 0;
    if (end - start > 2 || first > 127 || second > 127)
      return this.#store.states.intern(textOf(line, start, end));
    const known = this.#stateNumbers[first * 128 + second]!;
    if (known !== 0) return known;
    const number = this.#store.states.intern(textOf(line, start, end));
    this.#stateNumbers[first * 128 + second] = number;
    return number;
  }
}
