import type { EvaluatedPart } from './evaluatedPart.js';

/** Some of the events of a part: 1 for those that are in it. */
export interface EventGroup {
  readonly name: string;
  /** `null`: it has several, or none. */
  readonly category: string | null;
  readonly isIn: Uint8Array;
}

/** By name. */
export function groupsByWorkload({ recordings, recording, rows }: EvaluatedPart): EventGroup[] {
  const names = [...new Set(recordings.map(({ workload }) => workload))].sort();
  return names.map((name) => {
    const categories = new Set(
      recordings.filter(({ workload }) => workload === name).map(({ category }) => category),
    );
    const isIn = new Uint8Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) {
      if (recordings[recording[at]!]!.workload === name) isIn[at] = 1;
    }
    return { name, category: categories.size === 1 ? [...categories][0]! : null, isIn };
  });
}

/** By number of the CPU. */
export function groupsByCpu({ rows, stored }: EvaluatedPart): EventGroup[] {
  const cpus = new Set<number>();
  for (const row of rows) cpus.add(stored.cpu[row]!);
  return [...cpus]
    .sort((a, b) => a - b)
    .map((cpu) => ({
      name: String(cpu),
      category: null,
      isIn: Uint8Array.from(rows, (row) => (stored.cpu[row] === cpu ? 1 : 0)),
    }));
}
