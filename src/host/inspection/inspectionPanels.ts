import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { runPaths } from '../../learning/trainer/runFolder.js';
import type { InspectionRequests } from '../../protocol/inspectionMessages.js';
import { INSPECTION_PARAMS, readInspectionMemory } from '../../protocol/inspectionSchemas.js';
import type { Log } from '../log.js';
import { ViewPanel } from '../viewPanel.js';
import { answersOf, type OpenPanel, type PanelAnswers, type PanelKind } from './panelKind.js';
import { saveFile } from './saveFile.js';

/** How often the files of what is in sight are looked at: the command line may evaluate a run, too. */
const LOOK_INTERVAL_MS = 2000;

/** What the buttons of every panel do. */
export interface InspectionActions {
  evaluate(folder: string): Promise<unknown>;
  audit(folder: string): Promise<unknown>;
  openRun(folder: string): unknown;
}

interface Shown {
  readonly view: ViewPanel;
  readonly open: OpenPanel;
  readonly folders: readonly string[];
  look(): Promise<void>;
}

/** Inspection panels of all kinds, one for each kind and choice of runs. They come back with the window. */
export class InspectionPanels implements Disposable {
  readonly #shown = new Map<string, Shown>();
  readonly #kinds: ReadonlyMap<string, PanelKind>;
  readonly #registrations: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    kinds: readonly PanelKind[],
    private readonly actions: InspectionActions,
    private readonly log: Log,
  ) {
    this.#kinds = new Map(kinds.map((kind) => [kind.id, kind]));
    this.#registrations = vscode.Disposable.from(
      ...kinds.map((kind) =>
        vscode.window.registerWebviewPanelSerializer(kind.id, {
          deserializeWebviewPanel: (panel, state) => this.#restore(kind, panel, state),
        }),
      ),
    );
  }

  /**
   * Opens the panel of these runs, or brings it to the front.
   * @param id of the kind, one of `PANELS`
   * @param aim what it is to show; the kind says what that may be
   */
  show(id: string, folders: readonly string[], aim?: unknown): void {
    const kind = this.#kinds.get(id);
    if (kind === undefined) throw new Error(`There is no inspection panel ${id}.`);
    const shown = this.#shown.get(keyOf(kind, folders));
    if (shown !== undefined) {
      shown.view.reveal();
      if (aim !== undefined) shown.open.aim?.(aim);
      return;
    }
    const column = vscode.ViewColumn.Active;
    this.#fill(kind, vscode.window.createWebviewPanel(id, kind.title(folders), column), folders, aim);
  }

  /** The files of a run changed, and this window knows it before it looks. */
  async touch(folder: string): Promise<void> {
    const of = [...this.#shown.values()].filter(({ folders }) => folders.includes(folder));
    await Promise.all(of.map((shown) => shown.look()));
  }

  dispose(): void {
    this.#registrations.dispose();
    for (const { view } of [...this.#shown.values()]) view.dispose();
  }

  #restore(kind: PanelKind, panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const memory = readInspectionMemory(state);
    if (memory === null || this.#shown.has(keyOf(kind, memory.folders))) panel.dispose();
    else this.#fill(kind, panel, memory.folders, undefined);
    return Promise.resolve();
  }

  #fill(kind: PanelKind, panel: vscode.WebviewPanel, folders: readonly string[], aim: unknown): void {
    const { log } = this;
    const send = (name: string, payload: unknown) => panel.visible && view.send(name, payload);
    const open = kind.open({ folders, aim, send: (name, payload) => void send(name, payload), log });
    const answers = new Map([...open.answers, ...this.#commonAnswers(folders)]);
    const view: ViewPanel = new ViewPanel(
      panel,
      this.extensionUri,
      kind.view,
      [...answers.keys()],
      (method, params) => answers.get(method)?.(params),
    );
    const look = lookingAt(folders, () => {
      open.changed?.();
      send('inspectionChanged', {});
    });
    const timer = setInterval(() => {
      if (panel.visible) look().catch((error: unknown) => log.error(kind.title(folders), error));
    }, LOOK_INTERVAL_MS);
    const key = keyOf(kind, folders);
    this.#shown.set(key, { view, open, folders, look });
    view.own(open);
    view.own({ dispose: () => clearInterval(timer) });
    view.own({ dispose: () => this.#shown.delete(key) });
  }

  #commonAnswers(folders: readonly string[]): PanelAnswers {
    const folderOf = (run: number) => {
      const folder = folders[run];
      if (folder === undefined) throw new Error(`This panel has no run ${run}.`);
      return folder;
    };
    return answersOf<InspectionRequests>(INSPECTION_PARAMS, {
      inspectedRuns: () => ({ folders }),
      saveFile: (file) => saveFile(file, folderOf(0)),
      evaluateRun: async ({ run }) => {
        await this.actions.evaluate(folderOf(run));
        return null;
      },
      auditRun: async ({ run }) => {
        await this.actions.audit(folderOf(run));
        return null;
      },
      openRun: async ({ run }) => {
        await this.actions.openRun(folderOf(run));
        return null;
      },
    });
  }
}

function keyOf({ id }: PanelKind, folders: readonly string[]): string {
  return [id, ...folders].join('\0');
}

/** A function that looks at the files of the runs, and tells when they are not as they were at its last look. */
function lookingAt(folders: readonly string[], changed: () => void): () => Promise<void> {
  let known: string | undefined;
  const look = async () => {
    const stamps = (await Promise.all(folders.map(stampOf))).join('\n');
    const isNew = known !== undefined && known !== stamps;
    known = stamps;
    if (isNew) changed();
  };
  // What the view is told first is of about this time.
  void look();
  return look;
}

/** Sizes and times of the files that figures come from. */
async function stampOf(folder: string): Promise<string> {
  const { run, metrics, history, best } = runPaths(folder);
  const own = ['evaluation/evaluation.json', 'audit.json'].map((name) => join(folder, name));
  const stamps = await Promise.all(
    [run, metrics, history, best, ...own].map((path) =>
      stat(path).then(
        ({ size, mtimeMs, ino }) => `${ino}:${size}:${mtimeMs}`,
        () => '-',
      ),
    ),
  );
  return stamps.join(' ');
}
