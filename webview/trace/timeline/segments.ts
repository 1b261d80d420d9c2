import type { LaneSegments, Loss } from '../../../src/protocol/traceMessages.js';

/** Index of the first segment that ends after `timeNs`; the number of segments when none does. */
export function firstEndingAfter(lane: LaneSegments, timeNs: number): number {
  let low = 0;
  let high = lane.endNs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lane.endNs[middle]! > timeNs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Index of the segment at a time, or of the nearest one within `toleranceNs`; -1 when there is none. */
export function segmentAt(lane: LaneSegments, timeNs: number, toleranceNs: number): number {
  const next = firstEndingAfter(lane, timeNs);
  const distance = (index: number): number => {
    if (index < 0 || index >= lane.startNs.length) return Infinity;
    return Math.max(0, lane.startNs[index]! - timeNs, timeNs - lane.endNs[index]!);
  };
  const [before, after] = [distance(next - 1), distance(next)];
  if (Math.min(before, after) > toleranceNs) return -1;
  return after <= before ? next : next - 1;
}

/** Whether each segment is one slice: then a closer look shows nothing new. */
export function isExact(lane: LaneSegments): boolean {
  for (const count of lane.count) if (count > 1) return false;
  return true;
}

/** The deepest run queue among a depth lane's segments; 0 for other lanes. */
export function deepestOf(lane: LaneSegments): number {
  if (lane.lane.kind !== 'depth') return 0;
  let deepest = 0;
  for (const depth of lane.value) if (depth > deepest) deepest = depth;
  return deepest;
}

/** The loss at a time of a CPU. `losses` are those of the summary. */
export function lossAt(
  losses: readonly Loss[],
  cpu: number,
  timeNs: number,
  toleranceNs: number,
): Loss | undefined {
  return losses.find(
    (loss) => loss.cpu === cpu && timeNs >= loss.startNs - toleranceNs && timeNs <= loss.endNs + toleranceNs,
  );
}

/** Losses by CPU, each list in order of time. */
export function lossesByCpu(losses: readonly Loss[]): Map<number, Loss[]> {
  const byCpu = new Map<number, Loss[]>();
  for (const loss of losses) {
    const list = byCpu.get(loss.cpu);
    if (list === undefined) byCpu.set(loss.cpu, [loss]);
    else list.push(loss);
  }
  for (const list of byCpu.values()) list.sort((a, b) => a.startNs - b.startNs);
  return byCpu;
}
