/**
 * The shortcut for the lines that make up nearly all of a recording: sched_switch, sched_wakeup, sched_waking in
 * the column layout that the kernel prints (task right-aligned in 16 columns, `-`, pid left-aligned in 7, optional
 * TGID column, `[cpu]`, 4 or 5 flags, time with 6 digits):
 *
 *           <idle>-0       [001] dNs5.  5630.872220: sched_wakeup: comm=a pid=2657 prio=120 target_cpu=001
 *     0               16      25    31
 *
 * One pass over the bytes finds the fields and the line end together. Whatever looks different in the least is
 * left to the general reader by returning -1 before anything was stored; both must agree, and a test holds them
 * to it.
 */
import { EventType } from '../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../model/eventStore.js';
import { DIGIT_0, DOT, MINUS, SPACE } from './bytes.js';
import type { TracefsContext } from './tracefsContext.js';

const NEWLINE = 0x0a;
const HASH = 0x23;
const COLON = 0x3a;
const EQUALS = 0x3d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_PARENTHESIS = 0x29;
const UNDERSCORE = 0x5f;
const LOWER_E = 0x65;
const LOWER_I = 0x69;
const LOWER_K = 0x6b;
const LOWER_P = 0x70;
const LOWER_S = 0x73;
const LOWER_T = 0x74;
const LOWER_W = 0x77;

const PID_COLUMN = 17;
const BRACKET_COLUMN = 25;
const BRACKET_COLUMN_WITH_TGID = 35;
const TGID_COLUMN = 26;
/** Comms have at most 15 bytes; names of tracers' own making may be longer and go the general way. */
const MAX_COMM = 64;
/** More digits than any number of the format has; also keeps values exact. */
const MAX_DIGITS = 15;
const MAX_PADDING = 16;
/**
 * No line of this shape is longer, with all bounds above. Lines nearer to the end of the chunk go the general way,
 * so that no read is ever out of bounds: one such read makes V8 compile all of them much slower.
 */
const MAX_LINE = 512;

export class TracefsFastPath {
  readonly #store: EventStore;
  readonly #context: TracefsContext;
  /** Where the number read last ended. */
  #at = 0;

  constructor(store: EventStore, context: TracefsContext) {
    this.#store = store;
    this.#context = context;
  }

