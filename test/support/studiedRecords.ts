/** Recordings of can_migrate_task() that a study can be made of in a moment, and such a study. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeStudy } from '../../src/learning/migrations/study/makeStudy.js';
import { settingsFor } from '../../src/learning/migrations/study/studySettings.js';
import type { NeuralCfsStudy } from '../../src/protocol/neuralCfsStudy.js';
import { RECORD_COLUMN_NAMES } from '../../src/trace/migrations/recordColumns.js';
import { recordsCsv } from './migrationRecords.js';

/** Calls of which every eighth is forced, as the rule says; the balance fails at times without a forced one, too. */
export function ruledRecords(rows: number, shift: number, columns?: readonly string[]): string {
  return recordsCsv(
    Array.from({ length: rows }, (_, row) => {
      const isForced = row % 8 === 7;
      return {
        ...{ pid: 100 + Math.floor(row / 4), src_cpu: 1, dst_cpu: row % 3, task_nr_migrations: row },
        ...{ sd_cache_nice_tries: 1 + (row % 2), sd_nr_balance_failed: isForced ? 3 : row % 2 },
        ...{ task_util_avg: (row * 7 + shift) % 101, delta: 1000 + ((row * 13) % 97) },
        ...{ cpu_idle: row % 5 === 0 ? 1 : 0 },
        ...{ migration: Number(isForced || row % 3 === 0), forced: Number(isForced) },
      };
    }),
    columns,
  );
}

/** Two workloads on two machines, one workload with too few positives, and a file that is none. */
export const STUDIED_FILES: Readonly<Record<string, string>> = {
  'smp4_alpha.csv': ruledRecords(1600, 0),
  'smp8_beta.csv': ruledRecords(1200, 5),
  'smp8_gamma.csv': ruledRecords(60, 9),
  'notes.txt': 'no table\n',
};

/** Without the column that tells forced migrations. */
export const UNTOLD_RECORDS = ruledRecords(
  100,
  0,
  RECORD_COLUMN_NAMES.filter((name) => name !== 'forced'),
);

export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
}

/** Experiment 3 of the files above, by models that are trained at once; the recordings are gone then. */
export async function littleStudy(): Promise<NeuralCfsStudy> {
  const folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-study-'));
  try {
    await writeFiles(folder, STUDIED_FILES);
    const settings = settingsFor([folder], {
      experiments: [3],
      ways: ['published', 'group', 'workload'],
      models: ['constant', 'rule'],
      importanceOf: 'rule',
      transferOf: 'rule',
    });
    return await makeStudy(settings, { now: () => new Date('2026-11-22T05:00:00Z'), version: '0.0.0' });
  } finally {
    await rm(folder, { recursive: true });
  }
}
