/**
 * Which recording (`trace_id`) a row belongs to. Recordings share no clock, so only one can be shown; the first is, and
 * the rows of the others are counted.
 */
import { textOf } from '../text/bytes.js';

const NAMED_RECORDINGS = 12;

interface Recording {
  readonly id: Uint8Array;
  rows: number;
}

export class RecordingFilter {
  readonly #all: Recording[] = [];
  /** The recording of the row before: rows of a recording stand together. */
  #latest: Recording | undefined;

  /** Counts a row with the id `[start, end)` and says whether it belongs to the first recording. */
  accept(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#latest === undefined || !isId(this.#latest, bytes, start, end)) {
      this.#latest = this.#find(bytes, start, end);
    }
    this.#latest.rows += 1;
    return this.#latest === this.#all[0];
  }

  /** What was left out, for the user; undefined when nothing was. */
  othersText(): string | undefined {
    const [first, ...others] = this.#all;
    if (first === undefined || others.length === 0) return undefined;
    const named = others.slice(0, NAMED_RECORDINGS).map(text);
    const more = others.length - named.length;
    const rest = more > 0 ? ` and ${more} more` : '';
    return `This file holds ${this.#all.length} recordings (trace_id), which share no clock and so no timeline. Shown is the first one, ${text(first)}. Left out: ${named.join(', ')}${rest}. Split the file by trace_id to see them.`;
  }

  readonly #byId = new Map<string, Recording>();

  #find(bytes: Uint8Array, start: number, end: number): Recording {
    const key = textOf(bytes, start, end);
    const known = this.#byId.get(key);
    if (known !== undefined) return known;
    const added = { id: bytes.slice(start, end), rows: 0 };
    this.#byId.set(key, added);
    this.#all.push(added);
    return added;
  }
}

function isId({ id }: Recording, bytes: Uint8Array, start: number, end: number): boolean {
  if (id.length !== end - start) return false;
  for (let i = 0; i < id.length; i += 1) if (id[i] !== bytes[start + i]) return false;
  return true;
}

function text({ id, rows }: Recording): string {
  return `"${textOf(id, 0, id.length)}" (${rows} rows)`;
}
