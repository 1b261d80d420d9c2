/**
 * The feature "tracing data": the kernel's descriptions of the recorded tracepoints. Source: tools/perf/util/
 * trace-event-info.c. All numbers in the byte order of the recording machine:
 *
 *     17 08 44 "tracing" · version "0.6\0" · u8 big-endian · u8 bytes of a long · u32 page size
 *     "header_page\0" u64 size, text · "header_event\0" u64 size, text
 *     u32 count of { u64 size, format }                                       formats of the tracer's own events
 *     u32 count of { system "\0", u32 count of { u64 size, format } }         those of the systems: sched, …
 *     u32 size, kallsyms · u32 size, printk formats · from 0.6 on: u64 size, lines "pid comm"
 */
import { parseEventFormat, type EventFormat } from '../tracepoint/eventFormat.js';
import { BytesReader } from './bytesReader.js';

const MAGIC = [0x17, 0x08, 0x44, ...Array.from('tracing', (character) => character.charCodeAt(0))];

export interface TracingData {
  /** Of the system `sched`. */
  readonly formats: readonly EventFormat[];
  /** Numbers of the tracepoints of other systems. */
  readonly otherIds: readonly number[];
  /** Names that the tracer knew of threads, as bytes. */
  readonly comms: ReadonlyMap<number, Uint8Array>;
  /** False: it breaks off, or is not what it should be. */
  readonly isComplete: boolean;
}

/** Reads what there is of it. */
export function readTracingData(bytes: Uint8Array): TracingData {
  const reader = new BytesReader(bytes, true);
  const formats: EventFormat[] = [];
  const otherIds: number[] = [];
  const comms = new Map<number, Uint8Array>();
  const magic = reader.take(MAGIC.length);
  if (!MAGIC.every((byte, i) => magic[i] === byte)) return { formats, otherIds, comms, isComplete: false };
  const version = text(reader.toNul());
  reader.isLittle = reader.u8() === 0;
  reader.u8();
  reader.u32();
  for (const name of ['header_page', 'header_event']) {
    if (text(reader.toNul()) !== name) return { formats, otherIds, comms, isComplete: false };
    reader.take(Number(reader.u64()));
  }
  readSystem(reader, () => undefined);
  const systems = reader.u32();
  for (let i = 0; i < systems && reader.isComplete; i += 1) {
    const isSched = text(reader.toNul()) === 'sched';
    readSystem(reader, (format) => {
      if (isSched) {
        const parsed = parseEventFormat(text(format));
        if (parsed !== undefined) formats.push(parsed);
      } else {
        const id = /^ID:[ \t]*(\d{1,9})/m.exec(text(format.subarray(0, 256)))?.[1];
        if (id !== undefined) otherIds.push(Number(id));
      }
    });
  }
  // What follows is a help at most: comms of threads that no record names.
  const { isComplete } = reader;
  reader.take(reader.u32());
  reader.take(reader.u32());
  if (version >= '0.6') readComms(reader.take(Number(reader.u64())), comms);
  return { formats, otherIds, comms, isComplete };
}

function readSystem(reader: BytesReader, onFormat: (format: Uint8Array) => void): void {
  const count = reader.u32();
  for (let i = 0; i < count && reader.isComplete; i += 1) onFormat(reader.take(Number(reader.u64())));
}

/** Lines `1234 comm`. */
function readComms(lines: Uint8Array, comms: Map<number, Uint8Array>): void {
  for (let at = 0; at < lines.length;) {
    const newline = lines.indexOf(0x0a, at);
    const end = newline < 0 ? lines.length : newline;
    const line = lines.subarray(at, end);
    const space = line.indexOf(0x20);
    const pid = space <= 0 ? NaN : Number(text(line.subarray(0, space)));
    if (Number.isInteger(pid)) comms.set(pid, line.slice(space + 1));
    at = end + 1;
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
