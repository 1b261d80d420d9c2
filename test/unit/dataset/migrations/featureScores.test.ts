import { describe, expect, it } from 'vitest';
import { fScores, mutualInformation } from '../../../../src/dataset/migrations/featureScores.js';
import reference from './featureScores_reference.json' with { type: 'json' };

const labels = Uint8Array.from(reference.labels);
const { columns, bins } = reference;

function tableOf(values: readonly (readonly number[])[]) {
  return {
    rows: values[0]!.length,
    names: values.map((_, at) => String(at)),
    values: Float64Array.from(values[0]!.flatMap((_, row) => values.map((column) => column[row]!))),
  };
}

const table = { ...tableOf(columns.map(({ values }) => values)), names: columns.map(({ name }) => name) };

describe('scores of columns', () => {
  it.each(columns)('$name: F and its share are those of f_classif', ({ name, f, p }) => {
    const score = fScores(table, labels).find(({ column }) => column === name)!;
    if (typeof f === 'number') {
      expect(score.f / f).toBeCloseTo(1, 9);
      expect(score.p / p).toBeCloseTo(1, 9);
    } else expect(score.f).toBe(f === null ? NaN : Infinity);
  });

  it('F and its share cannot be told of constant columns', () => {
    const constant = fScores(table, labels).find(({ column }) => column === 'constant')!;
    expect(constant).toEqual({ column: 'constant', f: NaN, p: NaN });
    expect(fScores(table, new Uint8Array(labels.length)).every(({ f }) => Number.isNaN(f))).toBe(true);
  });

  it.each(columns)('$name: information is that of mutual_info_score', ({ name, nats }) => {
    const score = mutualInformation(table, labels, { bins }).find(({ column }) => column === name)!;
    expect(score.nats).toBeCloseTo(nats, 12);
    expect(score.biasNats).toBeLessThanOrEqual((bins - 1) / (2 * labels.length));
  });

  it('F does not depend on where the origin lies, nor on the scale', () => {
    const values = columns[1]!.values;
    const moved = values.map((value) => value * 1000 + 1.7e15);
    const [a, b] = fScores(tableOf([values, moved]), labels);
    expect(b!.f / a!.f).toBeCloseTo(1, 9);
  });

  it('equal values stay in one bin, however many they are', () => {
    const mostly = Array.from(labels, (_, row) => (row < 50 ? 3 : row));
    const [score] = mutualInformation(tableOf([mostly]), labels, { bins: 4 });
    expect(score!.biasNats).toBeLessThan(3 / (2 * labels.length));
  });

  it('need two bins and a label a row', () => {
    expect(() => mutualInformation(table, labels, { bins: 1 })).toThrow(/2 or more; not 1/);
    expect(() => fScores(table, labels.subarray(1))).toThrow(/59 labels of 60 rows/);
  });
});
