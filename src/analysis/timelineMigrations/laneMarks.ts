import type { MigrationKind, MigrationMarks } from '../../protocol/timelineMigrations.js';
import type { MarkList } from './markList.js';

/** The marks on a CPU's lane: at most one a kind and column. */
export function laneMarks(
  cpu: number,
  lists: readonly { readonly kind: MigrationKind; readonly marks: MarkList }[],
  range: { readonly startNs: number; readonly endNs: number },
  columnNs: number,
): MigrationMarks {
  const kinds: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const counts: number[] = [];
  const items: number[] = [];
  for (const { kind, marks } of lists) {
    marks.forEachColumn(cpu, range, columnNs, (startNs, endNs, count, item) => {
      kinds.push(kind);
      starts.push(startNs);
      ends.push(endNs);
      counts.push(count);
      items.push(item);
    });
  }
  return {
    cpu,
    kind: Uint8Array.from(kinds),
    startNs: Float64Array.from(starts),
    endNs: Float64Array.from(ends),
    count: Uint32Array.from(counts),
    item: Uint32Array.from(items),
  };
}
