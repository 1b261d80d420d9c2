/** The panel of a model: before it was evaluated, evaluated by its button, its figures beside its files, saved, over a reload. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { buildDataSet, DEFAULT_OPTIONS } from '../../src/dataset/buildDataSet.js';
import { parseConfig } from '../../src/learning/trainer/config/config.js';
import { openEngine } from '../../src/learning/trainer/openEngine.js';
import { train } from '../../src/learning/trainer/train.js';
import type { Audit } from '../../src/protocol/audit.js';
import type { Evaluation, NextTaskEvaluation } from '../../src/protocol/evaluation.js';
import { illegibleTexts } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { RunsView } from './harness/RunsView.js';
import { until } from './harness/until.js';
import type { Theme } from './harness/Workbench.js';
import { openRunView, shownRunView } from './harness/runViews.js';

const CONFIG = `dataset: data
model: { name: tcn, settings: { projection: 8, blocks: 2, taskEmbedding: 8, stateEmbedding: 4 } }
windows: { length: 16, stride: 8 }
epochs: 2
batchSize: 64
engine: { name: embedded, threads: 1 }
`;

const workbench = useWorkbench({
  settings: { 'remote.autoForwardPorts': false },
  size: { width: 1280, height: 1500 },
  files: { 'kernel-oracle.yaml': CONFIG },
});

beforeAll(async () => {
  await buildDataSet({
    paths: [join(import.meta.dirname, '../../samples/messaging.ftrace.xz')],
    output: workbench().pathOf('data'),
    options: { ...DEFAULT_OPTIONS, split: 'walk-forward' },
    replace: false,
    kernelOracleVersion: '0.0.0',
    now: () => new Date(),
  });
  const engine = await openEngine({ name: 'embedded', threads: 1 });
  try {
    const config = parseConfig(CONFIG, workbench().pathOf('kernel-oracle.yaml'));
    await train(config, workbench().pathOf('runs/little'), { engine, kernelOracleVersion: '0.0.0' });
  } finally {
    engine.dispose();
  }
}, 240_000);

function evaluation(): Evaluation {
  const path = workbench().pathOf('runs/little/evaluation/evaluation.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
}

async function shown(): Promise<Frame> {
  return shownRunView(workbench(), '.model-view', 'little');
}

async function untilEvaluated(frame: Frame): Promise<void> {
  const state = frame.locator('.run-state');
  await until('the evaluation', async () => /^evaluated$/.test((await state.innerText()).trim()), {
    timeoutMs: 180_000,
  });
}

async function openTab(frame: Frame, name: RegExp): Promise<void> {
  await frame.getByRole('tab', { name }).click();
}

/** Two decimals, as all shares are shown. */
function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

test('before it was evaluated, the panel says what is missing, and shows the layers', async () => {
  const frame = await openRunView(workbench(), 'KernelOracle: Show Model', 'little', '.model-view');
  const missing = frame.getByRole('region', { name: 'Not evaluated yet' }).first();
  expect(await missing.innerText()).toContain('figures beside every baseline');
  await openTab(frame, /^Layers$/);
  const layers = frame.getByRole('list', { name: /^Layers of the model/ });
  const labels = await layers
    .getByRole('listitem')
    .evaluateAll((all) => all.map((each) => each.ariaLabel ?? ''));
  expect(
    labels.some((label) => label.includes('causal convolution, normalised, ReLU, 3 taps, dilation 2')),
  ).toBe(true);
  const sum = labels.reduce(
    (total, label) => total + Number(/([\d,]+) parameters$/.exec(label)?.[1]!.replaceAll(',', '') ?? 0),
    0,
  );
  expect(await frame.locator('.run-facts').innerText()).toContain(sum.toLocaleString('en'));
  // From layer to layer by the keyboard; the chosen one shows its weights.
  await layers.locator('[tabindex="0"]').focus();
  await workbench().page.keyboard.press('End');
  await frame.locator('.layer-detail').getByText('head.weight').waitFor();
  await openTab(frame, /^Figures$/);
});

