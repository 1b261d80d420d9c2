import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TransferResult } from '../../../src/protocol/neuralCfs.js';
import { neuralCfsResultsSchema } from '../../../src/protocol/neuralCfsSchemas.js';
import { recordsCsv } from '../../support/migrationRecords.js';
import { buildCli, makeDirectory, run } from '../cliProcess.js';

let directory: string;
let cli: string;

/** Calls of which every eighth is forced, as the rule says; the balance fails at times without a forced one, too. */
function records(rows: number, shift: number): string {
  return recordsCsv(
    Array.from({ length: rows }, (_, row) => {
      const isForced = row % 8 === 7;
      return {
        ...{ pid: 100 + Math.floor(row / 4), src_cpu: 1, dst_cpu: row % 3, task_nr_migrations: row },
        ...{ sd_cache_nice_tries: 1 + (row % 2), sd_nr_balance_failed: isForced ? 3 : row % 2 },
        ...{
          task_util_avg: (row * 7 + shift) % 101,
          delta: 1000 + ((row * 13) % 97),
          cpu_idle: row % 5 === 0 ? 1 : 0,
        },
        ...{ migration: Number(isForced || row % 3 === 0), forced: Number(isForced) },
      };
    }),
  );
}

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  writeFileSync(join(directory, 'smp4_alpha.csv'), records(1600, 0));
  writeFileSync(join(directory, 'smp8_beta.csv'), records(1200, 5));
  writeFileSync(join(directory, 'smp8_gamma.csv'), records(60, 9));
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
