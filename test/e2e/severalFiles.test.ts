/** A recording that lies in several files, or in a folder, opened as one. */
import { rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { splitByCpu } from '../support/splitByCpu.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';
import { littleTrace, tasks } from './littleTrace.js';

const [cpu0, cpu1] = [...splitByCpu(littleTrace()).values()] as [string, string];

const workbench = useWorkbench({
  files: {
    'cpu0.txt': cpu0,
    'cpu1.txt': cpu1,
    'gone.txt': cpu1,
    'notes.txt': 'Buy milk.\n',
    'whole.ftrace': littleTrace(),
    'per_cpu/cpu0/trace': cpu0,
    'per_cpu/cpu1/trace': cpu1,
    'papers/letter.txt': 'Dear aunt,\n',
  },
});

const menuItem = 'Open as One Recording…';
const title = 'cpu0.txt, cpu1.txt (2 files)';

afterEach(async () => {
  await workbench().runCommand('View: Close All Editors');
});

/** Selects files in the explorer and opens the menu of the last one. */
async function menuOf(first: string, ...others: string[]): Promise<string[]> {
  await workbench().explorerRow(first).click();
  for (const other of others)
    await workbench()
      .explorerRow(other)
      .click({ modifiers: ['ControlOrMeta'] });
  return workbench().explorerMenu(others.at(-1) ?? first);
}

async function openAsOne(first: string, ...others: string[]): Promise<void> {
  await menuOf(first, ...others);
  await workbench().chooseInMenu(menuItem);
}

// First: the dialog begins in the folder of the file that was looked at last.
test('the command asks for the files', async () => {
  await workbench().runCommand('KernelOracle: Open as One Recording…');
  await until('the file dialog', async () => {
    const titles = workbench().page.locator('.quick-input-widget .quick-input-title');
    return (await titles.allInnerTexts()).includes('Choose All Files of the Recording');
  });
  await workbench().answerFileDialog(workbench().pathOf('whole.ftrace'));
  await TraceView.shown(workbench(), 'whole.ftrace');
});

test('files that are selected together open as one, which looks like the whole', async () => {
  const whole = await TraceView.open(workbench(), 'whole.ftrace');
  const picture = await whole.settled();
  await workbench().runCommand('View: Close All Editors');

  // For one file there is nothing to put together.
  expect(await menuOf('cpu0.txt')).not.toContain(menuItem);
  await workbench().page.keyboard.press('Escape');
  expect(await menuOf('cpu0.txt', 'cpu1.txt')).toContain(menuItem);
  await workbench().screenshot('menu of two files');
  await workbench().chooseInMenu(menuItem);
  await workbench().untilTab(title);
  const view = await TraceView.shown(workbench(), title);
  expect(await view.frame.locator('.toolbar-facts').innerText()).toContain('16 events · 2 CPUs · 3 threads');
  await view.untilPainted('the same picture', (each) => each.differenceFrom(picture) === 0);
  const facts = await view.showPanel('Trace');
  expect(await facts.innerText()).toMatch(/cpu0\.txt, cpu1\.txt/);
  await workbench().screenshot('two files as one');
});

test('a line is shown in its own file, by its own number', async () => {
  await openAsOne('cpu0.txt', 'cpu1.txt');
  const view = await TraceView.shown(workbench(), title);
  const { width } = await view.laneBox('CPU 1');
  await view.clickAt('CPU 1', width * 0.35);
  await view.untilDetails('Thread', `pid ${tasks.gamma}`);
  const wanted = cpu1.split('\n').findIndex((line) => line.includes('next_comm=gamma')) + 1;
  const show = view.frame.locator('vscode-button', { hasText: 'Show line' });
  expect(await show.getAttribute('title')).toBe(`Open cpu1.txt at line ${wanted}`);
  await show.click();
  await workbench().untilTab('cpu1.txt');
  const position = workbench().page.locator('.statusbar-item', { hasText: /^Ln \d+/ });
  await expect.poll(() => position.innerText(), { timeout: 10_000 }).toMatch(new RegExp(`^Ln ${wanted}\\b`));
  await workbench().screenshot('a line of one of the files');
});

test('the view is there again when the window was reloaded', async () => {
  await openAsOne('cpu0.txt', 'cpu1.txt');
  await TraceView.shown(workbench(), title);
  const reloaded = workbench().page.waitForEvent('load');
  await workbench().runCommand('Developer: Reload Window');
  await reloaded;
  await workbench().untilReady();
  await workbench().untilTab(title);
  const view = await TraceView.shown(workbench(), title);
  expect(await view.frame.locator('.toolbar-facts').innerText()).toContain('16 events · 2 CPUs');
});

test('a file that is no trace, or is gone, is named; the others are shown', async () => {
  await openAsOne('cpu0.txt', 'notes.txt');
  let view = await TraceView.shown(workbench(), 'cpu0.txt, notes.txt (2 files)');
  let remarks = await view.showPanel('Trace');
  expect(await remarks.innerText()).toMatch(/notes\.txt: \S*notes\.txt is not in a format/);
  await workbench().screenshot('one of two files is no trace');
  await workbench().runCommand('View: Close All Editors');

  await openAsOne('cpu0.txt', 'gone.txt');
  view = await TraceView.shown(workbench(), 'cpu0.txt, gone.txt (2 files)');
  rmSync(workbench().pathOf('gone.txt'));
  await workbench().runCommand('KernelOracle: Reload Trace');
  await expect
    .poll(() => view.frame.locator('.toolbar-facts').innerText(), { timeout: 10_000 })
    .toContain('1 CPU');
  remarks = await view.showPanel('Trace');
  expect(await remarks.innerText()).toMatch(/gone\.txt does not exist/);
});

test('a folder opens as the recording that it is', async () => {
  expect(await workbench().explorerMenu('per_cpu')).toContain('Open Folder as Recording…');
  await workbench().chooseInMenu('Open Folder as Recording…');
  const view = await TraceView.shown(workbench(), 'per_cpu');
  expect(await view.frame.locator('.toolbar-facts').innerText()).toContain('16 events · 2 CPUs');
  const { width } = await view.laneBox('CPU 1');
  await view.clickAt('CPU 1', width * 0.35);
  await view.untilDetails('Thread', `pid ${tasks.gamma}`);
  const show = view.frame.locator('vscode-button', { hasText: 'Show line' });
  expect(await show.getAttribute('title')).toMatch(/^Open cpu1 at line \d+$/);
  await show.click();
  await workbench().untilTab('trace');
});

test('a folder that is none says so', async () => {
  await workbench().explorerMenu('papers');
  await workbench().chooseInMenu('Open Folder as Recording…');
  const frame = await workbench().webview('.curtain.failed');
  expect(await frame.locator('.failure').innerText()).toContain('holds no recording of several files');
  await workbench().screenshot('a folder that is no recording');
});
