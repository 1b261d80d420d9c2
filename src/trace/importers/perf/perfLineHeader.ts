/**
 * What stands before the event's name in a line of `perf script`:
 *
 *                 perf  2984 [000]  2054.173896092: sched:sched_stat_runtime: …   (comm tid cpu time)
 *      qemu-system-x86 10684/10689  [000]  2054.1738: sched:sched_switch: …       (comm pid/tid cpu time)
 *                  :-1    -1 [001]  2054.318700: sched:sched_switch: …            (a thread that is gone)
 *
 * Source: perf_sample__fprintf_start in tools/perf/builtin-script.c. The comm is padded on the left to 16
 * characters and may itself hold brackets, colons and numbers.
 */
import {
  CLOSE_BRACKET,
  COLON,
  DOT,
  MINUS,
  NumberReader,
  OPEN_BRACKET,
  SPACE,
  backOverDigits,
  backOverSpaces,
  isDigit,
  skipSpaces,
} from '../text/bytes.js';

const SLASH = 0x2f;
/** Width of the comm column and the space behind it: no bracket of the header stands further left. */
const COMM_COLUMN = 17;
/** The header's own bracket stands within the first bytes: behind them is the payload. */
const LAST_BRACKET = 96;
/** `-F misc` prints up to three letters between CPU and time. */
const MISC_BYTES = 6;

/** The parts of a header as positions and numbers; overwritten by each line. */
export class PerfLineHeader {
  readonly #numbers = new NumberReader();
  commStart = 0;
  commEnd = 0;
  hasTid = false;
  tid = 0;
  /** Thread group, -1: not told. */
  tgid = -1;
  cpu = 0;
  seconds = 0;
  nanoseconds = 0;
  /** Where the event's name (or its period) starts. */
  eventStart = 0;

  /** False when the line has no such header. */
  read(line: Uint8Array, start: number, end: number): boolean {
    const limit = Math.min(end, start + LAST_BRACKET);
    // Text that was trimmed on its way has the bracket further left than perf puts it.
    return (
      this.#scan(line, start, start + COMM_COLUMN, limit, end) || this.#scan(line, start, start, limit, end)
    );
  }

  #scan(line: Uint8Array, start: number, from: number, limit: number, end: number): boolean {
    for (let at = from; at < limit; at += 1) {
      if (line[at] !== OPEN_BRACKET) continue;
      if (this.#readFromBracket(line, at, end) && this.#readBeforeCpu(line, start, at)) return true;
    }
    return false;
  }

  /** `[000]  2054.173896092: `, with the letters of `-F misc` between. */
  #readFromBracket(line: Uint8Array, bracket: number, end: number): boolean {
    const numbers = this.#numbers;
    const cpu = numbers.integer(line, bracket + 1, end);
    if (!numbers.ok || line[numbers.end] !== CLOSE_BRACKET || line[numbers.end + 1] !== SPACE) return false;
    // perf prints -1 (also as 4294967295) for records that it made up itself: of no CPU.
    this.cpu = cpu >= 0 && cpu <= 65534 ? cpu : -1;
    const at = skipSpaces(line, numbers.end + 1, end);
    if (this.#readStamp(line, at, end)) return true;
    let afterMisc = at;
    while (afterMisc < end && afterMisc - at < MISC_BYTES && line[afterMisc] !== SPACE) afterMisc += 1;
    return this.#readStamp(line, skipSpaces(line, afterMisc, end), end);
  }

  /** `2054.173896092: `, six digits of fraction or nine. */
  #readStamp(line: Uint8Array, at: number, end: number): boolean {
    const numbers = this.#numbers;
    if (!isDigit(line[at])) return false;
    const seconds = numbers.integer(line, at, end);
    const dot = numbers.end;
    if (line[dot] !== DOT) return false;
    const nanoseconds = numbers.fractionNs(line, dot + 1, end);
    if (!numbers.ok || line[numbers.end] !== COLON) return false;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.eventStart = skipSpaces(line, numbers.end + 1, end);
    return true;
  }

  /** `comm tid ` or `comm pid/tid ` ending at the bracket, read backwards. Either may be missing (`-F`). */
  #readBeforeCpu(line: Uint8Array, start: number, bracket: number): boolean {
    const commStart = skipSpaces(line, start, bracket);
    const numberEnd = backOverSpaces(line, start, bracket);
    this.commStart = commStart;
    this.commEnd = numberEnd;
    this.hasTid = false;
    this.tgid = -1;
    let at = backOverNumber(line, start, numberEnd);
    if (at === numberEnd) return true;
    const tidStart = at;
    let tgidStart = -1;
    if (at > start && line[at - 1] === SLASH) {
      at = backOverNumber(line, start, at - 1);
      if (at === tidStart - 1) return true;
      tgidStart = at;
    }
    if (at > start && line[at - 1] !== SPACE) return true;
    const numbers = this.#numbers;
    this.tid = numbers.integer(line, tidStart, numberEnd);
    if (tgidStart >= 0) this.tgid = numbers.integer(line, tgidStart, numberEnd);
    this.hasTid = true;
    this.commEnd = Math.max(commStart, backOverSpaces(line, start, at));
    return true;
  }
}

/** Start of the number, with its sign, that ends at `from`; `from` when there is none. */
function backOverNumber(line: Uint8Array, start: number, from: number): number {
  let at = backOverDigits(line, start, from);
  if (at < from && at > start && line[at - 1] === MINUS) at -= 1;
  return at;
}
