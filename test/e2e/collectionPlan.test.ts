/** A new collection plan is without errors, and is completed and explained as it is typed. */
import { expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';

const PLAN = 'kernel-oracle.collect.yaml';
const workbench = useWorkbench({ settings: { 'remote.autoForwardPorts': false } });

test('a new plan has no errors; workloads are proposed, keys explained', async () => {
  const { page } = workbench();
  await workbench().runCommand('KernelOracle: New Collection Plan');
  await workbench().untilTab(PLAN);
  const editor = page.locator(`.monaco-editor[data-uri$="${PLAN}"]`).first();
  await editor.locator('.view-lines').click();
  // An error is marked, after a pause in typing; once the marks follow, their absence says something.
  await page.keyboard.press('Control+End');
  await page.keyboard.type('order: random\n');
  await editor.locator('.squiggly-error').first().waitFor();
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Delete');
  await editor.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  await page.keyboard.press('Control+a');
  await page.keyboard.type('workloads:\n  - cpu_bo');
  await page.keyboard.press('Control+Space');
  await page.locator('.suggest-widget .monaco-list-row', { hasText: 'cpu_bound_4p' }).waitFor();
  await page.keyboard.press('Enter');
  await until('the completed line', async () => (await editor.innerText()).includes('cpu_bound_4p'));
  const key = editor.locator('.view-line', { hasText: 'workloads' }).locator('span span').first();
  const elsewhere = editor.locator('.view-line', { hasText: 'cpu_bound_4p' });
  await workbench().untilExplained(key, elsewhere, 'What runs while events are recorded');
  await workbench().screenshot('plan-hover');
  expect(await editor.locator('.squiggly-error').count()).toBe(0);
  await workbench().runCommand('File: Revert File');
});
