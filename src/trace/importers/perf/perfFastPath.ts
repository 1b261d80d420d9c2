/**
 * The shortcut for the usual lines of `perf script` in perf's own column layout:
 *
 *                perf  2984 [000]  2054.173907970:       sched:sched_switch: prev_comm=…
 *                perf  2984/2984  [000]  2054.173907:       sched:sched_waking: comm=…
 *     0               16
 *
 * Whatever looks different in the least is left to the general reader by returning -1 before anything was stored.
 */
import { CLOSE_BRACKET, COLON, DOT, DigitReader, NEWLINE, OPEN_BRACKET, SPACE } from '../text/bytes.js';
import type { PerfLineHeader } from './perfLineHeader.js';
import { MAX_WORD_PAYLOAD, type SchedWordPayload } from '../text/schedWordPayload.js';

const SLASH = 0x2f;

const COMM_WIDTH = 16;
const MAX_PADDING = 24;
/** Header and payload together; nearer to the end of the chunk lines go the general way. */
const MAX_LINE = 512;
const NS_BY_MICROSECOND = 1000;

/** Finds header and payload of a usual line; both keep what was found. */
export class PerfFastPath {
  readonly #header: PerfLineHeader;
  readonly #payload: SchedWordPayload;
  readonly #digits = new DigitReader();
  #bytes: Uint8Array = new Uint8Array(0);
  #words: DataView = new DataView(new ArrayBuffer(0));

  constructor(header: PerfLineHeader, payload: SchedWordPayload) {
    this.#header = header;
    this.#payload = payload;
  }

  /** The position of the line end, or -1. */
  find(bytes: Uint8Array, start: number): number {
    if (start + MAX_LINE > bytes.length) return -1;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const bracket = this.#commAndTid(bytes, start);
    if (bracket < 0) return -1;
    const event = this.#cpuAndTime(bytes, bracket);
    if (event < 0 || event + MAX_WORD_PAYLOAD > bytes.length) return -1;
    // `sched:`
    if (bytes[event] !== 0x73 || bytes[event + 5] !== COLON) return -1;
    return this.#payload.find(bytes, this.#words, event + 6);
  }

  /** `            comm  tid ` or `comm pid/tid  `; the position of the CPU's bracket, or -1. */
  #commAndTid(bytes: Uint8Array, start: number): number {
    const header = this.#header;
    if (bytes[start + COMM_WIDTH] !== SPACE) return -1;
    let comm = start;
    while (bytes[comm] === SPACE && comm < start + COMM_WIDTH) comm += 1;
    if (comm === start + COMM_WIDTH) return -1;
    for (let i = comm; i < start + COMM_WIDTH; i += 1) if (bytes[i] === NEWLINE) return -1;
    // A comm that ends in a space or a header without one would shift the columns.
    if (bytes[start + COMM_WIDTH - 1] === SPACE) return -1;
    let tid = this.#digits.read(bytes, this.#skipSpaces(bytes, start + COMM_WIDTH));
    if (this.#digits.end < 0) return -1;
    let tgid = -1;
    if (bytes[this.#digits.end] === SLASH) {
      tgid = tid;
      tid = this.#digits.read(bytes, this.#digits.end + 1);
      if (this.#digits.end < 0) return -1;
    }
    if (bytes[this.#digits.end] !== SPACE) return -1;
    const bracket = this.#skipSpaces(bytes, this.#digits.end);
    if (bytes[bracket] !== OPEN_BRACKET) return -1;
    header.commStart = comm;
    header.commEnd = start + COMM_WIDTH;
    header.hasTid = true;
    header.tid = tid;
    header.tgid = tgid;
    return bracket;
  }

  /** `[000]  2054.173907970:       `; the position of the event's name, or -1. */
  #cpuAndTime(bytes: Uint8Array, bracket: number): number {
    const header = this.#header;
    header.cpu = this.#digits.read(bytes, bracket + 1);
    let at = this.#digits.end;
    if (at < 0 || bytes[at] !== CLOSE_BRACKET || bytes[at + 1] !== SPACE || header.cpu > 65534) return -1;
    header.seconds = this.#digits.read(bytes, this.#skipSpaces(bytes, at + 1));
    at = this.#digits.end;
    if (at < 0 || bytes[at] !== DOT) return -1;
    const fraction = this.#digits.read(bytes, at + 1);
    const colon = this.#digits.end;
    if (colon < 0 || bytes[colon] !== COLON || bytes[colon + 1] !== SPACE) return -1;
    if (colon === at + 10) header.nanoseconds = fraction;
    else if (colon === at + 7) header.nanoseconds = fraction * NS_BY_MICROSECOND;
    else return -1;
    return this.#skipSpaces(bytes, colon + 1);
  }

  #skipSpaces(bytes: Uint8Array, at: number): number {
    let i = at;
    while (bytes[i] === SPACE && i - at < MAX_PADDING) i += 1;
    return i;
  }

  /** Leaves -1 as the position when there was no digit. */
}
