/**
 * The shortcut for the lines that make up nearly all of a recording: sched_switch, sched_wakeup, sched_waking
 * and sched_stat_runtime in the column layout that the kernel prints (task right-aligned in 16 columns, `-`, pid left-aligned in 7, optional
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
const OPEN_PARENTHESIS = 0x28;
const CLOSE_PARENTHESIS = 0x29;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const PID_COLUMN = 17;
const BRACKET_COLUMN = 25;
const TGID_COLUMN = 25;
const BRACKET_COLUMN_WITH_TGID = 35;
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

/** Four characters as the little-endian number that `DataView.getUint32` reads: keys are compared by words. */
function word(text: string): number {
  return (
    (text.charCodeAt(0) |
      (text.charCodeAt(1) << 8) |
      (text.charCodeAt(2) << 16) |
      (text.charCodeAt(3) << 24)) >>>
    0
  );
}

const SCHE = word('sche');
const D_SW = word('d_sw');
const ITCH = word('itch');
const COLON_PRE = word(': pr');
const EV_C = word('ev_c');
const OMM_EQUALS = word('omm=');
const D_WA = word('d_wa');
const KEUP = word('keup');
const KING = word('king');
const COLON_CO = word(': co');
const PREV = word('prev');
const NEXT = word('next');
const _PID = word('_pid');
const PID_EQUALS = word('pid=');
const SPACE_PRE = word(' pre');
const V_PR = word('v_pr');
const RIO_EQUALS = word('rio=');
const V_ST = word('v_st');
const ATE_EQUALS = word('ate=');
const ARROW = word(' ==>');
const SPACE_NEX = word(' nex');
const T_CO = word('t_co');
const T_PR = word('t_pr');
const SPACE_PRI = word(' pri');
const SPACE_TAR = word(' tar');
const GET_ = word('get_');
const CPU_EQUALS = word('cpu=');
const D_ST = word('d_st');
const AT_R = word('at_r');
const UNTI = word('unti');
const ME_COLON = word('me: ');
const SPACE_RUN = word(' run');
const TIME = word('time');
const NS_OPEN = word(' [ns');

export class TracefsFastPath {
  readonly #store: EventStore;
  readonly #context: TracefsContext;
  /** Where the number read last ended, and whether the last signed one had digits. */
  #at = 0;
  #hasDigits = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #words: DataView = new DataView(new ArrayBuffer(0));
  /** Parts of the line's header. */
  #commStart = 0;
  #pid = 0;
  #tgid = -1;
  #cpu = 0;
  #flagsStart = 0;
  #flagsEnd = 0;
  #seconds = 0;
  #microseconds = 0;

  constructor(store: EventStore, context: TracefsContext) {
    this.#store = store;
    this.#context = context;
  }

