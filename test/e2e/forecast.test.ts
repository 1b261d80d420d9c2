/** The forecast of a run: as many steps as asked for, the same as the command line's, over a reload, from a moment of a trace. */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Forecast } from '../../src/protocol/forecast.js';
import { buildCli, makeDirectory, run } from '../integration/cliProcess.js';
import { buildSampleData, LITTLE_TCN, trainSampleRun } from './harness/evaluatedRuns.js';
import { illegibleTexts } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';
import { canvasPicture, type Theme } from './harness/Workbench.js';
import { openRunView, shownRunView } from './harness/runViews.js';

const TRACE = 'messaging.ftrace.xz';
const TIMES = LITTLE_TCN.replace(
  /^model:.*$/m,
  'model: { name: inter-arrival-tcn, settings: { projection: 8, blocks: 2 } }',
);

const workbench = useWorkbench({
  settings: { 'remote.autoForwardPorts': false },
  size: { width: 1500, height: 1100 },
  files: { [TRACE]: { copyOf: join(import.meta.dirname, '../../samples', TRACE) } },
});

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  await buildSampleData(workbench().pathOf(''));
  await trainSampleRun(workbench().pathOf(''), 'times', TIMES, false);
  await trainSampleRun(workbench().pathOf(''), 'tasks', LITTLE_TCN, false);
}, 240_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function open(name: string): Promise<Frame> {
  return openRunView(workbench(), 'KernelOracle: Show Forecast', name, '.forecast-view');
}

async function shown(name: string): Promise<Frame> {
  return shownRunView(workbench(), '.forecast-view', name);
}

/** Waits until a forecast is there whose facts fit, and says what they are. */
async function untilFacts(frame: Frame, pattern: RegExp): Promise<string> {
  const facts = frame.locator('.forecast-facts');
  return until(`a forecast of ${String(pattern)}`, async () => {
    const text = (await facts.isVisible()) ? await facts.innerText() : '';
    return pattern.test(text) ? text : undefined;
  });
}

async function set(frame: Frame, field: string, value: string): Promise<void> {
  await frame.locator(`vscode-text-field[aria-label="${field}"] input`).fill(value);
}

async function field(frame: Frame, name: string): Promise<string> {
  return frame.locator(`vscode-text-field[aria-label="${name}"] input`).inputValue();
}

async function byCommandLine(name: string, ...args: string[]): Promise<Forecast> {
  const folder = workbench().pathOf(`runs/${name}`);
  const { stdout } = await run('node', [cli, 'forecast', folder, '--json', '--quiet', ...args]);
  return JSON.parse(stdout) as Forecast;
}

/** The table that is saved, by series: columns of steps, tasks and times. */
async function savedTable(frame: Frame, card: string, file: string): Promise<Map<string, string[][]>> {
  await frame.getByRole('region', { name: card }).getByRole('button', { name: 'CSV…' }).click();
  await workbench().answerFileDialog(workbench().pathOf(file));
  const text = await until('the table', async () =>
    readFile(workbench().pathOf(file), 'utf8').catch(() => undefined),
  );
  const [head, ...rows] = text.trimEnd().split('\r\n');
  expect(head).toBe('series,step,task,delta_ns');
  const series = new Map<string, string[][]>();
  for (const row of rows) {
    const [name, ...fields] = row.split(',') as [string, ...string[]];
    series.set(name, [...(series.get(name) ?? []), fields]);
  }
  return series;
}

/** The same of a forecast. */
function tableOf({ observed, actual, samples, quantiles, taskNames }: Forecast): Map<string, string[][]> {
  const rows = ({ task, deltaNs }: Forecast['observed'], first: number) =>
    task.map((each, at) => [String(first + at), taskNames[each]!, String(deltaNs[at] ?? '')]);
  return new Map([
    ['observed', rows(observed, 1 - observed.task.length)],
    ['actual', rows(actual, 1)],
    ...samples.map((sample, at) => [`sample ${at + 1}`, rows(sample, 1)] as const),
    ...(quantiles ?? []).map(
      ({ level, deltaNs }) =>
        [`quantile ${level}`, deltaNs.map((ns, at) => [String(at + 1), '', String(ns)])] as const,
    ),
  ]);
}

test('a run of times: 1,000 steps by themselves, with bands, and what came', async () => {
  const frame = await open('times');
  await untilFacts(frame, /20 free runs of 1,000 events · seed 1/);
  const label = await until('the chart', async () => {
    const text = await frame.locator('.time-area').getAttribute('aria-label');
    return text?.includes('1000 that are forecast') === true ? text : undefined;
  });
  expect(label).toMatch(/^Times of 200 observed events/);
  expect(await frame.locator('.forecast-warnings').innerText()).toContain('forecasts times only');
  expect(await frame.getByRole('region', { name: 'Tasks', exact: true }).count()).toBe(0);
  const picture = await canvasPicture(frame, '.time-chart canvas');
  const colours = new Set(
    Array.from({ length: picture.height }, (_, y) => JSON.stringify(picture.at((picture.width * 3) >> 2, y))),
  );
  expect(colours.size).toBeGreaterThan(4);
  const steps = frame.getByRole('table', { name: 'Forecast at some steps' }).locator('tbody tr');
  expect(await steps.count()).toBe(4);
  await frame.locator('vscode-checkbox', { hasText: 'samples' }).first().click();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('forecast-times-dark');
});