test('its button evaluates it in a process of its own, and the figures are those of its files', async () => {
  const frame = await shown();
  await frame.getByRole('button', { name: 'Evaluate Model…' }).first().click();
  await new LabView(workbench()).untilInput(/On which events/);
  await workbench().pick('Test parts of the data set');
  await untilEvaluated(frame);
  const { parts, model } = evaluation();
  const part = parts.find((each) => each.part === 'seen') as NextTaskEvaluation;
  const bar = frame.getByRole('radiogroup', { name: 'Part' });
  await bar.getByRole('radio', { name: 'Seen test' }).click();
  const table = frame.getByRole('table', { name: 'Figures, Seen test, all switches' });
  const [all] = part.slices;
  const rows = await table.locator('tbody tr').allInnerTexts();
  expect(rows).toHaveLength(1 + all!.baselines.length);
  expect(rows[0]).toContain(model.name);
  expect(rows[0]).toContain(percent(all!.model.top1.value));
  all!.baselines.forEach(({ name, scores }, at) => {
    expect(rows[at + 1]).toContain(name);
    expect(rows[at + 1]).toContain(percent(scores.top1.value));
  });
  const chart = await frame.getByRole('img', { name: /^Top-1, Seen test/ }).getAttribute('aria-label');
  expect(chart).toContain(`${model.name}: ${percent(all!.model.top1.value)}`);
  expect(await frame.locator('.verdict-words:visible').first().innerText()).toContain(
    percent(all!.model.top1.value),
  );
  const measures = frame.getByRole('radiogroup', { name: 'Figure' });
  await measures.getByRole('radio', { name: 'Log loss' }).click();
  await frame.getByRole('img', { name: /^Log loss, Seen test/ }).waitFor();
  await measures.getByRole('radio', { name: 'Top-1' }).click();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('model-figures-dark');
});

test('workloads, tasks, training and cost are shown, each with a text alternative', async () => {
  const frame = await shown();
  const part = evaluation().parts.find((each) => each.part === 'seen') as NextTaskEvaluation;
  await openTab(frame, /^Workloads$/);
  const workloads = frame.getByRole('table', { name: 'By workload' });
  expect(await workloads.locator('tbody tr').count()).toBe(part.byWorkload.length);
  expect(await workloads.innerText()).toContain(percent(part.byWorkload[0]!.model.value));
  await workbench().screenshot('model-workloads-dark');
  await openTab(frame, /^Tasks$/);
  const tasks = frame.getByRole('table', { name: 'Scores by task' });
  const [most] = part.byTask;
  await until('the first task', async () => (await tasks.innerText()).includes(most!.task));
  await openTab(frame, /^Training and cost$/);
  await frame.getByRole('img', { name: /^Loss by epoch/ }).waitFor();
  const cost = await frame.getByRole('table', { name: 'Cost of answers' }).innerText();
  expect(cost).toContain('throughput, no latency');
  await workbench().screenshot('model-training-dark');
});

test('the checks of validity were made, and those that failed come first', async () => {
  const frame = await shown();
  const audit = JSON.parse(readFileSync(workbench().pathOf('runs/little/audit.json'), 'utf8')) as Audit;
  expect(audit.checks.length).toBeGreaterThanOrEqual(14);
  await openTab(frame, /^Checks/);
  const shownChecks = await frame
    .locator('.audit-check')
    .evaluateAll((all) =>
      all.map((each) => [each.getAttribute('data-check')!, each.getAttribute('data-outcome')!]),
    );
  expect(new Map(shownChecks as [string, string][])).toEqual(
    new Map(audit.checks.map(({ id, outcome }) => [id, outcome])),
  );
  const order = shownChecks.map(([, outcome]) => ['failed', 'passed', 'skipped'].indexOf(outcome!));
  expect(order).toEqual([...order].sort());
  const text = await frame.locator('.audit-list').innerText();
  for (const { evidence, title } of audit.checks) {
    expect(text).toContain(title);
    expect(text.replace(/\s+/g, ' ')).toContain(evidence.replace(/\s+/g, ' ').trim());
  }
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('model-checks-dark');
});

