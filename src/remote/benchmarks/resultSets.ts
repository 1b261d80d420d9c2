import type { ComparedSet } from '../../protocol/comparisonMessages.js';
import type { BenchmarkResults } from './results.js';

/** One subject of a results file. */
export interface ResultSet {
  readonly set: ComparedSet;
  readonly results: BenchmarkResults;
  /** Its id in the results. */
  readonly subject: string;
}

/** All that a results file holds, a set a subject. */
export function resultSets(results: BenchmarkResults, path: string): ResultSet[] {
  return results.subjects.map((subject) => ({
    set: {
      label: subject.label,
      machine: subject.machine,
      kernel: subject.kernel,
      variant: subject.variant,
      path,
    },
    results,
    subject: subject.id,
  }));
}
