/** Results of benchmarks are compared in a view of their own: verdicts, another baseline, export, and what cannot be compared. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { illegibleTexts } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';
import type { Theme, Workbench } from './harness/Workbench.js';

/** Run times around a middle, the same each time. */
function results(kernel: string, seconds: number): string {
  const values = Array.from({ length: 10 }, (_, at) => seconds * (1 + ((at * 7) % 10) / 400));
  return JSON.stringify({
    format: 'kernel-oracle benchmark results',
    version: 1,
    suite: { name: 'small' },
    benchmarks: [
      {
        name: 'hackbench-pipe-small',
        title: 'hackbench over pipes',
        primary: 'run_time',
        metrics: [{ name: 'run_time', title: 'Run time', unit: 's', better: 'lower' }],
      },
    ],
    subjects: [{ id: kernel, label: kernel, machine: 'lab', kernel }],
    repeats: values.map((value, block) => ({
      subject: kernel,
      benchmark: 'hackbench-pipe-small',
      block,
      values: { run_time: value },
    })),
  });
}

const workbench = useWorkbench({
  settings: { 'remote.autoForwardPorts': false },
  files: {
    'a.bench.json': results('6.12-stock', 2),
    'b.bench.json': results('6.12-patched', 1.6),
    'c.bench.json': '{"format": "something else"}',
    'd.bench.json': results('6.12-rebuilt', 2.002),
  },
});

/** Chooses files in the list of the command. */
async function compare(window: Workbench, names: readonly string[]): Promise<void> {
  await window.runCommand('KernelOracle: Compare Benchmark Results…');
  await new LabView(window).untilInput(/Two files or more/);
  for (const name of names) await window.pick(name);
  await window.page.keyboard.press('Enter');
}

test('two files: which is faster, and by how much', async () => {
  await compare(workbench(), ['a.bench.json', 'b.bench.json']);
  const frame = await workbench().webview('.comparison-view');
  await frame.getByText('6.12-patched').first().waitFor();
  const text = await until('the verdict', async () => {
    const all = await frame.locator('.comparison-body').innerText();
    return all.includes('faster') ? all : undefined;
  });
  expect(text).toContain('0.80');
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('comparison-dark');
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  const frame = await workbench().webview('.comparison-view');
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot(`comparison-${name}`);
});

test('all figures are saved as CSV', async () => {
  const frame = await workbench().webview('.comparison-view');
  await frame.getByRole('button', { name: 'Save CSV…' }).click();
  const path = workbench().pathOf('figures.csv');
  await workbench().answerFileDialog(path);
  const csv = await until('the file', async () => readFile(path, 'utf8').catch(() => undefined));
  expect(csv).toMatch(/^benchmark,metric,/);
  expect(csv.trimEnd().split('\r\n')).toHaveLength(3);
});

test('with another baseline the same is slower', async () => {
  const frame = await workbench().webview('.comparison-view');
  await frame.getByRole('button', { name: 'Make baseline' }).click();
  await until('the verdict', async () => {
    const all = await frame.locator('.comparison-body').innerText();
    return all.includes('A slower: ') || all.includes('B slower: ');
  });
  expect(await frame.locator('.comparison-body').innerText()).toContain('1.250 times the baseline');
});

test('where no difference can be seen, that is said', async () => {
  await workbench().setTheme('Default Dark Modern');
  await workbench().runCommand('View: Close All Editors');
  await compare(workbench(), ['a.bench.json', 'd.bench.json']);
  const frame = await workbench().webview('.comparison-view');
  await frame.getByText('6.12-rebuilt').first().waitFor();
  const text = await until('the verdict', async () => {
    const all = await frame.locator('.comparison-body').innerText();
    return all.includes('B no difference can be seen') ? all : undefined;
  });
  expect(text).not.toMatch(/B (faster|slower): /);
  await workbench().screenshot('comparison-no-difference');
});

test('a file that holds no results is named', async () => {
  await workbench().runCommand('View: Close All Editors');
  await compare(workbench(), ['a.bench.json', 'c.bench.json']);
  const frame = await workbench().webview('.comparison-view');
  const alert = frame.locator('.curtain [role=alert]');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('c.bench.json');
});
