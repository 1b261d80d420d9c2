import { reordered, type SwitchRows } from './switchRows.js';

/** Where a CPU's events were lost: somewhere between these of its events. */
export interface Loss {
  readonly cpu: number;
  /** Last event before, offset in ns; undefined: the loss is at the beginning. */
  readonly afterNs: number | undefined;
  /** First event after; undefined: none followed. */
  readonly beforeNs: number | undefined;
}

/** A sequence without holes: rows `[start, end)` of `rows`. */
export interface Stretch {
  readonly rows: SwitchRows;
  readonly start: number;
  readonly end: number;
  /** `null`: the CPUs are merged. */
  readonly cpu: number | null;
}

/** An open interval of time in which something is missing. */
interface Hole {
  readonly afterNs: number;
  readonly beforeNs: number;
}

/**
 * Cuts the switches of a recording into sequences without holes, of each CPU or of all together. Of merged CPUs, what the
 * others did while one lost events is left out: who came next there is not known. So is a row alone between two holes.
 */
export function cutSequences(rows: SwitchRows, losses: readonly Loss[], perCpu: boolean): Stretch[] {
  const stretches: Stretch[] = [];
  if (!perCpu) {
    cut({ rows, start: 0, end: rows.length, cpu: null }, holesOf(losses), stretches);
    return stretches;
  }
  const { order, ends } = byCpu(rows);
  const sorted = reordered(rows, order);
  let start = 0;
  for (const [cpu, end] of ends) {
    const ofCpu = losses.filter((loss) => loss.cpu === cpu);
    cut({ rows: sorted, start, end, cpu }, holesOf(ofCpu), stretches);
    start = end;
  }
  return stretches;
}

function cut({ rows, start: first, end, cpu }: Stretch, holes: readonly Hole[], stretches: Stretch[]): void {
  const { timeNs } = rows;
  let start = first;
  let at = 0;
  /** Time of a loss that lies between two events of one moment: which of the rows there are before it is not known. */
  let momentNs = NaN;
  const close = (row: number) => {
    // A row alone has no next one to learn, and none before it to learn from.
    if (row - start >= 2) stretches.push({ rows, start, end: row, cpu });
    start = row;
  };
  for (let row = first; row < end; row += 1) {
    const ns = timeNs[row]!;
    while (at < holes.length && holes[at]!.beforeNs <= ns) {
      if (holes[at]!.afterNs === holes[at]!.beforeNs) momentNs = holes[at]!.beforeNs;
      close(row);
      at += 1;
    }
    if (ns === momentNs) close(row);
    if (at < holes.length && holes[at]!.afterNs < ns) {
      close(row);
      start = row + 1;
    }
  }
  close(end);
}

/** Holes in order of time, overlapping ones as one. */
function holesOf(losses: readonly Loss[]): Hole[] {
  const sorted = losses
    .map(({ afterNs, beforeNs }) => ({ afterNs: afterNs ?? -Infinity, beforeNs: beforeNs ?? Infinity }))
    .sort((a, b) => (a.afterNs < b.afterNs ? -1 : a.afterNs > b.afterNs ? 1 : 0));
  const holes: Hole[] = [];
  let untilNs = -Infinity;
  for (const { afterNs, beforeNs } of sorted) {
    if (afterNs < untilNs) {
      untilNs = Math.max(untilNs, beforeNs);
      holes[holes.length - 1] = { afterNs: holes[holes.length - 1]!.afterNs, beforeNs: untilNs };
    } else {
      untilNs = beforeNs;
      holes.push({ afterNs, beforeNs });
    }
  }
  return holes;
}

/** Row numbers CPU by CPU, each in order of time, and where each CPU's end. */
function byCpu({ cpu, length }: SwitchRows) {
  const counts = new Map<number, number>();
  for (let row = 0; row < length; row += 1) counts.set(cpu[row]!, (counts.get(cpu[row]!) ?? 0) + 1);
  const ends = new Map<number, number>();
  let start = 0;
  for (const each of [...counts.keys()].sort((a, b) => a - b)) {
    ends.set(each, start);
    start += counts.get(each)!;
  }
  const order = new Uint32Array(length);
  for (let row = 0; row < length; row += 1) {
    const place = ends.get(cpu[row]!)!;
    order[place] = row;
    ends.set(cpu[row]!, place + 1);
  }
  return { order, ends };
}
