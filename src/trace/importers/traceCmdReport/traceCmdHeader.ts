/**
 * What stands before the payload of a line of `trace-cmd report`:
 *
 *                 bash-7853  [001]  2193.087465: sched_switch:         …    time with six digits, or nine (-t)
 *                 bash-7853  [001]2193087464713: sched_switch:         …    --raw-ts, or a clock that counts no time
 *                 bash-7853  [001]  2193.087554: (+89)    sched_switch: …   --ts-diff
 *         bash-7853    1d..2.  2193.087465: sched_switch:         …         -l: comm cut to 8, CPU fused with flags
 *     kworker/-1460    4-0x1   2193.087465: sched_switch:          …        -l -R: the flags as a number
 *     anch3:             bash-7853  [001]  2193.087465: …                   of a buffer, or of one of several files
 *
 * Source: trace_show_data and print_handle_file in trace-cmd's tracecmd/trace-read.c. The comm is padded to its width
 * on the left (16, or 8 with -l), and what stands before that names the buffer; the width of the names is the same in
 * all lines. A comm may hold brackets, colons, dashes and numbers.
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
  textOf,
} from '../text/bytes.js';

const PLUS = 0x2b;
const COMM_WIDTH = 16;
const SHORT_COMM_WIDTH = 8;
/** `comm-pid [` takes 24 columns and more, so that no bracket further left is the CPU's. */
const BRACKET_COLUMN = 23;
/** Behind these many bytes a header is over: names of files before it may be long. */
const MAX_HEADER = 512;
/** `2d..1.`, `2-0x1`, or fused with a raw time as well: `2d..1.2193087464713`. */
const CPU_AND_FLAGS = /^(\d+)(?:-(0x[\da-f]+)|([^\d\s]\S{3,7}))?$/;
const CPU_FLAGS_AND_TIME = /^(\d+)([^\d\s]\S{4})(\d+)$/;

/** The parts of a header as positions and numbers; overwritten by each line. */
export class TraceCmdHeader {
  readonly #numbers = new NumberReader();
  /** Bytes in which the buffer or file is named; 0 for a report of one buffer. */
  prefixWidth = 0;
  /** Its name; empty for the buffer that has none. */
  sourceStart = 0;
  sourceEnd = 0;
  commStart = 0;
  commEnd = 0;
  pid = 0;
  cpu = 0;
  flagsStart = 0;
  flagsEnd = 0;
  seconds = 0;
  nanoseconds = 0;
  nameStart = 0;
  nameEnd = 0;
  payloadStart = 0;
  /** The comm is cut to 8 characters (`-l`). */
  isAbbreviated = false;
  /** The time is a whole number, in the unit of the recording's clock. */
  isRawTime = false;
  /** A `(+89)` stands before the name. */
  hasDifference = false;

