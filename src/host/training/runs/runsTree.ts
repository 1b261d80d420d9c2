import * as vscode from 'vscode';
import { DisposableStore } from '../../../base/disposable.js';
import { COMMANDS, VIEWS } from '../../../manifest.js';
import { throttled } from '../../viewPanel.js';
import type { JobState, TrainingJob, TrainingJobs } from '../trainingJob.js';
import { runRow, type RowState, type RunRow } from './runRow.js';
import type { RunsIndex } from './runsIndex.js';

/** What commands of the view get: a run by its folder. */
export interface RunNode {
  readonly runFolder: string;
}

const icons: Readonly<Record<RowState, vscode.ThemeIcon>> = {
  queued: new vscode.ThemeIcon('clock'),
  running: new vscode.ThemeIcon('sync~spin', new vscode.ThemeColor('charts.blue')),
  paused: new vscode.ThemeIcon('debug-pause', new vscode.ThemeColor('charts.yellow')),
  stopping: new vscode.ThemeIcon('loading~spin'),
  finished: new vscode.ThemeIcon('pass', new vscode.ThemeColor('charts.green')),
  cancelled: new vscode.ThemeIcon('circle-slash'),
  failed: new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')),
  interrupted: new vscode.ThemeIcon('debug-disconnect', new vscode.ThemeColor('charts.yellow')),
  elsewhere: new vscode.ThemeIcon('server-process', new vscode.ThemeColor('charts.blue')),
  damaged: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
};

/** A row that is drawn anew closes its menu: not more often than is needed to follow. */
const INTERVAL_MS = 2000;
const LOOK_AGAIN_MS = 5000;

/** The view "Runs": those of the workspace, the newest first, as their files and the jobs of this window tell. */
export class RunsTree implements vscode.TreeDataProvider<RunNode>, vscode.Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<RunNode | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #nodes = new Map<string, RunNode>();
  readonly #view: vscode.TreeView<RunNode>;
  /** What is drawn, by folder: what is the same is not drawn again. */
  readonly #drawn = new Map<string, string>();
  readonly #states = new WeakMap<TrainingJob, JobState>();
  #followed = new DisposableStore();

  constructor(
    private readonly index: RunsIndex,
    private readonly jobs: TrainingJobs,
  ) {
    this.#view = this.#owned.add(
      vscode.window.createTreeView(VIEWS.runs, { treeDataProvider: this, canSelectMany: true }),
    );
    this.#owned.add(index.onChanged(() => this.#redraw()));
    // The editor's file watching misses changes: on network drives, beyond the system's limit, in windows that were reloaded.
    const again = setInterval(() => {
      if (this.#view.visible) index.touchAll();
    }, LOOK_AGAIN_MS);
    this.#owned.add({ dispose: () => clearInterval(again) });
    this.#owned.add(jobs.onChanged(() => this.#follow()));
    this.#owned.add({ dispose: () => this.#followed.dispose() });
  }

  /** Folders of the selected runs, in the order of the view. */
  get selection(): readonly string[] {
    return this.#view.selection.map(({ runFolder }) => runFolder);
  }

  getTreeItem({ runFolder }: RunNode): vscode.TreeItem {
    const row = this.row(runFolder);
    const item = new vscode.TreeItem(row?.label ?? runFolder);
    item.id = runFolder;
    if (row === undefined) return item;
    this.#drawn.set(runFolder, JSON.stringify(row));
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.iconPath = icons[row.state];
    item.contextValue = row.contextValue;
    item.accessibilityInformation = { label: `${row.label}, ${row.description.replaceAll(' · ', ', ')}` };
    item.command = { command: COMMANDS.openRun, title: 'Open Run', arguments: [{ runFolder }] };
    return item;
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (node !== undefined) return [];
    // Nothing is searched before somebody looks.
    await this.index.searched();
    return this.index.all.map(({ folder }) => this.#node(folder));
  }

  getParent(): undefined {
    return undefined;
  }

  row(folder: string): RunRow | undefined {
    const found = this.index.get(folder);
    if (found === undefined) return undefined;
    return runRow(found, this.jobs.of(folder), (path) => vscode.workspace.asRelativePath(path));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** Draws rows that changed; all of them when one came or went. */
  #redraw(): void {
    this.#view.message = this.index.problem;
    const folders = this.index.all.map(({ folder }) => folder);
    if (folders.length !== this.#drawn.size || folders.some((folder) => !this.#drawn.has(folder))) {
      this.#drawn.clear();
      this.#changed.fire(undefined);
      return;
    }
    for (const folder of folders) this.#redrawRow(folder);
  }

  #redrawRow(folder: string): void {
    const before = this.#drawn.get(folder);
    if (before === undefined || before === JSON.stringify(this.row(folder))) return;
    this.#changed.fire(this.#node(folder));
  }

  #follow(): void {
    this.#followed.dispose();
    this.#followed = new DisposableStore();
    for (const job of this.jobs.all) {
      // Its files changed, too, most likely; the editor may notice that much later.
      if (this.#states.get(job) !== job.state) this.index.touch(job.runFolder);
      this.#states.set(job, job.state);
      const draw = this.#followed.add(throttled(INTERVAL_MS, () => this.#redrawRow(job.runFolder)));
      this.#followed.add(job.onChanged(draw));
      draw();
    }
  }

  /** The same object each time: the editor knows by it which row to draw anew. */
  #node(runFolder: string): RunNode {
    let node = this.#nodes.get(runFolder);
    if (node === undefined) {
      node = { runFolder };
      this.#nodes.set(runFolder, node);
    }
    return node;
  }
}