test('as many steps, samples and the seed that are asked for: the same as the command line makes', async () => {
  const frame = await shown('times');
  await set(frame, 'Row', '700');
  await set(frame, 'Steps', '120');
  await set(frame, 'Samples', '7');
  await set(frame, 'Seed', '42');
  await frame.getByRole('button', { name: 'Forecast', exact: true }).click();
  await untilFacts(frame, /7 free runs of 120 events · seed 42/);
  const saved = await savedTable(frame, 'Times between events', 'times.csv');
  expect(saved.get('sample 7')).toHaveLength(120);
  const wanted = await byCommandLine(
    'times',
    '--row',
    '700',
    '--steps',
    '120',
    '--samples',
    '7',
    '--seed',
    '42',
  );
  expect(saved).toEqual(tableOf(wanted));
});

test('what is no number is said, and nothing is made; a row that is not there is told by the process', async () => {
  const frame = await shown('times');
  await set(frame, 'Steps', '1001');
  await frame.getByRole('button', { name: 'Forecast', exact: true }).click();
  expect(await frame.locator('.form-faults').innerText()).toContain(
    'Steps has to be a whole number from 1 to 1,000.',
  );
  await set(frame, 'Steps', '120');
  await frame.getByRole('radio', { name: 'recording', exact: true }).click();
  await set(frame, 'Time', '1.5');
  await frame.getByRole('button', { name: 'Forecast', exact: true }).click();
  await frame.locator('.forecast-problem', { hasText: 'has no switches at 1500000000 ns' }).waitFor();
  await frame.getByRole('radio', { name: 'part', exact: true }).click();
  await frame.getByRole('button', { name: 'Forecast', exact: true }).click();
  await untilFacts(frame, /7 free runs of 120 events · seed 42/);
});

test('it comes back with its settings when the window was reloaded', async () => {
  const before = await untilFacts(await shown('times'), /seed 42/);
  const reloaded = workbench().page.waitForEvent('load');
  await workbench().runCommand('Developer: Reload Window');
  await reloaded;
  const frame = await shown('times');
  expect(await untilFacts(frame, /7 free runs of 120 events · seed 42/)).toBe(before);
  expect(await field(frame, 'Row')).toBe('700');
  expect(await field(frame, 'Samples')).toBe('7');
  await frame.getByText('7 of the samples').waitFor();
  await workbench().runCommand('View: Close All Editors');
});

test('a run of tasks: a strip of what was predicted beside what came, read by the keyboard', async () => {
  const frame = await open('tasks');
  await untilFacts(frame, /20 free runs of 1,000 events · seed 1/);
  expect(await frame.getByRole('region', { name: 'Times between events' }).count()).toBe(0);
  const wanted = await byCommandLine('tasks');
  expect(await savedTable(frame, 'Tasks', 'tasks.csv')).toEqual(tableOf(wanted));
  const rows = frame.getByRole('table', { name: 'Share of right tasks' }).locator('tbody tr');
  expect(await rows.count()).toBe(3);
  await frame.locator('.strip-area').focus();
  await workbench().page.keyboard.press('Home');
  await workbench().page.keyboard.press('ArrowDown');
  const heard = await until('the first event', async () => {
    const text = await frame.locator('.notices [aria-live]').innerText();
    return text.startsWith('Event 1 of the forecast, commonest:') ? text : undefined;
  });
  expect(heard).toContain(`came ${wanted.taskNames[wanted.actual.task[0]!]!}`);
  for (let i = 0; i < 10; i += 1) await workbench().page.keyboard.press('+');
  await frame.locator('vscode-checkbox', { hasText: 'a row for each sample' }).click();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('forecast-tasks-dark');
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  for (const of of ['tasks', 'times']) {
    const frame = await open(of);
    await untilFacts(frame, /free runs/);
    await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
    await workbench().screenshot(`forecast-${of}-${name}`);
  }
});

test('saved as PNG it is a picture', async () => {
  await workbench().setTheme('Default Dark Modern');
  const frame = await open('tasks');
  await untilFacts(frame, /free runs/);
  await frame
    .getByRole('region', { name: 'Tasks', exact: true })
    .getByRole('button', { name: 'PNG…' })
    .click();
  await workbench().answerFileDialog(workbench().pathOf('strip.png'));
  const png = await until('the picture', async () =>
    readFile(workbench().pathOf('strip.png')).catch(() => undefined),
  );
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  expect(png.length).toBeGreaterThan(2000);
});

test('from a slice of a trace: the newest run that fits is first, and begins there', async () => {
  await workbench().runCommand('View: Close All Editors');
  const view = await TraceView.open(workbench(), TRACE);
  const row = await view.laneBox('CPU 0');
  await view.clickAt('CPU 0', row.width / 2);
  const start = await until('the details of the slice', async () => (await view.details())['Start']);
  const seconds = /(?<!\+)\b\d+\.\d{9}\b(?! s)/.exec(start)?.[0] ?? '';
  await workbench().runCommand('KernelOracle: Forecast From Here…');
  await new LabView(workbench()).untilInput(/Which run\? The newest/);
  const labels = await workbench()
    .page.locator('.quick-input-list .monaco-list-row .label-name')
    .allInnerTexts();
  expect(labels.map((text) => text.trim())).toEqual(['tasks', 'times']);
  await workbench().pick('tasks');
  const frame = await shown('tasks');
  const facts = await untilFacts(frame, new RegExp(`from ${TRACE.replaceAll('.', '\\.')}, .* at `));
  // A switch may be idle's, which is on no lane: the last one before the slice's start, or it itself.
  const at = /at (\d+\.\d{9}) s/.exec(facts)![1]!;
  expect(at).toBe(seconds);
  expect(await field(frame, 'Time')).toBe(seconds);
  await workbench().screenshot('forecast-from-here');
});
