import * as v from 'valibot';
import { FEATURES } from '../../../dataset/sequences.js';
import { MODELS } from '../../models/models.js';
import { choice, number, whole } from '../../models/settingSchemas.js';

// What `kernel-oracle.yaml` may say. media/kernel-oracle.schema.json says the same for editors; a test holds them equal.

export const NO_CONFIG = 'a configuration has `dataset:` and what else it sets, each on a line of its own';
export const MAX_SEED = 4_294_967_295;

const model = v.variant(
  'name',
  [...MODELS.values()].map((kind) =>
    v.strictObject({ name: v.literal(kind.name), settings: v.optional(kind.settings, {}) }),
  ),
  `model has a name: ${[...MODELS.keys()].join(', ')}`,
);

const path = v.pipe(
  v.string('dataset is the path of a folder'),
  v.minLength(1, 'dataset is empty'),
  v.maxLength(4096, 'dataset is at most 4096 characters long'),
  v.check((text) => !text.includes('\0'), 'dataset cannot hold a NUL'),
);

const features = v.pipe(
  v.array(v.picklist(FEATURES, `a feature is one of ${FEATURES.join(', ')}`), 'features is a list'),
  v.maxLength(FEATURES.length, `features has more than ${FEATURES.length} entries`),
  v.check((list) => new Set(list).size === list.length, 'a feature is there twice'),
);

const windows = v.strictObject(
  {
    /** As in the TCN paper, both. */
    length: whole('length', 2, 4096, 64),
    stride: whole('stride', 1, 1_000_000, 4),
    /** Those of the model unless told. */
    features: v.optional(features),
  },
  'windows has length, stride and features',
);

/** Without its usual value, which depends on the model. */
function bounded(what: string, least: number, most: number) {
  const expected = `${what} is a number from ${least} to ${most}`;
  return v.optional(v.pipe(v.number(expected), v.minValue(least, expected), v.maxValue(most, expected)));
}

function boundedWhole(what: string, least: number, most: number) {
  const expected = `${what} is a whole number from ${least} to ${most}`;
  return v.optional(
    v.pipe(v.number(expected), v.integer(expected), v.minValue(least, expected), v.maxValue(most, expected)),
  );
}

const optimizer = v.strictObject(
  {
    name: v.optional(v.picklist(['adam', 'adamw', 'lbfgs'], 'an optimizer is `adam`, `adamw` or `lbfgs`')),
    learningRate: bounded('learningRate', 1e-9, 100),
    beta1: bounded('beta1', 0, 0.999_999),
    beta2: bounded('beta2', 0, 0.999_999_9),
    epsilon: bounded('epsilon', 1e-16, 1),
    weightDecay: bounded('weightDecay', 0, 10),
    clipNorm: v.optional(
      v.nullable(
        v.pipe(
          v.number('clipNorm is a number above 0, or null for none'),
          v.minValue(1e-6, 'clipNorm is a number from 0.000001 on, or null for none'),
        ),
      ),
    ),
    iterations: boundedWhole('iterations', 1, 1000),
    history: boundedWhole('history', 1, 1000),
  },
  'optimizer has a name and what it sets',
);

const schedule = v.strictObject(
  {
    name: choice('the name of a schedule', ['plateau', 'constant'], 'plateau'),
    factor: number('factor', 0.01, 0.99, 0.5),
    patience: whole('patience', 0, 1000, 3),
    /** Below that the rate does not go. */
    leastRate: number('leastRate', 0, 1, 0),
  },
  'schedule has name, factor, patience and leastRate',
);

export const configSchema = v.strictObject(
  {
    version: v.optional(v.literal(1, 'version is 1'), 1),
    dataset: path,
    model: v.optional(model, { name: 'tcn' }),
    windows: v.optional(windows, {}),
    positions: choice('positions', ['all', 'last'], 'all'),
    optimizer: v.optional(optimizer, {}),
    schedule: v.optional(schedule, {}),
    earlyStopping: v.optional(
      v.strictObject({ patience: whole('patience', 0, 10_000, 5) }, 'earlyStopping has patience'),
      {},
    ),
    /** Those of the model unless told. */
    epochs: boundedWhole('epochs', 1, 100_000),
    batchSize: boundedWhole('batchSize', 1, 65_536),
    seed: whole('seed', 0, MAX_SEED, 42),
    engine: v.optional(
      v.strictObject(
        {
          name: choice('an engine', ['auto', 'embedded', 'native'], 'auto'),
          /** 0: as many as there are cores. */
          threads: whole('threads', 0, 256, 0),
        },
        'engine has name and threads',
      ),
      {},
    ),
    checkpoints: v.optional(
      v.strictObject(
        { everySeconds: number('everySeconds', 0, 86_400, 300) },
        'checkpoints has everySeconds',
      ),
      {},
    ),
    evaluation: v.optional(
      v.strictObject(
        { maxWindows: whole('maxWindows', 1, 1_000_000_000, 20_000) },
        'evaluation has maxWindows',
      ),
      {},
    ),
  },
  NO_CONFIG,
);

export type ParsedConfig = v.InferOutput<typeof configSchema>;
