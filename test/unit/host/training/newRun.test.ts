import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isConfigPath, isOfRun, newRunFolder } from '../../../../src/host/training/newRun.js';
import { presentState, settleRun, writeQueuedRun } from '../../../../src/host/training/queuedRun.js';
import { readRunConfig } from '../../../../src/learning/trainer/resumedConfig.js';
import { readRun, writeRun } from '../../../../src/learning/trainer/runFolder.js';
import { littleConfig } from '../../../support/trainingRuns.js';
import { runInfo } from './runExamples.js';

const now = new Date(2026, 1, 3, 4, 5, 6);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-new-run-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a new run lies beside its configuration, with a number where there is one already', async () => {
  const config = littleConfig();
  const first = await newRunFolder(join(folder, 'kernel-oracle.yaml'), config, now);
  expect(first).toBe(join(folder, 'runs', 'tcn-20260203-040506'));
  await writeQueuedRun(first, config, '1.2.3', now);
  expect(await newRunFolder(join(folder, 'kernel-oracle.yaml'), config, now)).toBe(`${first}-2`);
  // From the configuration of a run: beside it, and not in it.
  expect(await isOfRun(join(first, 'kernel-oracle.yaml'))).toBe(true);
  expect(await newRunFolder(join(first, 'kernel-oracle.yaml'), config, now)).toBe(`${first}-2`);
});

test('names of configurations', () => {
  expect(['kernel-oracle.yaml', 'a/x.kernel-oracle.yaml'].map(isConfigPath)).toEqual([true, true]);
  expect(['kernel-oracle.collect.yaml', 'mykernel-oracle.yaml', 'x.yaml'].map(isConfigPath)).toEqual([
    false,
    false,
    false,
  ]);
});

test('a queued run holds all that it will be made from', async () => {
  const run = join(folder, 'queued');
  const config = littleConfig({ epochs: 7 });
  await writeQueuedRun(run, config, '1.2.3', now);
  expect(await readRunConfig(run)).toEqual(config);
  const info = (await readRun(run))!;
  expect(info).toMatchObject({ state: 'queued', model: 'tcn', epochs: 7, kernelOracleVersion: '1.2.3' });
  expect(presentState(info)).toBe('queued');
  await expect(writeQueuedRun(run, config, '1.2.3', now)).rejects.toThrow(/holds a run already/);
});

test('what left the queue, or died, is told in its files; what told it itself is left alone', async () => {
  const run = join(folder, 'left');
  const settle = (state: 'cancelled' | 'failed' | 'finished', message: string | null = null) =>
    settleRun({ runFolder: run, state, message }, now);
  mkdirSync(run);
  writeFileSync(join(run, 'training.log'), '');
  for (const state of ['finished', 'running', 'failed'] as const) {
    const info = runInfo({ state });
    await writeRun(run, info);
    await settle('cancelled');
    expect(await readRun(run)).toEqual(info);
  }
  await writeRun(run, runInfo({ state: 'queued' }));
  await settle('finished');
  expect((await readRun(run))?.state).toBe('queued');
  await settle('failed', 'The engine is missing.');
  expect(await readRun(run)).toMatchObject({
    state: 'failed',
    message: 'The engine is missing.',
    process: null,
    ended: now.toISOString(),
  });
  await settleRun({ runFolder: join(folder, 'nowhere'), state: 'failed', message: '' }, now);
});
