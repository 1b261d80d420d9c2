import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordsCsv } from '../../support/migrationRecords.js';
import { drawnCalls } from '../../support/trainedRuns.js';
import { buildCli, makeDirectory, run } from '../cliProcess.js';

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  writeFileSync(join(directory, 'smp4_alpha.csv'), recordsCsv(drawnCalls(1500)));
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => join(directory, name);
const kernelOracle = (...args: string[]) => run('node', [cli, ...args]);
const train = (...args: string[]) =>
  kernelOracle('neural-cfs', 'train', at('smp4_alpha.csv'), '--experiment', '3', '--quiet', ...args);

test('a model is trained, kept, and emitted; its self-test passes', async (context) => {
  const trained = await train('--model', 'logistic', '-o', at('run'));
  expect(trained.status, trained.stderr).toBe(0);
  expect(trained.stdout).toMatch(/run: Logistic regression, experiment 3/);
  expect(trained.stdout).toMatch(/average precision 0\.\d+ \(0\.\d+ … 0\.\d+\); by chance 0\.\d+/);
  expect(trained.stdout).toMatch(/at the trained threshold: recall/);
  expect(trained.stdout).toMatch(/warning: delta: The kernel decides by it/);

  const emitted = await kernelOracle('emit', at('run'), '--target', 'c-fixed', '-o', at('out'));
  expect(emitted.status, emitted.stderr).toBe(0);
  expect(emitted.stdout).toMatch(/out: fixed point, 16 bits, \d+ bytes of model, 256 of state/);
  expect(emitted.stdout).toMatch(/as float32 {3}on [\d,]+ of [\d,]+ \(\d+\.\d\d %\) recorded calls/);
  expect(readFileSync(join(at('out'), 'kernel_oracle_model.h'), 'utf8')).toContain('from the run "run"');
  const made = await run('make', ['-s', '-C', at('out'), 'check']).catch(() => null);
  if (made === null) context.skip('there is no make here: install make and a C compiler');
  expect(made, made!.stderr).toMatchObject({ status: 0, stdout: '100 rows: as expected\n' });
});

test('for a kernel: a program that says what is missing, and a model to swap in', async () => {
  expect((await train('--model', 'tree', '-o', at('for-kernel'))).status).toBe(0);
  const emitted = await kernelOracle('emit', at('for-kernel'), '--target', 'ebpf', '-o', at('ebpf'));
  expect(emitted.status, emitted.stderr).toBe(0);
  expect(emitted.stdout).toMatch(/ebpf: a tree, \d+ bytes of model, 0 of state/);
  expect(emitted.stdout).toContain('sh control needs');
  expect(
    readFileSync(join(at('ebpf'), 'model.swap'))
      .subarray(0, 4)
      .toString(),
  ).toBe('KOS1');
  const needs = await run('sh', [join(at('ebpf'), 'control'), 'needs']);
  if (process.getuid?.() === 0) {
    expect(needs.status, needs.stderr).toBe(0);
    expect(needs.stdout).toMatch(/^((program|header|kernel) .+\n)*$/);
  } else expect(needs).toMatchObject({ status: 1, stderr: 'Only root may do this.\n' });
});

test('nothing is overwritten unless that is wanted, and before anything is trained', async () => {
  const folder = at('kept');
  expect(
    (await train('--model', 'tree', '-o', folder, '--columns', 'delta, sd_nr_balance_failed')).status,
  ).toBe(0);
  expect(await train('--model', 'tree', '-o', folder)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('--force') as string,
  });
  const forced = await train('--model', 'tree', '-o', folder, '--force', '--json', '--threshold', 'half');
  expect(JSON.parse(forced.stdout)).toMatchObject({
    format: 'kernel-oracle-neural-cfs-run',
    threshold: { choice: 'half', score: 0.5 },
  });
});

test('wrong usage, and what is no run', async () => {
  expect(await train('--model', 'rule', '-o', at('x'))).toMatchObject({ status: 2 });
  expect(await train('--model', 'tree', '-o', at('x'), '--columns', 'lat_ns')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('known only after the decision') as string,
  });
  expect(await kernelOracle('emit', directory, '--target', 'c', '-o', at('y'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('holds no trained model') as string,
  });
  expect(
    await kernelOracle('emit', at('run'), '--target', 'ebpf', '--bits', '32', '-o', at('y')),
  ).toMatchObject({ status: 2, stderr: expect.stringContaining('8 or 16 bits') as string });
  expect(await kernelOracle('emit', directory, '--target', 'cobol', '-o', at('y'))).toMatchObject({
    status: 2,
  });
});
