/**
 * A trace.dat of version 6 from pages of the kernel's ring buffer, as `per_cpu/cpuN/trace_pipe_raw` gives them: nothing is
 * decoded, so that all of the recording is in the file. Layout: ../importers/traceDat/headVersion6.ts; sources:
 * trace-cmd.dat.v6.5, trace-output.c of trace-cmd.
 */
import type { HeaderPage } from '../importers/tracepoint/headerPage.js';

/** What a trace.dat tells besides the events; texts are those of tracefs files. */
export interface TraceDatContent extends HeaderPage {
  readonly isLittleEndian: boolean;
  /** `events/header_page`, `events/header_event`. */
  readonly headerPage: Uint8Array;
  readonly headerEvent: Uint8Array;
  /** `format` files by system. */
  readonly formats: ReadonlyMap<string, readonly Uint8Array[]>;
  /** Lines `1234 comm`, as in `saved_cmdlines`. */
  readonly comms: Uint8Array;
  /** `Linux 6.18.0 x86_64` */
  readonly uname: string;
  /** `[local] global …` */
  readonly traceClock: string;
  /** `per_cpu/cpuN/stats` by CPU. */
  readonly stats: ReadonlyMap<number, string>;
  /** From CPU 0 on, without gaps. */
  readonly cpus: readonly CpuPages[];
}

/** The pages of one CPU. */
export interface CpuPages {
  /** A multiple of the size of a page. */
  readonly sizeBytes: number;
  pieces(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const OPTION = { cpuStat: 2, traceClock: 4, uname: 5 } as const;
/** Data begin at whole pages, which readers map. */
const ALIGNED_BYTES = 4096;

/** The file in pieces. Throws a RangeError when a CPU has other bytes than it said. */
export async function* traceDatPieces(content: TraceDatContent): AsyncGenerator<Uint8Array> {
  const alignedBytes = Math.max(ALIGNED_BYTES, content.pageBytes);
  const clock = encoder.encode(content.traceClock);
  const head = headOf(content);
  const tableBytes = 10 + content.cpus.length * 16 + 8 + clock.length;
  const writer = new BinaryWriter(content.isLittleEndian).text('flyrecord\0');
  let dataAt = roundUp(head.length + tableBytes, alignedBytes);
  for (const { sizeBytes } of content.cpus) {
    writer.u64(dataAt).u64(sizeBytes);
    dataAt = roundUp(dataAt + sizeBytes, alignedBytes);
  }
  const table = writer.sized(clock).finished();
  yield head;
  yield table;
  let at = head.length + table.length;
  for (const [cpu, pages] of content.cpus.entries()) {
    yield new Uint8Array(roundUp(at, alignedBytes) - at);
    at = roundUp(at, alignedBytes);
    let bytes = 0;
    for await (const piece of pages.pieces()) {
      bytes += piece.length;
      yield piece;
    }
    if (bytes !== pages.sizeBytes) {
      throw new RangeError(`CPU ${cpu} has ${bytes} bytes of pages instead of ${pages.sizeBytes}.`);
    }
    at += bytes;
  }
}

function headOf(content: TraceDatContent): Uint8Array {
  const { isLittleEndian, longBytes, pageBytes, formats } = content;
  const writer = new BinaryWriter(isLittleEndian)
    .bytes(Uint8Array.of(0x17, 0x08, 0x44))
    .text('tracing6\0')
    .bytes(Uint8Array.of(Number(!isLittleEndian), longBytes))
    .u32(pageBytes);
  writer.text('header_page\0').sized(content.headerPage);
  writer.text('header_event\0').sized(content.headerEvent);
  // No formats of tracers, which make no events here; then those of events.
  writer.u32(0).u32(formats.size);
  for (const [system, texts] of formats) {
    writer.text(`${system}\0`).u32(texts.length);
    for (const text of texts) writer.sized(text);
  }
  // No kernel symbols, no printk formats.
  writer.u32(0).u32(0).sized(content.comms).u32(content.cpus.length);
  writer.text('options  \0');
  writer.option(OPTION.uname, content.uname).option(OPTION.traceClock, content.traceClock);
  for (const [cpu, text] of [...content.stats].sort(([a], [b]) => a - b)) {
    writer.option(OPTION.cpuStat, `CPU: ${cpu}\n${text}`);
  }
  return writer.u16(0).finished();
}

const encoder = new TextEncoder();

function roundUp(bytes: number, multiple: number): number {
  return Math.ceil(bytes / multiple) * multiple;
}

class BinaryWriter {
  readonly #parts: Uint8Array[] = [];

  constructor(private readonly isLittleEndian: boolean) {}

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  text(text: string): this {
    return this.bytes(encoder.encode(text));
  }

  u16(value: number): this {
    const view = new DataView(new ArrayBuffer(2));
    view.setUint16(0, value, this.isLittleEndian);
    return this.bytes(new Uint8Array(view.buffer));
  }

  u32(value: number): this {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, value, this.isLittleEndian);
    return this.bytes(new Uint8Array(view.buffer));
  }

  u64(value: number): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value), this.isLittleEndian);
    return this.bytes(new Uint8Array(view.buffer));
  }

  /** Bytes behind their number. */
  sized(bytes: Uint8Array): this {
    return this.u64(bytes.length).bytes(bytes);
  }

  /** A text with its end. */
  option(id: number, text: string): this {
    const bytes = encoder.encode(`${text}\0`);
    return this.u16(id).u32(bytes.length).bytes(bytes);
  }

  finished(): Uint8Array {
    const whole = new Uint8Array(this.#parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
