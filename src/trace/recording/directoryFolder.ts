import { readdirSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { Failure, messageOf } from '../../base/errors.js';
import { fileAccess, type RandomAccess } from '../../base/randomAccess.js';
import type { TraceFolder } from '../importers/importer.js';

/** A folder with more files than this is no recording: somebody's home, perhaps. */
export const MAX_FILES = 20_000;
const MAX_DEPTH = 8;

export interface OpenFolder extends TraceFolder {
  close(): void;
}

/** A directory of this machine as a folder of trace files. Failures: `read-failed`, `too-large`. */
export function directoryFolder(path: string): OpenFolder {
  const paths: string[] = [];
  const visit = (folder: string, prefix: string, depth: number) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const relative = `${prefix}${entry.name}`;
      if (entry.isDirectory() && depth < MAX_DEPTH)
        visit(join(folder, entry.name), `${relative}/`, depth + 1);
      else if (entry.isFile()) paths.push(relative);
      if (paths.length > MAX_FILES) {
        throw new Failure(
          'too-large',
          `${path} holds more than ${MAX_FILES} files: choose the folder of one recording.`,
        );
      }
    }
  };
  try {
    visit(path, '', 0);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('read-failed', `${path} cannot be listed: ${messageOf(error)}`, { cause: error });
  }
  paths.sort();
  const known = new Set(paths);
  const opened = new Map<string, RandomAccess>();
  return {
    name: basename(path),
    paths,
    open: (relative) => {
      if (!known.has(relative)) {
        throw new Failure('not-found', `${path} has no file ${relative}.`);
      }
      const access = opened.get(relative) ?? fileAccess(join(path, ...relative.split('/')));
      opened.set(relative, access);
      return access;
    },
    close: () => {
      for (const access of opened.values()) access.close();
      opened.clear();
    },
  };
}

/** The folder that a file lies in, with its path. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf(sep)));
}
