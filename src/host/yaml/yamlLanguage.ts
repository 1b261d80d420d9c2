import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.js';
import type { YamlProblem } from '../../base/yamlText.js';
import { EXTENSION_ID } from '../../manifest.js';
import { meaningAt, parseSchema, proposalsAt, type Proposal, type Schema } from './yamlSchema.js';

/** The YAML extension completes and explains by the same schema: beside it only our diagnostics are left. */
const YAML_EXTENSION = 'redhat.vscode-yaml';
const TYPING_PAUSE_MS = 250;

/** A kind of YAML file of ours. */
export interface YamlFileKind {
  /** For the editor's lists of problems. */
  readonly id: string;
  /** `kernel-oracle.collect.yaml`, `*.kernel-oracle.yaml`. */
  readonly names: readonly string[];
  /** A JSON schema. */
  readonly schemaPath: string;
  /** @param path of the file, from which relative paths in it go out */
  problems(text: string, path: string): readonly YamlProblem[];
  /** What is right in itself but will not do here: a file that it names is not there. */
  warnings?(text: string, path: string): Promise<readonly YamlProblem[]>;
}

/** Completion, hover and diagnostics of one kind of file. */
export class YamlLanguage implements vscode.CompletionItemProvider, vscode.HoverProvider, vscode.Disposable {
  readonly #owned = new DisposableStore();
  readonly #selector: vscode.DocumentSelector;
  readonly #diagnostics: vscode.DiagnosticCollection;
  readonly #pending = new Map<string, NodeJS.Timeout>();
  #schema: Promise<Schema> | undefined;

  constructor(private readonly kind: YamlFileKind) {
    this.#selector = kind.names.flatMap((name) => [
      { pattern: `**/${name}` },
      { scheme: 'untitled', pattern: name },
    ]);
    this.#diagnostics = this.#owned.add(
      vscode.languages.createDiagnosticCollection(`${EXTENSION_ID}.${kind.id}`),
    );
    this.#owned.add(vscode.languages.registerCompletionItemProvider(this.#selector, this, ' ', ':', '-'));
    this.#owned.add(vscode.languages.registerHoverProvider(this.#selector, this));
    this.#owned.add(vscode.workspace.onDidOpenTextDocument((document) => this.#diagnose(document)));
    this.#owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#soon(document)));
    // What it names may have been made meanwhile.
    this.#owned.add(vscode.workspace.onDidSaveTextDocument((document) => this.#diagnose(document)));
    this.#owned.add(
      vscode.workspace.onDidCloseTextDocument((document) => this.#diagnostics.delete(document.uri)),
    );
    for (const document of vscode.workspace.textDocuments) this.#diagnose(document);
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[]> {
    if (isYamlExtensionActive()) return [];
    const lines = document.getText().split(/\r?\n/);
    const proposals = proposalsAt(await this.#readSchema(), lines, position.line, position.character);
    const word = /[^\s,[\]{}:"']*$/.exec(lines[position.line]?.slice(0, position.character) ?? '')![0];
    const range = new vscode.Range(position.translate(0, -word.length), position);
    return proposals.map((proposal, index) => completionItem(proposal, range, index));
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    if (isYamlExtensionActive()) return undefined;
    const lines = document.getText().split(/\r?\n/);
    const meaning = meaningAt(await this.#readSchema(), lines, position.line, position.character);
    return meaning === null ? undefined : new vscode.Hover(new vscode.MarkdownString(meaning));
  }

  dispose(): void {
    for (const timer of this.#pending.values()) clearTimeout(timer);
    this.#owned.dispose();
  }

  #readSchema(): Promise<Schema> {
    this.#schema ??= readFile(this.kind.schemaPath, 'utf8').then(parseSchema);
    return this.#schema;
  }

  #soon(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#pending.get(key));
    this.#pending.set(
      key,
      setTimeout(() => {
        this.#pending.delete(key);
        this.#diagnose(document);
      }, TYPING_PAUSE_MS),
    );
  }

  #diagnose(document: vscode.TextDocument): void {
    if (vscode.languages.match(this.#selector, document) === 0 || document.isClosed) return;
    const text = document.getText();
    const path = document.uri.fsPath;
    const problems = this.kind.problems(text, path);
    this.#show(document, problems, vscode.DiagnosticSeverity.Error);
    if (problems.length > 0 || this.kind.warnings === undefined || document.uri.scheme !== 'file') return;
    const { version } = document;
    void this.kind.warnings(text, path).then((warnings) => {
      if (document.version !== version || document.isClosed || this.#owned.isDisposed) return;
      this.#show(document, warnings, vscode.DiagnosticSeverity.Warning);
    });
  }

  #show(
    document: vscode.TextDocument,
    problems: readonly YamlProblem[],
    severity: vscode.DiagnosticSeverity,
  ): void {
    this.#diagnostics.set(
      document.uri,
      problems.map(({ line, column, endLine, endColumn, message }) => {
        const range = new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1);
        const diagnostic = new vscode.Diagnostic(document.validateRange(range), message, severity);
        diagnostic.source = 'KernelOracle';
        return diagnostic;
      }),
    );
  }
}

function completionItem(proposal: Proposal, range: vscode.Range, index: number): vscode.CompletionItem {
  const item = new vscode.CompletionItem(
    proposal.label,
    proposal.kind === 'key' ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.Value,
  );
  item.insertText = proposal.insert;
  item.range = range;
  item.detail = proposal.detail;
  item.documentation = new vscode.MarkdownString(proposal.documentation);
  // In the order of the schema, which is that of importance.
  item.sortText = String(index).padStart(4, '0');
  if (proposal.kind === 'key' && proposal.insert.endsWith(' ')) {
    item.command = { command: 'editor.action.triggerSuggest', title: 'Suggest values' };
  }
  return item;
}

function isYamlExtensionActive(): boolean {
  return vscode.extensions.getExtension(YAML_EXTENSION)?.isActive === true;
}
