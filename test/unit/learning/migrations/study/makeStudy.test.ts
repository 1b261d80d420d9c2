import { join } from 'node:path';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeStudy } from '../../../../../src/learning/migrations/study/makeStudy.js';
import type { StudyProgress } from '../../../../../src/learning/migrations/study/studyProgress.js';
import { settingsFor } from '../../../../../src/learning/migrations/study/studySettings.js';
import type { NeuralCfsStudy } from '../../../../../src/protocol/neuralCfsStudy.js';
import { neuralCfsStudySchema } from '../../../../../src/protocol/neuralCfsStudySchemas.js';
import {
  littleStudy,
  ruledRecords,
  STUDIED_FILES,
  UNTOLD_RECORDS,
} from '../../../../support/studiedRecords.js';
import { folderWith } from '../../../dataset/migrations/setBuilder.js';

const options = { now: () => new Date(0), version: '0.0.0' };

describe('a study of two workloads on two machines', () => {
  let study: NeuralCfsStudy;
  beforeAll(async () => {
    study = await littleStudy();
  });

  test('says what it is of, and what was left out', () => {
    expect(study).toMatchObject({ made: '2026-11-22T05:00:00.000Z', rows: 2860, warnings: [] });
    expect(study.recordings.map(({ workload, machine }) => [workload, machine])).toEqual([
      ['alpha', 'smp4'],
      ['beta', 'smp8'],
      ['gamma', 'smp8'],
    ]);
    expect(study.leftOut).toEqual([
      { path: expect.stringMatching(/notes\.txt$/) as string, reason: expect.any(String) as string },
    ]);
  });

  test('has all that was asked for', () => {
    const [experiment] = study.results!.experiments;
    expect(experiment!.ways.map(({ way }) => way)).toEqual(['published', 'group', 'workload']);
    const [whole] = experiment!.ways[1]!.parts;
    const rule = whole!.models.find(({ name }) => name === 'rule')!;
    expect(rule.judgement!.atHalf).toMatchObject({ falsePositives: 0, falseNegatives: 0 });
    expect(study.rankings.map(({ experiment: of, union }) => [of, union[0]])).toEqual([
      [3, 'sd_nr_balance_failed'],
    ]);
    const lost = new Map(study.importance[0]!.importance.map(({ column, drop }) => [column, drop.mean]));
    expect(lost.get('sd_nr_balance_failed')).toBeGreaterThan(0.5);
    expect(lost.get('task_util_avg')).toBe(0);
    expect(study.transfers.map(({ by, names }) => [by, ...names])).toEqual([
      ['workload', 'alpha', 'beta', 'gamma'],
      ['machine', 'smp4', 'smp8'],
    ]);
    expect(study.transfers[1]!.cells[0]![1]!.averagePrecision!.value).toBe(1);
  });

  test('is the same behind a file', () => {
    expect(v.parse(neuralCfsStudySchema, JSON.parse(JSON.stringify(study)))).toEqual(study);
  });
});

test('what was not asked for is empty', async () => {
  const folder = await folderWith({ 'smp4_alpha.csv': ruledRecords(400, 0) });
  const study = await makeStudy(
    settingsFor([folder], { experiments: [3], ways: [], importanceOf: null, transferOf: null }),
    options,
  );
  expect(study).toMatchObject({ results: null, importance: [], transfers: [], settings: { transferBy: [] } });
  expect(study.rankings[0]!.workloads[0]!.scores.length).toBeGreaterThan(3);
});

test('one workload on one machine: what cannot be done is told in its place, or as a warning', async () => {
  const folder = await folderWith({ 'smp4_alpha.csv': ruledRecords(800, 0) });
  const { results, warnings, transfers } = await makeStudy(
    settingsFor([folder], {
      experiments: [3],
      ways: ['group', 'workload'],
      models: ['rule'],
      importanceOf: null,
      transferOf: 'rule',
    }),
    options,
  );
  expect(transfers).toEqual([]);
  expect(warnings).toEqual([
    'There is no transfer from workload to workload: all recordings are of alpha.',
    'There is no transfer from machine to machine: all recordings are of smp4.',
  ]);
  const [group, workload] = results!.experiments[0]!.ways;
  expect(group!.parts[0]!.refusal).toBeNull();
  expect(workload!.parts).toEqual([
    expect.objectContaining({
      workload: null,
      refusal: expect.stringMatching(/^1 workload cannot be split/) as string,
      models: [],
    }),
  ]);
});

test('forced migrations that nothing tells: said before anything is trained, and experiment 1 goes without', async () => {
  const folder = await folderWith({ 'smp4_alpha.csv': UNTOLD_RECORDS });
  const settings = { ways: [], importanceOf: null, transferOf: null } as const;
  const told: StudyProgress[] = [];
  await expect(
    makeStudy(settingsFor([folder], settings), { ...options, onProgress: (each) => told.push(each) }),
  ).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(
      /^Experiments 2 and 3 ask for forced migrations, which .*smp4_alpha\.csv does not tell.* Choose experiment 1 alone/,
    ) as string,
  });
  expect(told.every(({ total }) => total === null)).toBe(true);
  const { rankings } = await makeStudy(settingsFor([folder], { ...settings, experiments: [1] }), options);
  expect(rankings).toHaveLength(1);
});

test('progress rises to its end, and what is cancelled ends', async () => {
  const folder = await folderWith(STUDIED_FILES);
  const cancel = new AbortController();
  const settings = settingsFor([folder], {
    experiments: [3],
    ways: ['published', 'group'],
    models: ['constant'],
    importanceOf: 'rule',
    transferOf: null,
  });
  const told: StudyProgress[] = [];
  await makeStudy(settings, { ...options, onProgress: (progress) => told.push(progress) });
  const counted = told.filter(({ total }) => total !== null);
  // One ranking, a model on three workloads and on all of them, one by group, one with its columns shuffled.
  expect(new Set(counted.map(({ total }) => total))).toEqual(new Set([1 + 4 + 1 + 1]));
  expect(counted.map(({ done }) => done)).toEqual([...counted.map(({ done }) => done)].sort((a, b) => a - b));
  expect(counted.at(-1)!.done).toBe(6);
  const stopped = makeStudy(settings, {
    ...options,
    signal: cancel.signal,
    onProgress: ({ total }) => total !== null && cancel.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
});

test('a model that nobody knows, before anything is read', async () => {
  const settings = settingsFor([join('no', 'such', 'folder')], { models: ['perceptron'] });
  await expect(makeStudy(settings, options)).rejects.toMatchObject({ code: 'wrong-usage' });
});
