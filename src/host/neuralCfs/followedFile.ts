import * as vscode from 'vscode';

/** What files are while they are being written: whoever writes them in pieces has time to finish. */
const SETTLE_MS = 150;

/** Something that is read from files, and again when they change. */
export class FollowedFile<T> implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #watcher: vscode.FileSystemWatcher;
  /** It is being read again. */
  readonly onChanged = this.#changed.event;
  #reading: Promise<T>;
  #timer: NodeJS.Timeout | undefined;

  /** @param files whose changes count */
  constructor(
    files: vscode.RelativePattern,
    private readonly read: () => Promise<T>,
  ) {
    this.#reading = this.#read();
    this.#watcher = vscode.workspace.createFileSystemWatcher(files);
    for (const event of [this.#watcher.onDidChange, this.#watcher.onDidCreate, this.#watcher.onDidDelete]) {
      event(() => {
        this.#reloadSoon();
      });
    }
  }

  /** As it was read last. Failures: those of `read`. */
  get content(): Promise<T> {
    return this.#reading;
  }

  reload(): void {
    clearTimeout(this.#timer);
    this.#reading = this.#read();
    this.#changed.fire();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watcher.dispose();
    this.#changed.dispose();
  }

  #reloadSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.reload();
    }, SETTLE_MS);
  }

  #read(): Promise<T> {
    const reading = this.read();
    // Whoever asks for it is told; nobody may have asked yet.
    reading.catch(() => undefined);
    return reading;
  }
}