  /** Adds the event of the line at `start` and returns where the next line starts, or -1. */
  read(bytes: Uint8Array, start: number, lineNumber: number): number {
    if (start + MAX_LINE > bytes.length) return -1;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const bracket = this.#header(bytes, start);
    if (bracket < 0) return -1;
    const stampEnd = this.#afterBracket(bytes, bracket);
    if (stampEnd < 0 || bytes[stampEnd + 1] !== SPACE) return -1;
    const name = stampEnd + 2;
    const words = this.#words;
    if (words.getUint32(name, true) !== SCHE) return -1;
    const event = words.getUint32(name + 4, true);
    const rest = words.getUint32(name + 8, true);
    let next = -1;
    if (event === D_SW && rest === ITCH) next = this.#switch(bytes, name + 12, lineNumber);
    else if (event === D_WA && rest === KEUP)
      next = this.#wakeup(bytes, name + 12, EventType.Wakeup, start, lineNumber);
    else if (event === D_WA && rest === KING)
      next = this.#wakeup(bytes, name + 12, EventType.Waking, start, lineNumber);
    else if (event === D_ST && rest === AT_R) next = this.#statRuntime(bytes, name + 12, start, lineNumber);
    if (next > 0 && this.#tgid >= 0 && this.#pid !== 0) {
      const { tasks, actor, length } = this.#store;
      tasks.setTgid(actor[length - 1]!, this.#tgid);
    }
    return next;
  }

  /** `            comm-pid     [(tgid) ]`; returns the position of the CPU's bracket, or -1. */
  #header(bytes: Uint8Array, start: number): number {
    if (bytes[start] === HASH || bytes[start + PID_COLUMN - 1] !== MINUS) return -1;
    let bracket = start + BRACKET_COLUMN;
    let pidLimit = bracket;
    this.#tgid = -1;
    if (bytes[bracket] !== OPEN_BRACKET) {
      pidLimit = start + TGID_COLUMN;
      bracket = start + BRACKET_COLUMN_WITH_TGID;
      if (bytes[pidLimit] !== OPEN_PARENTHESIS || bytes[bracket] !== OPEN_BRACKET) return -1;
      if (bytes[bracket - 1] !== SPACE || !this.#readTgid(bytes, pidLimit + 1, bracket - 2)) return -1;
    }
    let comm = start;
    while (bytes[comm] === SPACE && comm - start < MAX_PADDING) comm += 1;
    this.#commStart = comm;
    for (let i = comm; i < start + PID_COLUMN; i += 1) if (bytes[i] === NEWLINE) return -1;
    this.#pid = this.#number(bytes, start + PID_COLUMN);
    let at = this.#at;
    if (at === start + PID_COLUMN || at === pidLimit) return -1;
    while (at < pidLimit && bytes[at] === SPACE) at += 1;
    return at === pidLimit ? bracket : -1;
  }

  /** `(    123)` or `(-------)`, from behind the parenthesis. */
  #readTgid(bytes: Uint8Array, from: number, close: number): boolean {
    if (bytes[close] !== CLOSE_PARENTHESIS) return false;
    let at = from;
    while (at < close && bytes[at] === SPACE) at += 1;
    const tgid = this.#number(bytes, at);
    if (this.#at === close && at < close) {
      this.#tgid = tgid;
      return true;
    }
    while (at < close && bytes[at] === MINUS) at += 1;
    return at === close;
  }

  /** `[003] d..2.  5630.872220:`; returns the position of the colon, or -1. */
  #afterBracket(bytes: Uint8Array, bracket: number): number {
    this.#cpu = this.#number(bytes, bracket + 1);
    const flags = this.#at + 2;
    if (flags === bracket + 3 || bytes[flags - 2] !== CLOSE_BRACKET || bytes[flags - 1] !== SPACE) return -1;
    if (this.#cpu > 65534) return -1;
    let at = flags;
    while (at < flags + 6 && bytes[at]! > SPACE) at += 1;
    if ((at !== flags + 4 && at !== flags + 5) || bytes[at] !== SPACE) return -1;
    this.#flagsStart = flags;
    this.#flagsEnd = at;
    while (bytes[at] === SPACE && at - flags < MAX_PADDING) at += 1;
    const secondsStart = at;
    this.#seconds = this.#number(bytes, at);
    at = this.#at;
    if (at === secondsStart || bytes[at] !== DOT || bytes[at + 7] !== COLON) return -1;
    this.#microseconds = this.#number(bytes, at + 1);
    return this.#at === at + 7 ? at + 7 : -1;
  }

