import { expect, test } from 'vitest';
import type { DataSet } from '../../../../src/dataset/dataSet.js';
import { findPlace, timeOf } from '../../../../src/learning/forecast/forecastPlace.js';
import { originAt, spreadRows } from '../../../../src/learning/forecast/places.js';
import { sequencesOf, storedPart } from '../../../support/predictors.js';

const count = (length: number) => Array.from({ length }, (_, at) => 1 + (at % 3));
const PART = storedPart(
  sequencesOf([
    { cpu: 0, task: count(5), deltaNs: [NaN, 10, 10, 10, 10] },
    { cpu: 1, task: count(20), deltaNs: [NaN, ...new Array<number>(19).fill(5)] },
    { cpu: 0, task: count(4), deltaNs: [NaN, 1, 1, 1] },
  ]),
  [1000n, 1002n, 9_007_199_254_740_993_000n],
);
const dataSet = {
  folder: '/data',
  meta: { recordings: [{ files: [{ path: '/traces/a.txt' }] }] },
  part: () => Promise.resolve(PART),
} as unknown as DataSet;

test('a row of a part, with its time', async () => {
  const place = await findPlace({ part: 'seen', row: 7 }, dataSet, 10, undefined);
  expect(place).toMatchObject({ row: 7, recording: '/traces/a.txt' });
  expect(timeOf(PART, 7)).toBe(1012n);
  expect(timeOf(PART, 28)).toBe(9_007_199_254_740_993_003n);
});

test('without a row: the middle of the longest sequence, or as late as the steps allow', async () => {
  expect((await findPlace({ part: 'seen', row: null }, dataSet, 1000, undefined)).row).toBe(5 + 9);
  expect((await findPlace({ part: 'seen', row: null }, dataSet, 4, undefined)).row).toBe(24 - 4);
});

test('a row that is not there', async () => {
  for (const row of [29, -1, 1.5]) {
    await expect(findPlace({ part: 'seen', row }, dataSet, 10, undefined)).rejects.toMatchObject({
      code: 'wrong-usage',
      message: `The part seen has no row ${row}: its rows are 0 to 28.`,
    });
  }
});

test('a part without events', async () => {
  const empty = { ...dataSet, part: () => Promise.resolve(storedPart(sequencesOf([]), [])) };
  await expect(findPlace({ part: 'unseen', row: null }, empty, 10, undefined)).rejects.toMatchObject({
    code: 'bad-input',
    message: 'The part unseen of /data has no events: name another part.',
  });
});

test('what is told before an origin stays within its sequence', () => {
  expect(originAt(PART, 3, 10)).toMatchObject({ first: 0, row: 3, cpu: 0 });
  expect(originAt(PART, 24, 10)).toMatchObject({ first: 15, row: 24, cpu: 1 });
  expect(originAt(PART, 25, 10)).toMatchObject({ first: 25, row: 25, cpu: 0 });
});

test('origins are spread over what leaves enough before and behind', () => {
  const rows = (before: number, behind: number, most: number) => [
    ...spreadRows(PART, { before, behind }, most),
  ];
  expect(rows(3, 1, 100)).toEqual([3, ...Array.from({ length: 16 }, (_, at) => 8 + at)]);
  expect(rows(3, 15, 100)).toEqual([8, 9]);
  expect(rows(0, 1, 3)).toEqual([5, 14, 22]);
  expect(rows(0, 20, 3)).toEqual([]);
});
