import { beforeAll, describe, expect, test } from 'vitest';
import type { MigrationSet } from '../../../../../src/dataset/migrations/migrationSet.js';
import type { DeployableModel } from '../../../../../src/learning/migrations/deployableModel.js';
import type { NewRun } from '../../../../../src/learning/migrations/runs/trainRun.js';
import { deployableThreshold } from '../../../../../src/learning/migrations/runs/trainRun.js';
import { drawnCalls, newRun } from '../../../../support/trainedRuns.js';
import { setOf } from '../../../dataset/migrations/setBuilder.js';

let set: MigrationSet;

beforeAll(async () => {
  set = await setOf({ smp4_alpha: drawnCalls(1300, 1), smp4_beta: drawnCalls(900, 2) });
});

/** In doubles, whatever computes it elsewhere. */
function logitOf({ features, body }: DeployableModel, row: Float64Array): number {
  const scaled = features.map(({ mean, deviation }, at) => (row[at]! - mean) / deviation);
  switch (body.kind) {
    case 'linear':
      return body.weights.reduce((sum, weight, at) => sum + weight * scaled[at]!, body.bias);
    case 'tree': {
      let node = body.nodes[0]!;
      while ('feature' in node) node = body.nodes[row[node.feature]! <= node.cut ? node.low : node.high]!;
      return node.logit;
    }
    case 'mlp': {
      let from = scaled;
      for (const [at, { units, weights, biases }] of body.layers.entries()) {
        const width = from.length;
        const sums = Array.from({ length: units }, (_, unit) =>
          from.reduce((sum, value, input) => sum + weights[unit * width + input]! * value, biases[unit]!),
        );
        from = at + 1 < body.layers.length ? sums.map((sum) => Math.max(0, sum)) : sums;
      }
      return from[0]!;
    }
  }
}

function rowOf({ model, samples }: NewRun, row: number): Float64Array {
  const width = model.features.length;
  return samples.values.subarray(row * width, (row + 1) * width);
}

describe.each(['libml', 'logistic', 'tree', 'mlp'])('%s', (name) => {
  let run: NewRun;
  beforeAll(async () => {
    run = await newRun(set, name);
  });

  test('as plain numbers it decides and scores as it did where it was trained', () => {
    const { samples, model } = run;
    expect(samples.rows).toBe(100);
    for (let row = 0; row < samples.rows; row += 1) {
      const logit = logitOf(model, rowOf(run, row));
      expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(samples.scores[row]!, 4);
      expect(Number(logit > model.threshold)).toBe(samples.decisions[row]);
    }
    expect(samples.decisions.reduce((sum, each) => sum + each, 0)).toBe(50);
  });

  test('says what it is worth, what it was made of, and what to mind', () => {
    const { info, model } = run;
    expect(info.model).toMatchObject({ name, failure: null });
    expect(info.model.judgement!.averagePrecision.value).toBeGreaterThan(
      3 * (info.test.positives / info.test.rows),
    );
    expect(info).toMatchObject({
      experiment: 3,
      seed: 42,
      rows: 2200,
      split: { by: 'group' },
      refusal: null,
    });
    expect(info.threshold.score).toBe(info.model.judgement!.atTrained!.threshold);
    expect(info.recordings.map(({ workload, sha256 }) => [workload, sha256.length])).toEqual([
      ['alpha', 64],
      ['beta', 64],
    ]);
    expect(info.scaling.map((each) => each.name)).toEqual(model.features.map((each) => each.name));
    expect(info.warnings).toContainEqual(expect.stringMatching(/^delta: The kernel decides by it/));
    for (const { least, most, deviation } of model.features) {
      expect(most).toBeGreaterThan(least);
      expect(deviation).toBeGreaterThan(0);
    }
  });

  test('calibration rows are of the training, those of the test of the test, with all positives', () => {
    const { info, calibration } = run;
    expect(calibration.rows).toBe(info.training.rows);
    expect(calibration.labels.reduce((sum, each) => sum + each, 0)).toBe(info.training.positives);
    expect(run.test.rows).toBe(info.test.rows);
  });
});

test('the same seed gives the same run, another one another', async () => {
  const [first, again, other] = [
    await newRun(set, 'logistic'),
    await newRun(set, 'logistic'),
    await newRun(set, 'logistic', { seed: 7 }),
  ];
  expect(again.model).toEqual(first.model);
  expect(again.samples).toEqual(first.samples);
  expect(other.samples.values).not.toEqual(first.samples.values);
});

test('columns of one’s own; values above 2^24 are kept as recorded', async () => {
  const columns = ['start_runtime', 'delta', 'sd_nr_balance_failed'];
  const run = await newRun(set, 'tree', { columns, threshold: 'half', split: 'recording' });
  expect(run.info.columns).toEqual(columns);
  expect(run.info.threshold).toEqual({ choice: 'half', score: 0.5 });
  expect(run.info.warnings.join('\n')).toMatch(/start_runtime: When the task began/);
  expect(Math.min(...Array.from({ length: 100 }, (_, row) => rowOf(run, row)[0]!))).toBeGreaterThan(2 ** 51);
});

test('a column that does not vary is left out and told', async () => {
  const run = await newRun(set, 'logistic', { columns: ['delta', 'loop', 'sd_nr_balance_failed'] });
  expect(run.model.features.map(({ name }) => name)).toEqual(['delta', 'sd_nr_balance_failed']);
  expect(run.info.warnings).toContain('Left out, as they do not vary: loop.');
});

test.each([
  { columns: ['lat_ns'], message: /"lat_ns" is known only after the decision/ },
  { columns: ['delta', 'delta'], message: /named twice/ },
  { columns: ['colour'], message: /no column "colour"/ },
])('refused: $columns', async ({ columns, message }) => {
  await expect(newRun(set, 'tree', { columns })).rejects.toMatchObject({
    code: 'wrong-usage',
    message: expect.stringMatching(message) as string,
  });
});

test('refused: what cannot be carried elsewhere, and too few positives to learn from', async () => {
  await expect(newRun(set, 'rule')).rejects.toMatchObject({ code: 'wrong-usage' });
  const few = await setOf({ smp4_alpha: drawnCalls(120) });
  await expect(newRun(few, 'tree')).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(/are needed to learn from/) as string,
  });
});

test('the threshold of a tree lies between its leaves', () => {
  const body = {
    kind: 'tree',
    nodes: [{ feature: 0, cut: 1, low: 1, high: 2 }, { logit: -2 }, { logit: 1 }],
  } as const;
  expect(deployableThreshold(body, 0.5)).toBe(-0.5);
  expect(deployableThreshold(body, 0.9)).toBe(2);
  expect(deployableThreshold(body, 0.01)).toBe(-3);
  expect(deployableThreshold({ kind: 'linear', weights: [], bias: 0 }, 0.5)).toBe(0);
});
