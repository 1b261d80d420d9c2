import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { STUDY_EDITOR } from '../../manifest.js';
import { settingsFor } from '../../learning/migrations/study/studySettings.js';
import type { StudySettings } from '../../protocol/neuralCfsStudy.js';
import type { StudiedSummary } from '../../workers/neuralCfsStudentMessages.js';
import { givenPaths } from '../givenPaths.js';
import type { Log } from '../log.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { withWorkProgress } from '../workProgress.js';
import { studiedText } from './studyChoices.js';
import { chooseStudy } from './studyFlow.js';
import { studyInProcess } from './studyProcess.js';

/** In `dist`, beside the extension. */
const PROGRAM = 'neuralCfsStudent.cjs';
const TITLE = 'Study Migration Records';

/** "NeuralCFS: Study Migration Records…", and a study once more; in a process of its own, one at a time for each file. */
export class StudyCommands {
  readonly #underway = new Map<string, Promise<void>>();

  constructor(private readonly log: Log) {}

  /**
   * @param resource file or folder of the explorer, or the records that are open
   * @param selected all that are selected in the explorer
   */
  async study(resource?: unknown, selected?: unknown): Promise<void> {
    const paths = givenPaths(resource, selected) ?? (await askForRecords());
    if (paths === undefined || paths.length === 0) return;
    const what = paths.length === 1 ? basename(paths[0]!) : `${paths.length} of the Explorer`;
    const chosen = await chooseStudy(`${TITLE}: ${what}`, paths, workspaceRoot());
    if (chosen === undefined) return;
    const { choices, output } = chosen;
    await this.#once(output, () => this.#run(settingsFor(paths, choices), output));
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(output), STUDY_EDITOR, {
      preview: false,
    });
  }

  /** The same again, in place of what is there. Failures: those of `studyInProcess`. */
  repeat(settings: StudySettings, output: string): Promise<void> {
    return this.#once(output, () => this.#run(settings, output));
  }

  /** Two processes would write the same file. */
  #once(output: string, work: () => Promise<void>): Promise<void> {
    const underway = this.#underway.get(output);
    if (underway !== undefined) {
      void vscode.window.showInformationMessage(
        `${basename(output)} is being made already: see its notification.`,
      );
      return underway;
    }
    const running = work().finally(() => this.#underway.delete(output));
    this.#underway.set(output, running);
    return running;
  }

  async #run(settings: StudySettings, output: string): Promise<void> {
    const summary = await this.#withProgress(settings, output);
    const text = studiedText(vscode.workspace.asRelativePath(output), summary);
    this.log.info(text);
    for (const warning of summary.warnings) this.log.info(`${basename(output)}: ${warning}`);
    void vscode.window.setStatusBarMessage(text, 10_000);
  }

  #withProgress(settings: StudySettings, output: string): Thenable<StudiedSummary> {
    return withWorkProgress(
      `Studying migration records into ${vscode.workspace.asRelativePath(output)}`,
      this.log,
      (show, signal) =>
        studyInProcess({
          program: join(__dirname, PROGRAM),
          command: { kind: 'study', settings, output },
          signal,
          onProgress: ({ text, done, total }) => show(text, total === null ? 0 : (100 * done) / total),
        }),
    );
  }
}

async function askForRecords(): Promise<string[] | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: `${TITLE}: Choose Recordings of can_migrate_task(), or Folders of Them`,
    openLabel: 'Study',
    canSelectMany: true,
    canSelectFiles: true,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(workspaceRoot()),
  });
  return chosen?.map(({ fsPath }) => fsPath);
}
