import type {
  CleaningCounts,
  ExperimentNumber,
  ExperimentResult,
  WayName,
} from '../../../src/protocol/neuralCfs.js';
import type { NeuralCfsStudy } from '../../../src/protocol/neuralCfsStudy.js';

/** Calls of a workload, and how many of them are positive in each experiment. */
export interface CountsRow {
  /** `null`: all together. */
  readonly workload: string | null;
  readonly calls: number;
  /** In the order of `experiments`; `null`: not told. */
  readonly positives: readonly (number | null)[];
}

/** Table 5.5 of the thesis: counts by workload, and the sum of them. By the results, else by the rankings. */
export function countsRows(study: NeuralCfsStudy, experiments: readonly ExperimentNumber[]): CountsRow[] {
  const tables = experiments.map((experiment) => countsOf(study, experiment));
  const workloads = [...new Set(study.recordings.map(({ workload }) => workload))].sort();
  const each = workloads.map((workload): CountsRow => {
    const found = tables.map((table) => table.get(workload));
    const recorded = study.recordings.filter((recording) => recording.workload === workload);
    return {
      workload,
      calls: found.find((one) => one !== undefined)?.calls ?? sum(recorded.map(({ rows }) => rows)),
      positives: found.map((one) => one?.positives ?? null),
    };
  });
  if (each.length < 2) return each;
  const positives = experiments.map((_, at) => {
    const told = each.map((row) => row.positives[at] ?? null);
    return told.every((count) => count !== null) ? sum(told) : null;
  });
  return [...each, { workload: null, calls: sum(each.map(({ calls }) => calls)), positives }];
}

interface Counts {
  readonly calls: number;
  readonly positives: number;
}

function countsOf({ results, rankings }: NeuralCfsStudy, wanted: ExperimentNumber): Map<string, Counts> {
  const result = results?.experiments.find(({ experiment }) => experiment === wanted);
  if (result !== undefined) {
    return new Map(
      result.counts.map(({ workload, rows, positives }) => [workload, { calls: rows, positives }]),
    );
  }
  const ranking = rankings.find(({ experiment }) => experiment === wanted);
  return new Map(
    ranking?.workloads.flatMap(({ workload, calls, positives }) =>
      workload === null ? [] : [[workload, { calls, positives }] as const],
    ),
  );
}

/** A step of cleaning beside what it took away. */
export interface CleaningRow {
  readonly way: WayName;
  readonly step: CleaningCounts;
  /** Rows and positives less than before; `null`: it is the first step. */
  readonly taken: { readonly rows: number; readonly positives: number; readonly columns: number } | null;
}

export function cleaningRows({ ways }: ExperimentResult): CleaningRow[] {
  return ways.flatMap(({ way, steps }) =>
    steps.map((step, at) => {
      const before = steps[at - 1];
      const taken =
        before === undefined
          ? null
          : {
              rows: before.rows - step.rows,
              positives: before.positives - step.positives,
              columns: before.columns - step.columns,
            };
      return { way, step, taken };
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
