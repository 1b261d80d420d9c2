/**
 * Finds stretches of rows that stand in two parts: the same events, whatever file or name they came by. Rows are compared by
 * a hash of PID, name, CPU and time difference; blocks of the one part are looked up at every row of the other with a hash
 * that rolls along (Karp and Rabin, 1987).
 */
import { throwIfCancelled } from '../../../base/cancellation.js';
import type { StoredPart } from '../../../dataset/dataSet.js';
import { sequencesOf, type SequencePlace } from '../subject.js';

export interface SharedRows {
  /** Rows of the second part that stand in the first as well. */
  readonly rows: number;
  readonly stretches: number;
  readonly longest: number;
  /** Recordings of the longest stretch: in the first part, in the second. */
  readonly recordings: readonly [number, number] | null;
}

/** Shorter stretches may be alike by chance: what is periodic repeats itself. */
export const LEAST_STRETCH = 64;
/** Any stretch of the least length holds a whole block that begins at a multiple of this. */
const BLOCK = LEAST_STRETCH / 2;
/** Of a block's rows: with fewer different time differences it tells nothing. */
const LEAST_DISTINCT = 8;
const BASE = 0x01000193;

/** Rows of `b` in stretches of 64 and more that `a` has as well. */
export function sharedRows(a: StoredPart, b: StoredPart, signal?: AbortSignal): SharedRows {
  if (a.rows < LEAST_STRETCH || b.rows < LEAST_STRETCH) {
    return { rows: 0, stretches: 0, longest: 0, recordings: null };
  }
  const index = new BlockIndex(a, rowHashes(a));
  const hashes = rowHashes(b);
  const found = { rows: 0, stretches: 0, longest: 0, recordings: null as SharedRows['recordings'] };
  for (const place of sequencesOf(b)) {
    throwIfCancelled(signal);
    scan(index, hashes, place, (rows, from) => {
      found.rows += rows;
      found.stretches += 1;
      if (rows <= found.longest) return;
      found.longest = rows;
      found.recordings = [from, place.origin.recording];
    });
  }
  return found;
}

function rowHashes({ rows, pid, comm, cpu, deltaNs }: StoredPart): Int32Array {
  const halves = new Int32Array(2);
  const value = new Float64Array(halves.buffer);
  const hashes = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const delta = deltaNs[row]!;
    value[0] = Number.isNaN(delta) ? -1 : delta;
    let hash = Math.imul(pid[row]! ^ Math.imul(comm[row]!, 0x27d4eb2d), 0x85ebca6b) ^ cpu[row]!;
    hash = Math.imul(hash ^ (hash >>> 15) ^ halves[0]!, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13) ^ halves[1]!, 0x2c1b3c6d);
    hashes[row] = hash ^ (hash >>> 16);
  }
  return hashes;
}

/** Blocks of a part by their hashes: open addressing. */
class BlockIndex {
  readonly #keys: Int32Array;
  /** Row at which a block begins, + 1; 0: free. */
  readonly #rows: Int32Array;
  readonly #mask: number;
  readonly #places: readonly SequencePlace[];

  constructor(
    part: StoredPart,
    readonly hashes: Int32Array,
  ) {
    this.#places = [...sequencesOf(part)];
    const blocks = Math.ceil(part.rows / BLOCK) + 1;
    const size = 2 ** Math.ceil(Math.log2(blocks * 2 + 16));
    this.#mask = size - 1;
    this.#keys = new Int32Array(size);
    this.#rows = new Int32Array(size);
    for (const { start, end } of this.#places) {
      for (let row = start; row + BLOCK <= end; row += BLOCK) {
        if (isTelling(part.deltaNs, row)) this.#add(blockHash(hashes, row), row);
      }
    }
  }

  /** The row at which the block begins; −1: there is none. */
  find(hash: number): number {
    for (let at = this.#slot(hash); this.#rows[at] !== 0; at = (at + 1) & this.#mask) {
      if (this.#keys[at] === hash) return this.#rows[at]! - 1;
    }
    return -1;
  }

  /** The sequence of a row. */
  placeOf(row: number): SequencePlace {
    let low = 0;
    let high = this.#places.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]!.start <= row) low = middle;
      else high = middle;
    }
    return this.#places[low]!;
  }

  #add(hash: number, row: number): void {
    let at = this.#slot(hash);
    while (this.#rows[at] !== 0) {
      if (this.#keys[at] === hash) return;
      at = (at + 1) & this.#mask;
    }
    this.#keys[at] = hash;
    this.#rows[at] = row + 1;
  }

  #slot(hash: number): number {
    return Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) & this.#mask;
  }
}

function isTelling(deltaNs: Float64Array, first: number): boolean {
  const distinct = new Set<number>();
  for (let row = first; row < first + BLOCK; row += 1) {
    distinct.add(deltaNs[row]!);
    if (distinct.size === LEAST_DISTINCT) return true;
  }
  return false;
}

function blockHash(hashes: Int32Array, first: number): number {
  let hash = 0;
  for (let row = first; row < first + BLOCK; row += 1) hash = (Math.imul(hash, BASE) + hashes[row]!) | 0;
  return hash;
}

/** BASE to the power of BLOCK − 1: the weight of a block's first row. */
const FIRST_WEIGHT = (() => {
  let weight = 1;
  for (let at = 1; at < BLOCK; at += 1) weight = Math.imul(weight, BASE);
  return weight;
})();

function scan(
  index: BlockIndex,
  hashes: Int32Array,
  { start, end }: SequencePlace,
  onStretch: (rows: number, recording: number) => void,
): void {
  let covered = start;
  let rolled = -2;
  let hash = 0;
  for (let row = start; row + BLOCK <= end; row += 1) {
    if (rolled === row - 1) {
      const dropped = Math.imul(hashes[row - 1]!, FIRST_WEIGHT);
      hash = (Math.imul((hash - dropped) | 0, BASE) + hashes[row + BLOCK - 1]!) | 0;
    } else hash = blockHash(hashes, row);
    rolled = row;
    const other = index.find(hash);
    if (other < 0) continue;
    const place = index.placeOf(other);
    const [first, last] = extended(index.hashes, place, other, hashes, covered, end, row);
    if (last - first < LEAST_STRETCH) continue;
    onStretch(last - first, place.origin.recording);
    covered = last;
    row = last - 1;
  }
}

/** How far rows are the same around rows that might be: `[first, last)` of the second part. */
function extended(
  a: Int32Array,
  place: SequencePlace,
  rowOfA: number,
  b: Int32Array,
  least: number,
  end: number,
  row: number,
): readonly [number, number] {
  const shift = rowOfA - row;
  let first = row;
  while (first > least && first + shift > place.start && a[first - 1 + shift] === b[first - 1]) first -= 1;
  let last = row;
  while (last < end && last + shift < place.end && a[last + shift] === b[last]) last += 1;
  return [first, last];
}
