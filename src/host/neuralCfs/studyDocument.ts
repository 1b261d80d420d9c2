import { basename } from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '../../base/errors.js';
import { MAX_STUDY_BYTES, parseStudy, readStudy } from '../../learning/migrations/study/studyFile.js';
import type { NeuralCfsStudy, StudyState } from '../../protocol/neuralCfsStudy.js';
import { FollowedFile } from './followedFile.js';

/** A file of a study that is open, in any number of views. It is read again when it changes. */
export class StudyDocument implements vscode.CustomDocument {
  readonly #changed = new vscode.EventEmitter<StudyState>();
  readonly #failed = new vscode.EventEmitter<string>();
  readonly #study: FollowedFile<NeuralCfsStudy>;
  readonly onChanged = this.#changed.event;
  /** It is gone, or cannot be read any more. */
  readonly onFailed = this.#failed.event;

  constructor(readonly uri: vscode.Uri) {
    const files = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), this.name);
    this.#study = new FollowedFile(files, () => this.#read());
    this.#study.onChanged(() => void this.#tell());
  }

  get name(): string {
    return basename(this.uri.path);
  }

  get path(): string {
    return this.uri.scheme === 'file' ? this.uri.fsPath : this.uri.toString(true);
  }

  /** As it was read last. Failures: those of `readStudy`. */
  study(): Promise<NeuralCfsStudy> {
    return this.#study.content;
  }

  async state(): Promise<StudyState> {
    return { kind: 'ready', name: this.name, path: this.path, study: await this.study() };
  }

  /** Reads it again, and tells the views. */
  reload(): void {
    this.#study.reload();
  }

  dispose(): void {
    this.#study.dispose();
    this.#changed.dispose();
    this.#failed.dispose();
  }

  async #tell(): Promise<void> {
    try {
      this.#changed.fire(await this.state());
    } catch (error) {
      this.#failed.fire(messageOf(error));
    }
  }

  #read(): Promise<NeuralCfsStudy> {
    return this.uri.scheme === 'file' ? readStudy(this.path) : this.#readElsewhere();
  }

  /** Of another file system, such as that of source control. */
  async #readElsewhere(): Promise<NeuralCfsStudy> {
    const bytes = await vscode.workspace.fs.readFile(this.uri);
    if (bytes.byteLength > MAX_STUDY_BYTES) throw new Error(`${this.path} is too large for a study.`);
    return parseStudy(new TextDecoder().decode(bytes), this.path);
  }
}
