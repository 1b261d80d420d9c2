import { basename, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { messageOf } from '../../base/errors.js';
import { bootKernel } from '../../remote/benchmarks/bootKernel.js';
import { readResults } from '../../remote/benchmarks/results.js';
import { resultSets } from '../../remote/benchmarks/resultSets.js';
import { runBenchmarks, type BenchmarkRequest } from '../../remote/benchmarks/runBenchmarks.js';
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
import { agreesToBoot, chooseKernels } from './kernelChoice.js';
import { chooseSuite } from './suiteChoice.js';

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
    const names = machines.map(({ name }) => name);
    const title = `Run Benchmarks: ${names.join(', ')}`;
    const suite = await chooseSuite(title, args);
    if (suite === undefined) return;
    const kernels = await chooseKernels(title, machines, this.context);
    if (kernels === undefined) return;
    const root = workspaceRoot();
    const resultsPath = await chooseResultsPath(title, root, this.context.now());
    if (resultsPath === undefined) return;
    const work = new Work(outlineOfSuite(suite, names, kernels.length));
    const request = { suite, machines, kernels, boot: this.#boot, resultsPath, resumes: true };
    this.starter.start(work, () => this.#run(work, request, root));
  }

  async compare(...args: unknown[]): Promise<void> {
    const [clicked, selected] = args;
    const given = (Array.isArray(selected) && selected.length > 0 ? selected : [clicked]).filter(
      (each): each is vscode.Uri => each instanceof vscode.Uri,
    );
    const uris = given.length > 0 ? given : await chooseResults();
    if (uris === undefined || uris.length === 0) return;
    const paths = await withSecond(uris.map(({ fsPath }) => fsPath));
    if (paths === undefined) return;
    const panel = new ComparisonPanel(this.extensionUri, paths, this.log, () => this.#panels.delete(panel));
    this.#panels.add(panel);
  }

  dispose(): void {
    for (const panel of [...this.#panels]) panel.dispose();
  }

  readonly #boot = (machine: TestMachine, kernel: string, signal?: AbortSignal): Promise<void> =>
    bootKernel(machine, kernel, this.context, { consent: agreesToBoot }, signal);

  async #run(work: Work, request: BenchmarkRequest<TestMachine>, root: string): Promise<void> {
    const { suite, machines, resultsPath, kernels = [] } = request;
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(vscode.Uri.file(resultsPath), '..'));
    // What was measured is in the file by then, whichever of the two it is.
    const signal = AbortSignal.any([work.stopSignal, work.cancelSignal]);
    const listener = benchmarkListener(work, suite, kernels.length);
    try {
      const results = await runBenchmarks(request, this.context, listener, signal);
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

/** An absolute path; undefined: the user gave up. */
async function chooseResultsPath(title: string, root: string, now: Date): Promise<string | undefined> {
  const value = `benchmarks/${timeStamp(now)}${RESULTS_ENDING}`;
  const path = await vscode.window.showInputBox({
    title,
    prompt: `File for the results (${RESULTS_ENDING}); one that is there and of the same suite is gone on with`,
    value,
    valueSelection: [value.lastIndexOf('/') + 1, value.length - RESULTS_ENDING.length],
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Type a name.' : undefined),
  });
  if (path === undefined) return undefined;
  const named = path.trim().endsWith('.json') ? path.trim() : path.trim() + RESULTS_ENDING;
  return isAbsolute(named) ? named : join(root, named);
}

/**
 * One file with one set has nothing to be compared with: the user says with which other one.
 * @returns the baseline first; undefined: there is nothing to compare
 */
async function withSecond(paths: readonly string[]): Promise<readonly string[] | undefined> {
  const [path] = paths;
  if (path === undefined || paths.length > 1 || (await holdsSeveral(path))) return paths;
  const found = await findResults();
  const others = found.filter(({ fsPath }) => fsPath !== path);
  const asText = { label: 'Open as Text', uri: undefined };
  const picked = await vscode.window.showQuickPick(
    [...others.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })), asText],
    {
      title: `Compare ${basename(path)}`,
      placeHolder:
        others.length === 0
          ? 'It holds one kernel, machine or setting: measure another one to compare it with'
          : 'With which results? These become the baseline',
      ignoreFocusOut: true,
    },
  );
  if (picked === asText) {
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), 'default');
  }
  return picked?.uri === undefined ? undefined : [picked.uri.fsPath, path];
}

/** What cannot be read is not asked about: the panel says why. */
async function holdsSeveral(path: string): Promise<boolean> {
  try {
    return resultSets(await readResults(path), path).length > 1;
  } catch {
    return true;
  }
}

async function findResults(): Promise<readonly vscode.Uri[]> {
  const found = await vscode.workspace.findFiles(`**/*${RESULTS_ENDING}`, '**/node_modules/**', 500);
  return found.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

/** From the palette: files of the workspace, else a dialog. */
async function chooseResults(): Promise<readonly vscode.Uri[] | undefined> {
  const found = await findResults();
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
