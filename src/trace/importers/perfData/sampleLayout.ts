import type { RecordBytes } from '../tracepoint/recordBytes.js';
import { ReadFormat, Sample, type PerfAttr } from './perfAttr.js';

/** A field that the records of an event do not have. */
export const NOWHERE = -1;

/** Bytes of `struct perf_event_header`: u32 type, u16 misc, u16 size. */
export const HEADER_BYTES = 8;

/** Bytes of the record at `at`, with its header. */
export function recordSize(records: RecordBytes, at: number): number {
  const miscAndSize = records.int32(at + 4);
  return records.isLittle ? miscAndSize >>> 16 : miscAndSize & 0xffff;
}

/** Fields of 8 bytes in the order in which a sample has them (PERF_RECORD_SAMPLE in perf_event.h). */
const FIXED_FIELDS = [
  Sample.Identifier,
  Sample.Ip,
  Sample.Tid,
  Sample.Time,
  Sample.Addr,
  Sample.Id,
  Sample.StreamId,
  Sample.Cpu,
  Sample.Period,
];

/** … and in which the trailer of other records has them (`struct sample_id`). */
const TRAILER_FIELDS = [Sample.Tid, Sample.Time, Sample.Id, Sample.StreamId, Sample.Cpu, Sample.Identifier];

/** Where the parts of an event's records lie: in samples from their beginning, in the others back from their end. */
export class SampleLayout {
  readonly idAt: number;
  readonly tidAt: number;
  readonly timeAt: number;
  readonly cpuAt: number;
  /** Bytes up to the end of the fields of fixed size. */
  readonly fixedBytes: number;
  /** Whether counters, and callers, come before the raw data. */
  readonly hasRead: boolean;
  readonly hasCallchain: boolean;
  readonly hasRaw: boolean;
  /** Bytes before the end of the record; 0: the trailer does not have it. */
  readonly trailerBytes: number;
  readonly timeFromEnd: number;
  readonly cpuFromEnd: number;
  readonly idFromEnd: number;
  readonly #readFormat: number;
  readonly #isLittle: boolean;

  constructor({ sampleType, readFormat, hasTrailers }: PerfAttr, isLittle: boolean) {
    const place = (field: number) => fieldAt(sampleType, field);
    this.idAt = (sampleType & Sample.Identifier) !== 0 ? HEADER_BYTES : place(Sample.Id);
    this.tidAt = place(Sample.Tid);
    this.timeAt = place(Sample.Time);
    this.cpuAt = place(Sample.Cpu);
    this.fixedBytes = HEADER_BYTES + 8 * FIXED_FIELDS.filter((bit) => (sampleType & bit) !== 0).length;
    this.hasRaw = (sampleType & Sample.Raw) !== 0;
    const trailer = hasTrailers ? sampleType : 0;
    this.trailerBytes = fromEnd(trailer, TRAILER_FIELDS[0]!, true);
    this.timeFromEnd = fromEnd(trailer, Sample.Time);
    this.cpuFromEnd = fromEnd(trailer, Sample.Cpu);
    this.idFromEnd = fromEnd(trailer, Sample.Identifier) || fromEnd(trailer, Sample.Id);
    this.#readFormat = readFormat;
    this.hasRead = (sampleType & Sample.Read) !== 0;
    this.hasCallchain = (sampleType & Sample.Callchain) !== 0;
    this.#isLittle = isLittle;
  }

  /**
   * Where the raw data (u32 size, bytes) of the sample `[at, end)` begin; NOWHERE when it has none or what comes
   * before does not fit. What may come behind (stacks, registers, …) does not matter.
   */
  rawAt({ view }: RecordBytes, at: number, end: number): number {
    if (!this.hasRaw) return NOWHERE;
    let raw = at + this.fixedBytes;
    if (this.hasRead) raw = this.#behindRead(view, raw, end);
    if (this.hasCallchain) raw = this.#behindCounted(view, raw, end, 0, 8);
    return raw + 4 <= end ? raw : NOWHERE;
  }

  /** One counter, or of a group: how many there are, times, and the counters. */
  #behindRead(view: DataView, at: number, end: number): number {
    const format = this.#readFormat;
    const times =
      ((format & ReadFormat.TotalTimeEnabled) === 0 ? 0 : 8) +
      ((format & ReadFormat.TotalTimeRunning) === 0 ? 0 : 8);
    const counter = 8 + ((format & ReadFormat.Id) === 0 ? 0 : 8) + ((format & ReadFormat.Lost) === 0 ? 0 : 8);
    if ((format & ReadFormat.Group) === 0) return at + counter + times;
    return this.#behindCounted(view, at, end, times, counter);
  }

  /** Behind a u64 count, `more` bytes, and that many elements; past `end` when they do not fit. */
  #behindCounted(view: DataView, at: number, end: number, more: number, elementBytes: number): number {
    if (at + 8 > end) return end;
    const low = view.getUint32(this.#isLittle ? at : at + 4, this.#isLittle);
    const high = view.getUint32(this.#isLittle ? at + 4 : at, this.#isLittle);
    // A record has 64 KiB at most.
    if (high !== 0 || low > 8192) return end;
    return at + 8 + more + low * elementBytes;
  }
}

function fieldAt(sampleType: number, field: number): number {
  if ((sampleType & field) === 0) return NOWHERE;
  let at = HEADER_BYTES;
  for (const bit of FIXED_FIELDS) {
    if (bit === field) break;
    if ((sampleType & bit) !== 0) at += 8;
  }
  return at;
}

/** Bytes from a field's beginning to the end of the trailer; with `isWhole` of the trailer itself. */
function fromEnd(sampleType: number, field: number, isWhole = false): number {
  if (!isWhole && (sampleType & field) === 0) return 0;
  const later = TRAILER_FIELDS.slice(TRAILER_FIELDS.indexOf(field));
  return 8 * later.filter((bit) => (sampleType & bit) !== 0).length;
}
