/** The native engine, where scripts/native-engine.mjs could install it: the same suites as the embedded one, and both against each other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { isFailure } from '../../../src/base/errors.js';
import { EmbeddedEngine } from '../../../src/learning/engines/embedded/embeddedEngine.js';
import type { Engine } from '../../../src/learning/engines/engine.js';
import { openEngineNamed } from '../../../src/learning/engines/engines.js';
import { loadBinding } from '../../../src/learning/engines/native/binding.js';
import type { NativeInstallation } from '../../../src/learning/engines/native/installation.js';
import { NativeEngine } from '../../../src/learning/engines/native/nativeEngine.js';
import { MODELS } from '../../../src/learning/models/models.js';
import { readWeights } from '../../../src/learning/trainer/checkpoints.js';
import { runPaths } from '../../../src/learning/trainer/runFolder.js';
import { train } from '../../../src/learning/trainer/train.js';
import { TrainingData } from '../../../src/learning/trainer/trainingData.js';
import { littleDataSet } from '../../support/littleDataSet.js';
import { createModel, randomBatch } from '../../support/modelBatches.js';
import { nativeForTests } from '../../support/nativeEngine.js';
import { ReferenceEngine } from '../../support/referenceEngine.js';
import { littleConfig } from '../../support/trainingRuns.js';
import { difference, ENGINE_CASES } from '../../unit/learning/engines/engineCases.js';
import { memoryTests } from '../../unit/learning/engines/engineContract.js';
import { gradientTests } from '../../unit/learning/engines/gradientCases.js';

const native = await nativeForTests();

if ('missing' in native) {
  test('the native engine', (context) => context.skip(`There is no native engine here: ${native.missing}`));
} else {
  describe('the native engine', () => nativeTests(native));
}

function nativeTests({ addonPath: addon }: NativeInstallation): void {
  const create = () => NativeEngine.create({ addon });
  const tensorCount = () => loadBinding(addon, 0).binding.getNumOfTensors();

  describe('operations', () => {
    const reference = new ReferenceEngine();
    let engine: Engine;
    beforeAll(() => {
      engine = create();
    });
    afterAll(() => engine.dispose());

    it.each(ENGINE_CASES)('$name has the values of the reference', ({ run }) => {
      const expected = run(reference);
      run(engine).forEach((found, index) => {
        expect(difference(found, expected[index]!), `result ${index}`).toBeLessThan(1e-5);
      });
    });

    it('says what it is', () => {
      expect(engine.name).toBe('native');
      expect(engine.description).toMatch(/^native \(TensorFlow \d+\.\d+\.\d+\), \d+ threads?$/);
    });
  });

  describe('gradients', () => gradientTests(create));
  memoryTests((maxMemoryBytes) => NativeEngine.create({ addon, maxMemoryBytes }));

  describe('TensorFlow', () => {
    it('holds nothing that an engine made once that is disposed of, and no temporary result before', () => {
      const before = tensorCount();
      const engine = create();
      for (const { run } of ENGINE_CASES) run(engine);
      const variables = tensorCount() - before;
      expect(engine.memoryBytes).toBeGreaterThan(0);
      for (const { run } of ENGINE_CASES) run(engine);
      // Cases make some variables each time, and leave nothing else.
      expect(tensorCount() - before).toBe(2 * variables);
      engine.dispose();
      expect(engine.memoryBytes).toBe(0);
      expect(tensorCount()).toBe(before);
    });

    it('that has no memory left is a failure that says what to make smaller', () => {
      const engine = NativeEngine.create({ addon, maxMemoryBytes: Number.MAX_SAFE_INTEGER });
      let failure: unknown;
      try {
        engine.scope(() => {
          const x = engine.tensor(1_000_000, 1, new Float32Array(1_000_000));
          // A product of 4 TB.
          engine.dense(x, engine.tensor(1, 1_000_000, new Float32Array(1_000_000)), null);
        });
      } catch (error) {
        failure = error;
      }
      expect(isFailure(failure, 'too-large'), String(failure)).toBe(true);
      expect(engine.memoryBytes).toBe(0);
      engine.dispose();
    });
  });

  describe.each([...MODELS.values()])('model $name', (kind) => {
    it('has the losses and gradients of the reference', () => {
      const reference = new ReferenceEngine();
      const engine = create();
      const batch = randomBatch(3, 6, 5);
      const context = { isTraining: true, step: 3, positions: 'all' } as const;
      const resultOf = (each: Engine): Result => {
        const model = createModel(kind, each, SMALL[kind.name]!);
        const result = each.scope(() => {
          const { loss, gradients } = model.gradients(batch, context);
          return {
            loss,
            gradients: new Map([...gradients].map(([name, slope]) => [name, each.read(slope)])),
          };
        });
        model.dispose();
        return result;
      };
      const [expected, found] = [resultOf(reference), resultOf(engine)];
      expect(found.loss).toBeCloseTo(expected.loss, 4);
      // What is nothing but rounding (a bias that batch normalisation takes away) has no size of its own.
      const largest = Math.max(
        ...[...expected.gradients.values()].flatMap((values) => [...values].map(Math.abs)),
      );
      for (const [name, values] of expected.gradients) {
        const size = Math.max(1e-2 * largest, ...values.map(Math.abs));
        found.gradients.get(name)!.forEach((value, index) => {
          expect(Math.abs(value - values[index]!), `${name}[${index}]`).toBeLessThan(1e-4 * size);
        });
      }
      engine.dispose();
    });
  });

  describe('weights', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-native-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const engines: Engine[] = [];
    afterEach(() => engines.splice(0).forEach((engine) => engine.dispose()));
    const opened = async (name: 'embedded' | 'native') => {
      const engine = name === 'native' ? create() : await EmbeddedEngine.create({ threads: 1 });
      engines.push(engine);
      return engine;
    };

    it.each([
      ['tcn', 'embedded', 'native'],
      ['tcn', 'native', 'embedded'],
      ['lstm-next-task', 'embedded', 'native'],
      ['lstm-next-task', 'native', 'embedded'],
    ] as const)('of %s trained on %s predict the same on %s', async (name, trainedOn, usedOn) => {
      const run = join(folder, `${name}-${trainedOn}`);
      const settings = SMALL[name]!;
      const config = littleConfig({ model: { name, settings } });
      const dataSet = littleDataSet();
      const outcome = await train(config, run, {
        engine: await opened(trainedOn),
        kernelOracleVersion: '0',
        dataSet,
      });
      expect(outcome.state).toBe('finished');
      expect(outcome.run.engine.name).toBe(trainedOn);
      const { tensors } = await readWeights(runPaths(run).best);
      const { inputs } = await TrainingData.open(dataSet, config);
      const [own, other] = [await opened(trainedOn), await opened(usedOn)].map((engine) => {
        const model = createModel(MODELS.get(name)!, engine, settings, inputs);
        for (const [weight, variable] of [...model.parameters, ...model.statistics]) {
          const values = tensors.get(weight)!.values;
          expect(values).toBeInstanceOf(Float32Array);
          if (values instanceof Float32Array) engine.write(variable, values);
        }
        return model.predict(randomBatch(32, 8, 7, inputs));
      }) as [Float32Array, Float32Array];
      expect(difference(other, own)).toBeLessThan(1e-4);
      expect(likeliest(other, inputs.taskCount)).toEqual(likeliest(own, inputs.taskCount));
    });

    it('of the same seed and configuration are the same each time on one engine', async () => {
      const weights: Buffer[] = [];
      for (const name of ['first', 'second']) {
        const run = join(folder, name);
        const options = {
          engine: await opened('native'),
          kernelOracleVersion: '0',
          dataSet: littleDataSet(),
        };
        await train(littleConfig(), run, options);
        weights.push(await readFile(join(runPaths(run).checkpoints, 'latest', 'weights.safetensors')));
      }
      expect(weights[0]!.equals(weights[1]!)).toBe(true);
    });
  });

  it('is what auto opens where it is installed', async () => {
    const before = process.env['KERNEL_ORACLE_NATIVE_ENGINE'];
    process.env['KERNEL_ORACLE_NATIVE_ENGINE'] = join(addon, '..', '..');
    try {
      const engine = await openEngineNamed('auto');
      expect(engine.name).toBe('native');
      engine.dispose();
    } finally {
      if (before === undefined) delete process.env['KERNEL_ORACLE_NATIVE_ENGINE'];
      else process.env['KERNEL_ORACLE_NATIVE_ENGINE'] = before;
    }
  });
}

interface Result {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Small settings of each model. */
const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  tcn: { taskEmbedding: 4, stateEmbedding: 2, projection: 5, blocks: 3 },
  'lstm-next-task': { taskEmbedding: 4, stateEmbedding: 2, hidden: 5, layers: 3 },
  lstm: { hidden: 5 },
  'inter-arrival-tcn': { projection: 5, blocks: 2 },
  'inter-arrival-lstm': { hidden: 4, quantiles: [0.1, 0.5, 0.9] },
  'kernel-oracle-2019': { hidden: 5 },
};

/** The column of the largest value, by row. */
function likeliest(values: Float32Array, columns: number): readonly number[] {
  return Array.from({ length: values.length / columns }, (_, row) => {
    const of = values.subarray(row * columns, (row + 1) * columns);
    return of.indexOf(Math.max(...of));
  });
}