test('figures are saved as CSV, and a chart as PNG', async () => {
  const frame = await shown();
  await openTab(frame, /^Figures$/);
  const card = frame.getByRole('region', { name: 'Beside the baselines' });
  await card.getByRole('button', { name: 'CSV…' }).click();
  const csvPath = workbench().pathOf('figures.csv');
  await workbench().answerFileDialog(csvPath);
  const csv = await until('the file', async () => readFile(csvPath, 'utf8').catch(() => undefined));
  const [head, own] = csv.split('\r\n').map((line) => line.split(','));
  const part = evaluation().parts.find((each) => each.part === 'seen') as NextTaskEvaluation;
  // Every digit, not what is shown of it.
  expect(Number(own![head!.indexOf('top1')])).toBe(part.slices[0]!.model.top1.value);
  await card.getByRole('button', { name: 'PNG…' }).click();
  const pngPath = workbench().pathOf('figures.png');
  await workbench().answerFileDialog(pngPath);
  const png = await until('the picture', async () => readFile(pngPath).catch(() => undefined));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBeGreaterThan(600);
  await openTab(frame, /^Layers$/);
  await frame
    .getByRole('region', { name: 'Layers', exact: true })
    .getByRole('button', { name: 'PNG…' })
    .click();
  const layersPath = workbench().pathOf('layers.png');
  await workbench().answerFileDialog(layersPath);
  const layers = await until('the picture', async () => readFile(layersPath).catch(() => undefined));
  expect(layers.readUInt32BE(20)).toBeGreaterThan(800);
  writeFileSync(join(import.meta.dirname, 'artifacts', 'model-layers-saved.png'), layers);
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  const frame = await shown();
  for (const tab of ['Layers', 'Checks', 'Figures']) {
    await openTab(frame, new RegExp(`^${tab}`));
    await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
    await workbench().screenshot(`model-${tab.toLowerCase()}-${name}`);
  }
});

test('it comes back when the window was reloaded, with what was chosen', async () => {
  await workbench().setTheme('Default Dark Modern');
  const before = await shown();
  const part = before.getByRole('radiogroup', { name: 'Part' });
  await part.getByRole('radio', { name: 'Validation' }).click();
  const reloaded = workbench().page.waitForEvent('load');
  await workbench().runCommand('Developer: Reload Window');
  await reloaded;
  const frame = await shown();
  await untilEvaluated(frame);
  const chosen = frame.getByRole('radiogroup', { name: 'Part' }).locator('[aria-checked=true]');
  expect(await chosen.innerText()).toBe('Validation');
  await frame.getByRole('table', { name: 'Figures, Validation, all switches' }).waitFor();
});

test('the view Runs shows the same panel again, and audits a run alone', async () => {
  const runs = new RunsView(workbench());
  await runs.open();
  await runs.chooseInMenu('little', 'Show Model');
  await shown();
  expect(await workbench().page.locator('.tabs-container .tab', { hasText: 'Model little' }).count()).toBe(1);
  const path = workbench().pathOf('runs/little/audit.json');
  rmSync(path);
  const frame = await shown();
  await openTab(frame, /^Checks/);
  await frame.getByText('This run has not been audited yet').waitFor();
  await runs.chooseInMenu('little', 'Audit Run');
  await until('the audit', () => Promise.resolve(existsSync(path)), { timeoutMs: 60_000 });
  await frame.locator('.audit-check').first().waitFor();
  await openTab(frame, /^Figures/);
});

test('it follows its files: figures of other weights are marked as such', async () => {
  const frame = await shown();
  const path = workbench().pathOf('runs/little/evaluation/evaluation.json');
  writeFileSync(path, JSON.stringify({ ...evaluation(), weightsSha256: 'ab'.repeat(32) }));
  await frame.getByText('The weights have changed since these figures were measured').waitFor();
  writeFileSync(path, '{"format": "damaged');
  await frame
    .getByText(/evaluation\.json is no JSON/)
    .first()
    .waitFor();
});
