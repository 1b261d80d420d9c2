import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { Failure } from '../../base/errors.js';
import type { Digest } from '../artifacts/digest.js';
import { explainFullDisk } from '../artifacts/fullDisk.js';
import type { EventClass } from './collection.js';
import type { RecordingSink } from './streamedRun.js';

const NEWLINE = 0x0a;
/** What stands before the header, such as bpftrace's `Attaching 2 probes...`, is shorter. */
const MAX_PREAMBLE_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 64 * 1024;
/** `Lost 12 events` and its like. */
const MAX_COUNT_BYTES = 64;

/** What lines are counted by. */
export interface LineClasses {
  /** In the order in which they are shown. */
  readonly names: readonly string[];
  /** The name for a line without its end. */
  readonly nameOf: (line: Buffer, header: string) => string;
}

export interface LinesOptions {
  /** How the first line of the recording begins; lines before it are left out. Empty: the recording begins at once. */
  readonly header: string;
  /** Whether a line, without its end, is an event. */
  readonly isEvent: (line: Buffer) => boolean;
  /** Left out: they are of one kind. */
  readonly classes?: LineClasses;
  /**
   * The name before `: N` in a line that tells how many events there were, which comes last and is left out; lines that
   * lack then are lost. Left out: nothing counts them but the lines.
   */
  readonly total?: string;
}

/** A recording of lines. Reports `Lost N events` between them are counted and left out. */
export class LinesSink implements RecordingSink {
  events = 0;
  /** As counted where they were made; null: not told, or not yet. */
  total: number | null = null;
  #toldLost = 0;
  readonly lostByCpu = new Map<number, number>();
  readonly #counts = new Map<string, number>();
  #header = '';
  readonly #hash = createHash('sha256');
  #sizeBytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #preambleBytes = 0;
  #isBegun: boolean;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly options: LinesOptions,
  ) {
    this.#isBegun = options.header === '';
  }

  get lostEvents(): number {
    return this.total === null ? this.#toldLost : Math.max(0, this.total - this.events);
  }

  get classes(): readonly EventClass[] | null {
    const { classes } = this.options;
    return classes?.names.map((name) => ({ name, events: this.#counts.get(name) ?? 0 })) ?? null;
  }

  /** The file must not exist. */
  static async create(path: string, options: LinesOptions): Promise<LinesSink> {
    return new LinesSink(path, await open(path, 'wx', 0o666), options);
  }

  /** Failures: `bad-input` (not such lines), `write-failed`. */
  async write(chunk: Buffer): Promise<void> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const parts: Buffer[] = [];
    let from = 0;
    let at = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, at);
      if (newline < 0) break;
      if (!this.#isKept(bytes.subarray(at, newline))) {
        if (at > from) parts.push(bytes.subarray(from, at));
        from = newline + 1;
      }
      at = newline + 1;
    }
    if (at > from) parts.push(bytes.subarray(from, at));
    this.#rest = Buffer.from(bytes.subarray(at));
    if (this.#rest.length > MAX_LINE_BYTES) {
      throw new Failure('bad-input', `a line of more than ${MAX_LINE_BYTES} bytes arrived.`);
    }
    for (const part of parts) await this.#append(part);
  }

  /** A last line without its end is cut off: it is left out. */
  async finish(): Promise<Digest> {
    if (!this.#isBegun) throw new Failure('bad-input', `no line begins with ${this.options.header}.`);
    await this.handle.sync();
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') };
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }

  #isKept(line: Buffer): boolean {
    if (!this.#isBegun) {
      const { header } = this.options;
      if (line.toString('latin1', 0, header.length) === header) {
        this.#isBegun = true;
        this.#header = line.toString('latin1').trimEnd();
        return true;
      }
      this.#preambleBytes += line.length + 1;
      if (this.#preambleBytes > MAX_PREAMBLE_BYTES) {
        throw new Failure('bad-input', `what arrived does not begin with ${header}.`);
      }
      return false;
    }
    if (this.options.isEvent(line)) {
      this.events += 1;
      this.#count(line);
      return true;
    }
    if (line.length === 0) return false;
    const text = line.length < MAX_COUNT_BYTES ? line.toString('latin1').trimEnd() : '';
    const lost = /^Lost (\d{1,15}) events?$/.exec(text);
    const told = /^(\S+): (\d{1,15})$/.exec(text);
    if (lost !== null) this.#toldLost += Number(lost[1]);
    else if (told !== null && told[1] === this.options.total) this.total = Number(told[2]);
    else return true;
    return false;
  }

  #count(line: Buffer): void {
    const name = this.options.classes?.nameOf(line, this.#header);
    if (name !== undefined) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  async #append(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    try {
      for (let at = 0; at < bytes.length;) at += (await this.handle.write(bytes, at)).bytesWritten;
    } catch (error) {
      throw explainFullDisk(error, this.path, this.#sizeBytes);
    }
    this.#sizeBytes += bytes.length;
  }
}
