/** A trained model of migrations: its panel, and what is in the kernel of a machine whose kernel is played by files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readMigrationSet } from '../../src/dataset/migrations/readMigrationSet.js';
import { readNeuralCfsRun, writeNeuralCfsRun } from '../../src/learning/migrations/runs/runFolder.js';
import { carriedForms } from '../../src/libml/emit/carriedForms.js';
import { deploy, planDeployment } from '../../src/remote/deploy/deployment.js';
import { connectSsh2 } from '../support/connectSsh2.js';
import { FAKE_CONTEXT, FakeMachine, noFakeMachine, STATS } from '../support/fakeControl.js';
import { recordsCsv } from '../support/migrationRecords.js';
import { drawnCalls, newRun } from '../support/trainedRuns.js';
import { hostEntry, illegibleTexts, knownHost } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { openWorkbench } from './harness/openWorkbench.js';
import { shownRunView } from './harness/runViews.js';
import { until } from './harness/until.js';
import type { Theme, Workbench } from './harness/Workbench.js';

const missing = noFakeMachine();
if (missing !== undefined) console.warn(`The panel of trained models is not tested: ${missing}.`);

const RUN = 'exp3-logistic';
const RECORDS = 'balancer/smp4_alpha.migrations.csv';

describe.skipIf(missing !== undefined)('the panel of a trained model', { timeout: 120_000 }, () => {
  let machine: FakeMachine;
  let folder: string;
  let workbench: Workbench;
  let lab: LabView;

  beforeAll(async () => {
    machine = await FakeMachine.start();
    machine.setStats({ ...STATS, refused: [58, 2], allowed: [890, 15] });
    folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-lab-'));
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, knownHost(machine.server));
    writeFileSync(
      join(folder, 'config'),
      hostEntry('lab', machine.server, { key: machine.server.clientKey, knownHosts }),
    );
    workbench = await openWorkbench({
      settings: { 'remote.autoForwardPorts': false },
      machineSettings: { 'kernelOracle.ssh.configFile': join(folder, 'config') },
      size: { width: 1400, height: 1000 },
      files: { [RECORDS]: recordsCsv(drawnCalls(600)) },
    });
    lab = new LabView(workbench);
    await makeRun(workbench);
    await deployedThere(machine, workbench.pathOf(RUN));
    writeFileSync(workbench.pathOf('balancer/smp4_beta.migrations.csv'), recordsCsv(drawnCalls(600, 2)));
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await workbench.saveFailure(task.name);
    expect(workbench.takeWebviewErrors(), 'errors in webviews').toEqual([]);
  });

  afterAll(async () => {
    await workbench.close();
    machine.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = (name = RUN) => shownRunView(workbench, '.run-view', name);
  const section = async () => (await shown()).getByRole('region', { name: 'Kernel of lab' });
  const figure = async (label: string) =>
    (await section())
      .locator(`dt:text-is("${label}") + dd`)
      .innerText({ timeout: 1000 })
      .catch(() => '');

  test('says what it is, what it is worth and what it takes', async () => {
    await workbench.openFile(`${RUN}/neural-cfs-run.json`);
    const frame = await shown();
    expect(await frame.locator('.study-facts').innerText()).toMatch(
      /^Experiment 3: Is this migration forced\? · Logistic regression · made /,
    );
    await expect.poll(() => rowsOf(frame, 'Forms of the model'), { timeout: 20_000 }).toHaveLength(3);
    const [fixed] = await rowsOf(frame, 'Forms of the model');
    expect(fixed).toMatch(/Fixed point, 16 bits\s+\d+ B\s+256 B\s+(100|> 99\.9|99\.9) % of/);
    expect((await rowsOf(frame, 'Figures on the test')).join('\n')).toMatch(/Accuracy\s+\S+ % .*\s+\S+ %/);
    expect(await rowsOf(frame, 'Inputs of the model')).toHaveLength(7);
    expect(await frame.getByText('No machine is known').isVisible()).toBe(true);
  });

  test('a machine is asked, and tells what it has', async () => {
    const frame = await shown();
    await frame.locator('vscode-button', { hasText: 'Ask a Machine…' }).click();
    await expect.poll(() => figure('Calls'), { timeout: 30_000 }).toBe('975');
    expect(await figure('Accuracy')).toBe('98.1 %');
    expect(await figure('Always the more frequent')).toMatch(/^99 % \(not this call forced\)/);
    await expect
      .poll(async () => (await section()).locator('.machine-identity').innerText())
      .toMatch(/^This model \(kernel module, 16 bits, experiment 3\)/);
    const rows = (await rowsOf(frame, 'Calls on lab')).map((row) => row.replaceAll(/\s+/g, ' ').trim());
    expect(rows).toEqual(['Refused 58 2', 'Allowed 890 15', 'Forced 2 8']);
  });

  test.each<[string, Theme]>([
    ['light', 'Default Light Modern'],
    ['high-contrast', 'Default High Contrast'],
    ['dark', 'Default Dark Modern'],
  ])('looks as it should in %s', async (name, theme) => {
    await workbench.setTheme(theme);
    const frame = await shown();
    await section();
    await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
    await workbench.screenshot(`model-run-${name}`);
  });

  test('that a model decides is asked first; trouble is loud', async () => {
    const mode = async (label: string) => (await section()).getByRole('button', { name: label, exact: true });
    await (await mode('Active')).click();
    expect(await lab.dialogText()).toContain('It may refuse what the kernel allows');
    await workbench.screenshot('model-run-active');
    await lab.answerDialog('Cancel');
    expect(machine.read('mode')).toBe('shadow\n');
    machine.set('log-mode', '[  99.5] BUG: kernel NULL pointer dereference, address: 0000000000000000\n');
    await (await mode('Off')).click();
    const alarm = (await section()).getByRole('alert');
    await expect.poll(() => alarm.innerText().catch(() => ''), { timeout: 30_000 }).toContain('NULL pointer');
    await workbench.screenshot('model-run-trouble');
    machine.unset('log-mode', 'log');
  });

  test('retrained from newer recordings it is swapped in, and the panel tells of the other one', async () => {
    await (await section()).locator('vscode-button', { hasText: 'Retrain and Swap…' }).click();
    await lab.untilInput(/Which recordings/);
    await workbench.pick('1 Newer Recording');
    await lab.untilInput(/Space checks and unchecks/);
    await workbench.page.keyboard.press('Enter');
    expect(await workbench.untilNotification(/took the place of the model on lab/)).toContain(`${RUN}-2`);
    await expect.poll(() => figure('Swaps'), { timeout: 15_000 }).toBe('1');
    expect(await (await section()).locator('.machine-identity').innerText()).toMatch(
      new RegExp(`^Another model, ${RUN}-2 `),
    );
    const { info } = await readNeuralCfsRun(workbench.pathOf(`${RUN}-2`));
    expect(info.recordings.map(({ name }) => name)).toEqual(['smp4_beta']);
    await workbench.screenshot('model-run-swapped');
  });

  test('removed it is gone; a deployment shows its plan, and does nothing without a yes', async () => {
    await (await section()).locator('vscode-button', { hasText: 'Remove…' }).click();
    await lab.dialogText();
    await lab.answerDialog('Remove');
    await until('it to be removed', () => Promise.resolve(machine.read('mode') === ''));
    const calls = machine.read('calls');
    await (await section()).locator('vscode-button', { hasText: 'Deploy Here…' }).click();
    await lab.acceptProposal(/Enter plans it like this/);
    const text = await lab.dialogText();
    expect(text).toMatch(/(Something is missing on lab|On lab, Linux \S+:\s+1\. Writes \d+ files)/);
    await workbench.screenshot('model-run-plan');
    await workbench.page.keyboard.press('Escape');
    await lab.dialog.waitFor({ state: 'hidden' });
    expect(machine.read('calls')).toBe(calls);
    expect(machine.read('mode')).toBe('');
  });
});

async function rowsOf(frame: Frame, table: string): Promise<string[]> {
  return frame.getByRole('table', { name: table }).locator('tbody tr').allInnerTexts();
}

async function makeRun(workbench: Workbench): Promise<void> {
  const set = await readMigrationSet([workbench.pathOf(RECORDS)]);
  const run = await newRun(set, 'logistic', { now: () => new Date(Date.now() - 1000) });
  await writeNeuralCfsRun(run, { path: workbench.pathOf(RUN), replace: false });
}

/** Deploys the run on the machine, as if another window had. */
async function deployedThere(machine: FakeMachine, folder: string): Promise<void> {
  const run = await readNeuralCfsRun(folder);
  const { wordsSha256 } = carriedForms(run).forms[0]!;
  const features = run.model.features.map(({ name }) => name);
  const emitted = machine.emitted(RUN, { experiment: 3, features, wordsSha256, bits: 16 });
  const connection = await connectSsh2('lab', {
    host: '127.0.0.1',
    port: machine.server.port,
    username: machine.server.user,
    privateKey: readFileSync(machine.server.clientKey),
  });
  const context = { ...FAKE_CONTEXT, watch: { looks: 1, intervalMs: 10 } };
  const plan = await planDeployment(connection, context, { way: 'module', mode: 'shadow', emitted });
  await deploy(connection, context, plan);
  connection.dispose();
}
