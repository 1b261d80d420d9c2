/** The view of a run: one that has finished, one that failed, one that trains; over a reload of the window. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { buildDataSet, DEFAULT_OPTIONS } from '../../src/dataset/buildDataSet.js';
import { parseConfig } from '../../src/learning/trainer/config/config.js';
import { openEngine } from '../../src/learning/trainer/openEngine.js';
import { train } from '../../src/learning/trainer/train.js';
import { littleDataSet } from '../support/littleDataSet.js';
import { illegibleTexts } from './harness/lab.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';
import type { Theme } from './harness/Workbench.js';
import { openRunView, shownRunView } from './harness/runViews.js';

const MODEL =
  'model: { name: tcn, settings: { projection: 16, blocks: 2, taskEmbedding: 8, stateEmbedding: 4 } }';
const CONFIG = `dataset: data
${MODEL}
windows: { length: 16, stride: 4 }
epochs: 400
earlyStopping: { patience: 0 }
batchSize: 64
engine: { name: embedded, threads: 1 }
`;

const workbench = useWorkbench({
  settings: { 'remote.autoForwardPorts': false },
  size: { width: 1280, height: 1500 },
  files: { 'kernel-oracle.yaml': CONFIG },
});

beforeAll(async () => {
  const engine = await openEngine({ name: 'embedded', threads: 1 });
  const options = { engine, kernelOracleVersion: '0.0.0', dataSet: littleDataSet(2000) };
  const config = (epochs: number) =>
    parseConfig(
      `dataset: data\n${MODEL}\nwindows: { length: 16 }\nepochs: ${epochs}\n`,
      '/x/kernel-oracle.yaml',
    );
  try {
    await train(config(6), workbench().pathOf('runs/finished'), options);
    const failed = workbench().pathOf('runs/failed');
    await train(config(3), failed, options);
    const info = JSON.parse(readFileSync(join(failed, 'run.json'), 'utf8')) as object;
    const message = 'The loss is not a number in epoch 4: make optimizer.learningRate smaller.';
    writeFileSync(join(failed, 'run.json'), JSON.stringify({ ...info, state: 'failed', message, epochs: 9 }));
  } finally {
    engine.dispose();
  }
  await buildDataSet({
    paths: [join(import.meta.dirname, '../../samples/messaging.ftrace.xz')],
    output: workbench().pathOf('data'),
    options: { ...DEFAULT_OPTIONS, split: 'walk-forward' },
    replace: false,
    kernelOracleVersion: '0.0.0',
    now: () => new Date(),
  });
}, 120_000);

async function openRun(name: string): Promise<Frame> {
  return openRunView(workbench(), 'KernelOracle: Open Run', name, '.training-view');
}

/** The view whose title this is. */
async function shown(name: string): Promise<Frame> {
  return shownRunView(workbench(), '.training-view', name);
}

async function untilState(frame: Frame, state: RegExp): Promise<void> {
  const mark = frame.locator('.run-state');
  await until(`the state ${String(state)}`, async () => state.test(await mark.innerText()), {
    timeoutMs: 60_000,
  });
}

test('a run that has finished shows its course and how it stands beside the baselines', async () => {
  const frame = await openRun('finished');
  await untilState(frame, /finished/);
  const facts = await frame.locator('.run-facts').innerText();
  expect(facts).toContain('Temporal convolutional network (tcn)');
  expect(facts).toMatch(/embedded.*WebAssembly/);
  expect(await frame.locator('.run-progress').innerText()).toContain('6 epochs');
  const loss = await frame.getByRole('img', { name: /^Loss by epoch/ }).getAttribute('aria-label');
  expect(loss).toMatch(/training: from .* validation: from /);
  const quality = await frame
    .getByRole('img', { name: /^Accuracy on the validation part/ })
    .getAttribute('aria-label');
  expect(quality).toMatch(/best baseline: .*, accuracy \d+\.\d\d %/);
  const tables = frame.locator('.metrics-part');
  expect(await tables.count()).toBe(3);
  expect(await tables.first().innerText()).toMatch(
    /better than the best baseline|does not beat|exactly as good/,
  );
  expect(await tables.first().innerText()).toContain('(UNK) are never counted as right');
  expect(await tables.first().locator('tbody tr').count()).toBe(7);
  // Nothing is left to be paused, continued, cancelled or resumed.
  for (const name of ['Pause', 'Continue', 'Cancel', 'Resume']) {
    expect(await frame.getByRole('button', { name, exact: true }).count()).toBe(0);
  }
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('training-finished-dark');
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  const frame = await shown('finished');
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot(`training-finished-${name}`);
});

test('it comes back when the window was reloaded', async () => {
  await workbench().setTheme('Default Dark Modern');
  const reloaded = workbench().page.waitForEvent('load');
  await workbench().runCommand('Developer: Reload Window');
  await reloaded;
  const frame = await shown('finished');
  await untilState(frame, /finished/);
  await frame.getByRole('img', { name: /^Loss by epoch/ }).waitFor();
});

test('of a run that failed the message is shown in full, and it can be resumed', async () => {
  const frame = await openRun('failed');
  await untilState(frame, /failed/);
  const alert = frame.getByRole('alert').filter({ hasText: 'This run failed' });
  expect(await alert.innerText()).toContain('make optimizer.learningRate smaller.');
  await frame.getByRole('button', { name: 'Resume', exact: true }).waitFor();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('training-failed');
  await workbench().runCommand('View: Close All Editors');
});

test('a run that trains is followed, paused, continued by the keyboard, cancelled and resumed', async () => {
  await workbench().openFile('kernel-oracle.yaml');
  await workbench().runCommand('KernelOracle: Train Model…');
  await workbench().runCommand('KernelOracle: Show Training');
  const frame = await shown('tcn-');
  await untilState(frame, /training/);
  const whole = frame.getByRole('progressbar', { name: 'Whole run' });
  const chart = frame.getByRole('img', { name: /^Loss by epoch/ });
  await until('two epochs', async () => {
    const text = (await chart.getAttribute('aria-label')) ?? '';
    return /training: from/.test(text);
  });
  expect(await whole.getAttribute('aria-valuetext')).toMatch(/^whole run, \d+ %/);
  expect(await frame.locator('.run-facts').innerText()).toMatch(/Parameters\s+[\d,]+/);
  await workbench().screenshot('training-running');
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);

  const pause = frame.getByRole('button', { name: 'Pause', exact: true });
  await pause.focus();
  await workbench().page.keyboard.press('Enter');
  await untilState(frame, /paused/);
  // The focus is on what stands in its place.
  await workbench().page.keyboard.press('Enter');
  await untilState(frame, /training/);
  await frame.getByRole('button', { name: 'Cancel', exact: true }).click();
  await untilState(frame, /cancelled/);
  expect(await frame.locator('.metrics-part').count()).toBe(0);
  const before = await frame.locator('.run-progress').innerText();
  await frame.getByRole('button', { name: 'Resume', exact: true }).click();
  await untilState(frame, /training/);
  await until('progress', async () => (await frame.locator('.run-progress').innerText()) !== before);
  await frame.getByRole('button', { name: 'Cancel', exact: true }).click();
  await untilState(frame, /cancelled/);
});
