/**
 * The usual events in the kernel's own text, found by comparing four bytes at a time: a shortcut beside
 * `SchedPayloadReader`, which reads every variant. It only finds the fields; whoever uses it adds the row. Whatever
 * looks different in the least is refused with -1, and a test holds both readers to the same result.
 *
 *     sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120
 *     sched_waking: comm=a pid=1 prio=120 target_cpu=001
 *     sched_stat_runtime: comm=a pid=1 runtime=52548 [ns]
 */
import { EventType } from '../../model/eventType.js';
import { CLOSE_BRACKET, DigitReader, MINUS, NEWLINE, SPACE } from './bytes.js';

const EQUALS = 0x3d;
/** Comms have at most 15 bytes; names of tracers' own making may be longer and go the general way. */
const MAX_COMM = 64;
/**
 * No event is longer, from its name on, with the bounds above. Callers keep this distance from the end of the bytes:
 * one read out of bounds makes V8 compile all of them much slower.
 */
export const MAX_WORD_PAYLOAD = 384;

/** Four characters as the little-endian number that `DataView.getUint32` reads. */
function word(text: string): number {
  const [a, b, c, d] = [text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2), text.charCodeAt(3)];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

const SCHE = word('sche');
const D_SW = word('d_sw');
const ITCH = word('itch');
const D_WA = word('d_wa');
const KEUP = word('keup');
const KING = word('king');
const D_ST = word('d_st');
const AT_R = word('at_r');
const UNTI = word('unti');
const ME_COLON = word('me: ');
const COLON_PRE = word(': pr');
const EV_C = word('ev_c');
const COLON_CO = word(': co');
const OMM_EQUALS = word('omm=');
const PREV = word('prev');
const NEXT = word('next');
const _PID = word('_pid');
const PID_EQUALS = word('pid=');
const SPACE_PRE = word(' pre');
const V_PR = word('v_pr');
const V_ST = word('v_st');
const RIO_EQUALS = word('rio=');
const ATE_EQUALS = word('ate=');
const ARROW = word(' ==>');
const SPACE_NEX = word(' nex');
const T_CO = word('t_co');
const T_PR = word('t_pr');
const SPACE_PRI = word(' pri');
const SPACE_TAR = word(' tar');
const GET_ = word('get_');
const CPU_EQUALS = word('cpu=');
const SPACE_RUN = word(' run');
const TIME = word('time');
const NS_OPEN = word(' [ns');

/** The fields of the event found last; positions are of the bytes given. */
export class SchedWordPayload {
  type: EventType = EventType.Switch;
  /** The task an event is about (of a switch: the next one). */
  pid = 0;
  commStart = 0;
  commEnd = 0;
  prio = 0;
  /** The previous task of a switch. */
  prevPid = 0;
  prevCommStart = 0;
  prevCommEnd = 0;
  prevPrio = 0;
  stateStart = 0;
  stateEnd = 0;
  /** Target CPU of a wakeup, runtime in ns. */
  arg = 0;
  readonly #digits = new DigitReader();

  /** Finds the fields of the event whose name starts at `name`; the position of its line end, or -1. */
  find(bytes: Uint8Array, words: DataView, name: number): number {
    if (words.getUint32(name, true) !== SCHE) return -1;
    const event = words.getUint32(name + 4, true);
    const rest = words.getUint32(name + 8, true);
    if (event === D_SW && rest === ITCH) return this.#switch(bytes, words, name + 12);
    if (event === D_WA) {
      if (rest === KEUP) this.type = EventType.Wakeup;
      else if (rest === KING) this.type = EventType.Waking;
      else return -1;
      return this.#wakeup(bytes, words, name + 12);
    }
    return event === D_ST && rest === AT_R ? this.#statRuntime(bytes, words, name + 12) : -1;
  }

