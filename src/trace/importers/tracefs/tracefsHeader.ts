/**
 * What stands before the payload of a line of tracefs text. Three shapes:
 *
 *       stress-ng-2657    [001] d..2.  5630.878559: sched_switch: …          (trace, trace_pipe; flags optional)
 *            bash-10274   (  10274) [000] dNh3.  2178.873570: sched_wakeup: … (with record-tgid)
 *     bash-10274     0dNh3. 2178873570us : sched_wakeup: …                   (latency-format)
 *
 * Sources: trace_print_context and trace_print_lat_context in the kernel's kernel/trace/trace_output.c.
 */
import {
  CLOSE_BRACKET,
  CLOSE_PARENTHESIS,
  COLON,
  DOT,
  MINUS,
  NumberReader,
  OPEN_BRACKET,
  OPEN_PARENTHESIS,
  SPACE,
  backOverDigits,
  backOverSpaces,
  isDigit,
  skipDigits,
  skipSpaces,
} from '../text/bytes.js';

const LETTER_U = 0x75;
const LETTER_S = 0x73;

/** The comm takes 16 columns, a dash and the pid 6 at least, a space 1. */
const FIRST_BRACKET_COLUMN = 23;

/** The parts of a header as positions and numbers; overwritten by each line. */
export class TracefsHeader {
  readonly #numbers = new NumberReader();
  commStart = 0;
  commEnd = 0;
  pid = 0;
  /** -1: not told. */
  tgid = -1;
  cpu = 0;
  flagsStart = 0;
  flagsEnd = 0;
  seconds = 0;
  nanoseconds = 0;
  /** Where the event's name starts. */
  eventStart = 0;
  /** The comm is cut to 8 characters (latency format). */
  isAbbreviated = false;

  /** Reads either shape; false when the line has none. `latency` is the shape to try first. */
  read(line: Uint8Array, start: number, end: number, latency: boolean): boolean {
    return latency
      ? this.readLatency(line, start, end) || this.readPlain(line, start, end)
      : this.readPlain(line, start, end) || this.readLatency(line, start, end);
  }

  /**
   * `comm-pid [(tgid)] [cpu] [flags] s.us: `. A comm may hold brackets, and even look like a header itself: those where
   * the kernel puts the CPU are tried first, then those of text that was trimmed on its way.
   */
  readPlain(line: Uint8Array, start: number, end: number): boolean {
    const column = Math.min(end, start + FIRST_BRACKET_COLUMN);
    return (
      this.#readPlain(line, start, column, end, end) || this.#readPlain(line, start, start + 1, column, end)
    );
  }

  /** Tries the brackets in `[from, to)`. */
  #readPlain(line: Uint8Array, start: number, from: number, to: number, end: number): boolean {
    for (let at = from; at < to; at += 1) {
      if (line[at] !== OPEN_BRACKET || !isDigit(line[at + 1])) continue;
      const cpu = this.#numbers.integer(line, at + 1, end);
      if (line[this.#numbers.end] !== CLOSE_BRACKET || cpu > 65534) continue;
      this.cpu = cpu;
      if (this.#readAfterCpu(line, this.#numbers.end + 1, end) && this.#readBeforeCpu(line, start, at)) {
        this.isAbbreviated = false;
        return true;
      }
    }
    return false;
  }

  /** ` [flags] s.us: ` */
  #readAfterCpu(line: Uint8Array, from: number, end: number): boolean {
    if (line[from] !== SPACE) return false;
    let at = skipSpaces(line, from, end);
    this.flagsStart = at;
    this.flagsEnd = at;
    // Flags may begin with a digit of no meaning to us; a token without a dot-digit-colon shape is flags.
    if (!this.#readStamp(line, at, end)) {
      while (at < end && line[at] !== SPACE) at += 1;
      if (at - this.flagsStart > 8) return false;
      this.flagsEnd = at;
      if (!this.#readStamp(line, skipSpaces(line, at, end), end)) return false;
    }
    return true;
  }

  /** `5630.878559: ` with 6 or 9 digits of fraction. */
  #readStamp(line: Uint8Array, at: number, end: number): boolean {
    const numbers = this.#numbers;
    if (!isDigit(line[at])) return false;
    const seconds = numbers.integer(line, at, end);
    const dot = numbers.end;
    if (!numbers.ok || line[dot] !== DOT) return false;
    const nanoseconds = numbers.fractionNs(line, dot + 1, end);
    if (!numbers.ok || line[numbers.end] !== COLON) return false;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.eventStart = skipSpaces(line, numbers.end + 1, end);
    return true;
  }

  /** `comm-pid [(tgid)] ` before the bracket at `bracket`, read backwards. */
  #readBeforeCpu(line: Uint8Array, start: number, bracket: number): boolean {
    let at = backOverSpaces(line, start, bracket);
    this.tgid = -1;
    if (at > start && line[at - 1] === CLOSE_PARENTHESIS) {
      let open = at - 1;
      while (open > start && line[open] !== OPEN_PARENTHESIS) open -= 1;
      const digits = skipSpaces(line, open + 1, at);
      if (isDigit(line[digits])) this.tgid = this.#numbers.integer(line, digits, at);
      at = backOverSpaces(line, start, open);
    }
    return this.#readCommAndPid(line, start, at);
  }

  /** `comm-pid` ending at `end`. */
  #readCommAndPid(line: Uint8Array, start: number, end: number): boolean {
    const digits = backOverDigits(line, start, end);
    if (digits === end || digits - 1 < start || line[digits - 1] !== MINUS) return false;
    this.pid = this.#numbers.integer(line, digits, end);
    this.commStart = skipSpaces(line, start, digits - 1);
    this.commEnd = digits - 1;
    return this.#numbers.ok;
  }

  /** `comm-pid   cpuFLAGS time us mark : `, time in whole microseconds. */
  readLatency(line: Uint8Array, start: number, end: number): boolean {
    for (let at = start + 1; at + 3 < end; at += 1) {
      if (line[at] !== LETTER_U || line[at + 1] !== LETTER_S || !isDigit(line[at - 1])) continue;
      if (line[at + 3] !== COLON) continue;
      const digits = backOverDigits(line, start, at);
      if (!this.#readBeforeLatencyTime(line, start, digits)) continue;
      const microseconds = this.#numbers.integer(line, digits, at);
      this.seconds = Math.floor(microseconds / 1e6);
      this.nanoseconds = (microseconds % 1e6) * 1000;
      this.eventStart = skipSpaces(line, at + 4, end);
      this.isAbbreviated = true;
      this.tgid = -1;
      return true;
    }
    return false;
  }

  /** `comm-pid   cpuFLAGS ` ending at `end`. */
  #readBeforeLatencyTime(line: Uint8Array, start: number, end: number): boolean {
    const fused = backOverSpaces(line, start, end);
    let at = fused;
    while (at > start && line[at - 1] !== SPACE) at -= 1;
    if (at === fused || !isDigit(line[at])) return false;
    const cpu = this.#numbers.integer(line, at, fused);
    // With four flags or five the digits before them are the CPU's; a flag is a digit only at the end.
    this.flagsStart = skipDigits(line, at, fused);
    this.flagsEnd = fused;
    if (cpu > 65534) return false;
    this.cpu = cpu;
    return this.#readCommAndPid(line, start, backOverSpaces(line, start, at));
  }
}
