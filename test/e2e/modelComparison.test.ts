/** Models beside each other: figures and differences of the same events, another reference, saved, over a reload, refused. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Frame } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { compareModels } from '../../src/learning/runs/compareModels.js';
import type { Evaluation } from '../../src/protocol/evaluation.js';
import type { ModelComparison } from '../../src/protocol/modelComparisonMessages.js';
import { buildSampleData, LITTLE_TCN, trainSampleRun } from './harness/evaluatedRuns.js';
import { illegibleTexts } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';
import type { Theme } from './harness/Workbench.js';

const workbench = useWorkbench({
  settings: { 'remote.autoForwardPorts': false },
  size: { width: 1400, height: 1500 },
});

let expected: ModelComparison;

beforeAll(async () => {
  const folder = workbench().pathOf('');
  await buildSampleData(folder);
  await trainSampleRun(folder, 'first');
  await trainSampleRun(folder, 'longer', LITTLE_TCN.replace('epochs: 2', 'epochs: 5'));
  await trainSampleRun(folder, 'untold', undefined, false);
  expected = await compareModels([workbench().pathOf('runs/first'), workbench().pathOf('runs/longer')]);
}, 240_000);

async function compare(...runs: string[]): Promise<Frame> {
  await workbench().runCommand('KernelOracle: Compare Models…');
  await new LabView(workbench()).untilInput(/Which runs/);
  for (const run of runs) await workbench().pick(run);
  await workbench().page.keyboard.press('Enter');
  return workbench().webview('.model-comparison-view');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** What the table says of the log loss: of runs on so little data the shares of right answers are the same. */
async function lossDifference(frame: Frame): Promise<number> {
  const table = frame.getByRole('table', { name: 'Differences to A' });
  const row = table.locator('tbody tr', { hasText: 'Log loss' });
  const text = await row.locator('td').nth(2).innerText();
  return Number(/^[+−][\d.]+/.exec(text)?.[0].replace('−', '-') ?? NaN);
}

test('each model’s figures and their differences are those of the files', async () => {
  const frame = await compare('first', 'longer');
  const at = expected.runs.findIndex(({ title }) => title === 'first');
  await frame.locator('strong', { hasText: /^A · / }).first().waitFor();
  const part = expected.parts.find((each) => each.part === 'seen')!;
  await frame.getByRole('radio', { name: 'Seen test' }).click();
  const figures = frame.getByRole('table', { name: 'Figures of each model' });
  const top1 = part.slices[0]!.metrics[0]!;
  const text = await figures.innerText();
  for (const { value } of top1.values) expect(text).toContain(percent(value));
  const row = await figures.locator('tbody tr', { hasText: 'first' }).innerText();
  expect(row).toContain(percent(top1.values[at]!.value));
  const loss = part.slices[0]!.metrics.find(({ metric }) => metric === 'logLoss')!;
  const told = await lossDifference(frame);
  expect(Math.abs(told)).toBeCloseTo(Math.abs(loss.differences[0]!.difference.value), 3);
  expect(Math.abs(told)).toBeGreaterThan(0);
  await frame.getByRole('radio', { name: 'Log loss' }).click();
  const chart = await frame
    .getByRole('img', { name: /^Differences in Log loss to A/ })
    .getAttribute('aria-label');
  expect(chart).toMatch(/B · .*: [+−][\d.]+/);
  expect(await frame.locator('.verdict-words p').first().innerText()).toMatch(/^Log loss: “.*” .* p [\d.<]/);
  const settings = await frame.getByRole('table', { name: 'Settings that differ' }).innerText();
  expect(settings).toMatch(/epochs\s+[25]\s+[25]/);
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('model-comparison-dark');
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  const frame = await workbench().webview('.model-comparison-view');
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot(`model-comparison-${name}`);
});

test('measured against the other run the difference turns its sign, also over a reload', async () => {
  await workbench().setTheme('Default Dark Modern');
  const frame = await workbench().webview('.model-comparison-view');
  const before = await lossDifference(frame);
  await frame.getByRole('button', { name: 'Measure against' }).click();
  const isTurned = async (of: Frame) => Math.abs((await lossDifference(of)) + before) < 0.0001;
  await until('the turned difference', () => isTurned(frame));
  const reloaded = workbench().page.waitForEvent('load');
  await workbench().runCommand('Developer: Reload Window');
  await reloaded;
  const again = await workbench().webview('.model-comparison-view');
  await again.getByRole('table', { name: 'Differences to A' }).waitFor();
  await until('the turned difference', () => isTurned(again));
  expect(await again.getByRole('radio', { name: 'Seen test' }).getAttribute('aria-checked')).toBe('true');
});

test('the differences are saved as CSV, a row a figure', async () => {
  const frame = await workbench().webview('.model-comparison-view');
  await frame.getByRole('region', { name: 'Differences to A' }).getByRole('button', { name: 'CSV…' }).click();
  await workbench().answerFileDialog(workbench().pathOf('differences.csv'));
  const csv = await until('the table', async () =>
    readFile(workbench().pathOf('differences.csv'), 'utf8').catch(() => undefined),
  );
  const [head, ...rows] = csv.trimEnd().split('\r\n');
  expect(head).toMatch(/^figure,run,less,difference,low,high,p,blocks,/);
  expect(rows.map((row) => row.split(',')[0])).toEqual(['top1', 'top3', 'mrr', 'logLoss']);
});

test('a run that was not evaluated is named, with a button', async () => {
  await workbench().runCommand('View: Close All Editors');
  const frame = await compare('first', 'untold');
  await frame.getByRole('alert').waitFor();
  await frame.getByRole('button', { name: 'Evaluate untold…' }).waitFor();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
});

test('names are text; runs of other data are refused', async () => {
  const path = workbench().pathOf('runs/longer/evaluation/evaluation.json');
  const evaluation = JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
  const name = '<b onclick=alert(1)>tcn</b>';
  writeFileSync(path, JSON.stringify({ ...evaluation, model: { ...evaluation.model, name } }));
  await workbench().runCommand('View: Close All Editors');
  const frame = await compare('first', 'longer');
  await frame.getByRole('table', { name: 'Models' }).getByText(name).waitFor();
  expect(await frame.locator('b').count()).toBe(0);
  const other = { ...evaluation, dataset: { path: '/elsewhere', sha256: 'f'.repeat(64) } };
  writeFileSync(path, JSON.stringify(other));
  await until('the refusal', async () =>
    (await frame.locator('.curtain').innerText()).includes('different data sets'),
  );
  await workbench().screenshot('model-comparison-refused');
});
