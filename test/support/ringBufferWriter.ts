/** Pages of the kernel's ring buffer, as `trace_pipe_raw` gives them: see src/trace/importers/tracepoint/ringBuffer.ts. */
import { recordOf, type FieldValue, type WrittenFormat } from './schedFormats.js';

export interface RawEvent {
  /** Time stamp in the buffer's clock. */
  readonly time: bigint;
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Events lost before this one: their number, or `unknown`. Begins a page. */
  readonly lost?: number | 'unknown';
  /** Preceded by an absolute time stamp instead of a time extend. */
  readonly isAbsolute?: boolean;
  /** Preceded by a discarded event of this many bytes. */
  readonly paddingBefore?: number;
  /** Written with its length in a word of its own, as long records are. */
  readonly hasLengthWord?: boolean;
}

export interface PageOptions {
  readonly isLittleEndian: boolean;
  readonly longBytes: 4 | 8;
  readonly pageBytes: number;
  /** Events on a page at most, to have several pages of few. */
  readonly eventsPerPage?: number;
}

const LONGEST_DELTA = 2n ** 27n - 1n;
const MISSED = 2 ** 31;
const MISSED_STORED = 2 ** 30;

export function headerPageText({ longBytes, pageBytes }: PageOptions): string {
  const dataAt = 8 + longBytes;
  return [
    '\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;',
    `\tfield: local_t commit;\toffset:8;\tsize:${longBytes};\tsigned:1;`,
    '\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;',
    `\tfield: char data;\toffset:${dataAt};\tsize:${pageBytes - dataAt};\tsigned:0;`,
    '',
  ].join('\n');
}

export const HEADER_EVENT_TEXT = `# compressed entry header
	type_len    :    5 bits
	time_delta  :   27 bits
	array       :   32 bits

	padding     : type == 29
	time_extend : type == 30
	time_stamp : type == 31
	data max type_len  == 28
`;

/** The events of one CPU, in pages. */
export function ringBufferPages(
  events: readonly RawEvent[],
  formats: ReadonlyMap<string, WrittenFormat>,
  options: PageOptions,
): Uint8Array {
  const pages: PageWriter[] = [];
  let page: PageWriter | undefined;
  for (const event of events) {
    const record = recordOf(formats.get(event.name)!, event.fields, options.isLittleEndian);
    if (page === undefined || event.lost !== undefined || !page.hasRoomFor(record, event)) {
      // Padding takes a tick.
      const startTime = event.paddingBefore === undefined ? event.time : event.time - 1n;
      page = new PageWriter(startTime, event.lost, options);
      pages.push(page);
    }
    page.add(record, event);
  }
  const whole = new Uint8Array(pages.length * options.pageBytes);
  pages.forEach((each, index) => whole.set(each.finished(), index * options.pageBytes));
  return whole;
}

class PageWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #dataAt: number;
  #at: number;
  #time: bigint;
  #events = 0;

  constructor(
    time: bigint,
    readonly lost: RawEvent['lost'],
    readonly options: PageOptions,
  ) {
    this.#bytes = new Uint8Array(options.pageBytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.#dataAt = this.#at = 8 + options.longBytes;
    this.#time = time;
    this.#view.setBigUint64(0, time, options.isLittleEndian);
  }

  hasRoomFor(record: Uint8Array, { paddingBefore = 0 }: RawEvent): boolean {
    if (this.#events >= (this.options.eventsPerPage ?? Infinity)) return false;
    // A time extend, the words before a record, and the number of lost events at the end.
    return this.#at + record.length + paddingBefore + 40 <= this.options.pageBytes;
  }

  add(record: Uint8Array, { time, isAbsolute, paddingBefore, hasLengthWord }: RawEvent): void {
    if (paddingBefore !== undefined) {
      this.#header(29, 1n);
      this.#time += 1n;
      this.#word(paddingBefore - 4);
      this.#at += paddingBefore - 8;
    }
    let delta = time - this.#time;
    if (isAbsolute === true) {
      this.#header(31, time & LONGEST_DELTA);
      this.#word(Number((time >> 27n) & 0xffffffffn));
      delta = 0n;
    } else if (delta > LONGEST_DELTA) {
      this.#header(30, delta & LONGEST_DELTA);
      this.#word(Number(delta >> 27n));
      delta = 0n;
    }
    this.#time = time;
    const padded = Math.ceil(record.length / 4) * 4;
    if (padded > 112 || hasLengthWord === true) {
      this.#header(0, delta);
      this.#word(padded + 4);
    } else this.#header(padded / 4, delta);
    this.#bytes.set(record, this.#at);
    this.#at += padded;
    this.#events += 1;
  }

  finished(): Uint8Array {
    const { isLittleEndian, longBytes } = this.options;
    let commit = this.#at - this.#dataAt;
    if (this.lost !== undefined) commit += MISSED;
    if (typeof this.lost === 'number') {
      commit += MISSED_STORED;
      this.#long(this.#at, this.lost);
    }
    if (longBytes === 8) this.#view.setBigUint64(8, BigInt(commit), isLittleEndian);
    else this.#view.setUint32(8, commit, isLittleEndian);
    return this.#bytes;
  }

  #long(at: number, value: number): void {
    const { isLittleEndian, longBytes } = this.options;
    if (longBytes === 8) this.#view.setBigUint64(at, BigInt(value), isLittleEndian);
    else this.#view.setUint32(at, value, isLittleEndian);
  }

  #header(type: number, delta: bigint): void {
    const bits = Number(delta);
    this.#word(this.options.isLittleEndian ? bits * 32 + type : type * 2 ** 27 + bits);
  }

  #word(value: number): void {
    this.#view.setUint32(this.#at, value, this.options.isLittleEndian);
    this.#at += 4;
  }
}
