/**
 * The head of trace.dat version 7: sections anywhere in the file, found by options. Sources: trace-cmd.dat.v7.5,
 * read_headers and handle_options of trace-cmd's trace-input.c.
 *
 *     start            compression name\0, its version\0, u64 offset of the first section of options
 *     section          u16 id, u16 flags (1: compressed), u32 description, u64 size, content
 *     compressed       u32 size of the block, u32 size expanded, block
 *     options          each u16 id, u32 size, data; DONE: u64 offset of the next section of options, 0 for none
 *     BUFFER option    u64 offset of its section, name\0, clock\0, [u32 page size,] u32 CPUs,
 *                      for each u32 CPU, u64 offset, u64 size
 */
import { bytesAccess, type RandomAccess } from '../../../base/randomAccess.js';
import { messageOf } from '../../../base/errors.js';
import type { EventFormat } from '../tracepoint/eventFormat.js';
import { blockDecompressor, type BlockDecompressor } from './blockDecompressor.js';
import { ByteCursor } from './byteCursor.js';
import { readComms, readLongBytes, readSchedFormats } from './formatSections.js';
import { holdsText } from './headVersion6.js';
import { OPTION, TraceDatOptions } from './options.js';
import {
  checkedCpuCount,
  CPU_ENTRY_BYTES,
  type TraceBuffer,
  type TraceDatHead,
  type TraceDatStart,
} from './traceDatHead.js';

const COMPRESSED = 1;
/** The formats of a kernel with every driver take some megabytes. */
const MAX_SECTION_BYTES = 64 * 1024 * 1024;
/** Of all sections together. */
const MAX_EXPANDED_BYTES = 256 * 1024 * 1024;
/** Sections of options that may follow each other: one for each buffer and some. */
const MAX_OPTION_SECTIONS = 4096;

export interface HeadVersion7 extends TraceDatHead {
  /** Expands the blocks of buffers; undefined in files without compression. */
  readonly expand: BlockDecompressor | undefined;
  readonly compression: string;
}

export function readHeadVersion7(file: RandomAccess, start: TraceDatStart): HeadVersion7 {
  const cursor = new ByteCursor(file, start.isLittleEndian, start.endAt);
  const name = cursor.name();
  const version = cursor.name();
  const expand = blockDecompressor(name);
  if (expand === undefined && name !== 'none') cursor.fail(`its compression "${name}" is not known`);
  const sections = new Sections(file, start.isLittleEndian, expand);
  const options = new TraceDatOptions();
  readOptions(sections, cursor.size(), options);
  const section = (id: number, what: string) => sections.open(options.sections.get(id), id, what);
  const longBytes = readLongBytes(
    section(OPTION.HEADERS, 'the description of its pages') ?? cursor.fail('no section describes its pages'),
  );
  const formats: EventFormat[] = [];
  const formatSection = section(OPTION.EVENT_FORMATS, 'the formats of the events');
  if (formatSection !== undefined) readSchedFormats(formatSection, formats);
  const comms = new Map<number, Uint8Array>();
  const commSection = section(OPTION.COMMS, 'the comms');
  if (commSection !== undefined) readComms(commSection, comms);
  const buffers = options.buffers.map((data) => readBuffer(data, sections, start));
  if (buffers.length === 0) {
    if (options.textBuffers > 0) throw holdsText();
    cursor.fail('it tells of no recorded buffer');
  }
  const compression = name === 'none' ? name : `${name} ${version}`.trim();
  return { longBytes, formats, comms, options, buffers, expand, compression };
}

function readOptions(sections: Sections, firstOffset: number, options: TraceDatOptions): void {
  const seen = new Set<number>();
  for (let offset = firstOffset; offset !== 0 && !seen.has(offset);) {
    if (seen.size >= MAX_OPTION_SECTIONS) return;
    seen.add(offset);
    const cursor = sections.open(offset, OPTION.DONE, 'the options');
    if (cursor === undefined) return;
    offset = 0;
    while (cursor.remainingBytes >= 6) {
      const id = cursor.u16();
      const data = cursor.bytes(cursor.u32());
      if (id === OPTION.DONE) {
        if (data.length < 8) return;
        offset = new ByteCursor(bytesAccess('', data), sections.isLittleEndian).size();
        break;
      }
      options.add(id, data, sections.isLittleEndian);
    }
  }
}

function readBuffer(
  data: Uint8Array,
  sections: Sections,
  { isLittleEndian, pageBytes }: TraceDatStart,
): TraceBuffer {
  const option = new ByteCursor(bytesAccess('its BUFFER option', data), isLittleEndian);
  const offset = option.size();
  const name = option.name();
  const clock = option.name();
  // Versions before 3.1.3 do not tell a page size: what is left shows.
  const hasPageSize = (option.remainingBytes - 4) % CPU_ENTRY_BYTES[7] === 4;
  const bufferPageBytes = hasPageSize ? option.u32() : pageBytes;
  const count = checkedCpuCount(option, option.u32(), CPU_ENTRY_BYTES[7]);
  const cpus = Array.from({ length: count }, () => ({
    cpu: option.u32(),
    offset: option.size(),
    sizeBytes: option.size(),
  }));
  return { name, clock, pageBytes: bufferPageBytes, isCompressed: sections.isCompressed(offset), cpus };
}

class Sections {
  readonly isLittleEndian: boolean;
  readonly #file: RandomAccess;
  readonly #expand: BlockDecompressor | undefined;
  #expandedBytes = 0;

  constructor(file: RandomAccess, isLittleEndian: boolean, expand: BlockDecompressor | undefined) {
    this.#file = file;
    this.isLittleEndian = isLittleEndian;
    this.#expand = expand;
  }

  isCompressed(offset: number): boolean {
    const cursor = this.#at(offset, 'the head of a buffer');
    cursor.skip(2);
    return (cursor.u16() & COMPRESSED) !== 0;
  }

  /** The content of a section, expanded; undefined when the file has none of this id. */
  open(offset: number | undefined, id: number, what: string): ByteCursor | undefined {
    if (offset === undefined) return undefined;
    const cursor = this.#at(offset, what);
    if (cursor.u16() !== id) cursor.fail(`section ${id} should begin at byte ${offset}`);
    const flags = cursor.u16();
    cursor.skip(4);
    const size = cursor.size();
    if (size > Math.min(cursor.remainingBytes, MAX_SECTION_BYTES)) {
      cursor.fail(`a section of ${size} bytes should be there`);
    }
    const content = (flags & COMPRESSED) === 0 ? cursor.bytes(size) : this.#expanded(cursor);
    const opened = new ByteCursor(bytesAccess(this.#file.name, content), this.isLittleEndian);
    opened.part = `${what} (the section at byte ${offset})`;
    return opened;
  }

  #at(offset: number, what: string): ByteCursor {
    const cursor = new ByteCursor(this.#file, this.isLittleEndian, offset);
    cursor.part = what;
    return cursor;
  }

  #expanded(cursor: ByteCursor): Uint8Array {
    const blockBytes = cursor.u32();
    const sizeBytes = cursor.u32();
    if (this.#expand === undefined)
      return cursor.fail('a section is compressed, but the file says that none is');
    this.#expandedBytes += sizeBytes;
    if (sizeBytes > MAX_SECTION_BYTES || this.#expandedBytes > MAX_EXPANDED_BYTES) {
      return cursor.fail(`a section of ${sizeBytes} bytes should be there`);
    }
    const block = cursor.bytes(blockBytes);
    try {
      return this.#expand(block, sizeBytes);
    } catch (error) {
      return cursor.fail(`a section cannot be decompressed (${messageOf(error)})`);
    }
  }
}
