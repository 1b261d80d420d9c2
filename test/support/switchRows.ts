import { SwitchRowsBuilder, type SwitchRows } from '../../src/dataset/extract/switchRows.js';
import type { Sequences } from '../../src/dataset/sequences.js';

/** Switches `[timeNs, cpu, task]`, in the order given. */
export function switchRows(
  ...rows: readonly (readonly [timeNs: number, cpu: number, task: number])[]
): SwitchRows {
  const builder = new SwitchRowsBuilder(1);
  for (const [timeNs, cpu, task] of rows) builder.add(timeNs, task, 0, cpu);
  return builder.finish(0n);
}

/** Sequences of these lengths: task and delta of a row are its number, so that copies can be told apart. */
export function numberedSequences(...lengths: readonly number[]): Sequences {
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const starts = new Uint32Array(lengths.length);
  lengths.forEach((length, at) => {
    if (at + 1 < lengths.length) starts[at + 1] = starts[at]! + length;
  });
  const deltaNs = Float64Array.from({ length: rows }, (_, row) => 100 + row);
  for (const start of starts) deltaNs[start] = NaN;
  return {
    rows,
    task: Int32Array.from({ length: rows }, (_, row) => row),
    state: Uint8Array.from({ length: rows }, (_, row) => row % 7),
    cpu: Uint16Array.from({ length: rows }, (_, row) => row % 3),
    deltaNs,
    starts,
    origins: lengths.map((_, recording) => ({ recording, cpu: null })),
  };
}
