import * as vscode from 'vscode';
import { messageOf } from '../base/errors.js';
import { DisposableStore } from '../base/disposable.js';
import { CONTEXTS, EDITORS } from '../manifest.js';
import { Messenger, type NoRequests } from '../protocol/messenger.js';
import {
  MIGRATION_PARAMS,
  parseMigrationParams,
  type MigrationMethod,
} from '../protocol/migrationSchemas.js';
import type { TimeRange, TraceCursor, TraceEvents } from '../protocol/traceMessages.js';
import { TRACE_PARAMS, parseTraceParams, type TraceMethod } from '../protocol/traceSchemas.js';
import type { RecordFilter } from '../protocol/migrationMessages.js';
import { addMigrationRecords } from './addMigrationRecords.js';
import { exportTrace } from './exportTrace.js';
import type { Log } from './log.js';
import { saveRecords } from './saveRecords.js';
import type { SourceView } from './sourceView.js';
import { TraceDocument } from './traceDocument.js';
import { revealOf, type TraceMoment } from './traceMoment.js';
import { viewPage, webviewOptions, type ViewName } from './viewPage.js';

/**
 * The custom editor of traces and of migration records: read-only, one worker a file, any number of views of it. What a
 * file is, and so which view it gets, is for the worker to find out.
 */
export class TraceEditorProvider implements vscode.CustomReadonlyEditorProvider<TraceDocument> {
  readonly #extensionUri: vscode.Uri;
  readonly #log: Log;
  readonly #sourceView: SourceView;
  /** The view that has the focus, for commands. */
  #active: OpenView | undefined;
  readonly #views = new Set<OpenView>();
  /** What is to be shown of a recording once a view of it can, by its URI. */
  readonly #wanted = new Map<string, TraceMoment>();

  constructor(extensionUri: vscode.Uri, log: Log, sourceView: SourceView) {
    this.#extensionUri = extensionUri;
    this.#log = log;
    this.#sourceView = sourceView;
  }

  get activeDocument(): TraceDocument | undefined {
    return this.#active?.document;
  }

  /** The range that is selected in the view that has the focus. */
  get activeRange(): TimeRange | null {
    return this.#active?.range ?? null;
  }

  /** Where the cursor is in the view that has the focus. */
  get activeCursor(): TraceCursor | null {
    return this.#active?.cursor ?? null;
  }

