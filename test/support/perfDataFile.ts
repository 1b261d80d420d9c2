/** Builds perf.data files record by record, in either byte order: what no perf on this machine would write. */

export class ByteWriter {
  readonly #parts: number[] = [];

  constructor(readonly isLittle: boolean) {}

  get length(): number {
    return this.#parts.length;
  }

  number(value: number | bigint, size: number): this {
    const bytes = Array.from({ length: size }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
    return this.bytes(this.isLittle ? bytes : bytes.reverse());
  }

  u8(value: number): this {
    return this.number(value, 1);
  }

  u16(value: number): this {
    return this.number(value, 2);
  }

  u32(value: number): this {
    return this.number(value, 4);
  }

  u64(value: number | bigint): this {
    return this.number(value, 8);
  }

  bytes(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#parts.push(byte);
    return this;
  }

  /** Text, padded with NUL to `size` bytes. */
  text(text: string, size = text.length): this {
    return this.bytes(new TextEncoder().encode(text.padEnd(size, '\0')));
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#parts);
  }
}

export interface AttrSpec {
  readonly tracepoint?: number;
  readonly sampleType: number;
  readonly readFormat?: number;
  readonly ids?: readonly number[];
  readonly hasTrailers?: boolean;
  /** Of the attribute: 64 bytes or more. */
  readonly sizeBytes?: number;
}

export interface FileSpec {
  readonly isLittle?: boolean;
  readonly attrs: readonly AttrSpec[];
  readonly records: readonly Uint8Array[];
  /** Undefined: those of sched_switch (100) and sched_waking (101). */
  readonly tracingData?: Uint8Array | undefined;
  readonly features?: ReadonlyMap<number, Uint8Array>;
  /** As the header tells it; undefined: right. */
  readonly dataSize?: number;
}

export const SWITCH_ID = 100;
export const WAKING_ID = 101;

/** 1 IP, 2 TID, 4 TIME, 0x80 CPU, 0x400 RAW, 0x10000 IDENTIFIER. */
export const USUAL_SAMPLE = 0x10487;

export function record(isLittle: boolean, type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(isLittle)
    .u32(type)
    .u16(0)
    .u16(8 + body.length)
    .bytes(body)
    .done();
}

function attrBytes(isLittle: boolean, spec: AttrSpec): Uint8Array {
  const size = spec.sizeBytes ?? 112;
  const writer = new ByteWriter(isLittle)
    .u32(spec.tracepoint === undefined ? 1 : 2)
    .u32(size)
    .u64(spec.tracepoint ?? 0)
    .u64(1)
    .u64(spec.sampleType)
    .u64(spec.readFormat ?? 0);
  // sample_id_all: bit 18 of a bit field, which begins at the other end of each byte on big-endian machines.
  const flags = [0, 0, spec.hasTrailers === false ? 0 : isLittle ? 0x04 : 0x20, 0, 0, 0, 0, 0];
  return writer
    .bytes(flags)
    .bytes(new Uint8Array(size - 48))
    .done();
}

export function perfFile(spec: FileSpec): Uint8Array {
  const isLittle = spec.isLittle ?? true;
  const { attrs } = spec;
  const ids = attrs.map((attr) => attr.ids ?? []);
  const attrSize = (attrs[0]?.sizeBytes ?? 112) + 16;
  const idsBytes = 8 * ids.flat().length;
  const attrsAt = 104 + idsBytes;
  const dataAt = attrsAt + attrs.length * attrSize;
  const data = spec.records.reduce((sum, { length }) => sum + length, 0);
  const features = new Map(spec.features);
  const tracingData = 'tracingData' in spec ? spec.tracingData : tracingDataOf(isLittle);
  if (tracingData !== undefined) features.set(1, tracingData);
  const kept = [...features].sort(([a], [b]) => a - b);
  const writer = new ByteWriter(isLittle).u64(0x32454c4946524550n).u64(104).u64(attrSize);
  writer.u64(attrsAt).u64(attrs.length * attrSize);
  writer.u64(dataAt).u64(spec.dataSize ?? data);
  writer.u64(0).u64(0);
  for (let word = 0; word < 4; word += 1) {
    writer.u64(
      kept.filter(([bit]) => bit >> 6 === word).reduce((bits, [bit]) => bits | (1n << BigInt(bit & 63)), 0n),
    );
  }
  for (const id of ids.flat()) writer.u64(id);
  let idsAt = 104;
  attrs.forEach((attr, i) => {
    writer
      .bytes(attrBytes(isLittle, attr))
      .u64(idsAt)
      .u64(8 * ids[i]!.length);
    idsAt += 8 * ids[i]!.length;
  });
  for (const bytes of spec.records) writer.bytes(bytes);
  let at = dataAt + data + 16 * kept.length;
  for (const [, { length }] of kept) {
    writer.u64(at).u64(length);
    at += length;
  }
  for (const [, bytes] of kept) writer.bytes(bytes);
  return writer.done();
}

/** As `perf record -o -` writes it. */
export function perfPipe({ isLittle = true, attrs, records }: FileSpec): Uint8Array {
  const writer = new ByteWriter(isLittle).u64(0x32454c4946524550n).u64(16);
  for (const attr of attrs) {
    const body = new ByteWriter(isLittle).bytes(attrBytes(isLittle, attr));
    for (const id of attr.ids ?? []) body.u64(id);
    writer.bytes(record(isLittle, 64, body.done()));
  }
  const tracingData = tracingDataOf(isLittle);
  writer.bytes(record(isLittle, 66, new ByteWriter(isLittle).u32(tracingData.length).u32(0).done()));
  writer.bytes(tracingData);
  for (const bytes of records) writer.bytes(bytes);
  return writer.done();
}

/** Raw data of sched_switch: `prev` is put to sleep for `next`. */
export function switchData(isLittle: boolean, prev: number, next: number): Uint8Array {
  return common(isLittle, SWITCH_ID, prev)
    .text(`task-${prev}`, 16)
    .u32(prev)
    .u32(120)
    .u64(1)
    .text(`task-${next}`, 16)
    .u32(next)
    .u32(110)
    .done();
}

export function wakingData(isLittle: boolean, waker: number, woken: number): Uint8Array {
  return common(isLittle, WAKING_ID, waker).text(`task-${woken}`, 16).u32(woken).u32(110).u32(3).done();
}

function common(isLittle: boolean, id: number, pid: number): ByteWriter {
  return new ByteWriter(isLittle).u16(id).u8(1).u8(2).u32(pid);
}

const COMMON = `	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

`;

const FORMATS = [
  `name: sched_switch
ID: ${SWITCH_ID}
format:
${COMMON}	field:char prev_comm[16];	offset:8;	size:16;	signed:0;
	field:pid_t prev_pid;	offset:24;	size:4;	signed:1;
	field:int prev_prio;	offset:28;	size:4;	signed:1;
	field:long prev_state;	offset:32;	size:8;	signed:1;
	field:char next_comm[16];	offset:40;	size:16;	signed:0;
	field:pid_t next_pid;	offset:56;	size:4;	signed:1;
	field:int next_prio;	offset:60;	size:4;	signed:1;

print fmt: ""
`,
  `name: sched_waking
ID: ${WAKING_ID}
format:
${COMMON}	field:char comm[16];	offset:8;	size:16;	signed:0;
	field:pid_t pid;	offset:24;	size:4;	signed:1;
	field:int prio;	offset:28;	size:4;	signed:1;
	field:int target_cpu;	offset:32;	size:4;	signed:1;

print fmt: ""
`,
];

export function tracingDataOf(isLittle: boolean, formats: readonly string[] = FORMATS): Uint8Array {
  const writer = new ByteWriter(isLittle)
    .bytes([0x17, 0x08, 0x44])
    .text('tracing0.6\0')
    .u8(isLittle ? 0 : 1)
    .u8(8)
    .u32(4096);
  writer.text('header_page\0').u64(5).text('page\n').text('header_event\0').u64(6).text('event\n');
  writer.u32(0).u32(1).text('sched\0').u32(formats.length);
  for (const format of formats) writer.u64(format.length).text(format);
  return writer.u32(0).u32(0).u64(7).text('77 sam\n').done();
}

export const SECOND = 1_000_000_000;
export const SWITCHES: AttrSpec = { tracepoint: SWITCH_ID, sampleType: USUAL_SAMPLE, ids: [5, 6] };
export const WAKINGS: AttrSpec = { tracepoint: WAKING_ID, sampleType: USUAL_SAMPLE, ids: [7, 8] };
export const ATTRS = [SWITCHES, WAKINGS];

/** A sample as USUAL_SAMPLE says, with the id first. */
export function sample(
  id: number,
  ns: number,
  cpu: number,
  tid: number,
  raw: Uint8Array,
  isLittle = true,
): Uint8Array {
  const body = new ByteWriter(isLittle).u64(id).u64(0xffff).u32(tid).u32(tid).u64(ns).u32(cpu).u32(0);
  return record(isLittle, 9, body.u32(raw.length).bytes(raw).done());
}

export function switchAt(ns: number, cpu: number, prev: number, next: number, isLittle = true): Uint8Array {
  return sample(5, ns, cpu, prev, switchData(isLittle, prev, next), isLittle);
}

/** LOST with the trailer of USUAL_SAMPLE: tid, time, CPU, identifier. */
export function lostAt(ns: number, cpu: number, count: number, isLittle = true): Uint8Array {
  const body = new ByteWriter(isLittle).u64(5).u64(count).u64(0).u64(ns).u32(cpu).u32(0).u64(5);
  return record(isLittle, 2, body.done());
}

export function commAt(ns: number, tid: number, comm: string): Uint8Array {
  const body = new ByteWriter(true).u32(tid).u32(tid).text(comm, 16);
  return record(true, 3, body.u64(0).u64(ns).u64(0).u64(5).done());
}

export const ROUND = record(true, 68, new Uint8Array(0));
