import * as vscode from 'vscode';
import { SOURCE_SCHEME } from '../manifest.js';
import type { TraceDocument } from './traceDocument.js';

/** VS Code refuses or struggles with larger text files; of these an excerpt is shown. */
const MAX_TEXT_BYTES = 20 * 1024 * 1024;
const COMPRESSED = /\.(gz|zst|xz)$/i;
/** Lines before and after the wanted one in an excerpt. */
const CONTEXT_LINES = 200;

/**
 * Shows a line of a trace's source: in the file itself where VS Code can open it as text, else in a read-only
 * excerpt around it, decompressed.
 */
export class SourceView implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #excerpts = new Map<string, string>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SOURCE_SCHEME, this);

  dispose(): void {
    this.#registration.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#excerpts.get(uri.toString()) ?? 'This excerpt is gone: show the line again from the trace.';
  }

  /** `source`: which of the document's files the line is in. */
  async show(document: TraceDocument, line: number, source = 0): Promise<void> {
    const file = await document.fileOf(source);
    const { size } = await vscode.workspace.fs.stat(file);
    if (size <= MAX_TEXT_BYTES && !COMPRESSED.test(file.path)) {
      await this.#reveal(file, line - 1);
      return;
    }
    const first = Math.max(1, line - CONTEXT_LINES);
    const lines = await document.request('sourceLines', { source, first, last: line + CONTEXT_LINES });
    const uri = vscode.Uri.from({
      scheme: SOURCE_SCHEME,
      path: `${file.path} (lines ${first}–${first + lines.length - 1})`,
    });
    this.#excerpts.set(uri.toString(), lines.join('\n'));
    await this.#reveal(uri, line - first);
  }

  async #reveal(uri: vscode.Uri, zeroBasedLine: number): Promise<void> {
    const position = new vscode.Position(zeroBasedLine, 0);
    await vscode.window.showTextDocument(uri, {
      viewColumn: vscode.ViewColumn.Beside,
      preview: true,
      selection: new vscode.Range(position, position.with({ character: 100_000 })),
    });
  }
}
