import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { modelFileSchema, modelFileText } from '../../../../../src/learning/migrations/runs/modelFile.js';
import { csvLines, readCsv } from '../../../../../src/learning/migrations/runs/rowsFile.js';
import type { DeployableBody } from '../../../../../src/learning/migrations/deployableModel.js';

const feature = { name: 'delta', mean: 1, deviation: 2, least: 0, most: 9 };
const modelOf = (body: DeployableBody) => ({ features: [feature, feature], body, threshold: 0.25 });
const isRead = (body: DeployableBody) =>
  v.safeParse(modelFileSchema, JSON.parse(modelFileText(modelOf(body)))).success;

describe('model.json', () => {
  test('is what it was', () => {
    const model = modelOf({ kind: 'linear', weights: [0.1, Math.fround(0.1)], bias: -3 });
    expect(v.parse(modelFileSchema, JSON.parse(modelFileText(model)))).toEqual(model);
  });

  test('with sizes that do not fit it is refused', () => {
    const layer = (units: number, weights: number) => ({
      units,
      weights: new Array<number>(weights).fill(1),
      biases: new Array<number>(units).fill(0),
    });
    const question = (low: number, high: number, of = 0) => ({ feature: of, cut: 1, low, high });
    const leaf = { logit: 0 };
    expect(isRead({ kind: 'mlp', layers: [layer(3, 6), layer(1, 3)] })).toBe(true);
    expect(isRead({ kind: 'mlp', layers: [layer(3, 5), layer(1, 3)] })).toBe(false);
    expect(isRead({ kind: 'mlp', layers: [layer(3, 6), layer(2, 6)] })).toBe(false);
    expect(isRead({ kind: 'linear', weights: [1], bias: 0 })).toBe(false);
    expect(isRead({ kind: 'tree', nodes: [question(1, 2), leaf, leaf] })).toBe(true);
    expect(isRead({ kind: 'tree', nodes: [question(1, 2, 2), leaf, leaf] })).toBe(false);
    expect(isRead({ kind: 'tree', nodes: [question(0, 2), leaf, leaf] })).toBe(false);
    expect(isRead({ kind: 'tree', nodes: [question(1, 3), leaf, leaf] })).toBe(false);
  });

  test('a name that could not stand in C is refused', () => {
    const model = { ...modelOf({ kind: 'linear', weights: [1, 1], bias: 0 }) };
    const hostile = { ...model, features: [feature, { ...feature, name: 'x; */ system("rm")' }] };
    expect(v.safeParse(modelFileSchema, JSON.parse(modelFileText(hostile))).success).toBe(false);
  });
});

describe('rows as CSV', () => {
  const table = { names: ['a', 'b'], rows: 2, values: Float64Array.of(1, -2.5, 2 ** 53, 1e-26) };
  const text = [...csvLines(table)].join('');

  test('are what they were', () => {
    expect(readCsv(text, ['a', 'b'], 'x.csv')).toEqual(table);
  });

  test.each([
    ['a,c\n1,2\n', /does not begin with a,b/],
    ['a,b\n1,2', /is cut off/],
    ['a,b\n1\n', /line 2: 2 numbers/],
    ['a,b\n1,2\n3,\n', /line 3: 2 numbers/],
    ['a,b\n1,Infinity\n', /line 2/],
  ])('%j is refused', (damaged, message) => {
    expect(() => readCsv(damaged, ['a', 'b'], 'x.csv')).toThrow(message);
  });
});
