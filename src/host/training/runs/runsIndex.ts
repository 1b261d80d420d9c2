import { basename, dirname, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../../../base/disposable.js';
import { isFailure, messageOf } from '../../../base/errors.js';
import { findRuns, type FoundRun } from '../../../learning/runs/findRuns.js';
import type { Log } from '../../log.js';
import { throttled } from '../../viewPanel.js';

/** A run writes its files at the end of each epoch, and epochs of small models are short. */
const INTERVAL_MS = 500;
/** More changes than that are a checkout or a build: everything is looked at anew. */
const MOST_TOUCHED = 200;

/** The runs below the folders of the workspace, as they come, change and go. */
export class RunsIndex implements vscode.Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<void>());
  readonly onChanged = this.#changed.event;
  readonly #found = new Map<string, FoundRun>();
  readonly #touched = new Set<string>();
  readonly #look: () => void;
  #search: AbortController | undefined;
  #isSearched = false;
  #problem = '';
  /** One look at a time: an older one must not overwrite what a newer one found. */
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly log: Log) {
    const look = this.#owned.add(
      throttled(INTERVAL_MS, () => {
        const folders = [...this.#touched];
        this.#touched.clear();
        if (folders.length > MOST_TOUCHED) void this.refresh();
        else this.#looking = this.#looking.then(() => this.#read(folders));
      }),
    );
    this.#look = look;
    this.#watch();
  }

  /** The newest first. */
  get all(): readonly FoundRun[] {
    return [...this.#found.values()].sort(
      (a, b) => startOf(b) - startOf(a) || (a.folder < b.folder ? -1 : 1),
    );
  }

  get(folder: string): FoundRun | undefined {
    return this.#found.get(folder);
  }

  /** Why runs may be missing; empty when none are. */
  get problem(): string {
    return this.#problem;
  }

  /** Searches all folders, unless that was done before. */
  async searched(): Promise<void> {
    if (!this.#isSearched) await this.refresh();
  }

  /** Reads one run anew, also one that is new; without waiting for the editor to notice that its files changed. */
  touch(folder: string): void {
    this.#touched.add(folder);
    this.#look();
  }

  /** Reads the runs that are known anew. */
  touchAll(): void {
    for (const folder of [...this.#found.keys()].slice(0, MOST_TOUCHED)) this.touch(folder);
  }

  /** Searches all folders of the workspace. */
  async refresh(): Promise<void> {
    this.#search?.abort();
    const search = new AbortController();
    this.#search = search;
    const { signal } = search;
    const found = new Map<string, FoundRun>();
    const problems: string[] = [];
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      if (uri.scheme !== 'file') continue;
      try {
        for (const run of await findRuns(uri.fsPath, { signal })) found.set(run.folder, run);
      } catch (error) {
        if (isFailure(error, 'cancelled')) return;
        this.log.error(`Looking for runs in ${uri.fsPath}`, error);
        problems.push(`Not all runs are shown. ${messageOf(error)}`);
      }
    }
    // Runs of this window may lie elsewhere.
    for (const [folder, run] of this.#found) if (!isInWorkspace(folder)) found.set(folder, run);
    this.#found.clear();
    for (const [folder, run] of found) this.#found.set(folder, run);
    this.#isSearched = true;
    this.#problem = problems.join(' ');
    this.#changed.fire();
  }

  dispose(): void {
    this.#search?.abort();
    this.#owned.dispose();
  }

  #watch(): void {
    const runs = this.#owned.add(vscode.workspace.createFileSystemWatcher('**/run.json'));
    const touchRun = (uri: vscode.Uri) => {
      if (uri.scheme === 'file' && !isHidden(uri)) this.touch(dirname(uri.fsPath));
    };
    this.#owned.add(runs.onDidCreate(touchRun));
    this.#owned.add(runs.onDidChange(touchRun));
    this.#owned.add(runs.onDidDelete(touchRun));
    // Of a folder that comes or goes as a whole the editor does not tell what was in it.
    const folders = this.#owned.add(vscode.workspace.createFileSystemWatcher('**/*', false, true, false));
    this.#owned.add(
      folders.onDidCreate((uri) => {
        // What has an ending is a file, as good as always; the button in the view finds the others.
        const isFile = basename(uri.fsPath).includes('.');
        if (uri.scheme === 'file' && !isFile && !isHidden(uri) && !this.#isWithinRun(uri.fsPath)) {
          this.touch(uri.fsPath);
        }
      }),
    );
    this.#owned.add(
      folders.onDidDelete(({ fsPath }) => {
        for (const folder of this.#found.keys())
          if ((folder + sep).startsWith(fsPath + sep)) this.touch(folder);
      }),
    );
    this.#owned.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()));
  }

  /** A run makes folders for its checkpoints all the time. */
  #isWithinRun(path: string): boolean {
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      if (this.#found.has(folder)) return true;
    }
    return false;
  }

  async #read(folders: readonly string[]): Promise<void> {
    let isChanged = false;
    for (const folder of folders) {
      // Neither a folder nor there any more: there is no run.
      const found = await findRuns(folder, { maxDepth: 1 }).catch(() => []);
      if (!found.some((run) => run.folder === folder)) isChanged = this.#found.delete(folder) || isChanged;
      for (const run of found) this.#found.set(run.folder, run);
      isChanged ||= found.length > 0;
    }
    if (isChanged) this.#changed.fire();
  }
}

function startOf(found: FoundRun): number {
  return 'problem' in found ? 0 : Date.parse(found.run.started) || 0;
}

function isInWorkspace(folder: string): boolean {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder)) !== undefined;
}

/** Below a hidden folder of the workspace, or a package: the search passes these over, too. */
function isHidden(uri: vscode.Uri): boolean {
  const root = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  if (root === undefined) return true;
  const names = relative(root, uri.fsPath).split(sep);
  return names.some((name) => name.startsWith('.') || name === 'node_modules');
}
