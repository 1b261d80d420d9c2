import {
  MIGRATION_KINDS,
  MigrationKind,
  type MigrationMarks,
} from '../../../src/protocol/timelineMigrations.js';
import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import { xOfTime } from '../timeline/viewport.js';

/** A mark under the pointer. */
export interface MarkHit {
  readonly cpu: number;
  readonly kind: MigrationKind;
  readonly item: number;
  readonly count: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** How far beside a mark the pointer still means it, and beside the stem of a forced one; CSS px. */
const tolerancePx = 5;
const stemPx = 2;
/** Heights at the top of a lane where marks stand, and at its bottom where refused calls do; CSS px. */
const topPx = 13;
const bottomPx = 7;

export interface MarkPoint {
  /** CSS px from the left of the view and from the top of the row. */
  readonly x: number;
  readonly y: number;
  readonly rowHeight: number;
  readonly view: TimeRange;
  readonly width: number;
}

/** Where a mark stands: at its moment, or in the middle of those that it stands for. */
export function markX(marks: MigrationMarks, index: number, view: TimeRange, width: number): number {
  return xOfTime((marks.startNs[index]! + marks.endNs[index]!) / 2, view, width);
}

/** Kinds are numbered as they are listed. */
function kindAt({ kind }: MigrationMarks, index: number): MigrationKind {
  return MIGRATION_KINDS[kind[index]!] ?? MigrationKind.Moved;
}

/** The mark at a point of a CPU's lane: the highest kind first, of one kind the nearest; null when none is near. */
export function markAt(marks: MigrationMarks, point: MarkPoint): MarkHit | null {
  let best = -1;
  let bestDistance = Infinity;
  for (let index = 0; index < marks.kind.length; index++) {
    const kind = kindAt(marks, index);
    const distance = Math.abs(markX(marks, index, point.view, point.width) - point.x);
    if (distance > reachOf(kind, point)) continue;
    const above = best < 0 ? 1 : kind - kindAt(marks, best);
    if (above < 0 || (above === 0 && distance >= bestDistance)) continue;
    best = index;
    bestDistance = distance;
  }
  if (best < 0) return null;
  return {
    cpu: marks.cpu,
    kind: kindAt(marks, best),
    item: marks.item[best]!,
    count: marks.count[best]!,
    startNs: marks.startNs[best]!,
    endNs: marks.endNs[best]!,
  };
}

/** How far beside a mark of a kind the pointer may be at its height; −1: it is not where such marks stand. */
function reachOf(kind: MigrationKind, { y, rowHeight }: MarkPoint): number {
  const isLow = rowHeight < topPx + bottomPx + 4;
  if (isLow) return tolerancePx;
  if (kind === MigrationKind.Refused) return y >= rowHeight - bottomPx ? tolerancePx : -1;
  if (y <= topPx) return tolerancePx;
  return kind === MigrationKind.Forced ? stemPx : -1;
}
