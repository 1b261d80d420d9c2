/**
 * Writes trace.dat of versions 6 and 7: any byte order, long, compression, with several buffers. Layouts:
 * src/trace/importers/traceDat/headVersion6.ts and headVersion7.ts.
 */
import { execFileSync } from 'node:child_process';
import { deflateSync } from 'node:zlib';
import {
  HEADER_EVENT_TEXT,
  headerPageText,
  ringBufferPages,
  type PageOptions,
  type RawEvent,
} from './ringBufferWriter.js';
import { schedFormats, type WrittenFormat } from './schedFormats.js';

export interface WrittenBuffer {
  readonly name: string;
  readonly clock?: string;
  /** Pages by CPU number. */
  readonly cpus: readonly Uint8Array[];
}

export interface DatOptions extends PageOptions {
  readonly version: 6 | 7;
  readonly compression: 'none' | 'zlib' | 'zstd';
  readonly comms?: readonly (readonly [pid: number, comm: string])[];
  /** Beside those that say where things are. */
  readonly options?: readonly (readonly [id: number, data: Uint8Array])[];
  /** Texts of `format` files by system, in place of the usual ones. */
  readonly formats?: readonly WrittenFormat[];
  readonly headerPage?: string;
}

export const DEFAULT_DAT: DatOptions = {
  version: 6,
  isLittleEndian: true,
  longBytes: 8,
  pageBytes: 4096,
  compression: 'none',
};

const FTRACE_FORMAT = `name: print
ID: 5
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long ip;	offset:8;	size:8;	signed:0;
	field:char buf[];	offset:16;	size:0;	signed:0;

print fmt: "%ps: %s", (void *)REC->ip, REC->buf
`;

/** A buffer from the events of each CPU. */
export function bufferOf(
  eventsByCpu: readonly (readonly RawEvent[])[],
  options: DatOptions,
  name = '',
): WrittenBuffer {
  const formats = schedFormats(options.longBytes);
  return { name, cpus: eventsByCpu.map((events) => ringBufferPages(events, formats, options)) };
}

export function writeTraceDat(buffers: readonly WrittenBuffer[], options: DatOptions): Uint8Array {
  return options.version === 6 ? version6(buffers, options) : version7(buffers, options);
}

/** The text of an option, with its end. */
export function textOption(id: number, text: string): readonly [number, Uint8Array] {
  return [id, new TextEncoder().encode(`${text}\0`)];
}

class Writer {
  #parts: Uint8Array[] = [];
  at = 0;

