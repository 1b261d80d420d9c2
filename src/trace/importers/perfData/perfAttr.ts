/**
 * `struct perf_event_attr` of include/uapi/linux/perf_event.h, of any size from 64 bytes on: what of it decides how
 * the records look.
 *
 *     0 type u32 · 4 size u32 · 8 config u64 · 16 period u64 · 24 sample_type u64 · 32 read_format u64 · 40 flags u64
 *     · … · 92 clockid s32 (from 96 bytes on)
 */

/** Bits of `sample_type`, as far as they lie before the raw data of a sample or in the trailer of a record. */
export const Sample = {
  Ip: 1 << 0,
  Tid: 1 << 1,
  Time: 1 << 2,
  Addr: 1 << 3,
  Read: 1 << 4,
  Callchain: 1 << 5,
  Id: 1 << 6,
  Cpu: 1 << 7,
  Period: 1 << 8,
  StreamId: 1 << 9,
  Raw: 1 << 10,
  Identifier: 1 << 16,
} as const;

/** Bits of `read_format`. */
export const ReadFormat = {
  TotalTimeEnabled: 1 << 0,
  TotalTimeRunning: 1 << 1,
  Id: 1 << 2,
  Group: 1 << 3,
  Lost: 1 << 4,
} as const;

const TRACEPOINT = 2;
const SAMPLE_ID_ALL_BIT = 18;
const USE_CLOCKID_BIT = 25;
const CLOCKID_AT = 92;

/** PERF_ATTR_SIZE_VER0: the first kernel's. */
export const MIN_ATTR_BYTES = 64;
/** Today's have some 140 bytes; one of this size is damage. */
export const MAX_ATTR_BYTES = 4096;

export interface PerfAttr {
  /** Tracepoint number, as in the `ID:` of its format; undefined: no tracepoint. */
  readonly tracepoint: number | undefined;
  readonly sampleType: number;
  readonly readFormat: number;
  /** Whether other records than samples end with time, CPU, … too. */
  readonly hasTrailers: boolean;
  /** Number of the POSIX clock asked for with `-k`; undefined: perf's own clock. */
  readonly clockId: number | undefined;
  /** Numbers by which records name this event, one a CPU or thread. Exact below 2^53. */
  readonly ids: readonly number[];
}

/** Size of the attribute at `at` as it tells itself, 0 standing for the first kernel's; undefined when it cannot be. */
export function attrBytes(view: DataView, at: number, isLittle: boolean): number | undefined {
  if (at + MIN_ATTR_BYTES > view.byteLength) return undefined;
  const told = view.getUint32(at + 4, isLittle);
  const size = told === 0 ? MIN_ATTR_BYTES : told;
  return size >= MIN_ATTR_BYTES && size <= MAX_ATTR_BYTES && at + size <= view.byteLength ? size : undefined;
}

/** Reads the attribute of `size` bytes at `at`; the caller has checked that they are there. */
export function readAttr(
  view: DataView,
  at: number,
  size: number,
  isLittle: boolean,
  ids: readonly number[],
): PerfAttr {
  const isTracepoint = view.getUint32(at, isLittle) === TRACEPOINT;
  const hasClock = size >= CLOCKID_AT + 4 && hasFlag(view, at, USE_CLOCKID_BIT, isLittle);
  return {
    tracepoint: isTracepoint ? readU64(view, at + 8, isLittle) : undefined,
    sampleType: low32(view, at + 24, isLittle),
    readFormat: low32(view, at + 32, isLittle),
    hasTrailers: hasFlag(view, at, SAMPLE_ID_ALL_BIT, isLittle),
    clockId: hasClock ? view.getInt32(at + CLOCKID_AT, isLittle) : undefined,
    ids,
  };
}

/** Bit fields begin at the lowest bit of a byte on little-endian machines and at the highest on big-endian ones. */
function hasFlag(view: DataView, at: number, bit: number, isLittle: boolean): boolean {
  const byte = view.getUint8(at + 40 + (bit >> 3));
  return ((byte >> (isLittle ? bit & 7 : 7 - (bit & 7))) & 1) === 1;
}

/** Exact below 2^53. */
export function readU64(view: DataView, at: number, isLittle: boolean): number {
  const first = view.getUint32(at, isLittle);
  const second = view.getUint32(at + 4, isLittle);
  return isLittle ? second * 2 ** 32 + first : first * 2 ** 32 + second;
}

function low32(view: DataView, at: number, isLittle: boolean): number {
  return view.getUint32(at + (isLittle ? 0 : 4), isLittle);
}
