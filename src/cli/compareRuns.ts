import { resolve } from 'node:path';
import { isFailure, messageOf } from '../base/errors.js';
import { bestText, compareAllConfigs, compareConfigs, settingText } from '../learning/runs/compareConfigs.js';
import { compareModels, unevaluated } from '../learning/runs/compareModels.js';
import type { RunMetrics } from '../learning/trainer/evaluation.js';
import type { RunInfo } from '../learning/trainer/runFolder.js';
import type { ModelComparison } from '../protocol/modelComparisonMessages.js';
import { interruptible } from './interruptible.js';
import { metricKeys, metricText, metricTitle } from './metricTables.js';
import { modelComparisonLines, runLetter } from './modelComparisonText.js';
import { printable, printLines, table, toJson, type Column } from './output.js';
import { readWhole, type RunsOptions, type WholeRun } from './runs.js';

/** `runs compare A B …`: in what runs differ, what came of it, and, where they were evaluated, whether that is more than chance. */
export async function compareRuns(folders: readonly string[], options: RunsOptions): Promise<void> {
  const runs: WholeRun[] = [];
  for (const folder of folders) runs.push(await readWhole(folder));
  const sameDataSet = isSameDataSet(runs.map(({ run }) => run));
  if (sameDataSet === false) {
    process.stderr.write(
      'warning: the data sets differ: the metrics are of different events and do not tell which run is better.\n',
    );
  }
  const paired = await pairedFigures(folders);
  if (options.json === true) {
    await printLines([toJson(asJson(runs, sameDataSet, paired))]);
    return;
  }
  const settings = compareAllConfigs(runs.map(({ config }) => config));
  const rows: ComparisonRow[] = [
    rowOf('run', runs, ({ folder }) => folder),
    rowOf('state', runs, ({ state }) => state),
    rowOf('best', runs, ({ run }) => bestText(run)),
    rowOf('epochs', runs, ({ run }) => `${run.epoch}/${run.epochs}`),
    rowOf('parameters', runs, ({ run }) => String(run.parameters)),
    ...settings.map(({ path, values }) => ({
      what: path,
      cells: values.map((value) => settingText(value) ?? '-'),
    })),
    ...metricRows(runs.map(({ metrics }) => metrics)),
  ];
  await printLines(table(columnsOf(runs.length), rows));
  if (settings.length === 0) await printLines(['', 'The configurations are the same.']);
  if (paired !== null) await printLines(modelComparisonLines(paired));
}

/** `null`, with a word on stderr: not all were evaluated, or not on the same events. */
async function pairedFigures(folders: readonly string[]): Promise<ModelComparison | null> {
  const absolute = folders.map((folder) => resolve(folder));
  if (new Set(absolute).size < absolute.length) return null;
  const missing = await unevaluated(absolute);
  if (missing.length > 0) {
    const titles = missing.map(({ title }) => printable(title)).join(', ');
    process.stderr.write(
      `note: figures with intervals and a paired test need an evaluation; "kernel-oracle evaluate" was not run for ${titles}.\n`,
    );
    return null;
  }
  try {
    return await interruptible((signal) => compareModels(absolute, signal));
  } catch (error) {
    if (!isFailure(error, 'bad-input')) throw error;
    process.stderr.write(`warning: ${printable(messageOf(error))}\n`);
    return null;
  }
}

/** Two runs are `a` and `b`; of more there is a list. */
function asJson(
  runs: readonly WholeRun[],
  sameDataSet: boolean | null,
  paired: ModelComparison | null,
): object {
  const shown = runs.map(({ folder, state, run, metrics }) => ({ folder, state, run, metrics }));
  const configs = runs.map(({ config }) => config);
  const [a, b] = shown;
  return runs.length === 2
    ? { a, b, sameDataSet, differences: compareConfigs(configs[0]!, configs[1]!), paired }
    : { runs: shown, sameDataSet, settings: compareAllConfigs(configs), paired };
}

/** `null`: one of them has not opened its data set yet. */
function isSameDataSet(runs: readonly RunInfo[]): boolean | null {
  const hashes = runs.map(({ dataset }) => dataset.sha256);
  if (new Set(hashes.filter((each) => each !== '')).size > 1) return false;
  return hashes.includes('') ? null : true;
}

interface ComparisonRow {
  readonly what: string;
  /** One a run. */
  readonly cells: readonly string[];
}

function columnsOf(runs: number): Column<ComparisonRow>[] {
  return [
    { title: '', align: 'left', cell: ({ what }) => what },
    ...Array.from({ length: runs }, (_, run): Column<ComparisonRow> => ({
      title: runLetter(run),
      align: 'left',
      cell: ({ cells }) => cells[run]!,
    })),
  ];
}

function rowOf(what: string, runs: readonly WholeRun[], cell: (run: WholeRun) => string): ComparisonRow {
  return { what, cells: runs.map(cell) };
}

/** A row a metric of each part that one of them has. */
function metricRows(all: readonly (RunMetrics | null)[]): ComparisonRow[] {
  const parts = new Set(all.flatMap((metrics) => Object.keys(metrics ?? {})));
  return [...parts].flatMap((part) => {
    const ofPart = all.map((metrics) => metrics?.[part]?.model ?? {});
    const keys = new Set(ofPart.flatMap((metrics) => metricKeys(metrics)));
    return [...keys].map((key) => ({
      what: `${part}: ${metricTitle(key)}`,
      cells: ofPart.map((metrics) => metricText(key, (metrics as Record<string, unknown>)[key])),
    }));
  });
}
