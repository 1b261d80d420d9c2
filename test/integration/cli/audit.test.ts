import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../../scripts/lib/paths.mjs';
import type { Audit } from '../../../src/protocol/audit.js';
import { dataSetDraft, writeDraft } from '../../support/auditedDataSet.js';
import { nextTaskDraft, writeRunDraft } from '../../support/auditedRun.js';
import { buildCli, makeDirectory, run, SAMPLES } from '../cliProcess.js';

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const kernelOracle = (...args: string[]) => run('node', [cli, ...args]);

/** A run and its data set, with a flaw if wanted. */
async function runWith(name: string, isFlawed: boolean): Promise<string> {
  const dataSet = dataSetDraft({ rows: 400 });
  const draft = nextTaskDraft();
  if (isFlawed) {
    dataSet.recordings[0]!.changes = { lostEvents: 400, lossPlaces: 4 };
    draft.config = { model: { name: 'kernel-oracle-2019', settings: { scramble: true } } };
  }
  const data = join(directory, `${name}-data`);
  writeRunDraft(join(directory, name), draft, data, await writeDraft(data, dataSet));
  return join(directory, name);
}

test('a run: failed first, with evidence; audit.json; --strict', async () => {
  const folder = await runWith('flawed', true);
  const { status, stdout, stderr } = await kernelOracle('audit', folder);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toMatch(/flawed: 2 failed, \d+ passed, \d+ skipped\n\nFAILED: /);
  expect(stdout).toMatch(
    / {2}axes-mixed: Time and features are mixed up\n {4}.*`scramble`.*\n {4}Why it matters: A table/,
  );
  expect(stdout.indexOf('lost-events')).toBeLessThan(stdout.indexOf('passed: looked for'));
  const kept = JSON.parse(readFileSync(join(folder, 'audit.json'), 'utf8')) as Audit;
  const strict = await kernelOracle('audit', folder, '--strict', '--json');
  expect(strict.status).toBe(1);
  const told = JSON.parse(strict.stdout) as Audit;
  expect(told.checks).toEqual(kept.checks);
  expect(told).toMatchObject({ format: 'kernel-oracle-audit', subject: { kind: 'run', path: folder } });
});

test('a run without a flaw passes --strict', async () => {
  const { status, stdout } = await kernelOracle('audit', await runWith('clean', false), '--strict');
  expect(stdout).toMatch(/clean: 0 failed/);
  expect(status).toBe(0);
});

test('a data set of a recording: nothing is written', async () => {
  const data = join(directory, 'built');
  const sample = join(SAMPLES, 'mixed-io-and-cpu.ftrace.gz');
  await kernelOracle('dataset', 'build', sample, '--split', 'walk-forward', '-o', data, '--quiet');
  const { status, stdout, stderr } = await kernelOracle('audit', data, '--json');
  expect(status, stderr).toBe(0);
  const { subject, checks } = JSON.parse(stdout) as Audit;
  expect(subject.kind).toBe('dataset');
  const outcome = (id: string) => checks.find((check) => check.id === id)?.outcome;
  for (const id of [
    'unknown-as-class',
    'train-in-test',
    'windows-across-gaps',
    'scaled-by-test',
    'axes-mixed',
  ])
    expect(outcome(id), id).toBe('passed');
  expect(outcome('constant-beats-model')).toBe('skipped');
  expect(existsSync(join(data, 'audit.json'))).toBe(false);
});

test('claims: an example of the documentation; what is wrong in a file', async () => {
  const claims = join(root, 'docs', 'claims', 'tcn-follow-up.yaml');
  const { status, stdout } = await kernelOracle('audit', claims);
  expect(status).toBe(0);
  expect(stdout).toContain('TCN: 1.393 ms is the time of a batch divided by its 128 events');
  const broken = join(directory, 'broken.yaml');
  copyFileSync(claims, broken);
  writeFileSync(broken, readFileSync(broken, 'utf8').replace('accuracy: 0.9198', 'accuracy: 91.98'));
  expect(await kernelOracle('audit', broken)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/broken\.yaml:\d+:15: accuracy is a share from 0 to 1/) as string,
  });
});

test('what is none of these', async () => {
  expect(await kernelOracle('audit', join(directory, 'nowhere'))).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/nowhere cannot be audited/) as string,
  });
  expect(await kernelOracle('audit', directory)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/is no run and no data set/) as string,
  });
  const claims = join(root, 'docs', 'claims', 'tcn-follow-up.yaml');
  expect(await kernelOracle('audit', claims, '--dataset', directory)).toMatchObject({ status: 2 });
});
