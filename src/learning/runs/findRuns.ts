import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, messageOf } from '../../base/errors.js';
import { CONFIG_FILE_NAME } from '../trainer/config/config.js';
import { readRun, runPaths, stateOf, type RunInfo, type RunState } from '../trainer/runFolder.js';

/** A run, or a folder that is one whose `run.json` cannot be read: shown, not hidden. Told apart by `'problem' in found`. */
export type FoundRun = SoundRun | BrokenRun;

export interface SoundRun {
  readonly folder: string;
  readonly run: RunInfo;
  readonly state: RunState;
}

export interface BrokenRun {
  readonly folder: string;
  /** A message for the user. */
  readonly problem: string;
}

export interface FindRunsOptions {
  readonly signal?: AbortSignal;
  /** Folders below the root, 0 being the root itself; 8 unless told. */
  readonly maxDepth?: number;
}

const MAX_DEPTH = 8;
/** A folder that holds more is no workspace. */
const MAX_FOLDERS = 50_000;
const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules']);

/**
 * The runs in a folder and the folders below it, the newest first. Passed over are hidden folders, `node_modules`, folders
 * that may not be read, and what is below a run. Links to folders are followed, but no folder is looked at twice.
 * Failures: `file-not-found` and `read-failed` (the root), `too-large`, `cancelled`.
 */
export async function findRuns(root: string, options: FindRunsOptions = {}): Promise<FoundRun[]> {
  const { signal, maxDepth = MAX_DEPTH } = options;
  const found: { readonly time: number; readonly run: FoundRun }[] = [];
  const seen = new Set<string>();
  let level = [root];
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of level) {
      throwIfCancelled(signal);
      const real = await realpath(folder).catch(() => folder);
      if (seen.has(real)) continue;
      seen.add(real);
      if (seen.size > MAX_FOLDERS) {
        throw new Failure(
          'too-large',
          `${root} holds more than ${MAX_FOLDERS} folders. Name the folder of the runs.`,
        );
      }
      const entries = await entriesOf(folder, folder === root);
      const run = entries.some(({ name }) => name === basename(runPaths('.').run))
        ? await runIn(folder, entries)
        : null;
      if (run !== null) found.push(run);
      else below.push(...(await foldersOf(folder, entries)));
    }
    level = below;
  }
  found.sort((a, b) => b.time - a.time || (a.run.folder < b.run.folder ? -1 : 1));
  return found.map(({ run }) => run);
}

/** `null`: that `run.json` is of something else. */
async function runIn(
  folder: string,
  entries: readonly Dirent[],
): Promise<{ readonly time: number; readonly run: FoundRun } | null> {
  try {
    const run = await readRun(folder);
    if (run === null) return null;
    return { time: Date.parse(run.started), run: { folder, run, state: stateOf(run) } };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // The name is a common one: damaged is what lies beside other files of a run.
    if (!entries.some(({ name }) => name === CONFIG_FILE_NAME)) return null;
    const time = await stat(runPaths(folder).run).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    return { time, run: { folder, problem: error.message } };
  }
}

async function entriesOf(folder: string, isRoot: boolean): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (!isRoot) return [];
    const code = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'file-not-found' : 'read-failed';
    throw new Failure(code, `${folder} cannot be listed: ${messageOf(error)}`, { cause: error });
  }
}

async function foldersOf(folder: string, entries: readonly Dirent[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || PASSED_OVER.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path)))) found.push(path);
  }
  return found.sort();
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
