/**
 * perf.data as perf writes it to a pipe, made into one as it writes it to a disk while it arrives: `perf sched`, which is
 * what such recordings are for, reads only the latter. Sources: tools/perf/util/header.c (perf_session__write_header,
 * perf_header__adds_write, the synthesised records of a pipe) and tools/perf/Documentation/perf.data-file-format.txt.
 *
 *     pipe: "PERFILE2" u64 16 · records, among them attributes (64), features (80), tracing data (66)
 *     file: header of 104 bytes · the other records · table of features · features · ids · attributes
 */
import { open, type FileHandle } from 'node:fs/promises';
import { Failure } from '../../base/errors.js';
import { digestOfFile, type Digest } from '../artifacts/digest.js';
import { explainFullDisk } from '../artifacts/fullDisk.js';
import { PerfParts } from './perfParts.js';
import type { RecordingSink } from './streamedRun.js';

const PIPE_HEADER_BYTES = 16;
const FILE_HEADER_BYTES = 104;
const RECORD_HEADER_BYTES = 8;
/** The descriptions of all tracepoints of a kernel are some MB. */
const MAX_TRACING_DATA_BYTES = 64 * 1024 * 1024;

const LOST = 2;
const SAMPLE = 9;
const LOST_SAMPLES = 13;
const HEADER_ATTR = 64;
const HEADER_TRACING_DATA = 66;
const HEADER_FEATURE = 80;

export class PerfFileWriter implements RecordingSink {
  events = 0;
  lostEvents = 0;
  readonly lostByCpu = new Map<number, number>();
  /** Bytes of a last record that did not arrive whole. */
  cutBytes = 0;

  readonly #parts = new PerfParts();
  #rest: Buffer = Buffer.alloc(0);
  #isLittle = true;
  #isBegun = false;
  /** Bytes of tracing data that are still to come, and what of them came. */
  #tracingBytesLeft = 0;
  readonly #tracing: Buffer[] = [];
  #at = FILE_HEADER_BYTES;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** The file must not exist. Failures: `write-failed`. */
  static async create(path: string): Promise<PerfFileWriter> {
    return new PerfFileWriter(path, await open(path, 'wx', 0o666));
  }

  /**
   * Takes what perf printed next.
   * Failures: `bad-input` (this is no perf.data), `write-failed`.
   */
  async write(chunk: Buffer): Promise<void> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    if (!this.#isBegun) {
      if (bytes.length < PIPE_HEADER_BYTES) {
        this.#rest = bytes;
        return;
      }
      this.#begin(bytes);
      bytes = bytes.subarray(PIPE_HEADER_BYTES);
    }
    const records: Buffer[] = [];
    const done = this.#take(bytes, records);
    // A copy: what is kept must not hold the whole chunk.
    this.#rest = Buffer.from(bytes.subarray(done));
    for (const part of records) await this.#append(part);
  }

  /** Completes the file. Failures: `bad-input` (it has no events), `write-failed`. */
  async finish(): Promise<Digest> {
    if (!this.#isBegun || this.#parts.attrs.length === 0) {
      throw new Failure('bad-input', 'perf ended before it described its events: nothing was recorded.');
    }
    this.cutBytes = this.#rest.length;
    if (this.#tracing.length > 0) this.#parts.addFeature(1, Buffer.concat(this.#tracing));
    const dataEnd = this.#at;
    const { tail, header } = this.#parts.layOut(this.#isLittle, FILE_HEADER_BYTES, dataEnd);
    await this.#append(tail);
    await this.#writeAt(header, 0);
    await this.handle.sync();
    await this.handle.close();
    return digestOfFile(this.path);
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }

  #begin(bytes: Buffer): void {
    const magic = bytes.toString('latin1', 0, 8);
    this.#isLittle = magic === 'PERFILE2';
    const isPipe =
      (this.#isLittle || magic === '2ELIFREP') &&
      this.#u32(bytes, this.#isLittle ? 8 : 12) === PIPE_HEADER_BYTES;
    if (!isPipe) throw new Failure('bad-input', 'What perf printed does not begin as perf.data for a pipe.');
    this.#isBegun = true;
  }

  /** Sorts whole records into parts and `records`. Returns how many bytes were used. */
  #take(bytes: Buffer, records: Buffer[]): number {
    let at = 0;
    /** Where the records begin that are to be written as they are, one behind the other. */
    let from = 0;
    const flush = () => {
      if (at > from) records.push(bytes.subarray(from, at));
    };
    while (at < bytes.length) {
      if (this.#tracingBytesLeft > 0) {
        const part = bytes.subarray(at, at + this.#tracingBytesLeft);
        this.#tracing.push(Buffer.from(part));
        this.#tracingBytesLeft -= part.length;
        at += part.length;
        from = at;
        continue;
      }
      if (at + RECORD_HEADER_BYTES > bytes.length) break;
      const size = this.#u16(bytes, at + 6);
      if (size < RECORD_HEADER_BYTES) {
        throw new Failure('bad-input', `perf sent a record of ${size} bytes: what arrived is damaged.`);
      }
      if (at + size > bytes.length) break;
      if (this.#isPart(bytes, at, at + size)) {
        flush();
        from = at + size;
      }
      at += size;
    }
    flush();
    return at;
  }

  /** Whether the record belongs to the file's header instead of its data. */
  #isPart(bytes: Buffer, at: number, end: number): boolean {
    const body = at + RECORD_HEADER_BYTES;
    switch (this.#u32(bytes, at)) {
      case SAMPLE:
        this.events += 1;
        return false;
      case LOST:
        if (body + 16 <= end) this.#countLoss(bytes, body + 8, end);
        return false;
      case LOST_SAMPLES:
        if (body + 8 <= end) this.#countLoss(bytes, body, end);
        return false;
      case HEADER_ATTR:
        this.#parts.addAttr(bytes.subarray(body, end), this.#isLittle);
        return true;
      case HEADER_FEATURE:
        if (body + 8 < end) this.#parts.addFeature(this.#u64(bytes, body), bytes.subarray(body + 8, end));
        return true;
      case HEADER_TRACING_DATA:
        this.#tracingBytesLeft = body + 4 <= end ? this.#u32(bytes, body) : 0;
        if (this.#tracingBytesLeft > MAX_TRACING_DATA_BYTES) {
          throw new Failure(
            'bad-input',
            'perf describes its events in more than 64 MB: what arrived is damaged.',
          );
        }
        return true;
      default:
        return false;
    }
  }

  #countLoss(bytes: Buffer, at: number, end: number): void {
    const lost = this.#u64(bytes, at);
    if (!Number.isSafeInteger(lost)) return;
    this.lostEvents += lost;
    const cpuFromEnd = this.#parts.cpuFromEnd;
    if (cpuFromEnd === undefined || end - cpuFromEnd < at + 8) return;
    const cpu = this.#u32(bytes, end - cpuFromEnd);
    this.lostByCpu.set(cpu, (this.lostByCpu.get(cpu) ?? 0) + lost);
  }

  async #append(bytes: Buffer): Promise<void> {
    await this.#writeAt(bytes, this.#at);
    this.#at += bytes.length;
  }

  async #writeAt(bytes: Buffer, position: number): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, position + at);
        at += bytesWritten;
      }
    } catch (error) {
      throw explainFullDisk(error, this.path, this.#at);
    }
  }

  #u16(bytes: Buffer, at: number): number {
    return this.#isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #u64(bytes: Buffer, at: number): number {
    return Number(this.#isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  }
}
