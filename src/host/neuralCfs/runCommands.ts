import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { RUN_FILE_NAME } from '../../learning/migrations/runs/runFolder.js';
import { RUN_EDITOR } from '../../manifest.js';
import { EMIT_TARGETS, type EmitTarget } from '../../libml/emit/carriedModel.js';
import type { RunSettings, TrainedSummary } from '../../workers/neuralCfsTrainerMessages.js';
import { chooseOne } from '../askOption.js';
import type { Choice } from '../dataset/buildChoices.js';
import { givenPaths } from '../givenPaths.js';
import type { Log } from '../log.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { withWorkProgress } from '../workProgress.js';
import { formWarnings, trainedText } from './runChoices.js';
import { chooseRun, freeFolder } from './runFlow.js';
import type { RunProcesses } from './runProcess.js';

const TITLE = 'Train Model of Migrations';

const TARGET_CHOICES: Readonly<Record<EmitTarget, Omit<Choice<EmitTarget>, 'value'>>> = {
  c: { label: 'C, floating point', detail: 'For programs; trees in whole numbers' },
  'c-fixed': { label: 'C, fixed point', detail: 'For where there is no FPU: weights of 16 bits' },
  ebpf: { label: 'eBPF', detail: 'Asks and counts in a kernel; built with clang and libbpf' },
  module: {
    label: 'Kernel module',
    detail: 'Asks, counts and decides; built with the headers of the kernel',
  },
};

/** "Train Model of Migrations…", and what else is done with a run without a machine. */
export class ModelRunCommands {
  constructor(
    private readonly processes: RunProcesses,
    private readonly log: Log,
  ) {}

  /**
   * @param resource file or folder of the explorer, or the records that are open
   * @param selected all that are selected in the explorer
   */
  async train(resource?: unknown, selected?: unknown): Promise<void> {
    const paths = givenPaths(resource, selected) ?? (await askForRecords(TITLE, 'Train'));
    if (paths === undefined || paths.length === 0) return;
    const what = paths.length === 1 ? basename(paths[0]!) : `${paths.length} of the Explorer`;
    const chosen = await chooseRun(`${TITLE}: ${what}`, paths, workspaceRoot());
    if (chosen === undefined) return;
    await this.trainInto({ ...chosen.choices, paths }, chosen.output);
    await openRun(chosen.output);
  }

  /** Trains under a notification. Failures: those of `RunProcesses`. */
  async trainInto(settings: RunSettings, output: string): Promise<TrainedSummary> {
    const name = vscode.workspace.asRelativePath(output);
    const summary = await withWorkProgress(
      `Training a model of migrations into ${name}`,
      this.log,
      (show, signal) => this.processes.train(settings, output, { signal, onProgress: show }),
    );
    const text = trainedText(name, summary);
    this.log.info(text);
    for (const warning of summary.warnings) this.log.info(`${basename(output)}: ${warning}`);
    void vscode.window.setStatusBarMessage(text, 10_000);
    return summary;
  }

  /** Writes the sources of a run for a target and into a folder that the user names. */
  async emit(run: string): Promise<void> {
    const title = `Emit Sources: ${basename(run)}`;
    const choices = EMIT_TARGETS.map((value) => ({ value, ...TARGET_CHOICES[value] }));
    const target = await chooseOne<EmitTarget | null>(title, choices, null);
    if (target?.value == null) return;
    const proposed = await freeFolder(`${run}-${target.value}`);
    const chosen = await vscode.window.showSaveDialog({
      title: `${title}: Name a Folder`,
      saveLabel: 'Emit',
      defaultUri: vscode.Uri.file(proposed),
    });
    if (chosen === undefined) return;
    const output = chosen.fsPath;
    const emitted = await withWorkProgress(
      `Emitting ${basename(run)} into ${basename(output)}`,
      this.log,
      (show, signal) =>
        this.processes.emit({ run, target: target.value!, bits: null, output }, { signal, onProgress: show }),
    );
    for (const warning of formWarnings(emitted)) void vscode.window.showWarningMessage(warning);
    const readme = vscode.Uri.file(join(output, 'README.txt'));
    await vscode.commands.executeCommand('vscode.open', readme, { preview: false });
  }
}

/** Opens the panel of a run, beside nothing. */
export async function openRun(folder: string): Promise<void> {
  const uri = vscode.Uri.file(join(folder, RUN_FILE_NAME));
  await vscode.commands.executeCommand('vscode.openWith', uri, RUN_EDITOR, { preview: false });
}

/** Recordings, or folders of them; undefined: the user gave up. */
export async function askForRecords(title: string, openLabel: string): Promise<string[] | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: `${title}: Choose Recordings of can_migrate_task(), or Folders of Them`,
    openLabel,
    canSelectMany: true,
    canSelectFiles: true,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(workspaceRoot()),
  });
  return chosen?.map(({ fsPath }) => fsPath);
}
