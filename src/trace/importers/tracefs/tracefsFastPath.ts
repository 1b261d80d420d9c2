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
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import {
  CLOSE_BRACKET,
  CLOSE_PARENTHESIS,
  COLON,
  DOT,
  DigitReader,
  HASH,
  MINUS,
  OPEN_BRACKET,
  OPEN_PARENTHESIS,
  SPACE,
} from '../text/bytes.js';
import { MAX_WORD_PAYLOAD, SchedWordPayload } from '../text/schedWordPayload.js';
import type { TracefsContext } from './tracefsContext.js';

const PID_COLUMN = 17;
const BRACKET_COLUMN = 25;
const TGID_COLUMN = 25;
const BRACKET_COLUMN_WITH_TGID = 35;
const MAX_PADDING = 16;
/**
 * No line of this shape is longer, with all bounds above. Lines nearer to the end of the chunk go the general way,
 * so that no read is ever out of bounds: one such read makes V8 compile all of them much slower.
 */
const MAX_LINE = 128 + MAX_WORD_PAYLOAD;

export class TracefsFastPath {
  readonly #store: EventStore;
  readonly #context: TracefsContext;
  readonly #payload = new SchedWordPayload();
  readonly #digits = new DigitReader();
  #bytes: Uint8Array = new Uint8Array(0);
  #words: DataView = new DataView(new ArrayBuffer(0));
  /** Parts of the line's header. */
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
    const found = this.#payload;
    const newline = found.find(bytes, this.#words, stampEnd + 2);
    if (newline < 0) return -1;
    if (found.type === EventType.Switch) this.#addSwitch(bytes, lineNumber);
    else this.#addAbout(bytes, start, lineNumber);
    if (this.#tgid >= 0 && this.#pid !== 0) {
      const { tasks, actor, length } = this.#store;
      tasks.setTgid(actor[length - 1]!, this.#tgid);
    }
    return newline + 1;
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
    const words = this.#words;
    // A line end in the task's columns: this line is a short one, and the rest is of the next.
    const ends =
      newlineIn(words.getUint32(start, true)) |
      newlineIn(words.getUint32(start + 4, true)) |
      newlineIn(words.getUint32(start + 8, true)) |
      newlineIn(words.getUint32(start + 12, true));
    if (ends !== 0) return -1;
    this.#pid = this.#digits.read(bytes, start + PID_COLUMN);
    let at = this.#digits.end;
    if (at === start + PID_COLUMN || at === pidLimit) return -1;
    while (at < pidLimit && bytes[at] === SPACE) at += 1;
    return at === pidLimit ? bracket : -1;
  }

  /** `(    123)` or `(-------)`, from behind the parenthesis. */
  #readTgid(bytes: Uint8Array, from: number, close: number): boolean {
    if (bytes[close] !== CLOSE_PARENTHESIS) return false;
    let at = from;
    while (at < close && bytes[at] === SPACE) at += 1;
    const tgid = this.#digits.read(bytes, at);
    if (this.#digits.end === close && at < close) {
      this.#tgid = tgid;
      return true;
    }
    while (at < close && bytes[at] === MINUS) at += 1;
    return at === close;
  }

  /** `[003] d..2.  5630.872220:`; returns the position of the colon, or -1. */
  #afterBracket(bytes: Uint8Array, bracket: number): number {
    this.#cpu = this.#digits.read(bytes, bracket + 1);
    const flags = this.#digits.end + 2;
    if (flags === bracket + 3 || bytes[flags - 2] !== CLOSE_BRACKET || bytes[flags - 1] !== SPACE) return -1;
    if (this.#cpu > 65534) return -1;
    let at = flags;
    while (at < flags + 6 && bytes[at]! > SPACE) at += 1;
    if ((at !== flags + 4 && at !== flags + 5) || bytes[at] !== SPACE) return -1;
    this.#flagsStart = flags;
    this.#flagsEnd = at;
    while (bytes[at] === SPACE && at - flags < MAX_PADDING) at += 1;
    const secondsStart = at;
    this.#seconds = this.#digits.read(bytes, at);
    at = this.#digits.end;
    if (at === secondsStart || bytes[at] !== DOT || bytes[at + 7] !== COLON) return -1;
    this.#microseconds = this.#digits.read(bytes, at + 1);
    return this.#digits.end === at + 7 ? at + 7 : -1;
  }

  #addSwitch(bytes: Uint8Array, lineNumber: number): void {
    const { prevPid, prevCommStart, prevCommEnd, prevPrio, pid, prio } = this.#payload;
    const { tasks } = this.#store;
    const actor = tasks.internBytes(prevPid, bytes, prevCommStart, prevCommEnd);
    const subject = tasks.internBytes(pid, bytes, this.#payload.commStart, this.#payload.commEnd);
    const state = this.#context.stateOf(bytes, this.#payload.stateStart, this.#payload.stateEnd);
    this.#add(bytes, EventType.Switch, actor, subject, prevPrio, prio, state, 0, lineNumber);
    this.#context.setRunning(this.#cpu, subject, pid);
  }

  /** A wakeup or stat_runtime: an event about one task, recorded while another may run. */
  #addAbout(bytes: Uint8Array, start: number, lineNumber: number): void {
    const { type, pid, commStart, commEnd, arg } = this.#payload;
    const actorCommEnd = start + PID_COLUMN - 1;
    const actor = this.#context.actorOf(bytes, this.#cpu, this.#pid, start, actorCommEnd);
    const subject = this.#store.tasks.internBytes(pid, bytes, commStart, commEnd);
    const prio = type === EventType.StatRuntime ? UNKNOWN_PRIO : this.#payload.prio;
    this.#add(bytes, type, actor, subject, UNKNOWN_PRIO, prio, 0, arg, lineNumber);
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
}

/** Not 0 when one of the four bytes is a line end (the test for a zero byte of Bit Twiddling Hacks, on x ^ "\n\n\n\n"). */
function newlineIn(fourBytes: number): number {
  const x = fourBytes ^ 0x0a0a0a0a;
  return (x - 0x01010101) & ~x & 0x80808080;
}