  /** False when the line has no such header. */
  read(line: Uint8Array, start: number, end: number): boolean {
    const limit = Math.min(end, start + MAX_HEADER);
    const column = start + this.prefixWidth + BRACKET_COLUMN;
    // All lines of a report are of one shape: first the one of the line before.
    const wasShort = this.isAbbreviated;
    return (
      (wasShort && this.#short(line, start, limit, end)) ||
      this.#plain(line, start, column, limit, end) ||
      (!wasShort && this.#short(line, start, limit, end)) ||
      // Text that was trimmed on its way has everything further left.
      this.#plain(line, start, start + 1, Math.min(limit, column), end)
    );
  }

  /** `comm-pid [cpu] time: name:`; each bracket from `from` on is tried. */
  #plain(line: Uint8Array, start: number, from: number, limit: number, end: number): boolean {
    const numbers = this.#numbers;
    for (let at = from; at < limit; at += 1) {
      if (line[at] !== OPEN_BRACKET || !isDigit(line[at + 1])) continue;
      const cpu = numbers.integer(line, at + 1, end);
      if (line[numbers.end] !== CLOSE_BRACKET || cpu > 65534) continue;
      if (!this.#timeAndName(line, skipSpaces(line, numbers.end + 1, end), end)) continue;
      if (!this.#beforeCpu(line, start, at, COMM_WIDTH)) continue;
      this.cpu = cpu;
      this.flagsStart = this.flagsEnd = at;
      this.isAbbreviated = false;
      return true;
    }
    return false;
  }

  /** `comm-pid   cpuFLAGS time: name:`; each colon that may be the time's is tried. */
  #short(line: Uint8Array, start: number, limit: number, end: number): boolean {
    for (let colon = start + 1; colon < limit; colon += 1) {
      if (line[colon] !== COLON || line[colon + 1] !== SPACE || !isDigit(line[colon - 1])) continue;
      let token = colon;
      while (token > start && line[token - 1] !== SPACE) token -= 1;
      const isFused = !/^\d+(?:\.\d+)?$/.test(textOf(line, token, colon));
      const before = backOverSpaces(line, start, token);
      const fused = isFused ? token : backOverToken(line, start, before);
      const stamp = this.#cpuAndFlags(line, fused, isFused ? colon : before, isFused);
      if (stamp < 0 || !this.#timeAndName(line, isFused ? stamp : token, end)) continue;
      if (!this.#beforeCpu(line, start, fused, SHORT_COMM_WIDTH)) continue;
      this.isAbbreviated = true;
      return true;
    }
    return false;
  }

  /** Reads `[at, end)`; the position behind the flags, or -1. */
  #cpuAndFlags(line: Uint8Array, at: number, end: number, withTime: boolean): number {
    if (end - at > 64) return -1;
    const text = textOf(line, at, end);
    const parts = (withTime ? CPU_FLAGS_AND_TIME : CPU_AND_FLAGS).exec(text);
    if (parts === null) return -1;
    this.cpu = Number(parts[1]);
    const flags = parts[1]!.length;
    this.flagsStart = at + flags + (line[at + flags] === MINUS ? 1 : 0);
    this.flagsEnd = withTime ? end - parts[3]!.length : end;
    return this.cpu > 65534 ? -1 : this.flagsEnd;
  }

  /** `2193.087465: (+89)    sched_switch:    `, from the first digit on. */
  #timeAndName(line: Uint8Array, at: number, end: number): boolean {
    const numbers = this.#numbers;
    if (!isDigit(line[at])) return false;
    const whole = numbers.integer(line, at, end);
    if (!numbers.ok) return false;
    this.isRawTime = line[numbers.end] !== DOT;
    if (this.isRawTime) {
      this.seconds = Math.floor(whole / 1e9);
      this.nanoseconds = whole % 1e9;
    } else {
      this.seconds = whole;
      this.nanoseconds = numbers.fractionNs(line, numbers.end + 1, end);
    }
    if (!numbers.ok || line[numbers.end] !== COLON || line[numbers.end + 1] !== SPACE) return false;
    return this.#name(line, this.#difference(line, skipSpaces(line, numbers.end + 1, end), end), end);
  }

  /** Skips `(+89)` and the spaces behind it. */
  #difference(line: Uint8Array, at: number, end: number): number {
    this.hasDifference = false;
    if (line[at] !== OPEN_PARENTHESIS || line[at + 1] !== PLUS) return at;
    const close = skipDigits(line, line[at + 2] === MINUS ? at + 3 : at + 2, end);
    if (line[close] !== CLOSE_PARENTHESIS) return at;
    this.hasDifference = true;
    return skipSpaces(line, close + 1, end);
  }

  #name(line: Uint8Array, at: number, end: number): boolean {
    let nameEnd = at;
    while (nameEnd < end && line[nameEnd] !== COLON && line[nameEnd] !== SPACE) nameEnd += 1;
    if (nameEnd === at || nameEnd === end || line[nameEnd] !== COLON) return false;
    this.nameStart = at;
    this.nameEnd = nameEnd;
    this.payloadStart = skipSpaces(line, nameEnd + 1, end);
    return true;
  }

  /** `source: comm-pid ` ending at `end`, read backwards. */
  #beforeCpu(line: Uint8Array, start: number, end: number, commWidth: number): boolean {
    const pidEnd = backOverSpaces(line, start, end);
    const pidStart = backOverDigits(line, start, pidEnd);
    const dash = pidStart - 1;
    if (pidStart === pidEnd || dash < start || line[dash] !== MINUS) return false;
    this.pid = this.#numbers.integer(line, pidStart, pidEnd);
    if (!this.#numbers.ok) return false;
    const prefixEnd = this.#source(line, start, Math.max(start, dash - commWidth));
    this.commStart = skipSpaces(line, prefixEnd, dash);
    this.commEnd = dash;
    return true;
  }

  /** Reads the name in `[start, end)`; where the comm's columns begin. */
  #source(line: Uint8Array, start: number, end: number): number {
    const name = skipSpaces(line, start, end);
    this.sourceStart = this.sourceEnd = start;
    this.prefixWidth = end - start;
    if (name === end) return end;
    if (line[end - 1] === SPACE && line[end - 2] === COLON) {
      this.sourceStart = name;
      this.sourceEnd = end - 2;
      return end;
    }
    // A comm that is wider than its columns.
    this.prefixWidth = 0;
    return start;
  }
}

function backOverToken(line: Uint8Array, start: number, from: number): number {
  let at = from;
  while (at > start && line[at - 1] !== SPACE) at -= 1;
  return at;
}
