/** A study of migration records: chosen and made in the editor, looked at, its recordings opened, and told when it is broken. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Frame } from 'playwright-core';
import { expect, test } from 'vitest';
import { readStudy } from '../../src/learning/migrations/study/studyFile.js';
import { ruledRecords, UNTOLD_RECORDS } from '../support/studiedRecords.js';
import { illegibleTexts } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { shownRunView } from './harness/runViews.js';
import { until } from './harness/until.js';
import type { Theme } from './harness/Workbench.js';

const STUDY = 'NeuralCFS: Study Migration Records…';
const CHOICES = /Enter begins like this/;

const workbench = useWorkbench({
  settings: { 'remote.autoForwardPorts': false },
  size: { width: 1500, height: 1000 },
  files: {
    'balancer/smp4_alpha.migrations.csv': ruledRecords(800, 0),
    'balancer/smp8_beta.migrations.csv': ruledRecords(960, 5),
    'balancer/notes.txt': 'Buy milk.\n',
    'untold/smp4_alpha.csv': UNTOLD_RECORDS,
    'broken.neural-cfs.json': '{"format":"kernel-oracle-neural-cfs-study","version":1,"rows":',
  },
});

function shown(name: string): Promise<Frame> {
  return shownRunView(workbench(), '.study-view', name);
}

async function press(key: string): Promise<void> {
  await workbench().page.keyboard.press(key);
}

function modelsOf(frame: Frame): Promise<string[]> {
  return frame.getByRole('table', { name: 'Figures of each model' }).locator('tbody tr').allInnerTexts();
}

test('a folder of records becomes a study, which opens', async () => {
  const lab = new LabView(workbench());
  expect(await workbench().explorerMenu('balancer')).toContain(STUDY);
  await workbench().chooseInMenu(STUDY);
  await lab.untilInput(CHOICES);
  expect(await lab.inputTitle()).toBe('Study Migration Records: balancer');
  // One line is changed, and the list comes back with it.
  await workbench().pick('Experiments');
  await lab.untilInput(/Space checks and unchecks/);
  await workbench().pick('1: is the task migrated?');
  await workbench().pick('2: does its history end in a forced migration?');
  await press('Enter');
  await lab.untilInput(CHOICES);
  const row = workbench().page.locator('.quick-input-list .monaco-list-row', { hasText: 'Experiments' });
  expect(await row.first().innerText()).toMatch(/^Experiments\s*3\b/);
  await workbench().screenshot('study-choices');
  await press('Enter');
  const frame = await shown('balancer');
  await expect.poll(() => modelsOf(frame), { timeout: 15_000 }).toHaveLength(7);
  const study = await readStudy(workbench().pathOf('balancer.neural-cfs.json'));
  expect(study).toMatchObject({ rows: 1760, settings: { experiments: [3], seed: 42 } });
  expect(study.leftOut).toHaveLength(1);
  expect(study.transfers.map(({ by }) => by)).toEqual(['workload', 'machine']);
  expect(await frame.locator('.study-facts').innerText()).toContain('1,760 calls');
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['dark', 'Default Dark Modern'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  const frame = await shown('balancer');
  await frame.getByRole('table', { name: 'Figures of each model' }).waitFor();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot(`study-${name}`);
});

test('the threshold is moved by keyboard, and stays when the view is hidden', async () => {
  const frame = await shown('balancer');
  await frame.getByRole('tab', { name: 'Threshold' }).click();
  const slider = frame.getByRole('slider', { name: 'Threshold' });
  const told = () => slider.getAttribute('aria-valuetext');
  await slider.press('Home');
  const lowest = await told();
  await slider.press('End');
  await until('another threshold', async () => (await told()) !== lowest);
  const moved = await told();
  await workbench().screenshot('study-threshold');
  await workbench().openFile('notes.txt');
  await workbench().openFile('balancer.neural-cfs.json');
  const again = await shown('balancer');
  await expect
    .poll(() => again.getByRole('slider', { name: 'Threshold' }).getAttribute('aria-valuetext'), {
      timeout: 15_000,
    })
    .toBe(moved);
});

test('a recording of it opens as a table of records, which offers a study of its own', async () => {
  const frame = await shown('balancer');
  await frame.getByRole('tab', { name: 'Data' }).click();
  await frame
    .getByRole('button', { name: /smp4_alpha/ })
    .first()
    .click();
  await workbench().webview('.records-view .toolbar-facts[title^="smp4_alpha.migrations.csv:"]');
  await workbench().page.locator(`.editor-actions [aria-label="${STUDY}"]`).first().waitFor();
  await workbench().screenshot('study-recording');
});

test('what is broken says so, and is shown once it is whole', async () => {
  await workbench().runCommand('View: Close All Editors');
  await workbench().openFile('broken.neural-cfs.json');
  const frame = await workbench().webview('.curtain.failed');
  expect(await frame.locator('.failure').innerText()).toMatch(
    /broken\.neural-cfs\.json is no JSON, or only the beginning of one/,
  );
  await workbench().screenshot('study-broken');
  const whole = readFileSync(workbench().pathOf('balancer.neural-cfs.json'));
  writeFileSync(workbench().pathOf('broken.neural-cfs.json'), whole);
  const mended = await shown('broken');
  await expect.poll(() => modelsOf(mended), { timeout: 15_000 }).toHaveLength(7);
});

test('records that tell no forced migration are refused, with what to do', async () => {
  await workbench().explorerMenu('untold');
  await workbench().chooseInMenu(STUDY);
  await new LabView(workbench()).untilInput(CHOICES);
  await press('Enter');
  expect(await workbench().untilNotification(/ask for forced migrations/)).toContain(
    'Choose experiment 1 alone',
  );
});
