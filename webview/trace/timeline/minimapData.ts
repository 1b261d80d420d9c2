import { ThreadState, type LaneSegments, type TimeRange } from '../../../src/protocol/traceMessages.js';
import { span } from './viewport.js';

/** Mean busy share (0…1) of the CPUs in each of `columns` equal parts of a range. */
export function utilisationColumns(
  lanes: readonly LaneSegments[],
  range: TimeRange,
  columns: number,
): Float32Array {
  const busy = new Float32Array(columns);
  const cpus = lanes.filter((lane) => lane.lane.kind === 'cpu');
  if (cpus.length === 0 || span(range) <= 0) return busy;
  const scale = columns / span(range);
  for (const { startNs, endNs, fill, state } of cpus) {
    for (let i = 0; i < startNs.length; i++) {
      if (state[i] !== ThreadState.Running) continue;
      const from = Math.max(0, (startNs[i]! - range.startNs) * scale);
      const to = Math.min(columns, (endNs[i]! - range.startNs) * scale);
      for (let column = Math.floor(from); column < to; column++) {
        const covered = Math.min(to, column + 1) - Math.max(from, column);
        busy[column]! += covered * fill[i]!;
      }
    }
  }
  for (let column = 0; column < columns; column++) busy[column] = Math.min(1, busy[column]! / cpus.length);
  return busy;
}
