import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelSourceFiles, writeKernelSource } from '../../support/kernelSource.js';
import { recordsCsv } from '../../support/migrationRecords.js';
import { drawnCalls } from '../../support/trainedRuns.js';
import { buildCli, makeDirectory, run } from '../cliProcess.js';

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  writeFileSync(at('smp4_alpha.csv'), recordsCsv(drawnCalls(1500)));
  const train = ['neural-cfs', 'train', at('smp4_alpha.csv'), '--experiment', '3', '--quiet', '--model'];
  expect(await kernelOracle(...train, 'logistic', '-o', at('run'))).toMatchObject({ status: 0 });
  await writeKernelSource(at('linux'));
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => join(directory, name);
const kernelOracle = (...args: string[]) => run('node', [cli, ...args]);
const patchKernel = (...args: string[]) => kernelOracle('patch-kernel', at('linux'), ...args);
const fair = () => readFileSync(join(at('linux'), 'kernel/sched/fair.c'), 'utf8');

test('a source is patched, patched again, and as it was', async () => {
  const patched = await patchKernel('--run', at('run'));
  expect(patched.status, patched.stderr).toBe(0);
  expect(patched.stdout).toMatch(/linux: Linux 6\.1\.99-rc1, \d+ files written or removed\n/);
  expect(patched.stdout).toMatch(
    /fixed-point {2}16 bits: \d+ bytes of model, 256 of state on each CPU; as float32 on/,
  );
  expect(patched.stdout).toMatch(/float {8}float32: \d+ bytes of model/);
  expect(fair()).toContain('ML_MIGRATION_DECIDED(');
  expect((await patchKernel('--run', at('run'))).stdout).toContain('all was there already');
  const fewer = await patchKernel('--run', at('run'), '--bits', '8', '--json');
  expect(JSON.parse(fewer.stdout)).toMatchObject({
    version: '6.1.99-rc1',
    models: [{ bits: 8 }, { bits: 32 }],
  });
  expect(await patchKernel('--revert')).toMatchObject({ status: 0, stderr: '' });
  expect(fair()).toBe(kernelSourceFiles()['kernel/sched/fair.c']);
  expect(await patchKernel('--revert')).toMatchObject({ status: 1 });
});

test('what is configured runs in the source; that it fails is told', async () => {
  const failed = await patchKernel('--run', at('run'), '--configure', 'keep', '--yes');
  expect(failed).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /There is no \.config in [^]*build\.sh configure keep fixed-point ended with status 1/,
    ) as string,
  });
});

test('wrong usage', async () => {
  for (const wrong of [
    [],
    ['--revert', '--run', at('run')],
    ['--run', at('run'), '--float'],
    ['--run', at('run'), '--image'],
    ['--run', at('run'), '--build', '-j', '0'],
  ]) {
    expect(await patchKernel(...wrong), wrong.join(' ')).toMatchObject({ status: 2, stdout: '' });
  }
});

test('without consent nothing is configured; without a terminal that is said', async () => {
  const args = [cli, 'patch-kernel', at('linux'), '--run', at('run'), '--configure', 'defconfig'];
  const asked = await run('setsid', ['-w', 'node', ...args]);
  expect(asked.status).toBe(2);
  expect(asked.stderr).toMatch(/ML_FORCE_MIGRATIONS=y,\s+fixed-point[^]*consent by --yes/);
});
