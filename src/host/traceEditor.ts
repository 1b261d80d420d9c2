import * as vscode from 'vscode';
import { messageOf } from '../base/errors.js';
import { DisposableStore } from '../base/disposable.js';
import { EDITORS } from '../manifest.js';
import { Messenger, type NoRequests } from '../protocol/messenger.js';
import { TRACE_PARAMS, parseTraceParams, type TraceMethod } from '../protocol/traceSchemas.js';
import type { Log } from './log.js';
import type { SourceView } from './sourceView.js';
import { TraceDocument } from './traceDocument.js';
import { tracePage, webviewOptions } from './tracePage.js';

/** The custom editor of trace files: read-only, one worker a file, any number of views of it. */
export class TraceEditorProvider implements vscode.CustomReadonlyEditorProvider<TraceDocument> {
  readonly #extensionUri: vscode.Uri;
  readonly #log: Log;
  readonly #sourceView: SourceView;
  /** The document whose view has the focus, for commands. */
  #active: TraceDocument | undefined;

  constructor(extensionUri: vscode.Uri, log: Log, sourceView: SourceView) {
    this.#extensionUri = extensionUri;
    this.#log = log;
    this.#sourceView = sourceView;
  }

  get activeDocument(): TraceDocument | undefined {
    return this.#active;
  }

  register(): vscode.Disposable {
    const options = {
      supportsMultipleEditorsPerDocument: true,
      // A hidden view is rebuilt from its saved state: keeping it alive would hold a canvas for each tab.
      webviewOptions: { retainContextWhenHidden: false, enableFindWidget: false },
    };
    return vscode.Disposable.from(
      ...Object.values(EDITORS).map((viewType) =>
        vscode.window.registerCustomEditorProvider(viewType, this, options),
      ),
    );
  }

  async openCustomDocument(uri: vscode.Uri): Promise<TraceDocument> {
    const workerPath = vscode.Uri.joinPath(this.#extensionUri, 'dist', 'traceWorker.cjs').fsPath;
    const document = new TraceDocument(uri, workerPath, this.#log);
    try {
      await document.start();
    } catch (error) {
      // The view shows it, where the user looks; a rejected promise would leave an empty tab with a stack trace.
      document.failure = messageOf(error);
    }
    return document;
  }

  resolveCustomEditor(document: TraceDocument, panel: vscode.WebviewPanel): void {
    const owned = new DisposableStore();
    panel.onDidDispose(() => owned.dispose());
    panel.webview.options = webviewOptions(this.#extensionUri);
    const messenger = new Messenger<NoRequests, object>({
      post: (message) => void panel.webview.postMessage(message),
      receive: (listener) => void owned.add(panel.webview.onDidReceiveMessage(listener)),
    });
    owned.add({ dispose: () => messenger.close() });
    for (const method of Object.keys(TRACE_PARAMS) as TraceMethod[]) {
      messenger.handle(method, (params) => this.#answer(document, method, parseTraceParams(method, params)));
    }
    owned.add(document.onUpdated((summary) => messenger.send('updated', summary)));
    owned.add(document.onFailed((message) => messenger.send('failed', { message })));
    owned.add(this.#watch(document));
    this.#trackFocus(document, panel, owned);
    panel.webview.html = tracePage(panel.webview, this.#extensionUri);
  }

  async #answer(document: TraceDocument, method: TraceMethod, params: unknown): Promise<unknown> {
    switch (method) {
      case 'showLine':
        await this.#sourceView.show(document, (params as { line: number }).line);
        return null;
      case 'copyText': {
        const { text, what } = params as { text: string; what: string };
        await vscode.env.clipboard.writeText(text);
        vscode.window.setStatusBarMessage(`Copied ${what}.`, 3000);
        return null;
      }
      default:
        if (document.failure !== undefined && method === 'summary') throw new Error(document.failure);
        return document.request(method, params as never);
    }
  }

  #trackFocus(document: TraceDocument, panel: vscode.WebviewPanel, owned: DisposableStore): void {
    const track = () => {
      if (panel.active) this.#active = document;
      else if (this.#active === document) this.#active = undefined;
    };
    track();
    owned.add(panel.onDidChangeViewState(track));
    owned.add({
      dispose: () => {
        if (this.#active === document) this.#active = undefined;
      },
    });
  }

  /** Says when the file changed on disk: what is shown is the recording as it was when it was read. */
  #watch(document: TraceDocument): vscode.Disposable {
    if (document.uri.scheme !== 'file') return vscode.Disposable.from();
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(document.uri, '..'), basename(document.uri)),
      true,
      false,
      false,
    );
    // Once each: a file that is being written changes all the time, and may yet be deleted.
    const asked = new Set<string>();
    const ask = async (what: string, canReload: boolean) => {
      if (asked.has(what)) return;
      asked.add(what);
      const choice = await vscode.window.showWarningMessage(
        `${basename(document.uri)} ${what}. The view shows it as it was when it was opened.`,
        ...(canReload ? ['Reload'] : []),
      );
      asked.delete(what);
      if (choice === 'Reload') await document.reload();
    };
    watcher.onDidChange(() => void ask('changed on disk', true));
    watcher.onDidDelete(() => void ask('was deleted', false));
    return watcher;
  }
}

function basename(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
