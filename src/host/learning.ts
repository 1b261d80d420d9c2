import { join } from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../base/disposable.js';
import { NATIVE_ENGINE_VARIABLE } from '../learning/engines/native/installation.js';
import { COMMANDS, PANELS } from '../manifest.js';
import type { Handlers } from './commands.js';
import { DataSetCommands } from './dataset/dataSetCommands.js';
import { EvaluationCommands } from './inspection/evaluation/evaluationCommands.js';
import { forecastHere } from './inspection/forecast/forecastHere.js';
import { forecastInProcess } from './inspection/forecast/forecastProcess.js';
import { InspectionCommands } from './inspection/inspectionCommands.js';
import { InspectionPanels } from './inspection/inspectionPanels.js';
import { panelKinds } from './inspection/panelKinds.js';
import type { Log } from './log.js';
import { StudyCommands } from './neuralCfs/studyCommands.js';
import { StudyEditorProvider } from './neuralCfs/studyEditor.js';
import { openTraceAt } from './openTraceAt.js';
import type { TraceEditorProvider } from './traceEditor.js';
import { EventLoopDelay } from './training/eventLoopDelay.js';
import { EngineInstaller } from './training/installEngine.js';
import { TrainingPanels } from './training/panel/trainingPanels.js';
import { settleRun } from './training/queuedRun.js';
import { findDataSet } from './training/runs/findDataSet.js';
import { RunChoice } from './training/runs/runChoice.js';
import { RunCommands } from './training/runs/runCommands.js';
import { RunComparison } from './training/runs/runComparison.js';
import { RunExporter } from './training/runs/runExport.js';
import { RunsIndex } from './training/runs/runsIndex.js';
import { RunsTree } from './training/runs/runsTree.js';
import { trainerStarter } from './training/trainerProcess.js';
import { TrainingCommands } from './training/trainingCommands.js';
import type { TrainingJob } from './training/trainingJob.js';
import { TrainingNotices } from './training/trainingNotices.js';
import { TrainingQueue } from './training/trainingQueue.js';
import { showTrainingInStatusBar } from './training/trainingStatusBar.js';
import { whereTrusted } from './work/trust.js';

type InspectionCommand =
  | 'evaluateModel'
  | 'auditRun'
  | 'showModel'
  | 'showConfusion'
  | 'showForecast'
  | 'compareModels'
  | 'forecastHere';

type LearningCommand =
  | InspectionCommand
  | 'buildDataSet'
  | 'newTrainingConfig'
  | 'trainModel'
  | 'pauseTraining'
  | 'continueTraining'
  | 'cancelTraining'
  | 'showTraining'
  | 'installNativeEngine'
  | 'openRun'
  | 'resumeRun'
  | 'openRunConfig'
  | 'openRunLog'
  | 'compareRuns'
  | 'exportRun'
  | 'deleteRun'
  | 'refreshRuns'
  | 'studyMigrations';

/** How long the window's end waits for what trains to be saved; the editor kills us after 5 s, and the child saves on. */
const SHUT_DOWN_MS = 4000;

/** Everything about data sets, models and training in the editor, put together. */
export class Learning implements vscode.Disposable {
  readonly handlers: Handlers<LearningCommand>;
  readonly #owned = new DisposableStore();
  readonly #queue: TrainingQueue;
  readonly #notices: TrainingNotices;
  readonly #delay = new EventLoopDelay();
  #measured: TrainingJob | undefined;

  constructor(
    extension: vscode.ExtensionContext,
    private readonly log: Log,
    private readonly traceEditor: TraceEditorProvider,
  ) {
    const { extensionUri } = extension;
    const engineFolder =
      process.env[NATIVE_ENGINE_VARIABLE] ?? join(extension.globalStorageUri.fsPath, 'native-engine');
    const queue = this.#owned.add(
      new TrainingQueue({
        startTrainer: trainerStarter({
          program: vscode.Uri.joinPath(extensionUri, 'dist', 'trainer.cjs').fsPath,
          environment: { [NATIVE_ENGINE_VARIABLE]: engineFolder },
        }),
        onEnded: (job) => this.#ended(job),
      }),
    );
    this.#queue = queue;
    const index = this.#owned.add(new RunsIndex(log));
    const tree = this.#owned.add(new RunsTree(index, queue));
    const choice = new RunChoice(index, tree);
    const actions = {
      openLog: (folder: string) => vscode.commands.executeCommand(COMMANDS.openRunLog, folder),
      openConfig: (folder: string) => vscode.commands.executeCommand(COMMANDS.openRunConfig, folder),
      resume: (folder: string) => vscode.commands.executeCommand(COMMANDS.resumeRun, folder),
    };
    const panels = this.#owned.add(new TrainingPanels(extensionUri, queue, actions, log));
    const show = (folder: string) => panels.show(folder);
    this.#notices = this.#owned.add(new TrainingNotices(queue, log));
    this.#owned.add(showTrainingInStatusBar(queue));

