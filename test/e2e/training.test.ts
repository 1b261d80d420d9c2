import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { root } from '../../scripts/lib/paths.mjs';
import { buildDataSet, DEFAULT_OPTIONS } from '../../src/dataset/buildDataSet.js';
import { saveArtifact } from './harness/artifacts.js';
import { extensionLog } from './harness/editor.js';
import { openWorkbench } from './harness/openWorkbench.js';
import { RunsView } from './harness/RunsView.js';
import { until } from './harness/until.js';
import type { Theme, Workbench } from './harness/Workbench.js';

const CONFIG = 'little.kernel-oracle.yaml';
const LONG = 'long.kernel-oracle.yaml';

/** @param threads 0: one a CPU */
function configText(model: string, epochs: number, threads: number): string {
  return [
    'dataset: dataset',
    `model: ${model}`,
    'windows: { length: 32, stride: 8 }',
    `epochs: ${epochs}`,
    'batchSize: 16',
    'earlyStopping: { patience: 0 }',
    `engine: { name: embedded, threads: ${threads} }`,
    'evaluation: { maxWindows: 200 }',
    '',
  ].join('\n');
}

const LITTLE = '{ name: tcn, settings: { taskEmbedding: 8, projection: 16, blocks: 3 } }';
const LARGER = '{ name: lstm, settings: { hidden: 48 } }';

