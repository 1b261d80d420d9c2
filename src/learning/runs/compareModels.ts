import { basename, dirname } from 'node:path';
import { Failure, isFailure } from '../../base/errors.js';
import type { Evaluation, PartEvaluation } from '../../protocol/evaluation.js';
import type {
  ComparedModel,
  ComparedPart,
  DifferingSetting,
  ModelComparison,
} from '../../protocol/modelComparisonMessages.js';
import { RESAMPLES } from '../evaluation/blockBootstrap.js';
import { readEvaluation, readEvents } from '../evaluation/evaluationFiles.js';
import { comparePart } from '../evaluation/comparePart.js';
import type { AskedPart } from '../evaluation/matchedEvents.js';
import { isOutdated, presentWeightsSha256 } from '../evaluation/presentWeights.js';
import { readRunConfig } from '../trainer/resumedConfig.js';
import { compareAllConfigs, settingText } from './compareConfigs.js';

/** The same evaluations give the same intervals each time they are compared. */
const SEED = 1;

/** A run with what its evaluation came to. */
interface EvaluatedRun {
  readonly folder: string;
  readonly title: string;
  readonly evaluation: Evaluation;
}

/**
 * Models on the events that all of them were asked about, each measured against the first: figures with 95 % intervals by block
 * bootstrap, differences of the same draws, and a sign-flip test on the sums of blocks.
 * @param folders of two runs or more
 * Failures: `not-found` when one was not evaluated, `bad-input` when they are of different tasks or data sets or have no event in
 * common, `wrong-usage` for a run twice; those of reading evaluations and their events; `cancelled`.
 */
export async function compareModels(
  folders: readonly string[],
  signal?: AbortSignal,
): Promise<ModelComparison> {
  if (new Set(folders).size < folders.length || folders.length < 2) {
    throw new Failure('wrong-usage', 'Name two runs or more to compare them, each once.');
  }
  const titles = titlesOf(folders);
  const runs: EvaluatedRun[] = [];
  for (const [at, folder] of folders.entries()) {
    runs.push({ folder, title: titles[at]!, evaluation: await evaluationOf(folder, titles[at]!) });
  }
  checkComparable(runs);
  const { parts, warnings } = await comparedParts(runs, signal);
  const [first] = runs;
  return {
    task: first!.evaluation.model.task,
    runs: runs.map(modelOf),
    dataset: first!.evaluation.dataset,
    parts,
    settings: await settingsOf(folders),
    bootstrap: { resamples: RESAMPLES, seed: SEED },
    warnings: [...(await staleWarnings(runs)), ...warnings],
  };
}

/** Runs among these that were not evaluated, by their place. */
export async function unevaluated(
  folders: readonly string[],
): Promise<{ readonly run: number; readonly title: string }[]> {
  const titles = titlesOf(folders);
  const evaluations = await Promise.all(folders.map((folder) => readEvaluation(folder)));
  return evaluations.flatMap((evaluation, run) =>
    evaluation === null ? [{ run, title: titles[run]! }] : [],
  );
}

/** Names of the folders; with the folder that they are in where two have the same. */
export function titlesOf(folders: readonly string[]): string[] {
  const names = folders.map((folder) => basename(folder));
  return folders.map((folder, at) => {
    const isAlone = names.filter((name) => name === names[at]).length === 1;
    return isAlone ? names[at]! : `${basename(dirname(folder))}/${names[at]!}`;
  });
}

async function evaluationOf(folder: string, title: string): Promise<Evaluation> {
  const evaluation = await readEvaluation(folder);
  if (evaluation !== null) return evaluation;
  throw new Failure(
    'not-found',
    `${title} was not evaluated: run "kernel-oracle evaluate ${folder}" or "Evaluate Model…" first.`,
  );
}

