import * as vscode from 'vscode';
import { Failure, isFailure } from '../../base/errors.js';
import type { Disposable } from '../../base/disposable.js';
import { RUN_EDITOR } from '../../manifest.js';
import type { DeployedMode } from '../../protocol/deployment.js';
import type {
  CarriedModelView,
  DeployedMachineView,
  ModelRunRequests,
} from '../../protocol/neuralCfsRunMessages.js';
import { MODEL_RUN_PARAMS } from '../../protocol/neuralCfsRunSchemas.js';
import { answersOf, type PanelAnswers } from '../inspection/panelKind.js';
import { openRecording } from '../openTraceAt.js';
import { throttled, ViewPanel } from '../viewPanel.js';
import { RunDocument } from './runDocument.js';

/** What the panel has done; each ends when it is over. What the user gave up is the failure `cancelled`, or nothing. */
export interface RunActions {
  readonly emit: (run: string) => Promise<unknown>;
  /** @param machine null: the user chooses */
  readonly deploy: (run: string, machine: string | null) => Promise<unknown>;
  readonly ask: (machine: string | null) => Promise<unknown>;
  readonly setMode: (machine: string, mode: DeployedMode) => Promise<unknown>;
  readonly remove: (machine: string) => Promise<unknown>;
  readonly retrain: (run: string, machine: string) => Promise<unknown>;
  readonly measure: (machine: string) => Promise<unknown>;
}

export interface RunEditorParts {
  readonly extensionUri: vscode.Uri;
  /** What the model of a run takes in each form. */
  readonly carry: (run: string, signal: AbortSignal) => Promise<CarriedModelView>;
  readonly actions: RunActions;
  readonly deployed: {
    readonly views: readonly DeployedMachineView[];
    onChanged(listener: () => void): Disposable;
    watch(): Disposable;
  };
}

const UPDATE_INTERVAL_MS = 100;

/** The custom editor of trained models: read-only; it follows its files, and machines while it is visible. */
export class RunEditorProvider implements vscode.CustomReadonlyEditorProvider<RunDocument> {
  readonly #panels = new Map<vscode.WebviewPanel, RunDocument>();
  /** By SHA-256 of the model file: a panel that is shown again need not wait again. */
  readonly #carried = new Map<string, CarriedModelView>();

  constructor(private readonly parts: RunEditorParts) {}

  /** Folder of the run that is in front. */
  get activeRun(): string | undefined {
    for (const [panel, document] of this.#panels) if (panel.active) return document.folder;
    return undefined;
  }

  register(): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(RUN_EDITOR, this, {
      supportsMultipleEditorsPerDocument: true,
      // A hidden view is rebuilt: what it shows is asked for again.
      webviewOptions: { retainContextWhenHidden: false, enableFindWidget: false },
    });
  }

  /** One that cannot be read opens as well: the view says what is wrong with it. */
  openCustomDocument(uri: vscode.Uri): RunDocument {
    return new RunDocument(uri);
  }

  resolveCustomEditor(document: RunDocument, panel: vscode.WebviewPanel): void {
    const carrying = new Carrying(document, this.parts.carry, this.#carried);
    const answers = this.#answers(document, carrying);
    const view = new ViewPanel(
      panel,
      this.parts.extensionUri,
      'neuralCfsRun',
      [...answers.keys()],
      (method, params) => answers.get(method)?.(params),
    );
    const { deployed } = this.parts;
    const update = throttled(UPDATE_INTERVAL_MS, () => view.send('deployedUpdated', deployed.views));
    this.#panels.set(panel, document);
    for (const item of [
      { dispose: () => this.#panels.delete(panel) },
      carrying,
      update,
      deployed.onChanged(update),
      watchWhileVisible(panel, () => deployed.watch()),
      document.onChanged((state) => view.send('modelRunUpdated', state)),
      document.onFailed((message) => view.send('failed', { message })),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void document.tell()),
    ]) {
      view.own(item);
    }
  }

  #answers(document: RunDocument, carrying: Carrying): PanelAnswers {
    const { actions, deployed } = this.parts;
    return answersOf<ModelRunRequests>(MODEL_RUN_PARAMS, {
      modelRunState: () => document.state(),
      carriedModel: () => carrying.result(),
      deployedMachines: () => deployed.views,
      openRecording: async ({ recording }) => {
        const { info } = await document.run();
        const chosen = info.recordings[recording];
        if (chosen === undefined) throw new Error(`This run has no recording ${recording}.`);
        await openRecording(chosen.path, 'the model was trained');
        return null;
      },
      emitSources: () => unlessCancelled(() => actions.emit(document.folder)),
      deployModel: ({ machine }) => unlessCancelled(() => actions.deploy(document.folder, machine)),
      askMachine: ({ machine }) => unlessCancelled(() => actions.ask(machine)),
      setDeployedMode: ({ machine, mode }) => unlessCancelled(() => actions.setMode(machine, mode)),
      removeDeployed: ({ machine }) => unlessCancelled(() => actions.remove(machine)),
      retrainAndSwap: ({ machine }) => unlessCancelled(() => actions.retrain(document.folder, machine)),
      measureDeployed: ({ machine }) => unlessCancelled(() => actions.measure(machine)),
    });
  }
}

/** What the user gave up is no news. */
async function unlessCancelled(work: () => Promise<unknown>): Promise<null> {
  try {
    await work();
  } catch (error) {
    if (!isFailure(error, 'cancelled')) throw error;
  }
  return null;
}

/** Machines are asked while somebody looks, and not from a workspace that is not trusted. */
function watchWhileVisible(panel: vscode.WebviewPanel, watch: () => Disposable): Disposable {
  let watching: Disposable | undefined;
  const decide = () => {
    const isWanted = panel.visible && vscode.workspace.isTrusted;
    if (isWanted === (watching !== undefined)) return;
    watching?.dispose();
    watching = isWanted ? watch() : undefined;
  };
  decide();
  const following = [
    panel.onDidChangeViewState(decide),
    vscode.workspace.onDidGrantWorkspaceTrust(decide),
    { dispose: () => watching?.dispose() },
  ];
  return { dispose: () => following.forEach((each) => void each.dispose()) };
}

/** What the model takes, found out once for each version of its files. */
class Carrying implements Disposable {
  readonly #closed = new AbortController();

  constructor(
    private readonly document: RunDocument,
    private readonly carry: RunEditorParts['carry'],
    private readonly known: Map<string, CarriedModelView>,
  ) {}

  async result(): Promise<CarriedModelView> {
    const { info } = await this.document.run();
    const known = this.known.get(info.files.model);
    if (known !== undefined) return known;
    const { signal } = this.#closed;
    if (signal.aborted) throw new Failure('cancelled', 'The panel was closed.');
    const carried = await this.carry(this.document.folder, signal);
    this.known.set(info.files.model, carried);
    return carried;
  }

  dispose(): void {
    this.#closed.abort();
  }
}