  /** `: comm=A pid=1 prio=120 target_cpu=001` */
  #wakeup(bytes: Uint8Array, at: number, type: EventType, start: number, lineNumber: number): number {
    const words = this.#words;
    if (words.getUint32(at, true) !== COLON_CO || words.getUint32(at + 3, true) !== OMM_EQUALS) return -1;
    const comm = at + 7;
    const commEnd = this.#plainCommEnd(bytes, comm);
    if (commEnd < 0) return -1;
    const pid = this.#number(bytes, commEnd + 5);
    let key = this.#at;
    if (key === commEnd + 5) return -1;
    if (words.getUint32(key, true) !== SPACE_PRI || words.getUint32(key + 2, true) !== RIO_EQUALS) return -1;
    const prio = this.#signed(bytes, key + 6);
    if (!this.#hasDigits) return -1;
    key = this.#at;
    if (words.getUint32(key, true) !== SPACE_TAR || words.getUint32(key + 4, true) !== GET_) return -1;
    if (words.getUint32(key + 8, true) !== CPU_EQUALS) return -1;
    const targetCpu = this.#number(bytes, key + 12);
    const newline = this.#at;
    if (bytes[newline] !== NEWLINE || newline === key + 12) return -1;
    const actor = this.#actor(bytes, start);
    const subject = this.#store.tasks.internBytes(pid, bytes, comm, commEnd);
    this.#add(bytes, type, actor, subject, UNKNOWN_PRIO, prio, 0, targetCpu, lineNumber);
    return newline + 1;
  }

