/**
 * The kernel's own description of an event's binary layout: `events/<system>/<event>/format` of tracefs, which
 * trace.dat, perf.data and SchedViz collections carry along. Source: kernel/trace/trace_events.c (f_show).
 *
 *     name: sched_wakeup
 *     ID: 374
 *     format:
 *     	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
 *     	…
 *     	field:char comm[16];	offset:8;	size:16;	signed:0;
 *     	field:__data_loc char[] comm;	offset:8;	size:4;	signed:0;
 *
 *     print fmt: "comm=%s pid=%d prio=%d target_cpu=%03d", REC->comm, …
 */

export interface FormatField {
  readonly name: string;
  readonly type: string;
  /** Bytes from the beginning of the record. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly isSigned: boolean;
  /**
   * `fixed`: the bytes are the value. `dataLoc`: 4 bytes, offset (low half) and length (high half) of the value, the
   * offset from the record's beginning; `relLoc`: the same from the end of the field.
   */
  readonly storage: 'fixed' | 'dataLoc' | 'relLoc';
  /** Elements, for `char comm[16]`; undefined where it is no array of fixed length. */
  readonly arrayLength: number | undefined;
}

export interface EventFormat {
  readonly name: string;
  readonly id: number;
  readonly fields: ReadonlyMap<string, FormatField>;
  /** What follows `print fmt:`. */
  readonly printFormat: string;
}

/** No record is larger than the largest ring buffer page (`MAX_PAGE_BYTES` of ringBuffer.ts). */
const MAX_RECORD_BYTES = 1024 * 1024;

/** Characters of a field's line; a longer one is none, and would be slow to search. */
const MAX_LINE = 512;

/** Reads one `format` file; undefined when it is not one. */
export function parseEventFormat(text: string): EventFormat | undefined {
  const name = /^name:[ \t]*(\S+)/m.exec(text)?.[1];
  const id = /^ID:[ \t]*(\d{1,9})/m.exec(text)?.[1];
  if (name === undefined || id === undefined) return undefined;
  const fields = new Map<string, FormatField>();
  for (const line of text.split('\n')) {
    const field = parseField(line);
    if (field !== undefined) fields.set(field.name, field);
    if (line.startsWith('print fmt:')) break;
  }
  const printFormat = /^print fmt:[ \t]*(.*)/ms.exec(text)?.[1] ?? '';
  return { name, id: Number(id), fields, printFormat };
}

const FIELD = /^\s*field:\s*([^;]*);\s*offset:\s*(\d+);\s*size:\s*(\d+);(?:\s*signed:\s*([01]);)?/;

/** One `field:` line; also those of `events/header_page`. Undefined when it is none, or lies outside any record. */
export function parseField(line: string): FormatField | undefined {
  const match = line.length > MAX_LINE ? null : FIELD.exec(line);
  if (match === null) return undefined;
  const [, declaration = '', offsetText, sizeText, signedText] = match;
  const offset = Number(offsetText);
  const sizeBytes = Number(sizeText);
  if (offset + sizeBytes > MAX_RECORD_BYTES) return undefined;
  // `type name`, `type name[N]`, `__data_loc type[] name`; the name is the last word.
  const parts = /^(.*?)([A-Za-z_]\w*)\s*(?:\[(\w*)\])?\s*$/s.exec(declaration.trim());
  if (parts === null) return undefined;
  const [, typeText = '', name = '', lengthText] = parts;
  const type = typeText.trim();
  const storage = type.startsWith('__data_loc')
    ? 'dataLoc'
    : type.startsWith('__rel_loc')
      ? 'relLoc'
      : 'fixed';
  const length = lengthText === undefined || lengthText === '' ? NaN : Number(lengthText);
  return {
    name,
    type,
    offset,
    sizeBytes,
    isSigned: signedText === '1',
    storage,
    arrayLength: Number.isInteger(length) ? length : undefined,
  };
}
