import { createHash } from 'node:crypto';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure } from '../../base/errors.js';
import { traceDatPieces, type CpuPages, type TraceDatContent } from '../../trace/exporters/traceDatFile.js';
import { parseHeaderPage } from '../../trace/importers/tracepoint/headerPage.js';
import type { Digest } from '../artifacts/digest.js';
import { explainFullDisk } from '../artifacts/fullDisk.js';
import type { CollectorTarget } from './collectorRun.js';
import { PageStreamReader, type PageReceiver, type PageStreamLayout } from './rawPages.js';
import type { RecordingSink } from './streamedRun.js';

/** Where pages of one CPU lie in the spool. */
interface Extent {
  readonly at: number;
  length: number;
}

const WRITTEN_BYTES = 1024 * 1024;
const READ_BYTES = 1024 * 1024;
/** As many as a kernel has events, and each of the CPUs' statistics. */
const MOST_TEXTS = 20_000;

/**
 * Makes a trace.dat of a page stream. The pages of a CPU must lie together in the file: as they come, they go to one
 * spool file, with a note of where those of each CPU lie; at the end they are put in order.
 */
export class RawPagesSink implements RecordingSink, PageReceiver {
  events: number | null = 0;
  lostEvents: number | null = 0;
  readonly lostByCpu = new Map<number, number>();
  readonly #reader = new PageStreamReader(this);
  readonly #extents = new Map<number, Extent[]>();
  readonly #texts: [name: string, text: Uint8Array][] = [];
  #layout: PageStreamLayout | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #spooledBytes = 0;

  private constructor(
    private readonly target: CollectorTarget,
    private readonly spoolPath: string,
    private readonly spool: FileHandle,
  ) {}

  static async create(target: CollectorTarget): Promise<RawPagesSink> {
    const spoolPath = join(target.folder, 'pages');
    return new RawPagesSink(target, spoolPath, await open(spoolPath, 'wx+', 0o600));
  }

