import { NEWLINE } from '../importers/text/bytes.js';
import type { ByteSource } from '../../base/byteSource.js';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure } from '../../base/errors.js';
import { decompress } from '../compression.js';
import { readRecordHeader } from './recordHeader.js';

const CARRIAGE_RETURN = 0x0d;
const PIECE_BYTES = 256 * 1024;

export interface WrittenRecords {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Writes the header and the given lines (1-based, ascending) of a table of migration records as they stand in the source: all
 * columns, also those that mean nothing here, digit for digit. The file appears whole or not at all.
 * Failures: `write-failed`, `cancelled`, `file-changed` when the source has become shorter, and those of reading it.
 */
export async function exportRecordLines(
  source: ByteSource,
  lines: Uint32Array,
  path: string,
  signal?: AbortSignal,
): Promise<WrittenRecords> {
  const picker = new LinePicker(lines);
  let bytes = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const chunk of decompress(source.chunks(signal), source.name)) {
      throwIfCancelled(signal);
      picker.push(chunk);
      if (picker.isDone) break;
      if (picker.pendingBytes < PIECE_BYTES) continue;
      bytes += picker.pendingBytes;
      yield* picker.take();
    }
    if (!picker.isDone) {
      throw new Failure(
        'file-changed',
        `${source.name} has become shorter since it was opened: ${picker.pickedRows} of ${lines.length} rows are left. Reload it and export again.`,
      );
    }
    bytes += picker.pendingBytes;
    yield* picker.take();
  }
  await writeFileAtomically(path, pieces(), signal);
  return { rows: lines.length, bytes };
}

/** Cuts chunks into lines and keeps the header and the wanted ones. */
class LinePicker {
  pendingBytes = 0;
  /** Wanted lines found so far. */
  pickedRows = 0;
  readonly #lines: Uint32Array;
  #pending: Uint8Array[] = [];
  #carry: Uint8Array[] = [];
  #line = 1;
  #hasHeader = false;

  constructor(lines: Uint32Array) {
    this.#lines = lines;
  }

  get isDone(): boolean {
    return this.#hasHeader && this.pickedRows === this.#lines.length;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.isDone) {
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline < 0 ? chunk.length : newline + 1;
      if (this.#isWanted()) this.#carry.push(chunk.slice(at, end));
      if (newline >= 0) this.#endLine();
      at = end;
    }
  }

  take(): Uint8Array[] {
    this.pendingBytes = 0;
    return this.#pending.splice(0);
  }

  #isWanted(): boolean {
    return !this.#hasHeader || this.#lines[this.pickedRows] === this.#line;
  }

  #endLine(): void {
    const parts = this.#carry.splice(0);
    if (!this.#hasHeader) {
      // Before it stands what the collector printed when it began.
      if (isHeader(parts)) {
        this.#hasHeader = true;
        this.#keep(parts);
      }
    } else if (this.#lines[this.pickedRows] === this.#line) {
      this.#keep(parts);
      this.pickedRows += 1;
    }
    this.#line += 1;
  }

  #keep(parts: readonly Uint8Array[]): void {
    this.#pending.push(...parts);
    for (const part of parts) this.pendingBytes += part.length;
  }
}

function isHeader(parts: readonly Uint8Array[]): boolean {
  const line = Buffer.concat(parts);
  const start = line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0;
  const end = line.length - (line.at(-2) === CARRIAGE_RETURN ? 2 : 1);
  return typeof readRecordHeader(line, start, end) === 'object';
}
