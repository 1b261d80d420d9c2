/** From recordings to a data set, and from that to a configuration that the editor completes, explains and checks. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configProblems } from '../../src/learning/trainer/config/config.js';
import { LabView } from './harness/LabView.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';

const samples = new URL('../../samples/', import.meta.url).pathname;
const CONFIG = 'kernel-oracle.yaml';
const OF_LSTM = 'lstm.kernel-oracle.yaml';

const workbench = useWorkbench({
  settings: {
    'remote.autoForwardPorts': false,
  },
  files: {
    'messaging.ftrace.xz': { copyOf: `${samples}messaging.ftrace.xz` },
    'mixed.ftrace.gz': { copyOf: `${samples}mixed-io-and-cpu.ftrace.gz` },
    'notes/list.txt': 'Buy milk.\n',
    [OF_LSTM]: 'dataset: nowhere\nmodel:\n  name: lstm-next-task\n  settings:\n    hid',
  },
});

const meta = (folder: string) =>
  JSON.parse(readFileSync(workbench().pathOf(`${folder}/dataset_meta.json`), 'utf8')) as {
    options: { split: string };
    recordings: unknown[];
  };

async function press(key: string): Promise<void> {
  await workbench().page.keyboard.press(key);
}

test('two recordings that are selected in the explorer become a data set', async () => {
  const lab = new LabView(workbench());
  await workbench()
    .explorerRow('messaging.ftrace.xz')
    .click({ modifiers: ['ControlOrMeta'] });
  await workbench()
    .explorerRow('mixed.ftrace.gz')
    .click({ modifiers: ['ControlOrMeta'] });
  expect(await workbench().explorerMenu('mixed.ftrace.gz')).toContain('Build Data Set…');
  await workbench().chooseInMenu('Build Data Set…');
  await lab.untilInput(/Enter builds it like this/);
  expect(await lab.inputTitle()).toBe('Build Data Set of 2 files');
  await workbench().screenshot('data-set-choices');

  // One line is changed, and the list comes back with it.
  await workbench().pick('Parts');
  await lab.untilInput(/Escape leaves it/);
  await workbench().pick('Each recording cut by time');
  await lab.untilInput(/Enter builds it like this/);
  const row = workbench().page.locator('.quick-input-list .monaco-list-row', { hasText: 'Parts' });
  expect(await row.innerText()).toContain('Each recording cut by time');
  await press('Enter');
  const text = await workbench().untilNotification(/Built data: /);
  expect(text).toMatch(/Built data: [\d,]+ events of 2 recordings, \d+ tasks; training [\d,]+, validation/);
  expect(meta('data')).toMatchObject({ options: { split: 'walk-forward' }, recordings: { length: 2 } });
  await workbench().screenshot('data-set-built');
  await workbench().page.getByRole('button', { name: 'Show', exact: true }).first().click();
  await workbench().untilTab('data (data set)');
  const shown = workbench().page.locator('.editor-instance .view-lines').first();
  await until('the description', async () => (await shown.innerText()).includes('recordings'));
});

test('a folder without recordings says so', async () => {
  await workbench().explorerMenu('notes');
  await workbench().chooseInMenu('Build Data Set…');
  await new LabView(workbench()).untilInput(/Enter builds it like this/);
  await press('Enter');
  expect(await workbench().untilNotification(/No recording was found/)).toContain('list.txt');
});

test('a new configuration is without errors, and checked as it is typed', async () => {
  const { page } = workbench();
  const lab = new LabView(workbench());
  await workbench().runCommand('KernelOracle: New Training Configuration');
  await lab.untilInput(/Which data set/);
  await press('Enter');
  await lab.untilInput(/Which model/);
  await workbench().screenshot('models');
  await workbench().pick('Temporal convolutional network');
  await workbench().untilTab(CONFIG);
  const written = readFileSync(workbench().pathOf(CONFIG), 'utf8');
  expect(written).toContain('dataset: data\n');
  expect(configProblems(written, '/x/kernel-oracle.yaml')).toEqual([]);

  const editor = page.locator(`.monaco-editor[data-uri$="${CONFIG}"]`).first();
  await editor.locator('.view-lines').click();
  await press('Control+End');
  await page.keyboard.type('epoch: 3\n');
  await editor.locator('.squiggly-error').first().waitFor();
  await press('Shift+ArrowUp');
  await press('Delete');
  await editor.locator('.squiggly-error').first().waitFor({ state: 'detached' });
  await workbench().screenshot('configuration');
});

test('settings are completed and explained by the model that is named; a data set that is not there is told', async () => {
  const { page } = workbench();
  await workbench().openFile(OF_LSTM);
  const editor = page.locator(`.monaco-editor[data-uri$="${OF_LSTM}"]`).first();
  await editor.locator('.view-lines').click();
  await press('Control+End');
  await press('Control+Space');
  await page.locator('.suggest-widget .monaco-list-row', { hasText: 'hidden' }).waitFor();
  await workbench().screenshot('configuration-completion');
  await press('Tab');
  await until('the completed line', async () => (await editor.innerText()).includes('hidden'));
  await page.keyboard.type('64');
  // The first of its spans is what indents it.
  const key = editor.locator('.view-line span span', { hasText: 'hidden' }).first();
  const elsewhere = editor.locator('.view-line', { hasText: 'nowhere' });
  await workbench().untilExplained(key, elsewhere, 'Units of a layer');
  await workbench().screenshot('configuration-hover');
  await editor.locator('.squiggly-warning').first().waitFor();
  expect(await editor.locator('.squiggly-error').count()).toBe(0);
  await workbench().runCommand('File: Revert File');
});

test('a second configuration does not overwrite the first', async () => {
  const before = readFileSync(workbench().pathOf(CONFIG), 'utf8');
  const lab = new LabView(workbench());
  await workbench().runCommand('KernelOracle: New Training Configuration');
  await lab.acceptProposal(/Which data set/);
  await lab.untilInput(/Which model/);
  await press('Enter');
  await workbench().untilTab('tcn.kernel-oracle.yaml');
  expect(readFileSync(workbench().pathOf(CONFIG), 'utf8')).toBe(before);
});

test('a data set of that name is replaced, but only when the user says so', async () => {
  const lab = new LabView(workbench());
  await workbench().explorerMenu('messaging.ftrace.xz');
  await workbench().chooseInMenu('Build Data Set…');
  await lab.untilInput(/Enter builds it like this/);
  expect(await lab.inputTitle()).toBe('Build Data Set of 1 recording');
  // Another name is proposed.
  const folder = workbench().page.locator('.quick-input-list .monaco-list-row', { hasText: 'Folder' });
  expect(await folder.innerText()).toContain('data-2');
  await workbench().pick('Folder');
  await lab.untilInput(/Folder to write/);
  await workbench().answer('data');
  await lab.untilInput(/Enter builds it like this/);
  await press('Enter');
  expect(await lab.dialogText()).toContain('Replace the data set data?');
  expect(meta('data').recordings).toHaveLength(2);
  await lab.answerDialog('Replace');
  await workbench().untilNotification(/Built data: .* of 1 recording,/);
  expect(meta('data').recordings).toHaveLength(1);
});
