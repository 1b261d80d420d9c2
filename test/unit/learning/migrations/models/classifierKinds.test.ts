import { describe, expect, test } from 'vitest';
import type { TrainingTable } from '../../../../../src/learning/migrations/classifier.js';
import { CLASSIFIER_KINDS } from '../../../../../src/learning/migrations/models/classifierKinds.js';
import { rule } from '../../../../../src/learning/migrations/models/rule.js';
import { randomNumbers } from '../../../../support/randomNumbers.js';

const NAMES = ['delta', 'sd_nr_balance_failed', 'sd_cache_nice_tries'];
const COST = 500_000;
const OPTIONS = { seed: 7, classWeights: [1, 1] } as const;

/** Calls whose label is the kernel's rule, but for one of twenty. */
function calls(rows: number, seed = 3): TrainingTable {
  const next = randomNumbers(seed);
  const raw = new Float32Array(rows * 3);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const [delta, failed, tries] = [next(1_000_000), next(5), 1 + next(2)];
    raw.set([delta, failed, tries], row * 3);
    labels[row] = Number(delta < COST && failed > tries) ^ Number(next(20) === 0);
  }
  const scale = [300_000, 1.5, 0.5];
  const middle = [500_000, 2, 1.5];
  const values = raw.map((value, at) => (value - middle[at % 3]!) / scale[at % 3]!);
  return {
    raw: { rows, names: NAMES, values: raw },
    features: { rows, names: NAMES, values },
    labels,
  };
}

function accuracy(scores: Float32Array, { labels }: TrainingTable): number {
  return (
    labels.reduce((sum, label, row) => sum + Number(Number(scores[row]! > 0.5) === label), 0) / labels.length
  );
}

const TRAIN = calls(1500);
const TEST = calls(1000, 4);
/** Of TEST: what a model that knows the rule tells right is 95 %. */
const LEAST = { mlp: 0.91, libml: 0.9, constant: 0.7, rule: 0.7, logistic: 0.8, tree: 0.92, boosting: 0.92 };

describe.each(CLASSIFIER_KINDS)('$name', (kind) => {
  test('learns what it can, the same each time', async () => {
    const [first, again] = [await kind.train(TRAIN, 3, OPTIONS), await kind.train(TRAIN, 3, OPTIONS)];
    const scores = first.scores(TEST);
    expect(scores).toEqual(again.scores(TEST));
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...scores)).toBeLessThanOrEqual(1);
    expect(accuracy(scores, TEST)).toBeGreaterThan(LEAST[kind.name as keyof typeof LEAST]);
    expect(first.summary).not.toBe('');
    first.dispose();
    again.dispose();
  });

  test('finds more of a class that counts more', async () => {
    const few = { ...TRAIN, labels: TRAIN.labels.map((label, row) => (row % 10 === 0 ? label : 0)) };
    const [plain, weighted] = [
      (await kind.train(few, 3, OPTIONS)).scores(TEST),
      (await kind.train(few, 3, { ...OPTIONS, classWeights: [0.5, 10] })).scores(TEST),
    ];
    const found = (scores: Float32Array) => scores.filter((score) => score > 0.5).length;
    if (kind.name === 'rule') expect(weighted).toEqual(plain);
    else if (kind.name === 'constant') expect(weighted[0]).toBeGreaterThan(plain[0]!);
    else expect(found(weighted)).toBeGreaterThan(found(plain));
  });

  test('learns nothing from one class', async () => {
    const none = { ...TRAIN, labels: new Uint8Array(1500) };
    const attempt = async () => kind.train(none, 3, OPTIONS);
    if (kind.name === 'rule') await attempt();
    else await expect(attempt()).rejects.toMatchObject({ code: 'bad-input' });
  });
});

test.each(['mlp', 'libml', 'logistic', 'boosting'])('%s stops when it is cancelled', async (name) => {
  const kind = CLASSIFIER_KINDS.find((each) => each.name === name)!;
  const controller = new AbortController();
  const training = kind.train(TRAIN, 3, { ...OPTIONS, signal: controller.signal });
  controller.abort();
  await expect(training).rejects.toMatchObject({ code: 'cancelled' });
});

describe("the kernel's rule", () => {
  const table = (names: readonly string[], values: readonly number[]): TrainingTable => {
    const features = { rows: values.length / names.length, names, values: Float32Array.from(values) };
    return {
      features,
      raw: features,
      labels: Uint8Array.from({ length: features.rows }, (_, row) => row % 2),
    };
  };
  const rows = table(NAMES, [100, 2, 1, 100, 1, 1, 600_000, 3, 2, 600_000, 0, 2]);

  test.each([
    [3, undefined, 'sd_nr_balance_failed > sd_cache_nice_tries', [1, 0, 1, 0]],
    [3, COST, 'delta < 500000 and sd_nr_balance_failed > sd_cache_nice_tries', [1, 0, 0, 0]],
    [1, COST, 'delta ≥ 500000 or sd_nr_balance_failed > sd_cache_nice_tries', [1, 0, 1, 1]],
    [2, -1, 'all hot and sd_nr_balance_failed > sd_cache_nice_tries', [1, 0, 1, 0]],
  ] as const)('of experiment %i with a cost of %s', async (experiment, migrationCostNs, summary, answers) => {
    const options = migrationCostNs === undefined ? OPTIONS : { ...OPTIONS, migrationCostNs };
    const found = await rule.train(rows, experiment, options);
    expect(found.summary).toBe(summary);
    expect([...found.scores(rows)]).toEqual(answers);
  });

  test('takes the usual number of tries where it is not told, and needs the failures', async () => {
    const without = table(['sd_nr_balance_failed'], [0, 1, 2, 3]);
    const found = await rule.train(without, 3, OPTIONS);
    expect(found.summary).toBe('sd_nr_balance_failed > 1 (the usual sd_cache_nice_tries)');
    expect([...found.scores(without)]).toEqual([0, 0, 1, 1]);
    await expect(async () => rule.train(table(['delta'], [0, 1]), 3, OPTIONS)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('sd_nr_balance_failed') as unknown,
    });
  });
});
