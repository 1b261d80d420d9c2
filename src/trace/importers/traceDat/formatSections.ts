/**
 * The parts of trace.dat that both versions have alike (trace-cmd.dat.v6.5 and v7.5, trace-cmd's trace-input.c):
 *
 *     headers        "header_page\0" u64 size, text · "header_event\0" u64 size, text
 *     ftrace events  u32 count, each u64 size, text
 *     event formats  u32 systems, each: name\0, u32 count, each u64 size, text
 *     comms          u64 size, text: `1234 comm\n`
 */
import { NEWLINE } from '../text/bytes.js';
import { eventTypeOf } from '../../model/eventType.js';
import { parseEventFormat, type EventFormat } from '../tracepoint/eventFormat.js';
import { parseHeaderPage } from '../tracepoint/headerPage.js';
import type { ByteCursor } from './byteCursor.js';

/** No `format` file of a kernel is near this. */
const MAX_FORMAT_BYTES = 1024 * 1024;
/** A kernel has one of each event. */
const MAX_FORMATS = 64;
/** saved_cmdlines has at most a line of 24 bytes for each pid there can be. */
const MAX_COMMS_BYTES = 128 * 1024 * 1024;

/** The size of the kernel's `long`. */
export function readLongBytes(cursor: ByteCursor): number {
  cursor.part = 'the description of its pages';
  if (cursor.name() !== 'header_page') cursor.fail('"header_page" is missing');
  const page = cursor.text(checkedFormatSize(cursor));
  if (cursor.name() !== 'header_event') cursor.fail('"header_event" is missing');
  cursor.skip(checkedFormatSize(cursor));
  const longBytes = parseHeaderPage(page)?.longBytes;
  return longBytes ?? cursor.fail('the page header has another form than is known');
}

export function skipFtraceEvents(cursor: ByteCursor): void {
  cursor.part = 'the formats of the tracers';
  const count = cursor.u32();
  for (let i = 0; i < count; i += 1) cursor.skip(checkedFormatSize(cursor));
}

/** The formats of scheduler events; all others are passed over. */
export function readSchedFormats(cursor: ByteCursor, formats: EventFormat[]): void {
  cursor.part = 'the formats of the events';
  const systems = cursor.u32();
  for (let system = 0; system < systems; system += 1) {
    const isSched = cursor.name() === 'sched';
    const events = cursor.u32();
    for (let event = 0; event < events; event += 1) {
      const size = checkedFormatSize(cursor);
      if (!isSched) cursor.skip(size);
      else {
        const format = parseEventFormat(cursor.text(size));
        if (format === undefined || eventTypeOf(format.name) === undefined) continue;
        if (formats.length < MAX_FORMATS) formats.push(format);
      }
    }
  }
}

export function readComms(cursor: ByteCursor, comms: Map<number, Uint8Array>): void {
  cursor.part = 'the comms';
  const size = cursor.size();
  if (size > MAX_COMMS_BYTES) cursor.fail(`they are said to take ${size} bytes`);
  parseComms(cursor.bytes(size), comms);
}

const SPACE = 0x20;
const ZERO = 0x30;
/** TASK_COMM_LEN is 16; names of kernel threads can be told in full by newer kernels. */
const MAX_COMM_BYTES = 64;

/** Lines `1234 comm`, as in `saved_cmdlines`. */
export function parseComms(text: Uint8Array, comms: Map<number, Uint8Array>): void {
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf(NEWLINE, at);
    const end = newline < 0 ? text.length : newline;
    let pid = 0;
    let i = at;
    for (; i < end && text[i]! >= ZERO && text[i]! < ZERO + 10; i += 1) pid = pid * 10 + text[i]! - ZERO;
    const isLine = i > at && i - at < 10 && text[i] === SPACE && end - i - 1 <= MAX_COMM_BYTES;
    if (isLine && end > i + 1) comms.set(pid, text.slice(i + 1, end));
    at = end + 1;
  }
}

function checkedFormatSize(cursor: ByteCursor): number {
  const size = cursor.size();
  if (size > MAX_FORMAT_BYTES) cursor.fail(`a description there is said to take ${size} bytes`);
  return size;
}
