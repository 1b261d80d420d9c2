/** Parts as lists of stretches of recordings: nothing is copied until a file is written. */
import type { ExtractedRecording } from './extract/readRecordings.js';
import type { SwitchRows } from './extract/switchRows.js';
import { PART_NAMES, type PartName } from './sequences.js';
import type { PartShare } from './splits.js';

/** A sequence of a part: rows `[start, end)` of a recording. */
export interface Slice {
  readonly recording: number;
  readonly cpu: number | null;
  readonly rows: SwitchRows;
  readonly start: number;
  readonly end: number;
}

export type Parts = Readonly<Record<PartName, readonly Slice[]>>;

/** The slices of each part, recording by recording; a row alone is none. */
export function slicesOf(
  recordings: readonly ExtractedRecording[],
  shares: readonly (readonly PartShare[])[],
): Parts {
  const parts: Record<PartName, Slice[]> = { train: [], validation: [], seen: [], unseen: [] };
  recordings.forEach(({ stretches }, recording) => {
    const wanted = shares[recording]!;
    const times = wanted.some(isCut) ? new TimeShares(stretches.map(absolute)) : undefined;
    for (const share of wanted) {
      for (const { rows, start, end, cpu } of stretches) {
        const first = times === undefined ? start : firstAt(rows, start, end, times.at(share.from));
        const last = times === undefined ? end : firstAt(rows, start, end, times.at(share.until));
        if (last - first >= 2) parts[share.part].push({ recording, cpu, rows, start: first, end: last });
      }
    }
  });
  return parts;
}

export function rowsIn(slices: readonly Slice[]): number {
  return slices.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Rows of a recording in each part. */
export function rowsByPart(parts: Parts, recording: number): Record<PartName, number> {
  const counts = { train: 0, validation: 0, seen: 0, unseen: 0 };
  for (const name of PART_NAMES) {
    counts[name] = rowsIn(parts[name].filter((slice) => slice.recording === recording));
  }
  return counts;
}

function isCut({ from, until }: PartShare): boolean {
  return from > 0 || until < 1;
}

interface Times {
  readonly baseNs: bigint;
  /** Ascending unless CPUs follow each other. */
  readonly timeNs: Float64Array;
}

function absolute({ rows, start, end }: { rows: SwitchRows; start: number; end: number }): Times {
  return { baseNs: rows.baseNs, timeNs: rows.timeNs.subarray(start, end) };
}

/** The times at which a share of all rows of a recording has passed. */
class TimeShares {
  readonly #baseNs: bigint;
  readonly #sorted: Float64Array;

  constructor(stretches: readonly Times[]) {
    this.#baseNs = stretches[0]?.baseNs ?? 0n;
    this.#sorted = new Float64Array(stretches.reduce((sum, { timeNs }) => sum + timeNs.length, 0));
    let at = 0;
    for (const { baseNs, timeNs } of stretches) {
      const shiftNs = Number(baseNs - this.#baseNs);
      for (const ns of timeNs) this.#sorted[at++] = ns + shiftNs;
    }
    this.#sorted.sort();
  }

  at(share: number): { readonly baseNs: bigint; readonly ns: number } {
    const rows = this.#sorted.length;
    const ns =
      share >= 1 || rows === 0 ? Infinity : this.#sorted[Math.min(rows - 1, Math.round(share * rows))]!;
    return { baseNs: this.#baseNs, ns };
  }
}

/** First row of `[start, end)` at or after a time. */
function firstAt(
  rows: SwitchRows,
  start: number,
  end: number,
  time: { readonly baseNs: bigint; readonly ns: number },
): number {
  const ns = time.ns + Number(time.baseNs - rows.baseNs);
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows.timeNs[middle]! < ns) low = middle + 1;
    else high = middle;
  }
  return low;
}