function checkComparable(runs: readonly EvaluatedRun[]): void {
  const [first, ...others] = runs;
  for (const other of others) {
    const [a, b] = [first!.evaluation, other.evaluation];
    if (a.model.task !== b.model.task) {
      throw new Failure(
        'bad-input',
        `${first!.title} predicts ${a.model.task}, ${other.title} ${b.model.task}: there is no figure that both have.`,
      );
    }
    if (a.dataset.sha256 !== b.dataset.sha256) {
      throw new Failure(
        'bad-input',
        `${first!.title} and ${other.title} were evaluated on different data sets (${a.dataset.path}, ${b.dataset.path}): their figures are of other events and do not tell which is better. Train or evaluate both on one.`,
      );
    }
  }
}

async function comparedParts(
  runs: readonly EvaluatedRun[],
  signal: AbortSignal | undefined,
): Promise<{ readonly parts: ComparedPart[]; readonly warnings: string[] }> {
  const warnings: string[] = [];
  const parts: ComparedPart[] = [];
  for (const part of namesOfParts(runs)) {
    const evaluations = runs.map(({ evaluation }) => evaluation.parts.find((each) => each.part === part));
    const missing = runs.filter((_, run) => evaluations[run] === undefined);
    if (missing.length > 0) {
      warnings.push(`The part "${part}" is left out: ${listed(missing)} was not evaluated on it.`);
      continue;
    }
    const asked: AskedPart[] = [];
    for (const [run, { folder }] of runs.entries()) {
      asked.push({
        evaluation: evaluations[run] as PartEvaluation,
        events: await readEvents(folder, part),
      });
    }
    const compared = await comparePart(part, asked, SEED, signal);
    if (compared === null) {
      warnings.push(`The part "${part}" is left out: no event of it was asked of all runs.`);
      continue;
    }
    parts.push(compared);
    warnings.push(...partWarnings(compared, runs));
  }
  if (parts.length === 0) {
    throw new Failure(
      'bad-input',
      `The runs have no event in common, so that nothing can be compared. ${warnings.join(' ')}`,
    );
  }
  return { parts, warnings };
}

function namesOfParts(runs: readonly EvaluatedRun[]): string[] {
  return [...new Set(runs.flatMap(({ evaluation }) => evaluation.parts.map(({ part }) => part)))];
}

function partWarnings({ part, events, ofEvents }: ComparedPart, runs: readonly EvaluatedRun[]): string[] {
  if (ofEvents.every((each) => each === events)) return [];
  const counts = runs.map(({ title }, run) => `${title} ${ofEvents[run]!}`).join(', ');
  return [
    `"${part}": the runs were not asked about the same events (${counts}), as their windows differ or other numbers were asked for. All figures are of the ${events} that all were asked about.`,
  ];
}

async function staleWarnings(runs: readonly EvaluatedRun[]): Promise<string[]> {
  const stale: EvaluatedRun[] = [];
  for (const run of runs) {
    if (isOutdated(run.evaluation, await presentWeightsSha256(run.folder))) stale.push(run);
  }
  return stale.length === 0
    ? []
    : [`The weights of ${listed(stale)} have changed since the evaluation: evaluate again.`];
}

function listed(runs: readonly EvaluatedRun[]): string {
  return runs.map(({ title }) => title).join(', ');
}

function modelOf({ folder, title, evaluation }: EvaluatedRun): ComparedModel {
  const { model, evaluated, cost } = evaluation;
  return {
    ...{ folder, title, evaluated, cost },
    model: model.name,
    parameters: model.parameters,
    epoch: model.epoch,
    engine: model.engine,
  };
}

/** Of runs whose configuration cannot be read nothing is said. */
async function settingsOf(folders: readonly string[]): Promise<DifferingSetting[]> {
  try {
    const configs = await Promise.all(folders.map((folder) => readRunConfig(folder)));
    return compareAllConfigs(configs).map(({ path, values }) => ({ path, values: values.map(settingText) }));
  } catch (error) {
    if (isFailure(error)) return [];
    throw error;
  }
}
