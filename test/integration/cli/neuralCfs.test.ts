import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStudy } from '../../../src/learning/migrations/study/studyFile.js';
import type { TransferResult } from '../../../src/protocol/neuralCfs.js';
import { neuralCfsResultsSchema } from '../../../src/protocol/neuralCfsSchemas.js';
import { STUDIED_FILES, UNTOLD_RECORDS, writeFiles } from '../../support/studiedRecords.js';
import { buildCli, makeDirectory, run } from '../cliProcess.js';

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  await writeFiles(directory, STUDIED_FILES);
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const recordings = () =>
  ['smp4_alpha', 'smp8_beta', 'smp8_gamma'].map((name) => join(directory, `${name}.csv`));
const neuralCfs = (command: string, ...args: string[]) =>
  run('node', [cli, 'neural-cfs', command, ...recordings(), ...args]);

test('experiments: the thesis beside ours, the rule beside the models, refusals', async () => {
  const models = ['--model', 'libml', 'rule', 'constant'];
  const { status, stdout, stderr } = await neuralCfs('experiments', '--experiment', '3', ...models);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^2860 calls of can_migrate_task in 3 recordings, 3 workloads; seed 42\n/);
  expect(stdout).toMatch(/thesis +cassandra +95\.76 +95\.44/);
  expect(stdout).toMatch(/as published +all +\d+ of \d+ +- +100\.00/);
  expect(stdout).toMatch(/by history group +all +\d+ of \d+ +- +100\.00/);
  expect(stdout).toMatch(/not scored, gamma: \d+ \w+ among the \d+ rows/);
  expect(stdout.replace(/\n {2}/g, ' ')).toMatch(/As published: the rule 100 %, 1\.000; LibML/);
  const json = await neuralCfs(
    'experiments',
    '--experiment',
    '3',
    '--json',
    '--split',
    'recording',
    ...models,
  );
  const { experiments, ...results } = v.parse(neuralCfsResultsSchema, JSON.parse(json.stdout));
  expect(results).toMatchObject({ format: 'kernel-oracle-neural-cfs', seed: 42, rows: 2860 });
  expect(experiments.map(({ experiment, ways }) => [experiment, ...ways.map(({ way }) => way)])).toEqual([
    [3, 'published', 'recording'],
  ]);
  const rule = experiments[0]!.ways[0]!.parts[0]!.models.find(({ name }) => name === 'rule')!;
  expect(rule.judgement!.atHalf).toMatchObject({ falsePositives: 0, falseNegatives: 0, mcc: { value: 1 } });
});

test('scores: F by workload, the best united, importance of columns', async () => {
  const { status, stdout, stderr } = await neuralCfs('scores', '--experiment', '3', '--importance', 'rule');
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/table 5\.7 of the thesis/);
  expect(stdout).toMatch(/united +sd_nr_balance_failed/);
  expect(stdout).toMatch(/warning: sd_nr_balance_failed: The kernel decides by it/);
  expect(stdout).toMatch(/average precision 1\.000; what it loses when a column is shuffled, 5 times each/);
  expect(stdout).toMatch(/\nsd_nr_balance_failed +0\.[5-9]\d+/);
  expect(stdout).toMatch(/\ntask_util_avg +0\.0000 +0\.0000 +0\.0000/);
});

test('transfer: from machine to machine, as text and as JSON', async () => {
  const args = ['--experiment', '3', '--model', 'rule', '--by', 'machine'];
  const { status, stdout, stderr } = await neuralCfs('transfer', ...args);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/trained on machine +smp4 +smp8\n[- ]+\nsmp4 +1\.000 \/ 0\.125 +1\.000 \/ 0\.12/);
  const json = await neuralCfs('transfer', ...args, '--json');
  const [matrix] = JSON.parse(json.stdout) as TransferResult[];
  expect(matrix).toMatchObject({
    experiment: 3,
    by: 'machine',
    names: ['smp4', 'smp8'],
    model: { name: 'rule' },
  });
});

test('study: one file with all of it, which show prints; never over another without --force', async () => {
  const output = join(directory, 'shop.neural-cfs.json');
  const args = ['-o', output, '--experiment', '3', '--split', 'group', '--model', 'rule', 'constant'];
  const few = [...args, '--importance', 'rule', '--transfer', 'rule', '--seed', '7'];
  const { status, stdout, stderr } = await neuralCfs('study', ...few);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(
    /^2860 calls of can_migrate_task in 3 recordings, 3 workloads, 2 machines; studied in/,
  );
  expect(stdout).toMatch(/experiment 3, split by history group: average precision constant 0\.1/);
  const study = await readStudy(output);
  expect(study.settings).toMatchObject({ paths: recordings(), ways: ['published', 'group'], seed: 7 });
  expect(study.transfers.map(({ by }) => by)).toEqual(['workload', 'machine']);

  const shown = await run('node', [cli, 'neural-cfs', 'show', output]);
  expect(shown.stderr).toBe('');
  for (const part of [
    /Experiment 3: is this migration forced\?/,
    /table 5\.7 of the thesis/,
    /what it loses when a column is shuffled/,
    /trained on machine +smp4 +smp8\n/,
  ]) {
    expect(shown.stdout).toMatch(part);
  }

  const before = readFileSync(output);
  expect(await neuralCfs('study', ...few)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/shop\.neural-cfs\.json is there already/) as string,
  });
  expect(readFileSync(output)).toEqual(before);
  const none = ['--importance', 'none', '--transfer', 'none', '--force'];
  expect(await neuralCfs('study', ...args, ...none)).toMatchObject({ status: 0 });
  expect(await readStudy(output)).toMatchObject({ importance: [], transfers: [], settings: { seed: 42 } });
});

test('study: what cannot be studied leaves no file, and says what to do', async () => {
  const untold = join(directory, 'untold.csv');
  writeFileSync(untold, UNTOLD_RECORDS);
  const output = join(directory, 'untold.neural-cfs.json');
  expect(await run('node', [cli, 'neural-cfs', 'study', untold, '-o', output])).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('Choose experiment 1 alone') as string,
  });
  expect(existsSync(output)).toBe(false);
  expect(await neuralCfs('study', '-o', join(directory, 'study.json'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('ends in .neural-cfs.json') as string,
  });
  expect(await run('node', [cli, 'neural-cfs', 'show', untold])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/untold\.csv is no JSON/) as string,
  });
});

test('wrong usage, and what is no table of records', async () => {
  expect(await neuralCfs('experiments', '--experiment', '4')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('The thesis has experiments 1, 2 and 3.') as string,
  });
  writeFileSync(join(directory, 'notes.txt'), 'no table\n');
  expect(await run('node', [cli, 'neural-cfs', 'scores', join(directory, 'notes.txt')])).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^kernel-oracle: .*notes\.txt is no table of migration records/) as string,
  });
});