describe('training', { timeout: 240_000 }, () => {
  let folder: string;
  let workbench: Workbench;
  let runs: RunsView;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-training-'));
    await buildDataSet({
      paths: [join(root, 'samples', 'mixed-io-and-cpu.ftrace.gz')],
      output: join(folder, 'dataset'),
      replace: false,
      options: { ...DEFAULT_OPTIONS, split: 'walk-forward' },
      kernelOracleVersion: '0.0.0',
      now: () => new Date(),
    });
    workbench = await openWorkbench({
      files: {
        dataset: { copyOf: join(folder, 'dataset') },
        [CONFIG]: configText(LITTLE, 3, 1),
        // On all CPUs: what the editor's own processes have to put up with.
        [LONG]: configText(LARGER, 2000, 0),
        'wrong.kernel-oracle.yaml': 'dataset: dataset\nepochs: none\n',
      },
      size: { width: 1280, height: 800 },
    });
    runs = new RunsView(workbench);
  }, 120_000);

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await workbench.saveFailure(task.name);
    expect(workbench.takeWebviewErrors(), 'errors in webviews').toEqual([]);
  });

  afterAll(async () => {
    await workbench.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const runsOnDisk = () => {
    try {
      return readdirSync(workbench.pathOf('runs')).sort();
    } catch {
      return [];
    }
  };

  const infoOnDisk = (name: string) => {
    const text = readFileSync(join(workbench.pathOf('runs'), name, 'run.json'), 'utf8');
    return JSON.parse(text) as { state: string; epoch: number };
  };
  const stateOnDisk = (name: string) => infoOnDisk(name).state;

  /** Trains from the explorer, or else from the palette, and gives the name of the run. */
  const train = async (config: string, from: 'explorer' | 'palette' = 'explorer'): Promise<string> => {
    const before = runsOnDisk();
    if (from === 'explorer') {
      await workbench.runCommand('View: Show Explorer');
      await workbench.explorerMenu(config);
      await workbench.chooseInMenu('Train Model…');
    } else {
      await workbench.runCommand('KernelOracle: Train Model…');
      await workbench.pick(config);
    }
    return until('the folder of the run', () =>
      Promise.resolve(runsOnDisk().find((name) => !before.includes(name))),
    );
  };

  test('without runs the view says how to begin', async () => {
    await runs.open();
    await runs.pane.locator('.welcome-view-content').waitFor();
    await workbench.screenshot('training-no-runs');
  });

  test('a wrong configuration is told with its place, and nothing is begun', async () => {
    await workbench.runCommand('View: Show Explorer');
    await workbench.explorerMenu('wrong.kernel-oracle.yaml');
    await workbench.chooseInMenu('Train Model…');
    expect(await workbench.untilNotification(/line 2/)).toMatch(
      /wrong\.kernel-oracle\.yaml, line 2: epochs is a whole number/,
    );
    expect(runsOnDisk()).toEqual([]);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  let first: string;

  test('a model is trained from the explorer; what came of it stands beside the best baseline', async () => {
    first = await train(CONFIG);
    expect(first).toMatch(/^tcn-\d{8}-\d{6}$/);
    const text = await workbench.untilNotification(/is finished/);
    expect(text).toMatch(
      /^Training tcn-\d+-\d+ is finished: accuracy [\d.]+ % on the seen test set; the best baseline \(.+\) has [\d.]+ %\.$/,
    );
    await runs.open();
    await runs.untilDescription(first, /^accuracy [\d.]+ %, epoch \d · finished · dataset · tcn$/);
    await runs.statusItem.waitFor({ state: 'hidden' });
    await workbench.screenshot('training-finished');
    expect(extensionLog(inject('editor'))).toMatch(/event loop was delayed [\d.]+ ms at the 99th percentile/);
  });

  test('"Open Run" of the message shows its panel', async () => {
    await runs
      .notification(/is finished/)
      .locator('.monaco-button', { hasText: 'Open Run' })
      .click();
    await runs.untilPanel(first);
    await workbench.runCommand('View: Close All Editors');
  });

  let long: string;

  test('while it trains, notification, status bar and tree tell how it goes', async () => {
    long = await train(LONG);
    await runs.open();
    const notice = runs.notification(/Training lstm-/);
    await until('progress in the notification', async () =>
      / %, epoch \d+ of 2000/.test(await notice.innerText()),
    );
    const status = await runs.untilStatus(/^Epoch \d+\/2000, loss [\d.]+, .* left$/);
    expect(status).not.toContain('waiting');
    await runs.untilDescription(long, /^epoch \d+ of 2000, \d+ % .* dataset · lstm$/);
    await workbench.screenshot('training-running');
    await notice
      .getByRole('link', { name: 'Show' })
      .or(notice.locator('a', { hasText: 'Show' }))
      .click();
    await runs.untilPanel(long);
    await workbench.runCommand('View: Close All Editors');
    await runs.statusItem.click();
    await runs.untilPanel(long);
    await workbench.runCommand('View: Close All Editors');
  });

  test('it is paused, and continued', async () => {
    await runs.clickButton(long, 'Pause Training');
    await runs.untilStatus(/^Paused in epoch/);
    await runs.untilDescription(long, /paused in epoch/);
    expect(stateOnDisk(long)).toBe('paused');
    await workbench.screenshot('training-paused');
    await runs.clickButton(long, 'Continue Training');
    await runs.untilStatus(/^Epoch/);
    await untilOnDisk(() => stateOnDisk(long) === 'running');
  });

  let second: string;

  test('another one waits behind it, and is trained once it is cancelled', async () => {
    second = await train(CONFIG);
    expect(await workbench.untilNotification(/waits for/)).toContain(`${second} waits for ${long}`);
    await runs.open();
    await runs.untilDescription(second, /^queued · dataset · tcn/);
    await runs.untilStatus(/, 1 waiting$/);
    expect(stateOnDisk(second)).toBe('queued');
    await workbench.screenshot('training-queued');
    await runs.clickButton(long, 'Cancel Training');
    await workbench.untilNotification(/was cancelled\. What it learnt is saved/);
    await runs.untilDescription(long, /^cancelled · error/);
    await runs.untilDescription(second, / · finished/);
    // One that waits leaves the queue at once.
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('a cancelled one goes on where it was', async () => {
    const log = () => readFileSync(join(workbench.pathOf('runs'), long, 'training.log'), 'utf8');
    await runs.clickButton(long, 'Resume Run');
    await runs.untilStatus(/^Epoch/);
    await untilOnDisk(() => /resumed in epoch \d+, behind batch/.test(log()));
    await workbench.runCommand('KernelOracle: Cancel Training');
    await runs.untilDescription(long, /cancelled/);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('configuration and log of a run open', async () => {
    await runs.chooseInMenu(first, 'Open Log of Run');
    await workbench.untilTab('training.log');
    await workbench.page.locator('.view-line', { hasText: 'finished' }).first().waitFor();
    await runs.chooseInMenu(first, 'Open Configuration of Run');
    await workbench.untilTab('kernel-oracle.yaml');
    await workbench.runCommand('View: Close All Editors');
  });

  test('two runs are compared: what was set, and what came of it', async () => {
    await runs.row(first).click();
    await runs.row(long).click({ modifiers: ['Control'] });
    await runs.chooseInMenu(long, 'Compare Configurations of Runs');
    const editor = workbench.page.locator('.monaco-diff-editor');
    await editor.locator('.view-line', { hasText: 'They differ in' }).first().waitFor();
    await workbench.screenshot('training-compared');
    const lines = await editor.locator('.view-line').allInnerTexts();
    const text = lines.join('\n').replaceAll('\u00a0', ' ');
    expect(text).toMatch(/model\.name: "(tcn|lstm)" → "(tcn|lstm)"/);
    expect(text).toMatch(/accuracy: [\d.]+ %/);
    await workbench.runCommand('View: Close All Editors');
  });

  test.each<[string, Theme]>([
    ['light', 'Default Light Modern'],
    ['high-contrast', 'Default High Contrast'],
    ['high-contrast-light', 'Default High Contrast Light'],
  ])('looks as it should in %s', async (name, theme) => {
    await workbench.setTheme(theme);
    await runs.open();
    await runs.row(first).click();
    await runs.untilPanel(first);
    await workbench.screenshot(`training-runs-${name}`);
    await workbench.runCommand('View: Close All Editors');
  });

  test('a model is exported', async () => {
    await workbench.setTheme('Default Dark Modern');
    await runs.chooseInMenu(first, 'Export Model of Run…');
    await workbench.pick('safetensors');
    const target = workbench.pathOf('model.safetensors');
    await workbench.answerFileDialog(target);
    expect(await workbench.untilNotification(/^Exported/)).toMatch(
      /^Exported model\.safetensors as safetensors \([\d.]+ kB\)\.$/,
    );
    expect(statSync(target).size).toBeGreaterThan(1000);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('a window that is reloaded saves what trains; the tree finds it again, and it can be resumed', async () => {
    await runs.clickButton(long, 'Resume Run');
    await runs.untilStatus(/^Epoch/);
    const waiting = await train(CONFIG, 'palette');
    await runs.open();
    await runs.untilDescription(waiting, /queued/);
    await workbench.page.reload();
    // The window shows again what it showed.
    await runs.pane.waitFor();
    await untilOnDisk(() => stateOnDisk(long) === 'cancelled');
    expect(stateOnDisk(waiting)).toBe('queued');
    await runs.untilDescription(long, /^cancelled/);
    await runs.untilDescription(waiting, /^never begun/);
    await runs.clickButton(waiting, 'Resume Run');
    await runs.untilDescription(waiting, / · finished/);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('a finished one goes on to more epochs', async () => {
    await workbench.runCommand('KernelOracle: Resume Run');
    await workbench.pick(first);
    await workbench.page.keyboard.press('Enter');
    const message = workbench.page.locator('.quick-input-widget .quick-input-message');
    await message.filter({ hasText: 'It finished its 3 epochs' }).waitFor();
    await workbench.answer('3');
    await message.filter({ hasText: 'A whole number from 4' }).waitFor();
    await workbench.answer('5');
    await untilOnDisk(() => infoOnDisk(first).epoch === 5 && infoOnDisk(first).state === 'finished');
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('runs that come, are damaged and go outside the editor', async () => {
    const copy = workbench.pathOf('elsewhere/copied');
    cpSync(join(workbench.pathOf('runs'), first), copy, { recursive: true });
    const info = readFileSync(join(copy, 'run.json'), 'utf8');
    await runs.open();
    // A window begins to watch files only some seconds after it opened: what is not noticed is written again.
    const untilShown = (text: string, description: RegExp) =>
      until(
        `the copy to be ${String(description)}`,
        async () => {
          writeFileSync(join(copy, 'run.json'), text);
          await workbench.page.waitForTimeout(1000);
          return description.test(await runs.description('copied'));
        },
        { timeoutMs: 60_000 },
      );
    await untilShown(info, / · finished/);
    await untilShown('{', /^damaged$/);
    await workbench.screenshot('training-damaged');
    rmSync(workbench.pathOf('elsewhere'), { recursive: true });
    await runs.row('copied').waitFor({ state: 'detached' });
  });

  test('the log tells how quick the extension host was while it trained', () => {
    const delays = [
      ...extensionLog(inject('editor')).matchAll(/Training (lstm-\S+): .*was delayed ([\d.]+) ms at .*/g),
    ];
    expect(delays.length).toBeGreaterThanOrEqual(2);
    // Measured and kept, but not asserted: this machine does other things, too.
    saveArtifact('training-event-loop.txt', delays.map(([line]) => `${line}\n`).join(''));
  });

  test('a folder without TensorFlow is no native engine, and the message says what it should hold', async () => {
    await workbench.runCommand('KernelOracle: Install Native TensorFlow Engine…');
    await workbench.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Folder that has it' })
      .waitFor();
    await workbench.screenshot('training-install-engine');
    await workbench.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Folder that has it' })
      .click();
    await workbench.answerFileDialog(workbench.pathOf('dataset'));
    expect(await workbench.untilNotification(/tfjs-node/)).toMatch(/has neither @tensorflow\/tfjs-node/);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('a run is deleted, after a question', async () => {
    const names = runsOnDisk();
    await runs.chooseInMenu(first, 'Delete Run');
    expect(await runs.answerDialog('Cancel')).toContain(`Delete the run ${first}?`);
    expect(runsOnDisk()).toEqual(names);
    await runs.chooseInMenu(first, 'Delete Run');
    await runs.answerDialog('Move to Trash');
    // A server has no trash.
    await runs.answerDialog('Delete for Good');
    await untilOnDisk(() => !runsOnDisk().includes(first));
    await runs.row(first).waitFor({ state: 'detached' });
  });
});

async function untilOnDisk(isSo: () => boolean): Promise<void> {
  await until(`the files of a run to be so: ${String(isSo)}`, () => Promise.resolve(isSo()));
}
