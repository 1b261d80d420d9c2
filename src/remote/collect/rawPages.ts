/**
 * What `media/remote/tracefs.sh` sends: pages of all CPUs in one stream.
 *
 *     kernel-oracle-pages 1 page=4096 long=8 little=1 cpus=2\n
 *     blocks of the size of a page: markers, pages, text filled up with spaces
 *     marker    "KO-PAGES", 8 bytes of 0xff, where a page has its time stamp and its commit; then text, spaces:
 *                 cpu N                           pages of CPU N follow
 *                 text NAME BYTES                 a text follows
 *                 counters EVENTS LOST WAITING    as of now: events so far, lost ones, bytes in the buffers
 *                 end
 *
 * Everything is checked: it comes from a machine that is not trusted. Failures: `bad-input`.
 */
import { Failure } from '../../base/errors.js';
import { isPageSize, type HeaderPage } from '../../trace/importers/tracepoint/headerPage.js';
import { MAX_CPUS } from '../../trace/importers/tracepoint/ringBuffer.js';

export interface PageStreamLayout extends HeaderPage {
  readonly isLittleEndian: boolean;
  readonly cpuCount: number;
}

export interface PageCounters {
  readonly events: number;
  readonly lostEvents: number;
  readonly waitingBytes: number;
}

/** Takes what a page stream holds. */
export interface PageReceiver {
  layout(layout: PageStreamLayout): void;
  /** Whole pages of a CPU; the bytes are only valid during the call. */
  pages(cpu: number, pages: Uint8Array): void;
  text(name: string, text: Uint8Array): void;
  counters(counters: PageCounters): void;
}

const MARKER = Buffer.from('KO-PAGES\xff\xff\xff\xff\xff\xff\xff\xff', 'latin1');
const COMMIT_BITS = 2 ** 27 - 1;
const LONGEST_FIRST_LINE = 200;
const MOST_TEXT_BYTES = 64 * 1024 * 1024;

interface PartialText {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** So many are there. */
  at: number;
}

export class PageStreamReader {
  #rest: Buffer = Buffer.alloc(0);
  #layout: PageStreamLayout | undefined;
  #cpu: number | undefined;
  #text: PartialText | undefined;
  #textBytes = 0;
  #isEnded = false;

  constructor(private readonly receiver: PageReceiver) {}

  add(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#layout === undefined) {
      const newline = bytes.indexOf(0x0a);
      if (newline > LONGEST_FIRST_LINE || (newline < 0 && bytes.length > LONGEST_FIRST_LINE))
        throw noStream();
      if (newline >= 0) {
        this.#layout = parseLayout(bytes.toString('latin1', 0, newline));
        this.receiver.layout(this.#layout);
        bytes = bytes.subarray(newline + 1);
      }
    }
    const used = this.#layout === undefined ? 0 : this.#takeBlocks(bytes, this.#layout);
    // Copied, so that a chunk is not kept for its last bytes.
    this.#rest = Buffer.from(bytes.subarray(used));
  }

