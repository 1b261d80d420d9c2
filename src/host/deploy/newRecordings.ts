import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NeuralCfsRun } from '../../learning/migrations/runs/neuralCfsRun.js';

const RECORDS = /\.csv(\.(gz|zst|xz))?$/;

/**
 * Tables that came after a run, where its recordings lie or in `folders`: what it was not trained on yet. Folders that are gone,
 * or may not be read, have none.
 * @returns paths, the newest first
 */
export async function newerRecordings(
  { made, recordings }: Pick<NeuralCfsRun, 'made' | 'recordings'>,
  folders: readonly string[],
): Promise<string[]> {
  const known = new Set(recordings.map(({ path }) => path));
  const searched = new Set([...recordings.map(({ path }) => dirname(path)), ...folders]);
  const found: { readonly path: string; readonly changedMs: number }[] = [];
  for (const folder of searched) {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      if (!RECORDS.test(name) || known.has(path)) continue;
      const changedMs = await changedAt(path);
      if (changedMs > Date.parse(made)) found.push({ path, changedMs });
    }
  }
  return found.sort((a, b) => b.changedMs - a.changedMs).map(({ path }) => path);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Milliseconds since the epoch; what went away meanwhile is older than all. */
async function changedAt(path: string): Promise<number> {
  return stat(path).then(
    (found) => (found.isFile() ? found.mtimeMs : 0),
    () => 0,
  );
}
