import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { LatencyFiles } from '../../analysis/latency/latencyFiles.js';
import { LATENCY_STUDY_ENDING, writeLatencyStudy } from '../../analysis/latency/latencyStudy.js';
import type { Disposable } from '../../base/disposable.js';
import type { LatencyRequests, LatencyState, LatencyStudy } from '../../protocol/latencyMessages.js';
import { LATENCY_PARAMS } from '../../protocol/latencySchemas.js';
import { describedLatencies, readResultLatencies } from '../../remote/benchmarks/latencySets.js';
import { answersOf } from '../inspection/panelKind.js';
import { saveFile } from '../inspection/saveFile.js';
import type { Log } from '../log.js';
import { ViewPanel } from '../viewPanel.js';
import { LatencyDocument } from './latencyDocument.js';

export const PANEL_TITLE = 'Latency Densities';

/** A panel that draws latencies as densities and compares them; it follows its files when they change. */
export class LatencyPanel implements Disposable {
  readonly #view: ViewPanel;
  readonly #files = new LatencyFiles({ readResults: readResultLatencies, describe: describedLatencies });
  readonly #document: LatencyDocument;
  readonly #watchers = new Map<string, vscode.Disposable>();

  constructor(
    private readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    study: LatencyStudy,
    file: string | null,
    private readonly log: Log,
    closed: () => void,
  ) {
    this.#document = new LatencyDocument(this.#files, study, file);
    const answers = answersOf<LatencyRequests>(LATENCY_PARAMS, {
      latencyState: () => this.#state(),
      addFiles: () => this.#addFiles(),
      changeSet: (change) => this.#changed(() => this.#document.changeSet(change)),
      removeSet: ({ set }) => this.#changed(() => this.#document.removeSet(set)),
      setBaseline: ({ label }) => this.#changed(() => this.#document.setBaseline(label)),
      changeSettings: (settings) => this.#changed(() => this.#document.changeSettings(settings)),
      openSource: async ({ set }) => {
        const uri = vscode.Uri.file(this.#document.pathOf(set));
        await vscode.commands.executeCommand('vscode.openWith', uri, 'default');
        return null;
      },
      saveStudy: () => this.#save(),
      saveFile: (content) => saveFile(content, this.#besides()),
    });
    this.#view = new ViewPanel(panel, extensionUri, 'latency', [...answers.keys()], (method, params) =>
      answers.get(method)?.(params),
    );
    this.#view.own({ dispose: closed });
    this.#view.own({ dispose: () => this.#watch([]) });
    this.#setTitle();
  }

  /** The study file that is shown; null: none. */
  get file(): string | null {
    return this.#document.file;
  }

  reveal(): void {
    this.#view.reveal();
  }

  dispose(): void {
    this.#view.dispose();
  }

  async #state(): Promise<LatencyState> {
    this.#watch(this.#document.paths);
    return this.#document.state();
  }

  #changed(change: () => void): Promise<LatencyState> {
    change();
    return this.#state();
  }

  async #addFiles(): Promise<LatencyState> {
    const chosen = await chooseLatencyFiles('Add Latencies', vscode.Uri.file(dirname(this.#besides())));
    if (chosen !== undefined) await this.#document.add(chosen.map(({ fsPath }) => fsPath));
    return this.#state();
  }

  async #save(): Promise<LatencyState> {
    const path = this.#document.file ?? (await this.#chooseStudyFile());
    if (path !== undefined) {
      await writeLatencyStudy(path, this.#document.current);
      this.#document.saved(path);
      this.#setTitle();
    }
    return this.#state();
  }

  async #chooseStudyFile(): Promise<string | undefined> {
    const target = await vscode.window.showSaveDialog({
      title: 'Save Latency Densities',
      saveLabel: 'Save',
      defaultUri: vscode.Uri.file(join(dirname(this.#besides()), `latencies${LATENCY_STUDY_ENDING}`)),
      filters: { 'Latency densities': ['latency.json', 'json'] },
    });
    if (target === undefined) return undefined;
    const { fsPath } = target;
    return fsPath.endsWith(LATENCY_STUDY_ENDING)
      ? fsPath
      : fsPath.replace(/(\.latency)?\.json$/, '') + LATENCY_STUDY_ENDING;
  }

  /** A file beside which others are proposed. */
  #besides(): string {
    const { file, paths } = this.#document;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '.';
    return file ?? paths[0] ?? join(folder, 'latencies');
  }

  #setTitle(): void {
    const { file } = this.#document;
    this.panel.title = file === null ? PANEL_TITLE : basename(file);
  }

  /** Follows these files and no others. */
  #watch(paths: readonly string[]): void {
    for (const [path, watcher] of this.#watchers) {
      if (paths.includes(path)) continue;
      watcher.dispose();
      this.#watchers.delete(path);
    }
    for (const path of paths) {
      if (!this.#watchers.has(path)) this.#watchers.set(path, this.#watcherOf(path));
    }
  }

  #watcherOf(path: string): vscode.Disposable {
    const uri = vscode.Uri.file(path);
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), basename(path));
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const changed = () => {
      this.#files.forget(path);
      this.#state().then(
        (state) => this.#view.send('latencyUpdated', state),
        (error: unknown) => this.log.error(`Reading ${path}`, error),
      );
    };
    watcher.onDidChange(changed);
    watcher.onDidCreate(changed);
    watcher.onDidDelete(changed);
    return watcher;
  }
}

/** Files of latencies by the dialog of the editor; undefined: the user gave up. */
export async function chooseLatencyFiles(
  title: string,
  folder?: vscode.Uri,
): Promise<readonly vscode.Uri[] | undefined> {
  return vscode.window.showOpenDialog({
    title,
    openLabel: 'Add',
    canSelectMany: true,
    ...(folder === undefined ? {} : { defaultUri: folder }),
  });
}
