/** `evaluate` and `runs compare` of evaluated runs, as processes. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Evaluation } from '../../../src/protocol/evaluation.js';
import { littleRuns, type LittleRuns } from '../../support/littleRuns.js';
import { buildCli, makeDirectory, run } from '../cliProcess.js';

let directory: string;
let cli: string;
let runs: LittleRuns;
let tcn: string;
let other: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  runs = await littleRuns(directory);
  const engine = { name: 'embedded', threads: 1 };
  tcn = await runs.train('tcn', { epochs: 1, engine });
  other = await runs.train('other', { epochs: 1, engine, seed: 7, windows: { length: 8, stride: 3 } });
}, 180_000);

afterAll(() => {
  runs.dispose();
  rmSync(directory, { recursive: true, force: true });
});

const kernelOracle = (...args: string[]) => run('node', [cli, ...args]);
const evaluate = (path: string, ...args: string[]) =>
  kernelOracle('evaluate', path, '--no-cost', '--quiet', '--max-targets', '256', ...args);
const jsonOf = (path: string) =>
  JSON.parse(readFileSync(join(path, 'evaluation', 'evaluation.json'), 'utf8')) as Evaluation;

test('evaluate: tables, workloads beside their best baseline, and the file that panels read', async () => {
  const { status, stdout, stderr } = await evaluate(tcn);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/tcn\/evaluation\/evaluation\.json: written\n$/);
  expect(stdout).toMatch(/\nseen: \d+ targets of 2 recordings, blocks of \d+ events\n/);
  expect(stdout).toMatch(/\nworkload +category +targets +top-1 % +no idle % +best baseline %\n/);
  expect(stdout).toMatch(/\nworkload +best baseline there +its top-1 % +the model less it, points\n/);
  expect(stdout).toMatch(/\nalpha +\S.* +[\d.]+ +[+−][\d.]+ \([+−][\d.]+ … [+−][\d.]+\)\n/);
  expect(stdout).toMatch(
    /\naudit: \d+ of \d+ checks failed; kernel-oracle audit \S+tcn explains them\n {2}\S+: /,
  );
  const { parts } = jsonOf(tcn);
  expect(parts.map(({ part }) => part)).toEqual(['validation', 'seen', 'unseen']);
  const asJson = await evaluate(other, '--json');
  expect(asJson.status, asJson.stderr).toBe(0);
  expect(JSON.parse(asJson.stdout)).toEqual(jsonOf(other));

  const compared = await kernelOracle('runs', 'compare', tcn, other);
  expect(compared.status, compared.stderr).toBe(0);
  expect(compared.stdout).toMatch(/p\s+is\s+that\s+of\s+a\s+sign-flip\s+test/);
  expect(compared.stdout).toMatch(/the\s+runs\s+were\s+not\s+asked\s+about\s+the\s+same\s+events/);
}, 120_000);

test('evaluate: of recordings that are named, and as published, beside what was there', async () => {
  const given = await evaluate(tcn, '--on', runs.recordings[0]!);
  expect(given.status, given.stderr).toBe(0);
  expect(given.stdout).toMatch(/what\s+is\s+tested\s+was\s+trained\s+on/);
  expect(jsonOf(tcn).parts.at(-1)!.part).toBe('given');
  const published = await evaluate(tcn, '--as-published');
  expect(published.stderr).toMatch(/as-published\.json: written\n$/);
  expect(published.stdout).toContain('always idle');
}, 120_000);

test('what cannot be evaluated or compared is said, with the exit status', async () => {
  expect(await evaluate(join(directory, 'none'))).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/none/) as string,
  });
  expect(await kernelOracle('evaluate', tcn, '--max-targets', '0')).toMatchObject({ status: 2, stdout: '' });
}, 120_000);