  /** Failures: `bad-input`, `write-failed`. */
  async write(chunk: Buffer): Promise<void> {
    this.#reader.add(chunk);
    if (this.#waitingBytes >= WRITTEN_BYTES) await this.#spoolWaiting();
  }

  layout(layout: PageStreamLayout): void {
    this.#layout = layout;
  }

  pages(cpu: number, pages: Uint8Array): void {
    const at = this.#spooledBytes + this.#waitingBytes;
    const extents = this.#extents.get(cpu) ?? [];
    const last = extents.at(-1);
    if (last !== undefined && last.at + last.length === at) last.length += pages.length;
    else extents.push({ at, length: pages.length });
    this.#extents.set(cpu, extents);
    this.#waiting.push(Buffer.from(pages));
    this.#waitingBytes += pages.length;
  }

  text(name: string, text: Uint8Array): void {
    if (this.#texts.length >= MOST_TEXTS) throw new Failure('bad-input', 'what arrived has too many texts.');
    this.#texts.push([name, text]);
    const cpu = /^stats:(\d{1,5})$/.exec(name)?.[1];
    if (cpu !== undefined) this.#takeStats(Number(cpu), decoder.decode(text));
  }

  counters({ events, lostEvents }: { readonly events: number; readonly lostEvents: number }): void {
    this.events = events;
    this.lostEvents = lostEvents;
  }

  async finish(): Promise<Digest> {
    this.#reader.end();
    await this.#spoolWaiting();
    this.#sumUp();
    const content = this.#content();
    const hash = createHash('sha256');
    async function* hashed(): AsyncGenerator<Uint8Array> {
      for await (const piece of traceDatPieces(content)) {
        hash.update(piece);
        yield piece;
      }
    }
    try {
      await writeFileAtomically(this.target.path, hashed());
    } catch (error) {
      throw explainFullDisk(error, this.target.path, this.#spooledBytes);
    }
    return { sizeBytes: (await stat(this.target.path)).size, sha256: hash.digest('hex') };
  }

  async close(): Promise<void> {
    await this.spool.close().catch(() => undefined);
  }

  async #spoolWaiting(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      for (let at = 0; at < bytes.length;) {
        at += (await this.spool.write(bytes, at, bytes.length - at, this.#spooledBytes + at)).bytesWritten;
      }
    } catch (error) {
      throw explainFullDisk(error, this.spoolPath, this.#spooledBytes);
    }
    this.#spooledBytes += bytes.length;
  }

  readonly #counted = new Map<number, number>();

  /** The kernel's own last word. */
  #takeStats(cpu: number, text: string): void {
    let events = 0;
    let lost = 0;
    for (const [, name = '', value] of text.matchAll(/^([a-z ]+): (\d{1,15})$/gm)) {
      if (name === 'entries' || name === 'read events') events += Number(value);
      else if (name === 'overrun' || name === 'commit overrun' || name === 'dropped events')
        lost += Number(value);
    }
    this.#counted.set(cpu, events);
    if (lost > 0) this.lostByCpu.set(cpu, lost);
  }

  #sumUp(): void {
    this.events = [...this.#counted.values()].reduce((sum, count) => sum + count, 0);
    this.lostEvents = [...this.lostByCpu.values()].reduce((sum, count) => sum + count, 0);
  }

  #content(): TraceDatContent {
    const layout = this.#layout!;
    const headerPage = this.#textOf('header_page');
    const page = parseHeaderPage(decoder.decode(headerPage));
    if (page?.pageBytes !== layout.pageBytes || page.longBytes !== layout.longBytes) {
      throw new Failure('bad-input', 'what arrived has pages of another size than its header_page says.');
    }
    const formats = new Map<string, Uint8Array[]>();
    const stats = new Map<number, string>();
    for (const [name, text] of this.#texts) {
      const [kind, of = ''] = name.split(':');
      if (kind === 'format') formats.set(of, [...(formats.get(of) ?? []), text]);
      else if (kind === 'stats') stats.set(Number(of), decoder.decode(text));
    }
    const traceClock = decoder.decode(this.#textOf('clock'));
    return {
      ...layout,
      headerPage,
      headerEvent: this.#textOf('header_event'),
      formats,
      comms: commLines(this.#allTexts('threads'), this.#textOf('cmdlines')),
      uname: decoder.decode(this.#textOf('uname')).trim(),
      traceClock,
      stats,
      cpus: Array.from({ length: layout.cpuCount }, (_, cpu) => this.#cpuPages(cpu)),
    };
  }

  #cpuPages(cpu: number): CpuPages {
    const extents = this.#extents.get(cpu) ?? [];
    const { spool } = this;
    return {
      sizeBytes: extents.reduce((sum, { length }) => sum + length, 0),
      async *pieces() {
        for (const extent of extents) {
          for (let at = 0; at < extent.length;) {
            const piece = new Uint8Array(Math.min(READ_BYTES, extent.length - at));
            const { bytesRead } = await spool.read(piece, 0, piece.length, extent.at + at);
            if (bytesRead === 0) return;
            at += bytesRead;
            yield piece.subarray(0, bytesRead);
          }
        }
      },
    };
  }

  #textOf(name: string): Uint8Array {
    const found = this.#texts.find(([each]) => each === name)?.[1];
    if (found === undefined) throw new Failure('bad-input', `what arrived lacks "${name}".`);
    return found;
  }

  #allTexts(name: string): Uint8Array[] {
    return this.#texts.filter(([each]) => each === name).map(([, text]) => text);
  }
}

const decoder = new TextDecoder();

/**
 * Lines `1234 comm` of all threads that are known: those there were at the beginning and at the end
 * (`/proc/1/task/1/comm:systemd`), and those that the kernel saw switched to last. Bytes as they are.
 */
function commLines(threads: readonly Uint8Array[], cmdlines: Uint8Array): Uint8Array {
  const comms = new Map<string, string>();
  for (const text of threads) {
    const lines = Buffer.from(text).toString('latin1');
    for (const [, pid = '', comm = ''] of lines.matchAll(
      /^\/proc\/\d+\/task\/(\d{1,9})\/comm:(.{1,64})$/gm,
    )) {
      comms.set(pid, comm);
    }
  }
  const lines = Buffer.from(cmdlines).toString('latin1');
  for (const [, pid = '', comm = ''] of lines.matchAll(/^(\d{1,9}) (.{1,64})$/gm)) comms.set(pid, comm);
  return Buffer.from([...comms].map(([pid, comm]) => `${pid} ${comm}\n`).join(''), 'latin1');
}
