import { NEWLINE } from './bytes.js';
import { Failure } from '../../../base/errors.js';
import { EventRefused } from '../../model/eventRefused.js';
import type { EventStore } from '../../model/eventStore.js';
import type { ImportSession } from '../importer.js';

const CARRIAGE_RETURN = 0x0d;
/** No tracer prints longer lines; what is longer is not a line of a trace and is skipped, never gathered. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** How many unreadable lines are named one by one before only their number is told. */
const NAMED_UNREAD_LINES = 5;

/** What a text format does with its lines. */
export interface LineReader {
  /**
   * One line, without its line end: bytes `[start, end)`, 1-based number. Returns false when the line should
   * have been an event or header but cannot be read: it is counted and reported.
   */
  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean;
  /**
   * A shortcut for the usual lines: reads the line at `start` and returns where the next one starts, or -1 to leave
   * it to `line`. The bytes may end in the middle of the line: only a line whose `\n` was seen may be taken.
   */
  fast?(bytes: Uint8Array, start: number, lineNumber: number): number;
  /** After the last line. */
  end?(): void;
}

/** Cuts chunks into lines and feeds a reader; keeps count of what could not be read. */
export class LineSession implements ImportSession {
  readonly #store: Pick<EventStore, 'diagnostics'>;
  readonly #reader: LineReader;
  #carry = new Uint8Array(4096);
  #carryLength = 0;
  #lineNumber = 0;
  #skipping = false;
  #unread = 0;
  #bytesBefore = 0;
  #isCutOff = false;

  constructor(store: Pick<EventStore, 'diagnostics'>, reader: LineReader) {
    this.#store = store;
    this.#reader = reader;
  }

  /** Lines that were not read: refused by the reader, too long, or, at the end, without line end. */
  get unreadLines(): number {
    return this.#unread + (this.#isCutOff ? 1 : 0);
  }

  /** Lines so far, whole ones. */
  get lineCount(): number {
    return this.#lineNumber;
  }

  /** Whether the next byte begins a line. */
  get isAtLineStart(): boolean {
    return this.#carryLength === 0 && !this.#skipping;
  }

  /** Counts lines that were read elsewhere, or that the reader has nothing to do with. */
  passLines(count: number): void {
    this.#lineNumber += count;
  }

  push(chunk: Uint8Array): void {
    let at = this.#bytesBefore === 0 ? bytesOfMark(chunk) : 0;
    if (this.#carryLength > 0 || this.#skipping) at = this.#finishCarried(chunk, at);
    const length = chunk.length;
    while (at < length) at = this.#readLines(chunk, at);
    this.#bytesBefore += length;
  }

  /** Reads lines until the chunk's end or a line with an event that the store refuses; returns where to go on. */
  #readLines(chunk: Uint8Array, from: number): number {
    const reader = this.#reader;
    const { length } = chunk;
    let at = from;
    try {
      while (at < length) {
        if (reader.fast !== undefined) {
          const next = reader.fast(chunk, at, this.#lineNumber + 1);
          if (next > 0) {
            this.#lineNumber += 1;
            at = next;
            continue;
          }
        }
        const newline = chunk.indexOf(NEWLINE, at);
        if (newline < 0) {
          this.#keep(chunk, at, length);
          return length;
        }
        this.#emit(chunk, at, newline);
        at = newline + 1;
      }
      return length;
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      // Thrown by the shortcut, which takes whole lines only: the line end is in this chunk.
      this.#lineNumber += 1;
      this.#refuse(error);
      return chunk.indexOf(NEWLINE, at) + 1;
    }
  }

  end(): void {
    if (this.#carryLength > 0 && !this.#skipping) {
      this.#isCutOff = true;
      this.#store.diagnostics.push({
        severity: 'warning',
        message: 'The last line has no line end, so it may be cut off in the middle; it was left out.',
        line: this.#lineNumber + 1,
      });
    }
    this.#reader.end?.();
    if (this.#unread > NAMED_UNREAD_LINES) {
      this.#store.diagnostics.push({
        severity: 'warning',
        message: `${this.#unread} lines in all look like none of this format and were skipped.`,
      });
    }
  }

  #emit(bytes: Uint8Array, start: number, newline: number): void {
    const end = newline > start && bytes[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline;
    this.#lineNumber += 1;
    if (end - start > MAX_LINE_BYTES) this.#reportTooLong(this.#lineNumber);
    else this.#readOne(bytes, start, end);
  }

  #readOne(bytes: Uint8Array, start: number, end: number): void {
    try {
      if (!this.#reader.line(bytes, start, end, this.#lineNumber)) this.#reportUnread(bytes, start, end);
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      this.#refuse(error);
    }
  }

  #refuse(error: EventRefused): void {
    this.#unread += 1;
    if (this.#unread > NAMED_UNREAD_LINES) return;
    this.#store.diagnostics.push({ severity: 'warning', message: error.message, line: this.#lineNumber });
  }

  /** Completes the line whose beginning came with earlier chunks; returns where the next line starts. */
  #finishCarried(chunk: Uint8Array, from: number): number {
    const newline = chunk.indexOf(NEWLINE, from);
    if (newline < 0) {
      this.#keep(chunk, from, chunk.length);
      return chunk.length;
    }
    if (this.#skipping) {
      this.#skipping = false;
      this.#lineNumber += 1;
    } else {
      this.#append(chunk, from, newline + 1);
      const length = this.#carryLength;
      this.#carryLength = 0;
      this.#emit(this.#carry, 0, length - 1);
    }
    return newline + 1;
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    if (this.#skipping) return;
    if (this.#carryLength + end - start > MAX_LINE_BYTES) {
      this.#reportTooLong(this.#lineNumber + 1);
      this.#skipping = true;
      this.#carryLength = 0;
      return;
    }
    this.#append(chunk, start, end);
  }

  #append(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.#carryLength + end - start;
    if (needed > this.#carry.length) {
      const larger = new Uint8Array(needed * 2);
      larger.set(this.#carry.subarray(0, this.#carryLength));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(start, end), this.#carryLength);
    this.#carryLength = needed;
  }

  #reportTooLong(line: number): void {
    this.#unread += 1;
    if (this.#unread > NAMED_UNREAD_LINES) return;
    this.#store.diagnostics.push({
      severity: 'warning',
      message: 'This line is longer than 1 MiB, which no tracer prints; it was skipped.',
      line,
    });
  }

  #reportUnread(bytes: Uint8Array, start: number, end: number): void {
    this.#unread += 1;
    if (this.#unread > NAMED_UNREAD_LINES) return;
    const shown = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 80)));
    this.#store.diagnostics.push({
      severity: 'warning',
      // Control characters would garble a terminal or hide the rest of the message.
      // eslint-disable-next-line no-control-regex
      message: `This line cannot be read and was skipped: ${shown.replace(/[\u0000-\u001f\u007f]/g, '·')}`,
      line: this.#lineNumber,
    });
  }
}

/** Length of a UTF-8 byte order mark at the start. UTF-16 is refused: every tool's option for it is the same. */
function bytesOfMark(chunk: Uint8Array): number {
  if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) return 3;
  if ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff)) {
    throw new Failure(
      'bad-input',
      'This text is encoded as UTF-16. Trace tools write UTF-8: convert it, for example with "iconv -f UTF-16 -t UTF-8".',
    );
  }
  return 0;
}