  /** Adds the event of the line at `start` and returns where the next line starts, or -1. */
  read(bytes: Uint8Array, start: number, lineNumber: number): number {
    if (start + MAX_LINE > bytes.length) return -1;
    if (bytes[start] === HASH || bytes[start + PID_COLUMN - 1] !== MINUS) return -1;
    let bracket = start + BRACKET_COLUMN;
    let tgid = -1;
    if (bytes[bracket] !== OPEN_BRACKET) {
      bracket = start + BRACKET_COLUMN_WITH_TGID;
      if (bytes[bracket] !== OPEN_BRACKET || bytes[bracket - 2] !== CLOSE_PARENTHESIS) return -1;
      tgid = this.#tgid(bytes, start + TGID_COLUMN, bracket - 2);
    }
    let commStart = start;
    while (bytes[commStart] === SPACE && commStart - start < MAX_PADDING) commStart += 1;
    for (let i = commStart; i < start + PID_COLUMN; i += 1) if (bytes[i] === NEWLINE) return -1;
    const pid = this.#number(bytes, start + PID_COLUMN);
    if (bytes[this.#at] !== SPACE) return -1;

    const cpu = this.#number(bytes, bracket + 1);
    const flagsStart = this.#at + 2;
    if (bytes[flagsStart - 2] !== CLOSE_BRACKET || cpu > 65534) return -1;
    const flagsEnd = bytes[flagsStart + 4] === SPACE ? flagsStart + 4 : flagsStart + 5;
    if (bytes[flagsEnd] !== SPACE || bytes[flagsStart] === SPACE) return -1;
    let at = flagsEnd + 1;
    while (bytes[at] === SPACE && at - flagsEnd < MAX_PADDING) at += 1;
    const seconds = this.#number(bytes, at);
    at = this.#at;
    if (bytes[at] !== DOT || bytes[at + 7] !== COLON) return -1;
    const microseconds = this.#number(bytes, at + 1);
    if (this.#at !== at + 7) return -1;

    const name = at + 9;
    if (bytes[name] !== LOWER_S || bytes[name + 5] !== UNDERSCORE || bytes[name + 12] !== COLON) return -1;
    if (bytes[name + 6] === LOWER_S && bytes[name + 7] === LOWER_W && bytes[name + 14] === LOWER_P) {
      const next = this.#switch(
        bytes,
        name + 24,
        seconds,
        microseconds,
        cpu,
        flagsStart,
        flagsEnd,
        lineNumber,
      );
      if (next > 0 && tgid >= 0 && pid !== 0) this.#setTgid(tgid);
      return next;
    }
    if (bytes[name + 6] !== LOWER_W || bytes[name + 8] !== LOWER_K || bytes[name + 18] !== EQUALS) return -1;
    const isWaking = bytes[name + 9] === LOWER_I;
    if (!isWaking && bytes[name + 9] !== LOWER_E) return -1;
    // "comm=A pid=1 prio=120 target_cpu=001"
    const comm = name + 19;
    let i = comm;
    while (!(
      bytes[i] === SPACE &&
      bytes[i + 1] === LOWER_P &&
      bytes[i + 2] === LOWER_I &&
      bytes[i + 4] === EQUALS
    )) {
      if (bytes[i] === NEWLINE || i - comm > MAX_COMM) return -1;
      i += 1;
    }
    const subjectPid = this.#number(bytes, i + 5);
    const prioKey = this.#at;
    if (bytes[prioKey] !== SPACE || bytes[prioKey + 5] !== EQUALS) return -1;
    const prio = this.#signed(bytes, prioKey + 6);
    const cpuKey = this.#at;
    if (bytes[cpuKey + 1] !== LOWER_T || bytes[cpuKey + 11] !== EQUALS) return -1;
    const targetCpu = this.#number(bytes, cpuKey + 12);
    const newline = this.#at;
    if (bytes[newline] !== NEWLINE || newline === cpuKey + 12) return -1;
    const { tasks } = this.#store;
    const actor = this.#context.actorOf(bytes, cpu, pid, commStart, start + PID_COLUMN - 1);
    const subject = tasks.internBytes(subjectPid, bytes, comm, i);
    const flags = this.#context.flagsOf(bytes, flagsStart, flagsEnd);
    const type = isWaking ? EventType.Waking : EventType.Wakeup;
    this.#store.add(
      type,
      seconds,
      microseconds * 1000,
      cpu,
      actor,
      subject,
      UNKNOWN_PRIO,
      prio,
      0,
      flags,
      targetCpu,
      lineNumber,
    );
    if (tgid >= 0 && pid !== 0) this.#setTgid(tgid);
    return newline + 1;
  }

  /** `A prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=B next_pid=2 next_prio=120` from the comm on. */
  #switch(
    bytes: Uint8Array,
    prevComm: number,
    seconds: number,
    microseconds: number,
    cpu: number,
    flagsStart: number,
    flagsEnd: number,
    lineNumber: number,
  ): number {
    const prevCommEnd = commEnd(bytes, prevComm);
    if (prevCommEnd < 0 || bytes[prevComm - 1] !== EQUALS) return -1;
    const prevPid = this.#number(bytes, prevCommEnd + 10);
    let key = this.#at;
    if (bytes[key] !== SPACE || bytes[key + 10] !== EQUALS) return -1;
    const prevPrio = this.#signed(bytes, key + 11);
    key = this.#at;
    if (bytes[key] !== SPACE || bytes[key + 11] !== EQUALS) return -1;
    const stateStart = key + 12;
    const stateEnd = bytes[stateStart + 1] === SPACE ? stateStart + 1 : stateStart + 2;
    // " ==> next_comm="
    if (bytes[stateEnd] !== SPACE || bytes[stateEnd + 1] !== EQUALS || bytes[stateEnd + 14] !== EQUALS)
      return -1;
    const nextComm = stateEnd + 15;
    const nextCommEnd = commEnd(bytes, nextComm);
    if (nextCommEnd < 0) return -1;
    const nextPid = this.#number(bytes, nextCommEnd + 10);
    key = this.#at;
    if (bytes[key] !== SPACE || bytes[key + 10] !== EQUALS) return -1;
    const nextPrio = this.#signed(bytes, key + 11);
    const newline = this.#at;
    if (bytes[newline] !== NEWLINE || newline === key + 11) return -1;
    const { tasks } = this.#store;
    const actor = tasks.internBytes(prevPid, bytes, prevComm, prevCommEnd);
    const subject = tasks.internBytes(nextPid, bytes, nextComm, nextCommEnd);
    const context = this.#context;
    this.#store.add(
      EventType.Switch,
      seconds,
      microseconds * 1000,
      cpu,
      actor,
      subject,
      prevPrio,
      nextPrio,
      context.stateOf(bytes, stateStart, stateEnd),
      context.flagsOf(bytes, flagsStart, flagsEnd),
      0,
      lineNumber,
    );
    context.setRunning(cpu, subject, nextPid);
    return newline + 1;
  }

  #number(bytes: Uint8Array, at: number): number {
    const limit = at + MAX_DIGITS;
    let i = at;
    let value = 0;
    while (i < limit) {
      const digit = bytes[i]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      i += 1;
    }
    this.#at = i;
    return value;
  }

  #signed(bytes: Uint8Array, at: number): number {
    return bytes[at] === MINUS ? -this.#number(bytes, at + 1) : this.#number(bytes, at);
  }

  #tgid(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && bytes[at] === SPACE) at += 1;
    const tgid = this.#number(bytes, at);
    return this.#at === end && at < end ? tgid : -1;
  }

  #setTgid(tgid: number): void {
    const { tasks, actor, length } = this.#store;
    tasks.setTgid(actor[length - 1]!, tgid);
  }
}

/** End of a comm that is followed by ` prev_pid=` or ` next_pid=`, or -1. */
function commEnd(bytes: Uint8Array, start: number): number {
  for (let i = start; i - start <= MAX_COMM; i += 1) {
    const byte = bytes[i];
    if (byte === SPACE) {
      if (bytes[i + 5] === UNDERSCORE && bytes[i + 6] === LOWER_P && bytes[i + 9] === EQUALS) return i;
    } else if (byte === NEWLINE) return -1;
  }
  return -1;
}
