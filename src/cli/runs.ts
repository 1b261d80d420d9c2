import { basename } from 'node:path';
import { Failure } from '../base/errors.js';
import { exportRun } from '../learning/export/exportRun.js';
import type { RunExport } from '../learning/export/exportKinds.js';
import { bestText } from '../learning/runs/compareConfigs.js';
import { findRuns, type FoundRun } from '../learning/runs/findRuns.js';
import { readHistory, readMetrics } from '../learning/runs/runFiles.js';
import { configText, type TrainingConfig } from '../learning/trainer/config/config.js';
import type { RunMetrics } from '../learning/trainer/evaluation.js';
import { readRunConfig } from '../learning/trainer/resumedConfig.js';
import { readRun, stateOf, type RunInfo, type RunState } from '../learning/trainer/runFolder.js';
import { interruptible } from './interruptible.js';
import { metricTables } from './metricTables.js';
import { printable, printLines, table, toJson, type Column } from './output.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface RunsOptions {
  readonly json?: boolean;
}

const LIST_COLUMNS: readonly Column<FoundRun>[] = [
  { title: 'run', align: 'left', cell: ({ folder }) => folder },
  { title: 'state', align: 'left', cell: (found) => ('problem' in found ? 'damaged' : found.state) },
  column('model', ({ model }) => model),
  column('best', bestText),
  column('epochs', ({ epoch, epochs }) => `${epoch}/${epochs}`),
  column('data set', ({ dataset }) => basename(dataset.path)),
  column('started', ({ started }) => started),
];

function column(title: string, cell: (run: RunInfo) => string): Column<FoundRun> {
  return { title, align: 'left', cell: (found) => ('problem' in found ? '-' : cell(found.run)) };
}

/** `runs list [FOLDER]`: the runs below a folder, the newest first. */
export async function listRuns(folder: string, options: RunsOptions): Promise<void> {
  const found = await interruptible((signal) => findRuns(folder, { signal }));
  if (options.json === true) {
    await printLines([toJson(found)]);
    return;
  }
  if (found.length === 0) process.stderr.write(`There is no run in ${printable(folder)}.\n`);
  else await printLines(table(LIST_COLUMNS, found));
  for (const each of found)
    if ('problem' in each) process.stderr.write(`warning: ${printable(each.problem)}\n`);
}

/** `runs show RUN`: what a run is and came to. */
export async function showRun(folder: string, options: RunsOptions): Promise<void> {
  const { run, state, config, metrics } = await readWhole(folder);
  if (options.json === true) {
    const history = await readHistory(folder);
    await printLines([toJson({ folder, state, run, config, history, metrics })]);
    return;
  }
  await printLines(factsOf(run, state));
  await printLines(['', 'configuration:']);
  await printLines(
    configText(config)
      .trimEnd()
      .split('\n')
      .map((line) => `  ${printable(line)}`),
  );
  if (metrics === null) await printLines(['', 'metrics are there when a run has finished']);
  else await printLines(metricTables(run.model, metrics));
}

/** A run with all that is known of it. */
export interface WholeRun {
  readonly folder: string;
  readonly run: RunInfo;
  readonly state: RunState;
  readonly config: TrainingConfig;
  readonly metrics: RunMetrics | null;
}

/** Failures: `not-found`, and those of reading its files. */
export async function readWhole(folder: string): Promise<WholeRun> {
  const run = await readRun(folder);
  if (run === null) {
    throw new Failure(
      'not-found',
      `${folder} is no run: there is no run.json in it. "kernel-oracle runs list" finds runs.`,
    );
  }
  const [config, metrics] = [await readRunConfig(folder), await readMetrics(folder)];
  return { folder, run, state: stateOf(run), config, metrics };
}

function* factsOf(run: RunInfo, state: RunState): Generator<string> {
  const { message, model, task, engine, dataset, parameters, epoch, epochs, step } = run;
  yield `state        ${state}${message === null ? '' : `: ${printable(message)}`}`;
  yield `model        ${printable(model)} (${task}), ${parameters} parameters`;
  yield `best         ${bestText(run)}`;
  yield `epochs       ${epoch} of ${epochs}, ${step} steps`;
  yield `data set     ${printable(dataset.path)}`;
  // One that waits does not know it yet.
  yield `engine       ${printable(engine.description === '' ? engine.name : engine.description)}`;
  yield `started      ${printable(run.started)}`;
  yield `ended        ${run.ended === null ? '-' : printable(run.ended)}`;
}

export interface ExportRunCommandOptions {
  readonly to: RunExport;
  readonly output: string;
  readonly dataset?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `runs export RUN --to FORMAT -o OUT`: its best weights in another form. */
export async function exportRunFiles(folder: string, options: ExportRunCommandOptions): Promise<void> {
  const { to, output, dataset, force, json } = options;
  const files = await interruptible((signal) =>
    exportRun({
      folder,
      to,
      output,
      dataset,
      replace: force === true,
      kernelOracleVersion: packageJson.version,
      signal,
    }),
  );
  await printLines(
    json === true
      ? [toJson({ output, format: to, files })]
      : files.map(({ path, sizeBytes }) => `${printable(path)}  ${sizeBytes} bytes`),
  );
}