    const { version } = extension.extension.packageJSON as { version: string };
    const { foldersOf } = choice;
    const training = new TrainingCommands({ queue, kernelOracleVersion: version, foldersOf, show });
    const enqueue = (folder: string) => training.enqueue(folder, true);
    const runs = new RunCommands({ index, tree, choice, jobs: queue, show, enqueue });
    const comparison = this.#owned.add(new RunComparison(choice));
    const exporter = new RunExporter(choice, version);
    const dataSets = this.#owned.add(new DataSetCommands(log));
    const checkProgram = vscode.Uri.joinPath(extensionUri, 'dist', 'engineCheck.cjs').fsPath;
    const installer = new EngineInstaller({ folder: engineFolder, checkProgram, log });
    const inspected = this.#inspection(extensionUri, choice, index, engineFolder);
    const studies = new StudyCommands(log);
    const untrusted = 'no model is trained and nothing is installed from it';
    const repeat = whereTrusted(studies.repeat.bind(studies), untrusted);
    this.#owned.add(new StudyEditorProvider({ extensionUri, repeat }).register());
    this.handlers = {
      buildDataSet: (...args) => dataSets.build(...args),
      newTrainingConfig: (resource) => dataSets.newConfig(resource),
      trainModel: whereTrusted((resource) => training.train(resource), untrusted),
      pauseTraining: (...args) => training.pause(...args),
      continueTraining: (...args) => training.continue(...args),
      cancelTraining: (...args) => training.cancel(...args),
      showTraining: (resource) => training.showTraining(resource),
      installNativeEngine: whereTrusted(() => installer.install(), untrusted),
      openRun: (...args) => runs.open(...args),
      resumeRun: whereTrusted((...args) => runs.resume(...args), untrusted),
      openRunConfig: (...args) => runs.openConfig(...args),
      openRunLog: (...args) => runs.openLog(...args),
      compareRuns: (...args) => comparison.compare(...args),
      exportRun: (...args) => exporter.export(...args),
      deleteRun: (...args) => runs.delete(...args),
      refreshRuns: () => runs.refresh(),
      studyMigrations: whereTrusted((...args) => studies.study(...args), untrusted),
      ...inspected,
    };
    this.#owned.add(queue.onChanged(() => this.#measure()));
  }

  /** Saves what trains, and waits until that is done, but not for ever. */
  async shutDown(): Promise<void> {
    await this.#queue.shutDown(SHUT_DOWN_MS);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** What says what a model is worth. */
  #inspection(
    extensionUri: vscode.Uri,
    choice: RunChoice,
    index: RunsIndex,
    engineFolder: string,
  ): Handlers<InspectionCommand> {
    const panels = this.#owned.add(
      new InspectionPanels(
        extensionUri,
        panelKinds({
          openTraceAt: (path, moment) => openTraceAt(this.traceEditor, path, moment),
          makeForecast: forecastInProcess(vscode.Uri.joinPath(extensionUri, 'dist', 'forecaster.cjs').fsPath),
          findDataSet: (folder) => findDataSet(folder, 'Forecasts begin in it.'),
        }),
        {
          evaluate: async (folder) => vscode.commands.executeCommand(COMMANDS.evaluateModel, folder),
          audit: async (folder) => vscode.commands.executeCommand(COMMANDS.auditRun, folder),
          openRun: (folder) => vscode.commands.executeCommand(COMMANDS.openRun, folder),
        },
        this.log,
      ),
    );
    const evaluation = new EvaluationCommands({
      choice,
      program: vscode.Uri.joinPath(extensionUri, 'dist', 'evaluator.cjs').fsPath,
      environment: { [NATIVE_ENGINE_VARIABLE]: engineFolder },
      log: this.log,
      touch: (folder) => panels.touch(folder),
      show: (folder) => panels.show(PANELS.model, [folder]),
    });
    const commands = new InspectionCommands(panels, choice);
    const untrusted = 'no model is evaluated in it';
    return {
      evaluateModel: whereTrusted((...args) => evaluation.evaluate(...args), untrusted),
      auditRun: whereTrusted((...args) => evaluation.audit(...args), untrusted),
      showModel: (...args) => commands.showModel(...args),
      showConfusion: (...args) => commands.showConfusion(...args),
      showForecast: (...args) => commands.showForecast(...args),
      compareModels: (...args) => commands.compareModels(...args),
      forecastHere: () =>
        forecastHere({
          editor: this.traceEditor,
          runs: async () => {
            await index.searched();
            return index.all;
          },
          show: (folder, start) => panels.show(PANELS.forecast, [folder], start),
        }),
    };
  }

  /** Begins to measure when one begins to train. */
  #measure(): void {
    const { current } = this.#queue;
    if (current === undefined || current === this.#measured) return;
    this.#measured = current;
    this.#delay.begin();
    this.log.info(`Training ${current.runFolder}`);
  }

  async #ended(job: TrainingJob): Promise<void> {
    // One that left the queue never trained.
    const delay = job === this.#measured ? this.#delay.end() : null;
    this.log.info(
      `Training ${job.title}: ${job.state}${job.message === null ? '' : `: ${job.message}`}` +
        (delay === null
          ? ''
          : `. While it trained, the extension host's event loop was delayed ${delay.p99Ms.toFixed(1)} ms at the 99th percentile, ${delay.maxMs.toFixed(1)} ms at most`),
    );
    await settleRun(job, new Date()).catch((error: unknown) => this.log.error(job.title, error));
    void this.#notices.tellEnd(job);
  }
}
