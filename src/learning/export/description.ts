import type { Feature, Standardisation } from '../../dataset/sequences.js';
import type { FeatureRange } from '../models/model.js';
import type { TrainedModel } from './trainedModel.js';

/** What an export tells beside its weights, so that it can be used without the data set and the run. */
export interface ModelDescription {
  readonly format: 'kernel-oracle-model';
  readonly version: 1;
  readonly kernelOracleVersion: string;
  readonly model: string;
  readonly task: 'next-task' | 'inter-arrival';
  readonly settings: unknown;
  readonly inputs: readonly ValueDescription[];
  readonly output: ValueDescription & {
    readonly kind: 'logits' | 'point' | 'quantiles';
    readonly quantiles: readonly number[] | null;
    /** Of ln(1 + ns), for forecasts. */
    readonly standardisation: Standardisation | null;
  };
  /** Columns of the input `features`, in order. */
  readonly features: readonly FeatureDescription[];
  /** Index 0 of each is UNK. */
  readonly vocabulary: {
    readonly kind: 'comm' | 'pid';
    readonly tasks: readonly string[];
    readonly states: readonly string[];
  };
  readonly windows: { readonly length: number; readonly stride: number };
  readonly training: {
    readonly epoch: number | null;
    readonly loss: number | null;
    readonly accuracy: number | null;
    readonly mae: number | null;
    readonly seed: number;
    readonly engine: string;
    readonly started: string;
  };
  readonly dataset: { readonly sha256: string };
}

export interface FeatureDescription extends Standardisation {
  readonly name: Feature;
  /** Of the standardised values in the training part; `kernel-oracle-2019` scales by it. */
  readonly range: FeatureRange | null;
}

export interface ValueDescription {
  readonly name: string;
  readonly type: 'int64' | 'int32' | 'float32';
  /** `batch` and `events` are free. */
  readonly shape: readonly (string | number)[];
  readonly meaning: string;
}

const FEATURE_MEANINGS: Readonly<Record<Feature, string>> = {
  cpu: 'the number of the CPU',
  logDelta: 'ln(1 + ns since the event before)',
  delta: 'ns since the event before',
};

/**
 * @param hasStates whether the model reads states
 * @param idType of indices in that format
 */
export function describeModel(
  { run, config, outputs, inputs, vocabulary, standardisations }: TrainedModel,
  kernelOracleVersion: string,
  hasStates: boolean,
  idType: 'int64' | 'int32',
): ModelDescription {
  const { features, length, stride } = config.windows;
  const isTasks = outputs.kind === 'logits';
  const shape = ['batch', 'events'];
  return {
    format: 'kernel-oracle-model',
    version: 1,
    kernelOracleVersion,
    model: config.model.name,
    task: run.task,
    settings: config.model.settings,
    inputs: [
      {
        name: 'task',
        type: idType,
        shape,
        meaning: 'whom the CPU was given to: index in vocabulary.tasks, 0 for others',
      },
      ...(hasStates
        ? [
            {
              name: 'state',
              type: idType,
              shape,
              meaning: 'the state in which the task before left: index in vocabulary.states, 0 for others',
            },
          ]
        : []),
      ...(features.length === 0
        ? []
        : [
            {
              name: 'features',
              type: 'float32' as const,
              shape: [...shape, features.length],
              meaning: `${features.map((name) => FEATURE_MEANINGS[name]).join(', ')}; each as (value - mean) / deviation, where a deviation of 0 counts as 1, and 0 where there is no event before`,
            },
          ]),
    ],
    output: {
      name: isTasks ? 'logits' : 'forecast',
      type: 'float32',
      shape: ['batch', isTasks ? inputs.taskCount : outputs.kind === 'point' ? 1 : outputs.quantiles.length],
      meaning: isTasks
        ? 'who is next after the last event: the greatest but that of index 0 is the guess'
        : 'x, for the time from the last event to the next one: ln(1 + ns) = x * deviation + mean',
      kind: outputs.kind,
      quantiles: outputs.kind === 'quantiles' ? outputs.quantiles : null,
      standardisation: isTasks ? null : standardisations.logDelta,
    },
    features: features.map((name, at) => ({
      name,
      ...standardisations[name],
      range: inputs.featureRanges?.[at] ?? null,
    })),
    vocabulary: { kind: vocabulary.kind, tasks: vocabulary.tasks, states: vocabulary.states },
    windows: { length, stride },
    training: {
      epoch: run.best?.epoch ?? null,
      loss: run.best?.loss ?? null,
      accuracy: run.best?.accuracy ?? null,
      mae: run.best?.mae ?? null,
      seed: config.seed,
      engine: run.engine.description,
      started: run.started,
    },
    dataset: { sha256: run.dataset.sha256 },
  };
}

/** The same as texts by name, as ONNX and safetensors hold metadata: what is no text is JSON. */
export function metadataOf(description: ModelDescription): Record<string, string> {
  return Object.fromEntries(
    Object.entries(description).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
