import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import { Messenger, type NoRequests } from '../protocol/messenger.js';
import { viewPage, webviewOptions, type ViewName } from './viewPage.js';

/** The view sends a request; what it sends was not checked yet. */
type Answer = (method: string, params: unknown) => unknown;

/** A webview panel with one of our pages, and the channel to it. Disposed when its tab is closed. */
export class ViewPanel implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #messenger: Messenger<NoRequests, object>;

  /** @param panel a new one, or one that the editor restores */
  constructor(
    readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    view: ViewName,
    methods: readonly string[],
    answer: Answer,
  ) {
    const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, 'media', `panel-${theme}.svg`);
    panel.iconPath = { dark: icon('dark'), light: icon('light') };
    panel.webview.options = webviewOptions(extensionUri);
    this.#messenger = new Messenger<NoRequests, object>({
      post: (message) => void panel.webview.postMessage(message),
      receive: (listener) => void this.#owned.add(panel.webview.onDidReceiveMessage(listener)),
    });
    this.#owned.add({ dispose: () => this.#messenger.close() });
    for (const method of methods) this.#messenger.handle(method, (params) => answer(method, params));
    panel.onDidDispose(() => this.#owned.dispose());
    panel.webview.html = viewPage(panel.webview, extensionUri, view);
  }

  /** A hidden view gets no messages: it asks for the state when it is shown again. */
  send(name: string, payload: unknown): void {
    if (!this.#owned.isDisposed) this.#messenger.send(name, payload);
  }

  /** Disposed with the panel. */
  own(item: Disposable): void {
    this.#owned.add(item);
  }

  reveal(): void {
    this.panel.reveal(undefined, false);
  }

  dispose(): void {
    this.panel.dispose();
  }
}

/** Calls `action` now, and then at most once in `intervalMs`, the last time after the last call. */
export function throttled(intervalMs: number, action: () => void): { (): void; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  const call = () => {
    if (timer !== undefined) {
      isDue = true;
      return;
    }
    action();
    timer = setTimeout(() => {
      timer = undefined;
      if (!isDue) return;
      isDue = false;
      call();
    }, intervalMs);
  };
  return Object.assign(call, { dispose: () => clearTimeout(timer) });
}
