import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { Failure, messageOf } from '../../base/errors.js';
import { RUN_FILE_NAME, readNeuralCfsRun } from '../../learning/migrations/runs/runFolder.js';
import type { NeuralCfsRun, TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import type { DeployableModel } from '../../learning/migrations/deployableModel.js';
import type { ModelRunState } from '../../protocol/neuralCfsRunMessages.js';
import { FollowedFile } from './followedFile.js';
import { modelRunOf } from './runView.js';

/** What of a run is kept while it is open: its tables of rows are not. */
export interface OpenRun {
  readonly info: NeuralCfsRun;
  readonly model: DeployableModel;
}

/** The info file of a trained model that is open, in any number of views. The run is read again when it changes. */
export class RunDocument implements vscode.CustomDocument {
  readonly #changed = new vscode.EventEmitter<ModelRunState>();
  readonly #failed = new vscode.EventEmitter<string>();
  readonly #run: FollowedFile<OpenRun>;
  readonly onChanged = this.#changed.event;
  /** It is gone, or cannot be read any more. */
  readonly onFailed = this.#failed.event;

  constructor(readonly uri: vscode.Uri) {
    const files = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
    this.#run = new FollowedFile(files, () => this.#read());
    this.#run.onChanged(() => void this.tell());
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
    return this.#run.content;
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
    this.#run.dispose();
    this.#changed.dispose();
    this.#failed.dispose();
  }

  async #read(): Promise<OpenRun> {
    const { folder } = this;
    if (basename(this.uri.fsPath) !== RUN_FILE_NAME) {
      throw new Failure('wrong-usage', `The info file of a trained model is named ${RUN_FILE_NAME}.`);
    }
    const { info, model }: TrainedRun = await readNeuralCfsRun(folder);
    return { info, model };
  }
}
