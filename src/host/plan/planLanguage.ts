import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.js';
import { EXTENSION_ID } from '../../manifest.js';
import { PLAN_FILE_NAME, planProblems } from '../../remote/workloads/plan.js';
import { meaningAt, parseSchema, proposalsAt, type Proposal, type Schema } from './planSchema.js';

const SELECTOR: vscode.DocumentSelector = [
  { pattern: `**/${PLAN_FILE_NAME}` },
  { scheme: 'untitled', pattern: PLAN_FILE_NAME },
];
/** The YAML extension completes and explains by the same schema: beside it only our diagnostics are left. */
const YAML_EXTENSION = 'redhat.vscode-yaml';
const TYPING_PAUSE_MS = 250;

/** Completion, hover and diagnostics of `kernel-oracle.collect.yaml`. */
export class PlanLanguage implements vscode.CompletionItemProvider, vscode.HoverProvider, vscode.Disposable {
  readonly #owned = new DisposableStore();
  readonly #diagnostics: vscode.DiagnosticCollection;
  readonly #pending = new Map<string, NodeJS.Timeout>();
  #schema: Promise<Schema> | undefined;

  /** @param schemaPath of `media/collect.schema.json` */
  constructor(private readonly schemaPath: string) {
    this.#diagnostics = this.#owned.add(vscode.languages.createDiagnosticCollection(EXTENSION_ID));
    this.#owned.add(vscode.languages.registerCompletionItemProvider(SELECTOR, this, ' ', ':', '-'));
    this.#owned.add(vscode.languages.registerHoverProvider(SELECTOR, this));
    this.#owned.add(vscode.workspace.onDidOpenTextDocument((document) => this.#diagnose(document)));
    this.#owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#soon(document)));
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
    this.#schema ??= readFile(this.schemaPath, 'utf8').then(parseSchema);
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
    if (vscode.languages.match(SELECTOR, document) === 0 || document.isClosed) return;
    const problems = planProblems(document.getText(), document.uri.fsPath);
    this.#diagnostics.set(
      document.uri,
      problems.map(({ line, column, endLine, endColumn, message }) => {
        const range = new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1);
        const diagnostic = new vscode.Diagnostic(
          document.validateRange(range),
          message,
          vscode.DiagnosticSeverity.Error,
        );
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