  /** The stream is over: it must have been whole. */
  end(): void {
    if (this.#layout === undefined) throw noStream();
    if (this.#rest.length > 0) throw new Failure('bad-input', 'what arrived ends in the middle of a page.');
    if (!this.#isEnded) throw new Failure('bad-input', 'what arrived breaks off before its end.');
  }

  #takeBlocks(bytes: Buffer, { pageBytes, isLittleEndian }: PageStreamLayout): number {
    let at = 0;
    // Pages of one CPU are handed on together.
    let pagesAt = 0;
    const handOn = () => {
      if (at > pagesAt) this.receiver.pages(this.#cpu!, bytes.subarray(pagesAt, at));
    };
    for (; at + pageBytes <= bytes.length; at += pageBytes) {
      if (this.#text !== undefined) {
        this.#takeText(bytes.subarray(at, at + pageBytes), this.#text);
        pagesAt = at + pageBytes;
      } else if (bytes.compare(MARKER, 0, MARKER.length, at, at + MARKER.length) === 0) {
        handOn();
        this.#takeMarker(bytes.toString('latin1', at + MARKER.length, at + pageBytes).trimEnd());
        pagesAt = at + pageBytes;
      } else this.#checkPage(bytes, at, pageBytes, isLittleEndian);
    }
    handOn();
    return at;
  }

  #checkPage(bytes: Buffer, at: number, pageBytes: number, isLittleEndian: boolean): void {
    if (this.#cpu === undefined || this.#isEnded) throw strange('a page that is of no CPU');
    const { longBytes } = this.#layout!;
    const commitAt = at + 8 + (longBytes === 8 && !isLittleEndian ? 4 : 0);
    const commit =
      (isLittleEndian ? bytes.readUInt32LE(commitAt) : bytes.readUInt32BE(commitAt)) & COMMIT_BITS;
    if (commit > pageBytes - 8 - longBytes) {
      throw strange(`a page of ${pageBytes} bytes that says it holds ${commit}`);
    }
  }

  #takeMarker(text: string): void {
    if (this.#isEnded) throw strange('something behind its end');
    const [kind, ...words] = text.split(' ');
    if (kind === 'cpu') this.#cpu = numberOf(words, 0, this.#layout!.cpuCount - 1);
    else if (kind === 'counters') {
      const [events, lostEvents, waitingBytes] = [0, 1, 2].map((index) =>
        numberOf(words, index, Number.MAX_SAFE_INTEGER),
      ) as [number, number, number];
      this.receiver.counters({ events, lostEvents, waitingBytes });
    } else if (kind === 'text') this.#beginText(words);
    else if (kind === 'end') this.#isEnded = true;
    else throw strange('an unknown mark');
  }

  #beginText(words: readonly string[]): void {
    const name = words[0] ?? '';
    if (!/^[a-z_]+(?::[A-Za-z0-9_-]+)?$/.test(name)) throw strange('a text without a proper name');
    const size = numberOf(words, 1, MOST_TEXT_BYTES);
    this.#textBytes += size;
    if (this.#textBytes > MOST_TEXT_BYTES) throw strange(`more than ${MOST_TEXT_BYTES} bytes of text`);
    const text = { name, bytes: new Uint8Array(size), at: 0 };
    if (size === 0) this.receiver.text(name, text.bytes);
    else this.#text = text;
  }

  #takeText(block: Uint8Array, text: PartialText): void {
    const part = block.subarray(0, text.bytes.length - text.at);
    text.bytes.set(part, text.at);
    text.at += part.length;
    if (text.at < text.bytes.length) return;
    this.#text = undefined;
    this.receiver.text(text.name, text.bytes);
  }
}

function parseLayout(line: string): PageStreamLayout {
  const match =
    /^kernel-oracle-pages 1 page=(\d{1,7}) long=([48]) little=([01]) cpus=(\d{1,5})$/.exec(line) ?? [];
  const [, page, long, little, cpus] = match;
  if (page === undefined) throw noStream();
  const layout = {
    pageBytes: Number(page),
    longBytes: Number(long),
    isLittleEndian: little === '1',
    cpuCount: Number(cpus),
  };
  if (!isPageSize(layout.pageBytes)) throw strange(`pages of ${layout.pageBytes} bytes`);
  if (layout.cpuCount < 1 || layout.cpuCount > MAX_CPUS) throw strange(`${layout.cpuCount} CPUs`);
  return layout;
}

function numberOf(words: readonly string[], index: number, most: number): number {
  const digits = words[index] ?? '';
  const number = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(number <= most)) throw strange('a mark with a number that cannot be');
  return number;
}

function noStream(): Failure {
  return new Failure('bad-input', 'what arrived is no stream of ring buffer pages.');
}

function strange(what: string): Failure {
  return new Failure('bad-input', `what arrived has ${what}.`);
}
