import { NEWLINE, textOf } from '../text/bytes.js';

const COMMA = 0x2c;
const QUOTE = 0x22;
const CARRIAGE_RETURN = 0x0d;
/** No file that is read here has nearly as many columns. */
const MAX_FIELDS = 256;

/** The fields of one line of comma-separated values (RFC 4180), as positions: no string is made. */
export class CsvFields {
  /** Where the positions lie: the line's own bytes, or others when quotes had to be taken out. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly starts = new Int32Array(MAX_FIELDS);
  readonly ends = new Int32Array(MAX_FIELDS);
  count = 0;

  text(field: number): string {
    return textOf(this.bytes, this.starts[field]!, this.ends[field]!);
  }

  /**
   * Reads the line at `start` and returns where the next one starts; -1 when it holds a quote or does not end within
   * the bytes.
   */
  readUnquoted(bytes: Uint8Array, start: number): number {
    const { starts, ends } = this;
    const { length } = bytes;
    let field = 0;
    starts[0] = start;
    for (let at = start; at < length; at += 1) {
      const byte = bytes[at]!;
      if (byte > COMMA) continue;
      if (byte === COMMA) {
        ends[field] = at;
        field += 1;
        if (field === MAX_FIELDS) return -1;
        starts[field] = at + 1;
      } else if (byte === QUOTE) return -1;
      else if (byte === NEWLINE) {
        ends[field] = at > starts[field]! && bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at;
        this.count = field + 1;
        this.bytes = bytes;
        return at + 1;
      }
    }
    return -1;
  }

  /**
   * Reads a whole line, without its line end. False when a quoted field does not end in this line, something stands
   * behind its closing quote, or the line has absurdly many fields.
   */
  read(line: Uint8Array, start: number, end: number): boolean {
    // Quotes are dropped, so what is left is never longer.
    const bytes = new Uint8Array(end - start);
    let length = 0;
    let field = 0;
    let at = start;
    for (;;) {
      if (field === MAX_FIELDS) return false;
      this.starts[field] = length;
      const isQuoted = line[at] === QUOTE && at < end;
      if (isQuoted) at += 1;
      let isOpen = isQuoted;
      while (at < end && (isOpen || line[at] !== COMMA)) {
        if (isOpen && line[at] === QUOTE) {
          if (line[at + 1] !== QUOTE || at + 1 >= end) {
            isOpen = false;
            at += 1;
            if (at < end && line[at] !== COMMA) return false;
            continue;
          }
          at += 1;
        }
        bytes[length++] = line[at++]!;
      }
      if (isOpen) return false;
      this.ends[field] = length;
      field += 1;
      if (at >= end) break;
      at += 1;
    }
    this.bytes = bytes;
    this.count = field;
    return true;
  }
}
