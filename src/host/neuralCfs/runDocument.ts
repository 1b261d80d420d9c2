import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { Failure, messageOf } from '../../base/errors.js';
import { RUN_FILE_NAME, readNeuralCfsRun } from '../../learning/migrations/runs/runFolder.js';
import type { NeuralCfsRun, TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import type { DeployableModel } from '../../learning/migrations/deployableModel.js';
import type { ModelRunState } from '../../protocol/neuralCfsRunMessages.js';
import { modelRunOf } from './runView.js';

/** Its files are written one after the other. */
const SETTLE_MS = 150;

/** What of a run is kept while it is open: its tables of rows are not. */
export interface OpenRun {
  readonly info: NeuralCfsRun;
  readonly model: DeployableModel;
}

/** The info file of a trained model that is open, in any number of views. The run is read again when it changes. */
export class RunDocument implements vscode.CustomDocument {
  readonly #changed = new vscode.EventEmitter<ModelRunState>();
  readonly #failed = new vscode.EventEmitter<string>();
  readonly #watcher: vscode.FileSystemWatcher;
  readonly onChanged = this.#changed.event;
  /** It is gone, or cannot be read any more. */
  readonly onFailed = this.#failed.event;
  #reading: Promise<OpenRun>;
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly uri: vscode.Uri) {
    this.#reading = this.#read();
    this.#watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*'),
    );
    for (const event of [this.#watcher.onDidChange, this.#watcher.onDidCreate, this.#watcher.onDidDelete]) {
      event(() => this.#readSoon());
    }
  }

  /** Failure `wrong-usage`: it lies on no disk. */
  get folder(): string {
    if (this.uri.scheme === 'file') return dirname(this.uri.fsPath);
    throw new Failure(
      'wrong-usage',
      `${this.uri.toString(true)} lies on no disk of this machine. Copy its folder to one first.`,
    );
  }

  get name(): string {
    return basename(this.folder);
  }

  /** As it was read last. Failures: those of `readNeuralCfsRun`. */
  run(): Promise<OpenRun> {
    return this.#reading;
  }

  async state(): Promise<ModelRunState> {
    const run = modelRunOf(await this.run());
    return { name: this.name, folder: this.folder, run, isTrusted: vscode.workspace.isTrusted };
  }

  /** Tells the views how it is now. */
  async tell(): Promise<void> {
    try {
      this.#changed.fire(await this.state());
    } catch (error) {
      this.#failed.fire(messageOf(error));
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watcher.dispose();
    this.#changed.dispose();
    this.#failed.dispose();
  }

  #readSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#reading = this.#read();
      void this.tell();
    }, SETTLE_MS);
  }

  #read(): Promise<OpenRun> {
    const reading = this.#readNow();
    // Whoever asks for it is told; nobody may have asked yet.
    reading.catch(() => undefined);
    return reading;
  }

  async #readNow(): Promise<OpenRun> {
    const { folder } = this;
    if (basename(this.uri.fsPath) !== RUN_FILE_NAME) {
      throw new Failure('wrong-usage', `The info file of a trained model is named ${RUN_FILE_NAME}.`);
    }
    const { info, model }: TrainedRun = await readNeuralCfsRun(folder);
    return { info, model };
  }
}
