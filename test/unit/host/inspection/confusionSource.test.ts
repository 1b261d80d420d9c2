import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfusionSource } from '../../../../src/host/inspection/confusion/confusionSource.js';
import type { ConfusionMatrix, ConfusionQuery } from '../../../../src/protocol/confusionMessages.js';
import { readConfusionEvents, readConfusionState } from '../../../../src/protocol/confusionSchemas.js';
import { writeEvaluated } from '../../../support/writtenEvaluation.js';

const folder = mkdtempSync(join(tmpdir(), 'confusion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const QUERY: ConfusionQuery = { part: 'seen', slice: 'all', baseline: null, classes: 50, order: 'frequency' };

const EVENTS = {
  target: [1, 1, 1, 2, 2, 3, 4, 0, 5, 2],
  guess: [1, 1, 2, 2, 3, 2, 4, 1, 6, 2],
  contested: [0, 0, 1, 1, 1, 0, 0, 0, 0, 1],
  recording: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
};

let source: ConfusionSource;
beforeAll(async () => {
  await writeEvaluated(join(folder, 'run'), EVENTS);
  source = new ConfusionSource(join(folder, 'run'));
});

async function matrixOf(query: Partial<ConfusionQuery> | null): Promise<ConfusionMatrix> {
  const state = await source.state(query === null ? null : { ...QUERY, ...query });
  // What is sent is what the view accepts.
  expect(readConfusionState(state)).toEqual(state);
  if (state.kind !== 'ready') throw new Error(state.message);
  return state.matrix;
}

function names({ classes }: ConfusionMatrix): string[] {
  return classes.map(({ name }) => name);
}

describe('the matrix', () => {
  test('is of the first test part, by frequency, with names', async () => {
    const matrix = await matrixOf(null);
    expect(matrix.query).toEqual(QUERY);
    expect(names(matrix)).toEqual(['a', 'swapper', 'b', 'c', 'd', 'e', 'UNK']);
    expect(matrix).toMatchObject({ events: 10, right: 5, unknown: 1, allClasses: 6, covered: 1 });
    expect(matrix.count.reduce((sum, each) => sum + each, 0)).toBe(10);
  });

  test('of fewer tasks the rest is one', async () => {
    const matrix = await matrixOf({ classes: 2 });
    expect(names(matrix)).toEqual(['a', 'swapper', 'UNK', 'other']);
    // 2>3, 3>2, 4>4, 5>6 have a task that is not shown apart.
    expect(matrix).toMatchObject({ events: 10, right: 5, rightOfOther: 1, covered: 0.6 });
  });

  test('of a slice and of a baseline', async () => {
    expect(await matrixOf({ slice: 'contested' })).toMatchObject({ events: 4, right: 2 });
    expect(await matrixOf({ slice: 'withoutIdle' })).toMatchObject({ events: 7 });
    expect(await matrixOf({ baseline: 'constant' })).toMatchObject({ events: 10, right: 3 });
  });

  test('what there is not is replaced by what there is', async () => {
    const { query } = await matrixOf({ part: 'elsewhere', baseline: 'nothing' });
    expect(query).toEqual(QUERY);
  });

  test('clustered: the same cells in another order', async () => {
    const matrix = await matrixOf({ order: 'clustered' });
    expect(names(matrix).at(-1)).toBe('UNK');
    expect([...names(matrix)].sort()).toEqual([...names(await matrixOf({}))].sort());
    const [a, b] = [names(matrix).indexOf('a'), names(matrix).indexOf('b')];
    expect(Math.abs(a - b)).toBe(1);
  });
});

describe('events of a cell', () => {
  const page = { sort: 'time', descending: false, offset: 0, limit: 10 } as const;

  test('are listed with what is known of them', async () => {
    const answer = await source.events({ query: QUERY, cell: { target: 2, guess: 3 }, ...page });
    expect(readConfusionEvents(answer)).toEqual(answer);
    expect(answer).toEqual({
      total: 1,
      rows: [
        {
          event: 4,
          timeNs: '5000004000',
          cpu: 0,
          recording: 'r0.txt',
          target: 'a',
          guess: 'b',
          isRight: false,
          confidence: expect.closeTo(0.66, 10) as number,
          rank: 2,
        },
      ],
    });
  });

  test('of "other" they are all that have no row, sorted and paged', async () => {
    const query = { ...QUERY, classes: 2 };
    const other = await source.events({ query, cell: { target: -1, guess: -1 }, ...page });
    expect(other.rows.map(({ target, guess }) => `${target}>${guess}`)).toEqual(['c>c', 'd>e']);
    const diagonal = { query, cell: { target: 2, guess: 2 } };
    const back = await source.events({ ...diagonal, ...page, descending: true, limit: 1, offset: 1 });
    expect(back).toMatchObject({ total: 2, rows: [{ event: 3 }] });
  });

  test('of a baseline nobody knows how sure it was; UNK has no rank', async () => {
    const query = { ...QUERY, baseline: 'constant' };
    const { rows } = await source.events({ query, cell: { target: 2, guess: 1 }, ...page });
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ confidence: null, rank: null });
    const unknown = await source.events({ query: QUERY, cell: { target: 0, guess: 1 }, ...page });
    expect(unknown.rows).toMatchObject([{ target: 'UNK', isRight: false, rank: null }]);
  });

  test('have a place in their recording', async () => {
    expect(await source.placeOf('seen', 5)).toEqual({
      path: '/recordings/r1.txt',
      timeNs: 5_000_005_000n,
      cpu: 1,
    });
    await expect(source.placeOf('seen', 10)).rejects.toThrow('evaluated again');
  });
});

describe('without a matrix', () => {
  test('a run that was not evaluated says so', async () => {
    const state = await new ConfusionSource(join(folder, 'nothing')).state(null);
    expect(state).toMatchObject({ kind: 'missing', title: 'nothing', canEvaluate: true });
  });

  test('what was read is read again after it changed', async () => {
    const run = join(folder, 'changing');
    await writeEvaluated(run, { target: [1, 2], guess: [1, 1] });
    const changing = new ConfusionSource(run);
    expect(await changing.state(null)).toMatchObject({ matrix: { events: 2, right: 1 } });
    await writeEvaluated(run, { target: [1, 2, 2], guess: [1, 2, 2] });
    changing.forget();
    expect(await changing.state(null)).toMatchObject({ matrix: { events: 3, right: 3 } });
  });
});