  /** `: prev_comm=A prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=B next_pid=2 next_prio=120` */
  #switch(bytes: Uint8Array, words: DataView, at: number): number {
    if (words.getUint32(at, true) !== COLON_PRE || words.getUint32(at + 4, true) !== EV_C) return -1;
    if (words.getUint32(at + 8, true) !== OMM_EQUALS) return -1;
    const prevComm = at + 12;
    const prevCommEnd = commEnd(bytes, words, prevComm, PREV);
    if (prevCommEnd < 0) return -1;
    this.prevPid = this.#digits.read(bytes, prevCommEnd + 10);
    let key = this.#digits.end;
    if (key === prevCommEnd + 10 || words.getUint32(key, true) !== SPACE_PRE) return -1;
    if (words.getUint32(key + 4, true) !== V_PR || words.getUint32(key + 7, true) !== RIO_EQUALS) return -1;
    this.prevPrio = this.#signed(bytes, key + 11);
    key = this.#digits.end;
    if (key < 0 || words.getUint32(key, true) !== SPACE_PRE) return -1;
    if (words.getUint32(key + 4, true) !== V_ST || words.getUint32(key + 8, true) !== ATE_EQUALS) return -1;
    const state = key + 12;
    const stateEnd = bytes[state + 1] === SPACE ? state + 1 : state + 2;
    if (bytes[state]! <= SPACE || bytes[stateEnd - 1]! <= SPACE) return -1;
    if (words.getUint32(stateEnd, true) !== ARROW || words.getUint32(stateEnd + 4, true) !== SPACE_NEX)
      return -1;
    if (words.getUint32(stateEnd + 8, true) !== T_CO || words.getUint32(stateEnd + 11, true) !== OMM_EQUALS)
      return -1;
    const nextComm = stateEnd + 15;
    const nextCommEnd = commEnd(bytes, words, nextComm, NEXT);
    if (nextCommEnd < 0) return -1;
    this.pid = this.#digits.read(bytes, nextCommEnd + 10);
    key = this.#digits.end;
    if (key === nextCommEnd + 10 || words.getUint32(key, true) !== SPACE_NEX) return -1;
    if (words.getUint32(key + 4, true) !== T_PR || words.getUint32(key + 7, true) !== RIO_EQUALS) return -1;
    this.prio = this.#signed(bytes, key + 11);
    const newline = this.#digits.end;
    if (newline < 0 || bytes[newline] !== NEWLINE) return -1;
    this.type = EventType.Switch;
    this.prevCommStart = prevComm;
    this.prevCommEnd = prevCommEnd;
    this.stateStart = state;
    this.stateEnd = stateEnd;
    this.commStart = nextComm;
    this.commEnd = nextCommEnd;
    return newline;
  }

  /** `: comm=A pid=1 prio=120 target_cpu=001` */
  #wakeup(bytes: Uint8Array, words: DataView, at: number): number {
    if (words.getUint32(at, true) !== COLON_CO || words.getUint32(at + 3, true) !== OMM_EQUALS) return -1;
    let key = this.#commAndPid(bytes, words, at + 7);
    if (key < 0 || words.getUint32(key, true) !== SPACE_PRI) return -1;
    if (words.getUint32(key + 2, true) !== RIO_EQUALS) return -1;
    this.prio = this.#signed(bytes, key + 6);
    key = this.#digits.end;
    if (key < 0 || words.getUint32(key, true) !== SPACE_TAR) return -1;
    if (words.getUint32(key + 4, true) !== GET_ || words.getUint32(key + 8, true) !== CPU_EQUALS) return -1;
    this.arg = this.#digits.read(bytes, key + 12);
    const newline = this.#digits.end;
    return bytes[newline] === NEWLINE && newline > key + 12 ? newline : -1;
  }

  /** `untime: comm=A pid=1 runtime=52548 [ns]`; with a vruntime behind it, it goes the general way. */
  #statRuntime(bytes: Uint8Array, words: DataView, at: number): number {
    if (words.getUint32(at, true) !== UNTI || words.getUint32(at + 4, true) !== ME_COLON) return -1;
    if (words.getUint32(at + 6, true) !== COLON_CO || words.getUint32(at + 9, true) !== OMM_EQUALS) return -1;
    const key = this.#commAndPid(bytes, words, at + 13);
    if (key < 0 || words.getUint32(key, true) !== SPACE_RUN) return -1;
    if (words.getUint32(key + 4, true) !== TIME || bytes[key + 8] !== EQUALS) return -1;
    this.arg = this.#digits.read(bytes, key + 9);
    const unit = this.#digits.end;
    if (unit === key + 9 || words.getUint32(unit, true) !== NS_OPEN) return -1;
    if (bytes[unit + 4] !== CLOSE_BRACKET || bytes[unit + 5] !== NEWLINE) return -1;
    this.type = EventType.StatRuntime;
    return unit + 5;
  }

  /** `A pid=1`; the position behind the pid, or -1. */
  #commAndPid(bytes: Uint8Array, words: DataView, comm: number): number {
    for (let i = comm; i - comm <= MAX_COMM; i += 1) {
      const byte = bytes[i];
      if (byte === NEWLINE) return -1;
      if (byte !== SPACE || words.getUint32(i + 1, true) !== PID_EQUALS) continue;
      this.pid = this.#digits.read(bytes, i + 5);
      this.commStart = comm;
      this.commEnd = i;
      return this.#digits.end > i + 5 ? this.#digits.end : -1;
    }
    return -1;
  }

  /** Leaves -1 as the position when there was no digit. */
  #signed(bytes: Uint8Array, at: number): number {
    const start = bytes[at] === MINUS ? at + 1 : at;
    const value = this.#digits.read(bytes, start);
    if (this.#digits.end === start) this.#digits.end = -1;
    return start === at ? value : -value;
  }
}

/** End of a comm that is followed by ` prev_pid=` or ` next_pid=`, or -1. */
function commEnd(bytes: Uint8Array, words: DataView, start: number, side: number): number {
  for (let i = start; i - start <= MAX_COMM; i += 1) {
    const byte = bytes[i];
    if (byte === NEWLINE) return -1;
    if (byte !== SPACE || words.getUint32(i + 1, true) !== side) continue;
    if (words.getUint32(i + 5, true) === _PID && bytes[i + 9] === EQUALS) return i;
  }
  return -1;
}