  constructor(readonly isLittleEndian: boolean) {}

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.at += bytes.length;
    return this;
  }

  number(value: number | bigint, size: 1 | 2 | 4 | 8): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value), this.isLittleEndian);
    return this.bytes(new Uint8Array(view.buffer, this.isLittleEndian ? 0 : 8 - size, size));
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  /** A text after its size. */
  sized(text: string, sizeBytes: 4 | 8): this {
    const bytes = new TextEncoder().encode(text);
    return this.number(bytes.length, sizeBytes).bytes(bytes);
  }

  /** Fills up to a multiple. */
  align(multiple: number): this {
    return this.bytes(new Uint8Array((multiple - (this.at % multiple)) % multiple));
  }

  finished(): Uint8Array {
    const whole = new Uint8Array(this.at);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

function start(options: DatOptions): Writer {
  const { isLittleEndian, longBytes, pageBytes, version } = options;
  return new Writer(isLittleEndian)
    .bytes(Uint8Array.of(0x17, 0x08, 0x44))
    .text(`tracing${version}\0`)
    .number(Number(!isLittleEndian), 1)
    .number(longBytes, 1)
    .number(pageBytes, 4);
}

function headers(options: DatOptions): Uint8Array {
  return new Writer(options.isLittleEndian)
    .text('header_page\0')
    .sized(options.headerPage ?? headerPageText(options), 8)
    .text('header_event\0')
    .sized(HEADER_EVENT_TEXT, 8)
    .finished();
}

function ftraceEvents({ isLittleEndian }: DatOptions): Uint8Array {
  return new Writer(isLittleEndian).number(1, 4).sized(FTRACE_FORMAT, 8).finished();
}

function eventFormats({ isLittleEndian, longBytes, formats }: DatOptions): Uint8Array {
  const all = formats ?? [...schedFormats(longBytes).values()];
  const systems = [...new Set(all.map(({ system }) => system))];
  const writer = new Writer(isLittleEndian).number(systems.length, 4);
  for (const system of systems) {
    const events = all.filter((each) => each.system === system);
    writer.text(`${system}\0`).number(events.length, 4);
    for (const { text } of events) writer.sized(text, 8);
  }
  return writer.finished();
}

function commLines({ comms = [] }: DatOptions): string {
  return comms.map(([pid, comm]) => `${pid} ${comm}\n`).join('');
}

function writeOptions(writer: Writer, options: readonly (readonly [number, Uint8Array])[]): Writer {
  for (const [id, data] of options) writer.number(id, 2).number(data.length, 4).bytes(data);
  return writer;
}

const KALLSYMS = 'ffffffff81000000 T _stext\n';
const BUFFER_OPTION = 3;

function version6(buffers: readonly WrittenBuffer[], options: DatOptions): Uint8Array {
  const [top, ...instances] = buffers as [WrittenBuffer, ...WrittenBuffer[]];
  // Where the instances and the data lie is known once the length of all before is: written twice.
  let places: Places = {
    instances: instances.map(() => 0),
    data: buffers.map(({ cpus }) => cpus.map(() => 0)),
  };
  const layOut = () => {
    const next: Places = { instances: [], data: [] };
    const writer = start(options)
      .bytes(headers(options))
      .bytes(ftraceEvents(options))
      .bytes(eventFormats(options))
      .sized(KALLSYMS, 4)
      .sized('', 4)
      .sized(commLines(options), 8)
      .number(top.cpus.length, 4)
      .text('options  \0');
    const own = instances.map(({ name }, i): [number, Uint8Array] => [
      BUFFER_OPTION,
      new Writer(options.isLittleEndian).number(places.instances[i]!, 8).text(`${name}\0`).finished(),
    ]);
    writeOptions(writer, [...(options.options ?? []), ...own]).number(0, 2);
    const table = ({ cpus }: WrittenBuffer, index: number) => {
      writer.text('flyrecord\0');
      cpus.forEach((pages, cpu) => writer.number(places.data[index]![cpu]!, 8).number(pages.length, 8));
    };
    const pagesOf = ({ cpus }: WrittenBuffer) => {
      next.data.push(
        cpus.map((pages) => {
          writer.align(options.pageBytes);
          const { at } = writer;
          writer.bytes(pages);
          return at;
        }),
      );
    };
    table(top, 0);
    if (top.clock !== undefined) writer.sized(`[${top.clock}]\n`, 8);
    pagesOf(top);
    instances.forEach((instance, i) => {
      next.instances.push(writer.at);
      table(instance, i + 1);
      pagesOf(instance);
    });
    places = next;
    return writer.finished();
  };
  layOut();
  return layOut();
}

interface Places {
  readonly instances: number[];
  readonly data: number[][];
}

const SECTIONS = {
  options: 0,
  buffer: 3,
  headers: 16,
  ftrace: 17,
  formats: 18,
  kallsyms: 19,
  printk: 20,
  comms: 21,
};
const PAGES_IN_CHUNK = 10;

function version7(buffers: readonly WrittenBuffer[], options: DatOptions): Uint8Array {
  const { isLittleEndian, compression } = options;
  const version = { none: '', zlib: '1.2.13', zstd: '1.5.4' }[compression];
  const before = start(options).text(`${compression}\0${version}\0`).finished();
  // What comes before and the offset are put in at the end.
  const body = new Writer(isLittleEndian).bytes(new Uint8Array(before.length + 8));
  const isCompressed = compression !== 'none';
  const places: [number, Uint8Array][] = [];
  const section = (id: number, content: Uint8Array) => {
    places.push([id, new Writer(isLittleEndian).number(body.at, 8).finished()]);
    const stored = isCompressed ? block(content, options) : content;
    body.number(id, 2).number(Number(isCompressed), 2).number(0, 4).number(stored.length, 8).bytes(stored);
  };
  section(SECTIONS.headers, headers(options));
  section(SECTIONS.ftrace, ftraceEvents(options));
  section(SECTIONS.formats, eventFormats(options));
  section(SECTIONS.kallsyms, new Writer(isLittleEndian).sized(KALLSYMS, 4).finished());
  section(SECTIONS.printk, new Writer(isLittleEndian).sized('', 4).finished());
  section(SECTIONS.comms, new Writer(isLittleEndian).sized(commLines(options), 8).finished());
  const bufferOptions = buffers.map(
    (buffer) => [BUFFER_OPTION, bufferSection(body, buffer, options)] as const,
  );
  // Two sections of options, the second with the buffers, as trace-cmd has them.
  const second = optionSection(body, bufferOptions, 0);
  const cpuCount = new Writer(isLittleEndian).number(buffers[0]!.cpus.length, 4).finished();
  const first = optionSection(body, [...(options.options ?? []), ...places, [8, cpuCount]], second);
  const head = new Writer(isLittleEndian).bytes(before).number(first, 8);
  const bodyBytes = body.finished();
  return head.bytes(bodyBytes.subarray(head.at)).finished();
}

/** Its offset. */
function optionSection(
  body: Writer,
  options: readonly (readonly [number, Uint8Array])[],
  next: number,
): number {
  const { at } = body;
  const done = new Writer(body.isLittleEndian).number(next, 8).finished();
  const content = writeOptions(new Writer(body.isLittleEndian), [...options, [0, done]]).finished();
  body.number(SECTIONS.options, 2).number(0, 2).number(0, 4).number(content.length, 8).bytes(content);
  return at;
}

/** The buffer's BUFFER option. */
function bufferSection(body: Writer, { name, clock, cpus }: WrittenBuffer, options: DatOptions): Uint8Array {
  const isCompressed = options.compression !== 'none';
  const option = new Writer(body.isLittleEndian)
    .number(body.at, 8)
    .text(`${name}\0${clock ?? 'local'}\0`)
    .number(options.pageBytes, 4)
    .number(cpus.length, 4);
  const stored = cpus.map((pages) => (isCompressed ? chunks(pages, options) : pages));
  const size = stored.reduce((sum, { length }) => sum + length, 0);
  body.number(SECTIONS.buffer, 2).number(Number(isCompressed), 2).number(0, 4).number(size, 8);
  stored.forEach((data, cpu) => {
    body.align(options.pageBytes);
    // trace-cmd does not count the number of chunks.
    const sizeBytes = isCompressed && data.length > 0 ? data.length - 4 : data.length;
    option.number(cpu, 4).number(body.at, 8).number(sizeBytes, 8);
    body.bytes(data);
  });
  return option.finished();
}

function chunks(pages: Uint8Array, options: DatOptions): Uint8Array {
  if (pages.length === 0) return pages;
  const chunkBytes = PAGES_IN_CHUNK * options.pageBytes;
  const writer = new Writer(options.isLittleEndian).number(Math.ceil(pages.length / chunkBytes), 4);
  for (let at = 0; at < pages.length; at += chunkBytes)
    writer.bytes(block(pages.subarray(at, at + chunkBytes), options));
  return writer.finished();
}

/** Size of the block, size expanded, block. */
function block(content: Uint8Array, { isLittleEndian, compression }: DatOptions): Uint8Array {
  const stored = compression === 'zlib' ? deflateSync(content) : zstd(content);
  return new Writer(isLittleEndian)
    .number(stored.length, 4)
    .number(content.length, 4)
    .bytes(stored)
    .finished();
}

function zstd(content: Uint8Array): Uint8Array {
  return Uint8Array.from(
    execFileSync('zstd', ['-c', '-q', '--no-check'], { input: content, maxBuffer: 2 ** 28 }),
  );
}
