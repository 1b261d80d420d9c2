/** Migration sets for tests: recordings by the values that matter, read as files are. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MigrationSet } from '../../../../src/dataset/migrations/migrationSet.js';
import { readMigrationSet } from '../../../../src/dataset/migrations/readMigrationSet.js';
import { recordsCsv, type RecordValues } from '../../../support/migrationRecords.js';

/** A folder with these files that is gone when the test has ended. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await folderOf(files);
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-migrations-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** Rows by the names of the files they are recorded in: `smp4_hackbench`. */
export async function setOf(
  recordings: Readonly<Record<string, readonly RecordValues[]>>,
): Promise<MigrationSet> {
  const files = Object.entries(recordings).map(([name, rows]) => [`${name}.csv`, recordsCsv(rows)] as const);
  const folder = await folderOf(Object.fromEntries(files));
  try {
    return await readMigrationSet([folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** As many rows as told, each made from its number. */
export function rowsOf(count: number, values: (row: number) => RecordValues): RecordValues[] {
  return Array.from({ length: count }, (_, row) => values(row));
}
