import { readdir, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { Failure, messageOf } from '../../base/errors.js';

/** What may be a recording: a file (perhaps of several recordings), or a folder whose files are one. */
export interface Input {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** The user named it, rather than a folder that holds it: then it has to be a recording. */
  readonly isNamed: boolean;
  /** Folder between the one that was named and this; undefined when there is none. */
  readonly folder: string | undefined;
}

/** A folder with more files than this is somebody's home, not a collection of recordings. */
const MAX_INPUTS = 20_000;
const MAX_DEPTH = 8;
/** tracefs' folders of the CPUs. */
const CPU_FOLDER = /^cpu\d+$/;

/**
 * The recordings that files and folders hold, in an order that does not depend on the machine. Folders are searched to
 * their end; hidden files and descriptions (`.meta.json`) are passed over. Failures: `file-not-found`, `read-failed`,
 * `too-large`, `wrong-usage` (nothing was named, or there is nothing in it).
 */
export async function findInputs(paths: readonly string[]): Promise<Input[]> {
  const found: Input[] = [];
  for (const path of paths) {
    if (!(await isFolder(path))) found.push({ path, kind: 'file', isNamed: true, folder: undefined });
    else if (isRecordingFolder(await entriesOf(path))) {
      found.push({ path, kind: 'folder', isNamed: true, folder: undefined });
    } else await search(path, path, 0, found);
  }
  if (found.length > 0) return found;
  throw new Failure('wrong-usage', `There is no recording in ${paths.join(', ')}: no file at all.`);
}

async function search(root: string, folder: string, depth: number, found: Input[]): Promise<void> {
  const between = relative(root, folder).split(sep)[0];
  const common = { isNamed: false, folder: between === '' ? undefined : between };
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name.endsWith('.meta.json')) continue;
    if (entry.isDirectory()) {
      if (isRecordingFolder(await entriesOf(path))) {
        const name = relative(root, dirname(path)).split(sep)[0];
        found.push({ path, kind: 'folder', isNamed: false, folder: name === '' ? undefined : name });
      } else if (depth < MAX_DEPTH) await search(root, path, depth + 1, found);
    } else if (entry.isFile() || (entry.isSymbolicLink() && (await isLinkToFile(path)))) {
      found.push({ path, kind: 'file', ...common });
    }
    if (found.length > MAX_INPUTS) {
      throw new Failure(
        'too-large',
        `${root} holds more than ${MAX_INPUTS} files. Name the folder of the recordings.`,
      );
    }
  }
}

/** Whether the files of a folder are one recording: CTF, or tracefs' texts of the CPUs. */
function isRecordingFolder(entries: readonly Dirent[]): boolean {
  const isCtf = entries.some((entry) => entry.isFile() && entry.name === 'metadata');
  return isCtf || entries.some((entry) => entry.isDirectory() && CPU_FOLDER.test(entry.name));
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch (error) {
    throw new Failure('read-failed', `${folder} cannot be listed: ${messageOf(error)}`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    // Files are read twice: for their digest, and for what is in them.
    if (found.isDirectory() || found.isFile()) return found.isDirectory();
    throw new Failure('wrong-usage', `${path} is neither a file nor a folder. Save what it gives as a file.`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Failure('file-not-found', `${path} does not exist.`, { cause: error });
    }
    throw new Failure('read-failed', `${path} cannot be looked at: ${messageOf(error)}`, { cause: error });
  }
}

/** Links to folders are not followed: they may lead in a circle. */
async function isLinkToFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
