/** Records from which a model learns something in a moment, and runs of them as they are written. */
import type { ClassifierKind } from '../../src/learning/migrations/classifier.js';
import { classifierKinds } from '../../src/learning/migrations/models/classifierKinds.js';
import { trainRun, type NewRun, type TrainRunOptions } from '../../src/learning/migrations/runs/trainRun.js';
import type { MigrationSet } from '../../src/dataset/migrations/migrationSet.js';
import type { RecordValues } from './migrationRecords.js';
import { randomNumbers } from './randomNumbers.js';

/** Calls of tasks whose decision is the kernel's rule for experiment 3, with mistakes; values as large as real ones. */
export function drawnCalls(rows: number, seed = 1): RecordValues[] {
  const next = randomNumbers(seed);
  return Array.from({ length: rows }, (_, row) => {
    const [delta, failed, tries] = [next(2_000_000), next(5), 1 + next(2)];
    const isForced = (delta < 500_000 && failed > tries) !== (next(25) === 0);
    return {
      ...{ pid: 1000 + Math.floor(row / 3), task_nr_migrations: row % 7, src_cpu: 1, dst_cpu: next(4) },
      ...{ delta, sd_nr_balance_failed: failed, sd_cache_nice_tries: tries },
      ...{ task_util_avg: next(1024), cpu_idle: next(2), cpu_newly_idle: next(2) },
      ...{ start_runtime: 4_503_599_627_370_497 - next(2 ** 31), forced: Number(isForced) },
      migration: Number(isForced || next(2) === 0),
    };
  });
}

export function kindOf(name: string): ClassifierKind {
  return classifierKinds([name])[0]!;
}

/** A run of experiment 3, split by history group. */
export function newRun(
  set: MigrationSet,
  model: string,
  options: Partial<TrainRunOptions> = {},
): Promise<NewRun> {
  return trainRun(set, 3, {
    ...{ kind: kindOf(model), split: 'group', threshold: 'trained', seed: 42 },
    ...{ kernelOracleVersion: '1.2.3', now: () => new Date(0) },
    ...options,
  });
}
