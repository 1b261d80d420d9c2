import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../base/atomicFile.js';
import { openDataSet, type StoredPart } from './dataSet.js';
import type { ExportKind } from './files/exportKinds.js';
import { switchesCsv, taskCodeFiles } from './files/csvExport.js';
import type { DataSetMeta } from './files/dataSetMeta.js';
import { npzOf, type NpzOptions } from './files/npzExport.js';
import { writeFolder } from './files/wholeFolder.js';
import { PART_NAMES, type PartName } from './sequences.js';

export interface DataSetExport extends NpzOptions {
  /** Folder of the data set. */
  readonly folder: string;
  readonly to: ExportKind;
  /** Folder to write; must not exist, or be empty. */
  readonly output: string;
  readonly signal?: AbortSignal;
  readonly onPart?: (part: PartName) => void;
}

export interface ExportedFile {
  /** Relative to the folder. */
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * Writes the parts of a data set in another form, and `vocabulary.json`, which says what the indices mean. The folder is
 * there whole or not at all. Parts without rows have no file. Failures: those of opening the data set, `write-failed`,
 * `wrong-usage`, `cancelled`.
 */
export async function exportDataSet(job: DataSetExport): Promise<ExportedFile[]> {
  const dataSet = await openDataSet(job.folder);
  const { meta } = dataSet;
  const plan = {
    path: job.output,
    mayReplace: () => Promise.resolve(false),
    advice: 'choose another folder.',
    signal: job.signal,
  };
  return writeFolder(plan, async (folder) => {
    const written: ExportedFile[] = [];
    const { kind, tasks, states } = meta.vocabulary;
    const vocabulary = `${JSON.stringify({ kind, tasks, states }, null, 1)}\n`;
    written.push(await writeCounted(folder, 'vocabulary.json', [vocabulary], job.signal));
    for (const name of PART_NAMES) {
      if (meta.parts[name].rows === 0) continue;
      job.onPart?.(name);
      written.push(...(await writePartAs(job, folder, name, await dataSet.part(name, job.signal), meta)));
    }
    return written;
  });
}

async function writePartAs(
  job: DataSetExport,
  folder: string,
  name: PartName,
  part: StoredPart,
  meta: DataSetMeta,
): Promise<ExportedFile[]> {
  switch (job.to) {
    case 'npz':
      return [await writeCounted(folder, `${name}.npz`, npzOf(part, job), job.signal)];
    case 'kernel-oracle-csv':
      return [await writeCounted(folder, `${name}.csv`, switchesCsv(part, meta), job.signal)];
    case 'task-code-csv': {
      await mkdir(join(folder, name));
      const written: ExportedFile[] = [];
      for (const file of taskCodeFiles(part, meta)) {
        written.push(await writeCounted(folder, join(name, file.name), file.pieces(), job.signal));
      }
      return written;
    }
  }
}

async function writeCounted(
  folder: string,
  name: string,
  pieces: Iterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
): Promise<ExportedFile> {
  let sizeBytes = 0;
  function* counted(): Generator<Uint8Array> {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      sizeBytes += bytes.length;
      yield bytes;
    }
  }
  await writeFileAtomically(join(folder, name), counted(), signal);
  return { name, sizeBytes };
}
