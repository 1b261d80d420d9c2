/** Latencies as densities beside each other: files, settings, labels, the baseline, saving, coming back. */
import { readFile } from 'node:fs/promises';
import type { Frame } from 'playwright-core';
import { expect, test } from 'vitest';
import { illegibleTexts } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';
import type { Theme } from './harness/Workbench.js';

/** Latencies around a middle, the same each time. */
function latencies(middleNs: number): string {
  const values = Array.from({ length: 600 }, (_, i) => {
    const spread = ((i * 37) % 101) / 100 + ((i * 53) % 97) / 96 - 1;
    return Math.round(middleNs * Math.exp(0.4 * spread) + (i % 50 === 0 ? 20_000 : 0));
  });
  return `${values.join('\n')}\n`;
}

const graph = ` 0)   1.234 us    |  can_migrate_task();\n 1) + 12.345 us   |  can_migrate_task();\n`;

const workbench = useWorkbench({
  files: {
    'lat_hackbench_mode0_ns.txt': `# probe: function_graph\n${latencies(1100)}`,
    'lat_hackbench_mode1_ns.txt': `# probe: function_graph\n${latencies(1650)}bad line\n`,
    'lat_graph.txt': graph.repeat(50),
  },
});

const body = (frame: Frame) => frame.locator('.latency-body').innerText();

async function untilText(frame: Frame, pattern: RegExp): Promise<string> {
  return until(`the view to say ${String(pattern)}`, async () => {
    const text = await body(frame);
    return pattern.test(text) ? text : undefined;
  });
}

test('two files: densities, the ratio of their medians, and what to know', async () => {
  await workbench().runCommand('KernelOracle: Show Latency Densities…');
  await new LabView(workbench()).untilInput(/Files of latencies/);
  await workbench().pick('lat_hackbench_mode0_ns.txt');
  await workbench().pick('lat_hackbench_mode1_ns.txt');
  await workbench().page.keyboard.press('Enter');
  const frame = await workbench().webview('.latency-view');
  const text = await untilText(frame, /The median of mode1 is 1\.\d+ times that of mode0/);
  expect(text).toContain('1 line was left out');
  const chart = frame.getByRole('img', { name: /Latency densities, hackbench\. A, mode0: 600 values/ });
  await chart.waitFor();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('latency-dark');
});

test('settings, labels and the baseline change what is shown', async () => {
  const frame = await workbench().webview('.latency-view');
  await frame.getByRole('radio', { name: 'Linear' }).click();
  await untilText(frame, /density of the time, mirrored at 0/);
  await frame.getByRole('radio', { name: 'Histogram' }).click();
  await frame.getByRole('slider', { name: /Bandwidth/ }).press('ArrowLeft');
  await untilText(frame, /× 0\.84/);
  const label = frame.getByRole('textbox', { name: 'Label of B' });
  await label.fill('fixed point');
  await label.press('Tab');
  await untilText(frame, /The median of fixed point is/);
  await frame.getByRole('button', { name: 'Make baseline' }).click();
  await untilText(frame, /The median of mode0 is 0\.\d+ times that of fixed point/);
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  const frame = await workbench().webview('.latency-view');
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot(`latency-${name}`);
});

test('a file is added, and all is saved with paths relative to it', async () => {
  const frame = await workbench().webview('.latency-view');
  await frame.getByRole('button', { name: 'Add file…' }).click();
  await workbench().answerFileDialog(workbench().pathOf('lat_graph.txt'));
  await untilText(frame, /12\.35 µs|12\.345 µs/);
  await frame.getByRole('button', { name: 'Save…' }).click();
  const path = workbench().pathOf('both.latency.json');
  await workbench().answerFileDialog(path);
  const saved = await until('the file', async () => readFile(path, 'utf8').catch(() => undefined));
  expect(saved).toContain('"path": "lat_hackbench_mode1_ns.txt"');
  expect(saved).toContain('"label": "fixed point"');
  await workbench().untilTab('both.latency.json');
});

test('the saved file opens as it was', async () => {
  await workbench().runCommand('View: Close All Editors');
  await workbench().runCommand('KernelOracle: Show Latency Densities…');
  await new LabView(workbench()).untilInput(/Files of latencies/);
  await workbench().pick('both.latency.json');
  await workbench().page.keyboard.press('Enter');
  const frame = await workbench().webview('.latency-view');
  const text = await untilText(frame, /The median of mode0 is 0\.\d+ times that of fixed point/);
  expect(text).toMatch(/× 0\.84/);
});
