import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { durationText } from '../base/durationText.js';
import { Failure, messageOf } from '../base/errors.js';
import { MODELS } from '../learning/models/models.js';
import { parseConfig, type TrainingConfig } from '../learning/trainer/config/config.js';
import { openEngine } from '../learning/trainer/openEngine.js';
import type { EpochRecord, TrainingProgress } from '../protocol/trainerMessages.js';
import { readRunConfig } from '../learning/trainer/resumedConfig.js';
import { train, type TrainingOutcome } from '../learning/trainer/train.js';
import { metricTables, percent } from './metricTables.js';
import { printLines, toJson } from './output.js';
import { StatusLine } from './statusLine.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface TrainCommandOptions {
  readonly output?: string;
  readonly resume?: boolean;
  readonly listModels?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Trains a model in this process, or tells what models there are. */
export async function trainModel(
  configPath: string | undefined,
  options: TrainCommandOptions,
): Promise<void> {
  if (options.listModels === true) {
    await listModels(options.json === true);
    return;
  }
  const { output } = options;
  if (output === undefined) throw new Failure('wrong-usage', 'Name the folder of the run: -o FOLDER.');
  const config = await configOf(configPath, output, options.resume === true);
  const status = new StatusLine(options.quiet === true);
  const interruption = new AbortController();
  const onSignal = () => {
    if (!interruption.signal.aborted) say('Saving; --resume goes on from here.', status);
    interruption.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const engine = await openEngine(config.engine);
    try {
      const outcome = await train(config, output, {
        engine,
        kernelOracleVersion: packageJson.version,
        resume: options.resume === true,
        signal: interruption.signal,
        onProgress: (progress) => status.show(progressText(progress)),
        onEpoch: (record) => {
          if (options.quiet !== true) say(epochText(record, config), status);
        },
      });
      status.clear();
      await report(outcome, options.json === true);
    } finally {
      engine.dispose();
    }
  } finally {
    status.clear();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** As of a process that SIGINT ended. */
const INTERRUPTED_STATUS = 130;

async function configOf(path: string | undefined, output: string, resume: boolean): Promise<TrainingConfig> {
  if (path === undefined) {
    if (resume) return readRunConfig(output);
    throw new Failure('wrong-usage', 'Name a configuration (kernel-oracle.yaml), or --resume a run.');
  }
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'file-not-found' : 'read-failed';
    throw new Failure(code, `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseConfig(text, path);
}

async function listModels(isJson: boolean): Promise<void> {
  const models = [...MODELS.values()].map(({ name, title, description, task, settings, defaults }) => {
    const usual = v.parse(settings, {}) as Record<string, unknown>;
    return { name, title, description, task, settings: usual, ...defaults };
  });
  if (isJson) {
    await printLines([toJson(models)]);
    return;
  }
  const lines = models.flatMap(({ name, task, description, settings, optimizer }) => [
    `${name} (${task})`,
    `  ${description}`,
    `  settings: ${Object.entries(settings)
      .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
      .join(', ')}`,
    `  optimizer: ${optimizer.name}, learning rate ${optimizer.learningRate}`,
  ]);
  await printLines(lines);
}

function progressText(progress: TrainingProgress): string {
  const { phase, epoch, epochs, batch, batches, loss, examplesPerSecond, remainingMs } = progress;
  const parts = [
    `epoch ${epoch}/${epochs}`,
    phase === 'training' ? `batch ${batch}/${batches}` : phase,
    ...(loss === null ? [] : [`loss ${loss.toFixed(4)}`]),
    ...(examplesPerSecond === null ? [] : [`${examplesPerSecond.toFixed(0)} windows/s`]),
    ...(remainingMs === null ? [] : [`${durationText(Math.round(remainingMs / 1000))} left`]),
  ];
  return parts.join(', ');
}

function epochText(record: EpochRecord, { epochs }: TrainingConfig): string {
  const { epoch, trainLoss, validationLoss, accuracy, mae, examplesPerSecond, isBest } = record;
  return [
    `epoch ${epoch}/${epochs}: loss ${trainLoss.toFixed(4)}`,
    `validation ${validationLoss?.toFixed(4) ?? '-'}`,
    ...(accuracy === null ? [] : [`accuracy ${percent(accuracy)}`]),
    ...(mae === null ? [] : [`error ${mae.toFixed(4)}`]),
    ...(examplesPerSecond === null ? [] : [`${examplesPerSecond.toFixed(0)} windows/s`]),
    ...(isBest ? ['best'] : []),
  ].join(', ');
}

async function report(outcome: TrainingOutcome, isJson: boolean): Promise<void> {
  if (outcome.state === 'cancelled') process.exitCode = INTERRUPTED_STATUS;
  const metrics = outcome.state === 'finished' ? outcome.metrics : null;
  if (isJson) {
    await printLines([toJson({ run: outcome.run, metrics })]);
    return;
  }
  const { run } = outcome;
  await printLines([
    `${run.state}: ${run.model}, epoch ${run.epoch} of ${run.epochs}${run.best === null ? '' : `, best ${run.best.epoch}`}`,
    ...(run.message === null ? [] : [run.message]),
  ]);
  await printLines(metricTables(run.model, metrics ?? {}));
}

function say(text: string, status: StatusLine): void {
  status.clear();
  process.stderr.write(`${text}\n`);
}
