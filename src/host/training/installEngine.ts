import * as vscode from 'vscode';
import { isFailure } from '../../base/errors.js';
import { findNativeEngine } from '../../learning/engines/native/installation.js';
import { installNativeEngine, type InstallSource } from '../../learning/engines/native/install.js';
import type { Log } from '../log.js';

const TITLE = 'Install Native TensorFlow Engine';

interface Way extends vscode.QuickPickItem {
  /** Undefined: the user gave up. */
  readonly source: () => Promise<InstallSource | undefined>;
}

/** The first is what works in most places. */
const WAYS: readonly Way[] = [
  {
    label: '$(package) Wheel of tensorflow-cpu, fetched with pip',
    detail: 'Fetches some 250 MB, takes 560 MB. Needs python3 with pip, npm and a C++ compiler.',
    source: () => Promise.resolve({ kind: 'wheel' }),
  },
  {
    label: '$(file-zip) Wheel of tensorflow-cpu, a file…',
    detail: 'tensorflow_cpu-….whl, 2.17 or later; takes 560 MB. Needs npm and a C++ compiler.',
    source: chooseWheel,
  },
  {
    label: '$(cloud-download) Official download of @tensorflow/tfjs-node',
    detail: 'npm fetches it with an older libtensorflow, some 400 MB. Needs npm.',
    source: () => Promise.resolve({ kind: 'download' }),
  },
  {
    label: '$(folder) Folder that has it…',
    detail: '@tensorflow/tfjs-node or libtensorflow. Nothing is copied: it has to stay there.',
    source: chooseFolder,
  },
];

export interface EngineInstallerOptions {
  /** Where it is installed to. */
  readonly folder: string;
  /** dist/engineCheck.cjs */
  readonly checkProgram: string;
  readonly log: Log;
}

/** "Install Native TensorFlow Engine…" */
export class EngineInstaller {
  #isInstalling = false;

  constructor(private readonly options: EngineInstallerOptions) {}

  async install(): Promise<void> {
    if (this.#isInstalling) {
      void vscode.window.showInformationMessage('The native engine is being installed already.');
      return;
    }
    const { folder } = this.options;
    const installed = await findNativeEngine(folder).catch(() => null);
    const picked = await vscode.window.showQuickPick(WAYS, {
      title: TITLE,
      placeHolder:
        installed === null
          ? 'Where from? It computes what the embedded engine does, faster'
          : `TensorFlow ${installed.tensorFlow} is installed (${installed.source}); another one replaces it`,
      ignoreFocusOut: true,
    });
    const source = await picked?.source();
    if (source === undefined) return;
    this.#isInstalling = true;
    try {
      await this.#install(source);
    } finally {
      this.#isInstalling = false;
    }
  }

  async #install(source: InstallSource): Promise<void> {
    const { folder, checkProgram, log } = this.options;
    log.info(`Installing the native engine (${source.kind}) into ${folder}`);
    const done = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: 'Installing the native TensorFlow engine',
        cancellable: true,
      },
      async (progress, token) => {
        const cancellation = new AbortController();
        const listening = token.onCancellationRequested(() => cancellation.abort());
        const onProgress = (message: string) => {
          log.info(message);
          progress.report({ message });
        };
        try {
          const { signal } = cancellation;
          return await installNativeEngine({ folder, source, checkProgram, signal, onProgress });
        } catch (error) {
          if (!isFailure(error, 'cancelled')) throw error;
          log.info('Installing the native engine was cancelled; nothing is left of it.');
          return undefined;
        } finally {
          listening.dispose();
        }
      },
    );
    if (done === undefined) return;
    const { check } = done;
    log.info(
      `${check.description} works: a small training lowered its loss from ${check.firstLoss.toFixed(4)} to ${check.lastLoss.toFixed(4)}, as the embedded engine's.`,
    );
    void vscode.window.showInformationMessage(
      `The native engine is installed and works: ${check.description}. Runs use it whose engine.name is auto or native.`,
    );
  }
}

async function chooseWheel(): Promise<InstallSource | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Wheel of tensorflow-cpu',
      openLabel: 'Install',
      filters: { 'Python wheels': ['whl'] },
    })) ?? [];
  return chosen === undefined ? undefined : { kind: 'wheel', path: chosen.fsPath };
}

async function chooseFolder(): Promise<InstallSource | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Folder with @tensorflow/tfjs-node or libtensorflow',
      openLabel: 'Use This Folder',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  return chosen === undefined ? undefined : { kind: 'path', path: chosen.fsPath };
}