  /** Shows a moment in a view of this recording, as soon as one is there and all has been read. */
  showMoment(uri: vscode.Uri, moment: TraceMoment): void {
    this.#wanted.set(uri.toString(), moment);
    for (const view of this.#views) this.#showWanted(view);
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
    const reveal = (where: TraceEvents['reveal']) => messenger.send('reveal', where);
    const view: OpenView = { document, reveal, range: null, cursor: null, isListening: false };
    this.#views.add(view);
    owned.add({ dispose: () => this.#views.delete(view) });
    for (const method of Object.keys(TRACE_PARAMS) as TraceMethod[]) {
      messenger.handle(method, (params) => this.#answer(view, method, parseTraceParams(method, params)));
    }
    for (const method of Object.keys(MIGRATION_PARAMS) as MigrationMethod[]) {
      messenger.handle(method, (params) =>
        this.#answerRecords(document, method, parseMigrationParams(method, params)),
      );
    }
    owned.add(
      document.onUpdated((summary) => {
        messenger.send('updated', summary);
        this.#showWanted(view);
      }),
    );
    owned.add(document.onMigrationsUpdated((told) => messenger.send('migrationsUpdated', told)));
    owned.add(document.onRecordsUpdated((state) => messenger.send('recordsUpdated', state)));
    owned.add(
      document.onFailed((message) => {
        this.#wanted.delete(document.uri.toString());
        messenger.send('failed', { message });
      }),
    );
    owned.add(this.#watch(document));
    this.#trackFocus(view, panel, owned);
    this.#showPage(document, panel, owned);
  }

  /** The page follows what the file is; a file that cannot be opened has the trace view say so. */
  #showPage(document: TraceDocument, panel: vscode.WebviewPanel, owned: DisposableStore): void {
    let shown: ViewName | undefined;
    const show = () => {
      if (document.kind === undefined && document.failure === undefined) return;
      const view = document.kind === 'migrationRecords' ? 'migrations' : 'trace';
      if (view === shown) return;
      shown = view;
      panel.webview.html = viewPage(panel.webview, this.#extensionUri, view);
    };
    owned.add(document.onRecognised(show));
    owned.add(document.onFailed(show));
    show();
  }

  async #answerRecords(document: TraceDocument, method: MigrationMethod, params: unknown): Promise<unknown> {
    switch (method) {
      case 'showRecordLine':
        await this.#sourceView.show(document, (params as { line: number }).line);
        return null;
      case 'saveRecords':
        return saveRecords(document, (params as { filter: RecordFilter }).filter);
      default:
        if (document.failure !== undefined && method === 'recordsState') throw new Error(document.failure);
        return document.request(method, params as never);
    }
  }

  async #answer(view: OpenView, method: TraceMethod, params: unknown): Promise<unknown> {
    const { document } = view;
    switch (method) {
      case 'showLine': {
        const { line, source } = params as { line: number; source: number };
        await this.#sourceView.show(document, line, source);
        return null;
      }
      case 'rangeSelected':
        view.range = (params as { range: TimeRange | null }).range;
        return null;
      case 'cursorMoved':
        view.cursor = (params as { cursor: TraceCursor | null }).cursor;
        return null;
      case 'exportRange':
        await exportTrace(document, (params as { range: TimeRange }).range);
        return null;
      case 'addMigrationRecords':
        await addMigrationRecords(document);
        return null;
      case 'copyText': {
        const { text, what } = params as { text: string; what: string };
        await vscode.env.clipboard.writeText(text);
        vscode.window.setStatusBarMessage(`Copied ${what}.`, 3000);
        return null;
      }
      case 'summary':
        if (document.failure !== undefined) throw new Error(document.failure);
        view.isListening = true;
        this.#showWanted(view);
        return document.request(method, params as never);
      default:
        return document.request(method, params as never);
    }
  }

  #showWanted({ document, isListening, reveal }: OpenView): void {
    const key = document.uri.toString();
    const moment = this.#wanted.get(key);
    const { summary } = document;
    if (moment === undefined || !isListening || summary?.complete !== true) return;
    this.#wanted.delete(key);
    const where = revealOf(moment, summary);
    if (where !== null) {
      reveal(where);
      return;
    }
    void vscode.window.showWarningMessage(
      `${summary.name} has no such moment: it is not the recording that the model was evaluated on, or has changed since.`,
    );
  }

  #trackFocus(view: OpenView, panel: vscode.WebviewPanel, owned: DisposableStore): void {
    const track = () => {
      // A hidden page is gone, and asks anew when it is shown.
      if (!panel.visible) view.isListening = false;
      if (panel.active) this.#active = view;
      else if (this.#active === view) this.#active = undefined;
      this.#tellFocus();
    };
    track();
    owned.add(panel.onDidChangeViewState(track));
    owned.add(view.document.onRecognised(() => this.#tellFocus()));
    owned.add({
      dispose: () => {
        if (this.#active === view) this.#active = undefined;
        this.#tellFocus();
      },
    });
  }

  /** Menus differ by what the view with the focus shows. */
  #tellFocus(): void {
    const isRecords = this.#active?.document.kind === 'migrationRecords';
    void vscode.commands.executeCommand('setContext', CONTEXTS.showsMigrationRecords, isRecords);
  }

  /** Says when a file changed on disk: what is shown is the recording as it was when it was read. */
  #watch(document: TraceDocument): vscode.Disposable {
    const onDisk = document.files.filter(({ scheme }) => scheme === 'file');
    return vscode.Disposable.from(...onDisk.map((file) => watchFile(document, file)));
  }
}

/** A view of a document, the range that is selected in it, and where its cursor is. */
interface OpenView {
  readonly document: TraceDocument;
  readonly reveal: (where: TraceEvents['reveal']) => void;
  range: TimeRange | null;
  cursor: TraceCursor | null;
  /** Its page is there and has asked for the recording. */
  isListening: boolean;
}

function watchFile(document: TraceDocument, file: vscode.Uri): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.joinPath(file, '..'), basename(file)),
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
      `${basename(file)} ${what}. The view shows it as it was when it was opened.`,
      ...(canReload ? ['Reload'] : []),
    );
    asked.delete(what);
    if (choice === 'Reload') await document.reload();
  };
  watcher.onDidChange(() => void ask('changed on disk', true));
  watcher.onDidDelete(() => void ask('was deleted', false));
  return watcher;
}

function basename(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