  /** `untime: comm=A pid=1 runtime=52548 [ns]`; with a vruntime behind it the line goes the general way. */
  #statRuntime(bytes: Uint8Array, at: number, start: number, lineNumber: number): number {
    const words = this.#words;
    if (words.getUint32(at, true) !== UNTI || words.getUint32(at + 4, true) !== ME_COLON) return -1;
    if (words.getUint32(at + 6, true) !== COLON_CO || words.getUint32(at + 9, true) !== OMM_EQUALS) return -1;
    const comm = at + 13;
    const commEnd = this.#plainCommEnd(bytes, comm);
    if (commEnd < 0) return -1;
    const pid = this.#number(bytes, commEnd + 5);
    const key = this.#at;
    if (key === commEnd + 5 || words.getUint32(key, true) !== SPACE_RUN) return -1;
    if (words.getUint32(key + 4, true) !== TIME || bytes[key + 8] !== EQUALS) return -1;
    const runtimeNs = this.#number(bytes, key + 9);
    const unit = this.#at;
    if (unit === key + 9 || words.getUint32(unit, true) !== NS_OPEN) return -1;
    if (bytes[unit + 4] !== CLOSE_BRACKET || bytes[unit + 5] !== NEWLINE) return -1;
    const actor = this.#actor(bytes, start);
    const subject = this.#store.tasks.internBytes(pid, bytes, comm, commEnd);
    this.#add(
      bytes,
      EventType.StatRuntime,
      actor,
      subject,
      UNKNOWN_PRIO,
      UNKNOWN_PRIO,
      0,
      runtimeNs,
      lineNumber,
    );
    return unit + 6;
  }

  #actor(bytes: Uint8Array, start: number): number {
    const commEnd = start + PID_COLUMN - 1;
    return this.#context.actorOf(bytes, this.#cpu, this.#pid, this.#commStart, commEnd);
  }

  /** End of a comm that is followed by ` pid=`, or -1. */
  #plainCommEnd(bytes: Uint8Array, start: number): number {
    const words = this.#words;
    for (let i = start; i - start <= MAX_COMM; i += 1) {
      const byte = bytes[i];
      if (byte === SPACE) {
        if (words.getUint32(i + 1, true) === PID_EQUALS) return i;
      } else if (byte === NEWLINE) return -1;
    }
    return -1;
  }

  /** `: prev_comm=A prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=B next_pid=2 next_prio=120` */
  #switch(bytes: Uint8Array, at: number, lineNumber: number): number {
    const words = this.#words;
    if (words.getUint32(at, true) !== COLON_PRE || words.getUint32(at + 4, true) !== EV_C) return -1;
    if (words.getUint32(at + 8, true) !== OMM_EQUALS) return -1;
    const prevComm = at + 12;
    const prevCommEnd = this.#commEnd(bytes, prevComm, PREV);
    if (prevCommEnd < 0) return -1;
    const prevPid = this.#number(bytes, prevCommEnd + 10);
    let key = this.#at;
    if (key === prevCommEnd + 10 || words.getUint32(key, true) !== SPACE_PRE) return -1;
    if (words.getUint32(key + 4, true) !== V_PR || words.getUint32(key + 7, true) !== RIO_EQUALS) return -1;
    const prevPrio = this.#signed(bytes, key + 11);
    key = this.#at;
    if (!this.#hasDigits || words.getUint32(key, true) !== SPACE_PRE) return -1;
    if (words.getUint32(key + 4, true) !== V_ST || words.getUint32(key + 8, true) !== ATE_EQUALS) return -1;
    const state = key + 12;
    const stateEnd = bytes[state + 1] === SPACE ? state + 1 : state + 2;
    if (bytes[state]! <= SPACE || bytes[stateEnd - 1]! <= SPACE || words.getUint32(stateEnd, true) !== ARROW)
      return -1;
    if (words.getUint32(stateEnd + 4, true) !== SPACE_NEX || words.getUint32(stateEnd + 8, true) !== T_CO)
      return -1;
    if (words.getUint32(stateEnd + 11, true) !== OMM_EQUALS) return -1;
    const nextComm = stateEnd + 15;
    const nextCommEnd = this.#commEnd(bytes, nextComm, NEXT);
    if (nextCommEnd < 0) return -1;
    const nextPid = this.#number(bytes, nextCommEnd + 10);
    key = this.#at;
    if (key === nextCommEnd + 10 || words.getUint32(key, true) !== SPACE_NEX) return -1;
    if (words.getUint32(key + 4, true) !== T_PR || words.getUint32(key + 7, true) !== RIO_EQUALS) return -1;
    const nextPrio = this.#signed(bytes, key + 11);
    const newline = this.#at;
    if (bytes[newline] !== NEWLINE || !this.#hasDigits) return -1;
    const { tasks } = this.#store;
    const actor = tasks.internBytes(prevPid, bytes, prevComm, prevCommEnd);
    const subject = tasks.internBytes(nextPid, bytes, nextComm, nextCommEnd);
    const stateNumber = this.#context.stateOf(bytes, state, stateEnd);
    this.#add(bytes, EventType.Switch, actor, subject, prevPrio, nextPrio, stateNumber, 0, lineNumber);
    this.#context.setRunning(this.#cpu, subject, nextPid);
    return newline + 1;
  }

  #add(
    bytes: Uint8Array,
    type: EventType,
    actor: number,
    subject: number,
    actorPrio: number,
    subjectPrio: number,
    state: number,
    arg: number,
    lineNumber: number,
  ): void {
    const flags = this.#context.flagsOf(bytes, this.#flagsStart, this.#flagsEnd);
    this.#store.add(
      type,
      this.#seconds,
      this.#microseconds * 1000,
      this.#cpu,
      actor,
      subject,
      actorPrio,
      subjectPrio,
      state,
      flags,
      arg,
      lineNumber,
    );
  }

  /** End of a comm that is followed by ` prev_pid=` or ` next_pid=`, or -1. */
  #commEnd(bytes: Uint8Array, start: number, side: number): number {
    const words = this.#words;
    for (let i = start; i - start <= MAX_COMM; i += 1) {
      const byte = bytes[i];
      if (byte === SPACE) {
        if (
          words.getUint32(i + 1, true) === side &&
          words.getUint32(i + 5, true) === _PID &&
          bytes[i + 9] === EQUALS
        ) {
          return i;
        }
      } else if (byte === NEWLINE) return -1;
    }
    return -1;
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
    const start = bytes[at] === MINUS ? at + 1 : at;
    const value = this.#number(bytes, start);
    this.#hasDigits = this.#at > start;
    return start === at ? value : -value;
  }
}
