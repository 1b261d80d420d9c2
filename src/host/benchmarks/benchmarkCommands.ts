import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { messageOf } from '../../base/errors.js';
import { builtInSuite } from '../../remote/benchmarks/catalogue.js';
import { runBenchmarks } from '../../remote/benchmarks/runBenchmarks.js';
import type { Suite } from '../../remote/benchmarks/suite.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import type { Log } from '../log.js';
import type { MachineChoice } from '../machines/machineChoice.js';
import type { TestMachine } from '../machines/testMachine.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { timeStamp } from '../work/collectChoices.js';
import { shownPath } from '../work/shownPath.js';
import { Work } from '../work/work.js';
import type { WorkStarter } from '../work/workStarter.js';
import { benchmarkListener, outlineOfSuite } from './benchmarkWork.js';
import { ComparisonPanel } from './comparisonPanel.js';

/** The ending by which a file of results is known. */
const RESULTS_ENDING = '.bench.json';

/** "Run Benchmarks…" and "Compare Benchmark Results…". */
export class BenchmarkCommands implements Disposable {
  readonly #panels = new Set<ComparisonPanel>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly choice: MachineChoice,
    private readonly starter: WorkStarter,
    private readonly context: RemoteContext,
    private readonly log: Log,
  ) {}

  async run(...args: unknown[]): Promise<void> {
    const machines = await this.choice.some('Run Benchmarks', args);
    if (machines === undefined) return;
    const suite = await chooseSuite(machines);
    if (suite === undefined) return;
    const root = workspaceRoot();
    const value = `benchmarks/${timeStamp(this.context.now())}${RESULTS_ENDING}`;
    const path = await vscode.window.showInputBox({
      title: 'Run Benchmarks',
      prompt: `File for the results (${RESULTS_ENDING}); one that is there and of the same suite is gone on with`,
      value,
      valueSelection: [value.lastIndexOf('/') + 1, value.length - RESULTS_ENDING.length],
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() === '' ? 'Type a name.' : undefined),
    });
    if (path === undefined) return;
    const named = path.endsWith('.json') ? path : path + RESULTS_ENDING;
    const whole = named.startsWith('/') ? named : join(root, named);
    const work = new Work(
      outlineOfSuite(
        suite,
        machines.map(({ name }) => name),
      ),
    );
    this.starter.start(work, () => this.#run(work, suite, machines, whole, root));
  }

  async compare(...args: unknown[]): Promise<void> {
    const [clicked, selected] = args;
    const given = (Array.isArray(selected) && selected.length > 0 ? selected : [clicked]).filter(
      (each): each is vscode.Uri => each instanceof vscode.Uri,
    );
    const uris = given.length > 0 ? given : await chooseResults();
    if (uris === undefined || uris.length === 0) return;
    const paths = uris.map(({ fsPath }) => fsPath);
    const panel = new ComparisonPanel(this.extensionUri, paths, this.log, () => this.#panels.delete(panel));
    this.#panels.add(panel);
  }

  dispose(): void {
    for (const panel of [...this.#panels]) panel.dispose();
  }

  async #run(
    work: Work,
    suite: Suite,
    machines: readonly TestMachine[],
    resultsPath: string,
    root: string,
  ): Promise<void> {
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(vscode.Uri.file(resultsPath), '..'));
    // What was measured is in the file by then, whichever of the two it is.
    const signal = AbortSignal.any([work.stopSignal, work.cancelSignal]);
    const request = { suite, machines, resultsPath, resumes: true };
    try {
      const results = await runBenchmarks(request, this.context, benchmarkListener(work, suite), signal);
      const { size } = await vscode.workspace.fs.stat(vscode.Uri.file(resultsPath));
      work.addArtifact({
        path: resultsPath,
        name: shownPath(resultsPath, root),
        kind: 'results',
        machine: machines.map(({ name }) => name).join(', '),
        workload: suite.name,
        sizeBytes: size,
        events: null,
        lostEvents: null,
        sha256: null,
      });
      // What was measured by then is kept, also when it is stopped.
      work.end(work.cancelSignal.aborted ? 'cancelled' : results.state === 'running' ? 'failed' : 'done');
    } catch (error) {
      work.addRemark({ severity: 'error', machine: null, text: messageOf(error) });
      throw error;
    }
  }
}

/** Which of the built-in benchmarks, and how often. Undefined: the user gave up. */
async function chooseSuite(machines: readonly TestMachine[]): Promise<Suite | undefined> {
  const suite = builtInSuite();
  const title = `Run Benchmarks: ${machines.map(({ name }) => name).join(', ')}`;
  const picked = await vscode.window.showQuickPick(
    suite.benchmarks.map((benchmark) => ({
      label: benchmark.name,
      detail: benchmark.title,
      picked: true,
      benchmark,
    })),
    { title, placeHolder: 'Which benchmarks?', canPickMany: true, ignoreFocusOut: true, matchOnDetail: true },
  );
  if (picked === undefined || picked.length === 0) return undefined;
  const repeats = await vscode.window.showInputBox({
    title,
    prompt: 'Repeats of each benchmark; with fewer than 5 on each side hardly a difference can be seen',
    value: String(suite.repeats),
    ignoreFocusOut: true,
    validateInput: (text) => (/^[1-9]\d{0,3}$/.test(text.trim()) ? undefined : 'A number from 1 to 9999.'),
  });
  if (repeats === undefined) return undefined;
  return { ...suite, benchmarks: picked.map(({ benchmark }) => benchmark), repeats: Number(repeats) };
}

/** From the palette: files of the workspace, else a dialog. */
async function chooseResults(): Promise<readonly vscode.Uri[] | undefined> {
  const found = await vscode.workspace.findFiles(`**/*${RESULTS_ENDING}`, '**/node_modules/**', 500);
  if (found.length > 0) {
    const browse = { label: 'Browse…', uri: undefined };
    const picked = await vscode.window.showQuickPick(
      [...found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })), browse],
      {
        title: 'Compare Benchmark Results',
        placeHolder: 'Two files or more, or one of several kernels, machines or settings',
        canPickMany: true,
      },
    );
    if (picked === undefined) return undefined;
    if (!picked.some(({ uri }) => uri === undefined)) return picked.flatMap(({ uri }) => uri ?? []);
  }
  return vscode.window.showOpenDialog({
    title: 'Compare Benchmark Results',
    openLabel: 'Compare',
    canSelectMany: true,
    filters: { 'Benchmark results': ['json'] },
  });
}
