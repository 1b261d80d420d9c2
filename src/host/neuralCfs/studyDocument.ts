import { basename } from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '../../base/errors.js';
import { MAX_STUDY_BYTES, parseStudy, readStudy } from '../../learning/migrations/study/studyFile.js';
import type { NeuralCfsStudy, StudyState } from '../../protocol/neuralCfsStudy.js';

/** What a file is while it is being written: whoever writes it in pieces has time to finish. */
const SETTLE_MS = 150;

/** A file of a study that is open, in any number of views. It is read again when it changes. */
export class StudyDocument implements vscode.CustomDocument {
  readonly #changed = new vscode.EventEmitter<StudyState>();
  readonly #failed = new vscode.EventEmitter<string>();
  readonly #watcher: vscode.FileSystemWatcher;
  readonly onChanged = this.#changed.event;
  /** It is gone, or cannot be read any more. */
  readonly onFailed = this.#failed.event;
  #reading: Promise<NeuralCfsStudy>;
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly uri: vscode.Uri) {
    this.#reading = this.#read();
    this.#watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), this.name),
    );
    this.#watcher.onDidChange(() => this.#readSoon());
    this.#watcher.onDidCreate(() => this.#readSoon());
    this.#watcher.onDidDelete(() => this.#readSoon());
  }

  get name(): string {
    return basename(this.uri.path);
  }

  get path(): string {
    return this.uri.scheme === 'file' ? this.uri.fsPath : this.uri.toString(true);
  }

  /** As it was read last. Failures: those of `readStudy`. */
  study(): Promise<NeuralCfsStudy> {
    return this.#reading;
  }

  async state(): Promise<StudyState> {
    return { kind: 'ready', name: this.name, path: this.path, study: await this.study() };
  }

  /** Reads it again, and tells the views. */
  async reload(): Promise<void> {
    clearTimeout(this.#timer);
    this.#reading = this.#read();
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
    this.#timer = setTimeout(() => void this.reload(), SETTLE_MS);
  }

  #read(): Promise<NeuralCfsStudy> {
    const reading = this.uri.scheme === 'file' ? readStudy(this.path) : this.#readElsewhere();
    // Whoever asks for it is told; nobody may have asked yet.
    reading.catch(() => undefined);
    return reading;
  }

  /** Of another file system, such as that of source control. */
  async #readElsewhere(): Promise<NeuralCfsStudy> {
    const bytes = await vscode.workspace.fs.readFile(this.uri);
    if (bytes.byteLength > MAX_STUDY_BYTES) throw new Error(`${this.path} is too large for a study.`);
    return parseStudy(new TextDecoder().decode(bytes), this.path);
  }
}
