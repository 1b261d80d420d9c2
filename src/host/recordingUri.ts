import { posix } from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { RECORDING_SCHEME } from '../manifest.js';
import { listOf, shortNames } from '../trace/recording/partNames.js';

/** The files of a recording, or the folder that is one. */
export interface RecordingPlace {
  readonly files: readonly vscode.Uri[];
  readonly folder: vscode.Uri | undefined;
}

const MAX_FILES = 1024;

const QUERY = v.union([
  v.object({ files: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_FILES)) }),
  v.object({ folder: v.string() }),
]);

/**
 * The resource that stands for several files: `kernel-oracle:/cpu0, cpu1 (2 files)?{"files":["file:///…",…]}`. The path
 * is the title of its tab. All that is needed to open it again is in the URI, so that it outlives the window.
 */
export function uriOfFiles(files: readonly vscode.Uri[]): vscode.Uri {
  if (files.length > MAX_FILES) {
    throw new Error(`One recording of ${files.length} files? At most ${MAX_FILES} can be opened as one.`);
  }
  const sorted = [...files].sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  const title = listOf(shortNames(sorted.map(({ path }) => path)));
  return recordingUri(title, { files: sorted.map(String) });
}

/** The resource that stands for a folder: an editor cannot be opened on a folder itself. */
export function uriOfFolder(folder: vscode.Uri): vscode.Uri {
  return recordingUri(posix.basename(folder.path), { folder: folder.toString() });
}

function recordingUri(title: string, query: v.InferInput<typeof QUERY>): vscode.Uri {
  // A slash would make a folder of what stands before it.
  const path = `/${title.replaceAll('/', '›')}`;
  return vscode.Uri.from({ scheme: RECORDING_SCHEME, path, query: JSON.stringify(query) });
}

/** What a resource of the editor means; an ordinary file means itself. Throws when it was tampered with. */
export function placeOf(uri: vscode.Uri): RecordingPlace {
  if (uri.scheme !== RECORDING_SCHEME) return { files: [uri], folder: undefined };
  const query = v.parse(QUERY, JSON.parse(uri.query));
  if ('folder' in query) return { files: [], folder: vscode.Uri.parse(query.folder, true) };
  return { files: query.files.map((each) => vscode.Uri.parse(each, true)), folder: undefined };
}

/**
 * VS Code opens editors only for resources of a file system. In this one each recording is a small text that names its
 * files; nothing can be written.
 */
export class RecordingFileSystem implements vscode.FileSystemProvider {
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  static register(): vscode.Disposable {
    return vscode.workspace.registerFileSystemProvider(RECORDING_SCHEME, new RecordingFileSystem(), {
      isReadonly: true,
      isCaseSensitive: true,
    });
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: this.readFile(uri).length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    try {
      const { files, folder } = placeOf(uri);
      const lines = folder === undefined ? files : [folder];
      return new TextEncoder().encode(lines.map((each) => `${each.toString(true)}\n`).join(''));
    } catch {
      throw vscode.FileSystemError.FileNotFound(uri);
    }
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}
