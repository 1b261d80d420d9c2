import * as vscode from 'vscode';
import { assertUnreachable } from '../../base/assert.js';
import type { Disposable } from '../../base/disposable.js';
import { messageOf } from '../../base/errors.js';
import { PANELS } from '../../manifest.js';
import type { BenchmarkComparison, ComparisonState } from '../../protocol/comparisonMessages.js';
import {
  COMPARISON_PARAMS,
  parseComparisonParams,
  type ComparisonMethod,
} from '../../protocol/comparisonSchemas.js';
import { compareSets } from '../../remote/benchmarks/compare.js';
import { readResults } from '../../remote/benchmarks/results.js';
import { resultSets, type ResultSet } from '../../remote/benchmarks/resultSets.js';
import { comparisonCsv } from '../../remote/benchmarks/comparisonCsv.js';
import type { Log } from '../log.js';
import { ViewPanel } from '../viewPanel.js';

/** The same files give the same intervals each time they are compared. */
const SEED = 1;

/** A view that compares benchmark results files; it follows them when they change. */
export class ComparisonPanel implements Disposable {
  readonly #view: ViewPanel;
  #sets: readonly ResultSet[] = [];
  #comparison: BenchmarkComparison | undefined;
  #failure: string | undefined;

  constructor(
    extensionUri: vscode.Uri,
    private readonly paths: readonly string[],
    private readonly log: Log,
    closed: () => void,
  ) {
    const panel = vscode.window.createWebviewPanel(
      PANELS.comparison,
      'Benchmark Comparison',
      vscode.ViewColumn.Active,
    );
    const methods = Object.keys(COMPARISON_PARAMS) as ComparisonMethod[];
    this.#view = new ViewPanel(panel, extensionUri, 'comparison', methods, (method, params) =>
      this.#answer(method as ComparisonMethod, params),
    );
    this.#view.own({ dispose: closed });
    for (const path of paths) this.#view.own(watch(path, () => void this.#read()));
    void this.#read();
  }

  dispose(): void {
    this.#view.dispose();
  }

  /** Reads the files anew; the baseline is the first set of the first file then. */
  async #read(): Promise<void> {
    try {
      const sets: ResultSet[] = [];
      for (const path of this.paths) sets.push(...resultSets(await readResults(path), path));
      this.#compare(sets);
    } catch (error) {
      this.#failure = messageOf(error);
      this.log.error(`Comparing ${this.paths.join(', ')}`, error);
      this.#view.send('failed', { message: this.#failure });
    }
  }

  #compare(sets: readonly ResultSet[]): void {
    this.#comparison = compareSets(sets, { seed: SEED });
    this.#sets = sets;
    this.#failure = undefined;
    this.#view.send('comparisonUpdated', this.#state());
  }

  #state(): ComparisonState {
    return this.#comparison === undefined
      ? { kind: 'reading', names: this.paths }
      : { kind: 'ready', comparison: this.#comparison };
  }

  async #answer(method: ComparisonMethod, params: unknown): Promise<unknown> {
    switch (method) {
      case 'comparisonState':
        parseComparisonParams(method, params);
        if (this.#failure !== undefined) throw new Error(this.#failure);
        return this.#state();
      case 'setBaseline': {
        const baseline = this.#set(parseComparisonParams(method, params).set);
        this.#compare([baseline, ...this.#sets.filter((set) => set !== baseline)]);
        return null;
      }
      case 'openResults': {
        const { path } = this.#set(parseComparisonParams(method, params).set).set;
        await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), 'default');
        return null;
      }
      case 'saveComparison':
        return this.#save();
      default:
        return assertUnreachable(method);
    }
  }

  #set(index: number): ResultSet {
    const set = this.#sets[index];
    if (set === undefined) throw new Error('These results were replaced by others meanwhile.');
    return set;
  }

  async #save(): Promise<{ readonly path: string } | null> {
    if (this.#comparison === undefined) throw new Error('The results are still being compared.');
    const target = await vscode.window.showSaveDialog({
      title: 'Save Comparison As CSV',
      saveLabel: 'Save',
      defaultUri: vscode.Uri.file(this.paths[0]!.replace(/(\.bench)?\.json$/, '') + '.comparison.csv'),
      filters: { CSV: ['csv'] },
    });
    if (target === undefined) return null;
    await vscode.workspace.fs.writeFile(target, Buffer.from(comparisonCsv(this.#comparison)));
    return { path: target.fsPath };
  }
}

function watch(path: string, changed: () => void): vscode.Disposable {
  const uri = vscode.Uri.file(path);
  const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), uri.path.split('/').at(-1)!);
  const watcher = vscode.workspace.createFileSystemWatcher(pattern, true, false, true);
  watcher.onDidChange(changed);
  return watcher;
}
