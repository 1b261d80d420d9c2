import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { stringify } from 'yaml';
import { Failure } from '../../../base/errors.js';
import { MAX_PROBLEMS, problemLines, YamlText, type YamlProblem } from '../../../base/yamlText.js';
import type { Feature } from '../../../dataset/sequences.js';
import type { LossPositions, ModelKind, OptimizerSettings } from '../../models/model.js';
import { MODELS } from '../../models/models.js';
import { ADAM, ADAMW, LBFGS } from '../../models/trainingDefaults.js';
import { configSchema, NO_CONFIG, type ParsedConfig } from './configSchema.js';

export const CONFIG_FILE_NAME = 'kernel-oracle.yaml';

/** All that decides what a run becomes, complete. `kernel-oracle.yaml` of a run folder is this, as YAML. */
export interface TrainingConfig {
  readonly version: 1;
  /** Absolute path of the folder. */
  readonly dataset: string;
  readonly model: { readonly name: string; readonly settings: unknown };
  readonly windows: {
    readonly length: number;
    readonly stride: number;
    readonly features: readonly Feature[];
  };
  readonly positions: LossPositions;
  readonly optimizer: OptimizerSettings;
  readonly schedule: ScheduleSettings;
  /** Epochs without improvement after which a run ends; 0: never. */
  readonly earlyStopping: { readonly patience: number };
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly engine: { readonly name: 'auto' | 'embedded' | 'native'; readonly threads: number };
  /** 0: at the end of epochs only. */
  readonly checkpoints: { readonly everySeconds: number };
  /** Of a part, evenly spread; metrics of larger parts are estimates. */
  readonly evaluation: { readonly maxWindows: number };
}

export type ScheduleSettings = ParsedConfig['schedule'];

const MAX_CHARACTERS = 256 * 1024;

/**
 * Reads the text of a configuration; paths in it are from the folder of its file.
 * Failure `bad-input`, a line a problem: `kernel-oracle.yaml:7:5: epochs is a whole number from 1 to 100000`.
 */
export function parseConfig(text: string, path: string): TrainingConfig {
  const outcome = readConfig(text, path);
  if ('config' in outcome) return outcome.config;
  throw new Failure('bad-input', problemLines(outcome.problems, path));
}

/** What is wrong in the text of a configuration; empty when it is one. */
export function configProblems(text: string, path: string): readonly YamlProblem[] {
  const outcome = readConfig(text, path);
  return 'config' in outcome ? [] : outcome.problems;
}

/** The configuration with everything filled in; reads as the same one again, from any folder. */
export function configText(config: TrainingConfig): string {
  return stringify(config, { lineWidth: 110 });
}

export function modelKindOf({ model }: Pick<TrainingConfig, 'model'>): ModelKind {
  return MODELS.get(model.name)!;
}

function readConfig(
  text: string,
  path: string,
): { readonly config: TrainingConfig } | { readonly problems: readonly YamlProblem[] } {
  const yaml = new YamlText(text, MAX_CHARACTERS, 'a configuration');
  if (yaml.problems.length > 0) return { problems: yaml.problems };
  if (Array.isArray(yaml.value)) return { problems: [yaml.ofPath([], NO_CONFIG)] };
  const parsed = v.safeParse(configSchema, yaml.value);
  if (!parsed.success) {
    return { problems: parsed.issues.slice(0, MAX_PROBLEMS).map((issue) => yaml.ofIssue(issue)) };
  }
  const problems = contradictions(parsed.output).map(({ path: where, message }) =>
    yaml.ofPath(where, message),
  );
  return problems.length > 0 ? { problems } : { config: complete(parsed.output, dirname(path)) };
}

function complete(parsed: ParsedConfig, folder: string): TrainingConfig {
  const { defaults } = modelKindOf(parsed);
  return {
    version: 1,
    dataset: resolve(folder, parsed.dataset),
    model: parsed.model,
    windows: { ...parsed.windows, features: parsed.windows.features ?? defaults.features },
    positions: parsed.positions,
    optimizer: optimizerOf(parsed),
    schedule: parsed.schedule,
    earlyStopping: parsed.earlyStopping,
    epochs: parsed.epochs ?? defaults.epochs,
    batchSize: parsed.batchSize ?? defaults.batchSize,
    seed: parsed.seed,
    engine: parsed.engine,
    checkpoints: parsed.checkpoints,
    evaluation: parsed.evaluation,
  };
}

const USUAL = { adam: ADAM, adamw: ADAMW, lbfgs: LBFGS };

/** What the model's own optimizer has, or the one that is named; and over it what is said. */
function optimizerOf(parsed: ParsedConfig): OptimizerSettings {
  const usual = usualOptimizer(parsed);
  const said = Object.entries(parsed.optimizer).filter(([, value]) => value !== undefined);
  return { ...usual, ...Object.fromEntries(said) };
}

function usualOptimizer(parsed: ParsedConfig): OptimizerSettings {
  const ofModel = modelKindOf(parsed).defaults.optimizer;
  const { name } = parsed.optimizer;
  return name === undefined || name === ofModel.name ? ofModel : USUAL[name];
}

interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What each part allows but all together do not. */
function contradictions(parsed: ParsedConfig): Contradiction[] {
  const found: Contradiction[] = [];
  const usual = usualOptimizer(parsed);
  for (const key of Object.keys(parsed.optimizer)) {
    if (key in usual) continue;
    found.push({ path: ['optimizer', key], message: `${usual.name} has no ${key}` });
  }
  if (usual.name === 'adam' && (parsed.optimizer.weightDecay ?? 0) !== 0) {
    found.push({ path: ['optimizer', 'weightDecay'], message: 'adam has no weight decay; adamw has' });
  }
  return found;
}
