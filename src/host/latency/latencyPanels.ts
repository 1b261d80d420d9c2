import { basename } from 'node:path';
import * as vscode from 'vscode';
import { LatencyFiles } from '../../analysis/latency/latencyFiles.js';
import {
  LATENCY_STUDY_ENDING,
  readLatencyStudy,
  setsOf,
  usualBaseline,
  USUAL_SETTINGS,
} from '../../analysis/latency/latencyStudy.js';
import type { Disposable } from '../../base/disposable.js';
import { Failure, messageOf } from '../../base/errors.js';
import { PANELS } from '../../manifest.js';
import type { LatencyStudy, LatencyStudySet } from '../../protocol/latencyMessages.js';
import { MOST_LATENCY_SETS, readLatencyMemory } from '../../protocol/latencySchemas.js';
import { describedLatencies, readResultLatencies } from '../../remote/benchmarks/latencySets.js';
import type { Log } from '../log.js';
import { chooseLatencyFiles, LatencyPanel, PANEL_TITLE } from './latencyPanel.js';

/** Names that files of latencies have mostly; others are found by "Browse…". */
const USUAL_NAMES = [
  `**/*${LATENCY_STUDY_ENDING}`,
  '**/lat_*.{txt,csv,log}',
  '**/*latenc*.{txt,csv,log}',
  '**/*_{ns,us}.{txt,csv}',
];

/** "Show Latency Densities…": the panels of latencies. They come back with the window. */
export class LatencyPanels implements Disposable {
  readonly #panels = new Set<LatencyPanel>();
  readonly #registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly log: Log,
  ) {
    this.#registration = vscode.window.registerWebviewPanelSerializer(PANELS.latency, {
      deserializeWebviewPanel: (panel, state) => {
        const memory = readLatencyMemory(state);
        if (memory === null) panel.dispose();
        else this.#fill(panel, memory.study, memory.file);
        return Promise.resolve();
      },
    });
  }

  /** Latencies of files that were chosen in the explorer, or that the user is asked for; a study file opens as it was saved. */
  async show(...args: unknown[]): Promise<void> {
    const [clicked, selected] = args;
    const given = (Array.isArray(selected) && selected.length > 0 ? selected : [clicked]).filter(
      (each): each is vscode.Uri => each instanceof vscode.Uri,
    );
    const uris = given.length > 0 ? given : await chooseFiles();
    if (uris === undefined || uris.length === 0) return;
    const paths = uris.map(({ fsPath }) => fsPath);
    for (const path of paths.filter(isStudy)) await this.#openStudy(path);
    const plain = paths.filter((path) => !isStudy(path));
    if (plain.length > 0) this.#open(await newStudy(plain), null);
  }

  dispose(): void {
    this.#registration.dispose();
    for (const panel of [...this.#panels]) panel.dispose();
  }

  async #openStudy(path: string): Promise<void> {
    const shown = [...this.#panels].find(({ file }) => file === path);
    if (shown === undefined) this.#open(await readLatencyStudy(path), path);
    else shown.reveal();
  }

  #open(study: LatencyStudy, file: string | null): void {
    const panel = vscode.window.createWebviewPanel(PANELS.latency, PANEL_TITLE, vscode.ViewColumn.Active);
    this.#fill(panel, study, file);
  }

  #fill(panel: vscode.WebviewPanel, study: LatencyStudy, file: string | null): void {
    const filled: LatencyPanel = new LatencyPanel(panel, this.extensionUri, study, file, this.log, () =>
      this.#panels.delete(filled),
    );
    this.#panels.add(filled);
  }
}

function isStudy(path: string): boolean {
  return path.endsWith(LATENCY_STUDY_ENDING);
}

/** Files that cannot be read are told in a message; the others are shown. Failures: `bad-input` when none can be. */
async function newStudy(paths: readonly string[]): Promise<LatencyStudy> {
  const files = new LatencyFiles({ readResults: readResultLatencies, describe: describedLatencies });
  const sets: LatencyStudySet[] = [];
  const failures: string[] = [];
  for (const path of paths) {
    try {
      sets.push(...setsOf(await files.file(path)));
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  if (sets.length === 0) throw new Failure('bad-input', failures.join('\n'));
  if (sets.length > MOST_LATENCY_SETS) {
    throw new Failure(
      'too-large',
      `A study has at most ${MOST_LATENCY_SETS} sets; these are ${sets.length}.`,
    );
  }
  for (const failure of failures) void vscode.window.showWarningMessage(failure);
  return { baseline: usualBaseline(sets), sets, settings: USUAL_SETTINGS };
}

/** From the palette: files of the workspace, else a dialog. */
async function chooseFiles(): Promise<readonly vscode.Uri[] | undefined> {
  const lists = await Promise.all(
    USUAL_NAMES.map((pattern) => vscode.workspace.findFiles(pattern, '**/node_modules/**', 200)),
  );
  const found = [...new Map(lists.flat().map((uri) => [uri.toString(), uri])).values()];
  if (found.length === 0) return chooseLatencyFiles(PANEL_TITLE);
  found.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  const browse = { label: 'Browse…', description: '', uri: undefined };
  const picked = await vscode.window.showQuickPick(
    [
      ...found.map((uri) => ({
        label: basename(uri.fsPath),
        description: vscode.workspace.asRelativePath(uri),
        uri,
      })),
      browse,
    ],
    {
      title: PANEL_TITLE,
      placeHolder: 'Files of latencies; those of one benchmark are drawn together',
      canPickMany: true,
      matchOnDescription: true,
    },
  );
  if (picked === undefined) return undefined;
  if (picked.some(({ uri }) => uri === undefined)) return chooseLatencyFiles(PANEL_TITLE);
  return picked.flatMap(({ uri }) => uri ?? []);
}
