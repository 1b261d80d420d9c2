import { basename } from 'node:path';
import { Failure } from '../base/errors.js';
import { exportRun } from '../learning/export/exportRun.js';
import type { RunExport } from '../learning/export/exportKinds.js';
import { bestText, compareConfigs, type ConfigDifference } from '../learning/runs/compareConfigs.js';
import { findRuns, type FoundRun } from '../learning/runs/findRuns.js';
import { readHistory, readMetrics } from '../learning/runs/runFiles.js';
import { configText, type TrainingConfig } from '../learning/trainer/config/config.js';
import type { RunMetrics } from '../learning/trainer/evaluation.js';
import { readRunConfig } from '../learning/trainer/resumedConfig.js';
import { readRun, stateOf, type RunInfo, type RunState } from '../learning/trainer/runFolder.js';
import { interruptible } from './interruptible.js';
import { metricKeys, metricTables, metricText, metricTitle } from './metricTables.js';
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

interface WholeRun {
  readonly folder: string;
  readonly run: RunInfo;
  readonly state: RunState;
  readonly config: TrainingConfig;
  readonly metrics: RunMetrics | null;
}

async function readWhole(folder: string): Promise<WholeRun> {
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

/** `runs compare A B`: in what two runs differ, and what came of it. */
export async function compareRuns(a: string, b: string, options: RunsOptions): Promise<void> {
  const runs = [await readWhole(a), await readWhole(b)] as const;
  const differences = compareConfigs(runs[0].config, runs[1].config);
  const sameDataSet = isSameDataSet(runs[0].run, runs[1].run);
  if (sameDataSet === false) {
    process.stderr.write(
      'warning: the data sets differ: the metrics are of different events and do not tell which run is better.\n',
    );
  }
  if (options.json === true) {
    const [first, second] = runs.map(({ folder, state, run, metrics }) => ({ folder, state, run, metrics }));
    await printLines([toJson({ a: first, b: second, sameDataSet, differences })]);
    return;
  }
  const rows = [
    ...both('run', runs, ({ folder }) => folder),
    ...both('state', runs, ({ state }) => state),
    ...both('best', runs, ({ run }) => bestText(run)),
    ...both('epochs', runs, ({ run }) => `${run.epoch}/${run.epochs}`),
    ...both('parameters', runs, ({ run }) => String(run.parameters)),
    ...differences.map(rowOf),
    ...metricRows(runs[0].metrics, runs[1].metrics),
  ];
  await printLines(table(COMPARISON_COLUMNS, rows));
  if (differences.length === 0) await printLines(['', 'The configurations are the same.']);
}

/** `null`: one of them has not opened its data set yet. */
function isSameDataSet({ dataset: a }: RunInfo, { dataset: b }: RunInfo): boolean | null {
  return a.sha256 === '' || b.sha256 === '' ? null : a.sha256 === b.sha256;
}

interface ComparisonRow {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

const COMPARISON_COLUMNS: readonly Column<ComparisonRow>[] = [
  { title: '', align: 'left', cell: ({ what }) => what },
  { title: 'A', align: 'left', cell: ({ a }) => a },
  { title: 'B', align: 'left', cell: ({ b }) => b },
];

function both(
  what: string,
  [a, b]: readonly [WholeRun, WholeRun],
  cell: (run: WholeRun) => string,
): ComparisonRow[] {
  return [{ what, a: cell(a), b: cell(b) }];
}

function rowOf({ path, a, b }: ConfigDifference): ComparisonRow {
  const text = (value: unknown) => {
    if (value === undefined) return '-';
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return { what: path, a: text(a), b: text(b) };
}

/** A row a metric of each part that one of them has. */
function metricRows(a: RunMetrics | null, b: RunMetrics | null): ComparisonRow[] {
  const parts = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]);
  return [...parts].flatMap((part) => {
    const [ofA, ofB] = [a?.[part]?.model ?? {}, b?.[part]?.model ?? {}];
    const keys = new Set([...metricKeys(ofA), ...metricKeys(ofB)]);
    return [...keys].map((key) => ({
      what: `${part}: ${metricTitle(key)}`,
      a: metricText(key, (ofA as Record<string, unknown>)[key]),
      b: metricText(key, (ofB as Record<string, unknown>)[key]),
    }));
  });
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
