/** Several machines: from an empty list to recordings of all of them at once, packages with consent, benchmarks, commands. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { parseResults } from '../../src/remote/benchmarks/results.js';
import { noSshServer, SshServer } from '../support/sshServer.js';
import {
  hostEntry,
  instances,
  isCounting,
  knownHost,
  recordings,
  untilNothingIsLeft,
} from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { openWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';
import type { Workbench } from './harness/Workbench.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No fleets in the editor are tested: ${missing}.`);

const SUITE = 'kernel-oracle.bench.yaml';
const suite = `name: naps
repeats: 3
warmUps: 0
pauseSeconds: 0
benchmarks:
  - name: nap
    shell: sleep 0.05
  - name: doze
    shell: sleep 0.1
`;

describe.skipIf(missing !== undefined)('a fleet', { timeout: 240_000 }, () => {
  let folder: string;
  let alpha: SshServer;
  let beta: SshServer;
  let workbench: Workbench;
  let lab: LabView;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-fleet-'));
    alpha = await SshServer.start();
    // On beta stress-ng is missing until its package manager was run.
    beta = await SshServer.start({ config: [`SetEnv PATH=${programsWithout('stress-ng', folder)}`] });
    copyFileSync(join(alpha.folder, 'authorized_keys'), join(beta.folder, 'authorized_keys'));
    writeFileSync(join(folder, 'config'), defaults(alpha, folder));
    workbench = await openWorkbench({
      files: { [SUITE]: suite },
      settings: { 'remote.autoForwardPorts': false },
      machineSettings: { 'kernelOracle.ssh.configFile': join(folder, 'config') },
    });
    lab = new LabView(workbench);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await workbench.saveFailure(task.name);
    expect(workbench.takeWebviewErrors(), 'errors in webviews').toEqual([]);
  });

  afterAll(async () => {
    await workbench.close();
    alpha.dispose();
    beta.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('with no machine the view says how to begin', async () => {
    await lab.open();
    await lab.pane.getByRole('button', { name: 'Add Test Machine' }).waitFor();
    const welcome = await lab.pane.locator('.welcome-view-content').innerText();
    expect(welcome).toContain('Hosts of your SSH configuration appear here by themselves');
    await workbench.screenshot('machines-welcome');
  });

  test('a typed user@host:port is connected, checked, and kept as a setting', async () => {
    const name = `root@127.0.0.1:${alpha.port}`;
    await lab.pane.getByRole('button', { name: 'Add Test Machine' }).click();
    await lab.untilInput(/root@test-machine/);
    await workbench.answer(name);
    await lab.dialogText();
    await lab.answerDialog('Trust and Connect');
    await lab.untilDescription(name, /^ready$/, 90_000);
    expect(readFileSync(join(folder, 'known_hosts'), 'utf8')).toBe(knownHost(alpha));
    const settings = join(inject('editor').stateDir, 'user-data', 'Machine', 'settings.json');
    await until('the setting', async () => Promise.resolve(readFileSync(settings, 'utf8').includes(name)));
    await lab.chooseInMenu(name, 'Remove Test Machine');
    await lab.row(name).waitFor({ state: 'detached' });
    expect(readFileSync(settings, 'utf8')).not.toContain(name);
  });

  test('hosts of the SSH configuration join when the list is read anew', async () => {
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, knownHost(alpha) + knownHost(beta));
    const where = { key: alpha.clientKey, knownHosts };
    writeFileSync(join(folder, 'config'), hostEntry('alpha', alpha, where) + hostEntry('beta', beta, where));
    await workbench.runCommand('KernelOracle: Refresh Test Machines');
    await lab.row('alpha').waitFor();
    await lab.row('beta').waitFor();
  });

  test('all selected machines are recorded at the same time', async () => {
    const foreign = instances();
    await lab.row('alpha').click();
    await lab.row('beta').click({ modifiers: ['Control'] });
    await lab.chooseInMenu('beta', 'Collect Recording…');
    await lab.acceptProposal(/How\?/);
    await (await lab.untilInput(/Until when/)).fill('Until I');
    await workbench.page.keyboard.press('Enter');
    await lab.acceptProposal(/Folder for the recordings/);
    await lab.untilLane('alpha', isCounting);
    await lab.untilLane('beta', isCounting);
    await lab.untilDescription('alpha', /collecting by tracefs/);
    await lab.untilDescription('beta', /collecting by tracefs/);
    await workbench.screenshot('machines-fleet');
    await workbench.runCommand('KernelOracle: Stop Work on Test Machines and Keep Recordings');
    const frame = await lab.workPanel();
    await lab.untilWork(frame, /^done$/, 90_000);
    expect(recordings(workbench)).toEqual([]);
    const [group] = readdirSync(workbench.pathOf('recordings'));
    const files = readdirSync(workbench.pathOf(`recordings/${group!}`)).sort();
    expect(files).toEqual([
      'alpha.trace.dat',
      'alpha.trace.dat.meta.json',
      'beta.trace.dat',
      'beta.trace.dat.meta.json',
    ]);
    const [first, second] = ['alpha', 'beta'].map((name) => timesOf(workbench, `${group!}/${name}`));
    expect(Math.max(first!.start, second!.start)).toBeLessThan(Math.min(first!.end, second!.end));
    await untilNothingIsLeft(foreign);
  });

  test('what is missing is installed by the command that was shown, and only with consent', async () => {
    const log = join(folder, 'apt-get.log');
    await lab.chooseInMenu('beta', 'Install What Is Missing on Test Machine…');
    const text = await lab.dialogText(90_000);
    expect(text).toContain('apt-get update');
    expect(text).toMatch(/DEBIAN_FRONTEND=noninteractive apt-get install -y (\S+ )*stress-ng/);
    await workbench.screenshot('machines-install');
    await lab.answerDialog('Cancel');
    expect(existsSync(log)).toBe(false);
    await lab.chooseInMenu('beta', 'Install What Is Missing on Test Machine…');
    const shown = /apt-get (install -y .*)/.exec(await lab.dialogText())![1]!.trim();
    await lab.answerDialog('Run on the Machine');
    await lab.untilDescription('beta', /^(installing|checking)/);
    await lab.untilDescription('beta', /^ready$/, 90_000);
    expect(readFileSync(log, 'utf8')).toBe(`update\n${shown}\n`);
    await workbench.runCommand('View: Close All Editors');
    await lab.chooseInMenu('beta', 'Check Test Machine');
    const frame = await lab.machinePanel();
    const tool = frame.locator('li.check', { hasText: 'stress-ng' });
    await until('the check', async () => ((await tool.getAttribute('class')) ?? '').includes('passed'));
  });

  test('a suite of the workspace is measured, and its results are compared', async () => {
    await lab.row('alpha').click();
    await workbench.runCommand('KernelOracle: Run Benchmarks…');
    await lab.acceptProposal(/On which machines/);
    await lab.untilInput(/Which suite/);
    await workbench.pick(SUITE);
    await lab.acceptProposal(/Which benchmarks/);
    await lab.acceptProposal(/Repeats of each benchmark/);
    await lab.acceptProposal(/On which kernels/);
    await lab.untilInput(/File for the results/);
    await workbench.answer('naps.bench.json');
    const frame = await lab.workPanel();
    await lab.untilWork(frame, /^done$/, 120_000);
    expect(await frame.locator('.run-matrix td.done').count()).toBe(2);
    await workbench.screenshot('machines-benchmarks');
    const results = parseResults(
      readFileSync(workbench.pathOf('naps.bench.json'), 'utf8'),
      'naps.bench.json',
    );
    expect(results.repeats.map(({ failure }) => failure)).toEqual(Array.from({ length: 6 }, () => null));
    await frame.getByRole('button', { name: 'Open Results' }).click();
    // One machine as it is: there is nothing to compare it with.
    await lab.untilInput(/measure another one/);
    await workbench.closePalette();
  });

  test('results of two machines are compared', async () => {
    await workbench.runCommand('View: Close All Editors');
    await lab.row('beta').click();
    await workbench.runCommand('KernelOracle: Run Benchmarks…');
    await lab.acceptProposal(/On which machines/);
    await lab.untilInput(/Which suite/);
    await workbench.pick(SUITE);
    await lab.acceptProposal(/Which benchmarks/);
    await lab.acceptProposal(/Repeats of each benchmark/);
    await lab.acceptProposal(/On which kernels/);
    await lab.untilInput(/File for the results/);
    await workbench.answer('naps-beta.bench.json');
    const frame = await lab.workPanel();
    await lab.untilWork(frame, /^done$/, 120_000);
    await frame.getByRole('button', { name: 'Open Results' }).click();
    await lab.untilInput(/With which results/);
    await workbench.pick('naps.bench.json');
    const comparison = await workbench.webview('.comparison-view');
    await comparison.getByText('doze').first().waitFor();
    const sets = await comparison.locator('.comparison-body tbody').first().innerText();
    expect(sets).toMatch(/A\s+alpha[\s\S]*baseline[\s\S]*B\s+beta/);
  });

  test('kernels can be chosen only where a boot loader is', async () => {
    await workbench.runCommand('KernelOracle: Run Benchmarks…');
    await lab.acceptProposal(/On which machines/);
    await lab.untilInput(/Which suite/);
    await workbench.pick('Built-in suite');
    await lab.acceptProposal(/Which benchmarks/);
    await lab.acceptProposal(/Repeats of each benchmark/);
    await lab.untilInput(/On which kernels/);
    await workbench.pick('Several kernels…');
    // This machine has none; where one has, its kernels are offered.
    const list = workbench.page.locator('.quick-input-widget input[placeholder="Which kernels?"]');
    await lab.dialog.or(list).first().waitFor();
    if (await lab.dialog.isVisible()) {
      expect(await lab.dialogText()).toMatch(/Kernels cannot be chosen from here\. beta: /);
      await workbench.page.keyboard.press('Escape');
    } else await workbench.closePalette();
  });

  test('every command is in the palette under one category', async () => {
    await workbench.runCommand('View: Close All Editors');
    const { commands, menus } = packageJson.contributes;
    const later = new Set(menus.commandPalette.map(({ command }) => command));
    for (const { command, title, category } of commands) {
      expect(category).toBe('KernelOracle');
      const whole = `${category}: ${title}`;
      const isOffered = (await workbench.commandTitles(whole)).includes(whole);
      // What needs an open trace or running work is not there without; alpha and beta are connected.
      const isExpected = !later.has(command) || command === 'kernelOracle.machines.disconnect';
      expect(isOffered, title).toBe(isExpected);
    }
    // The one that is selected in the tree is proposed; for the one that is left nobody is asked.
    await workbench.runCommand('KernelOracle: Disconnect Test Machine');
    await lab.acceptProposal(/On which machines/);
    await lab.untilDescription('beta', /^$/);
    await workbench.runCommand('KernelOracle: Disconnect Test Machine');
    await lab.untilDescription('alpha', /^$/);
    await workbench.runCommand('KernelOracle: Show Work on Test Machines');
    await lab.workPanel();
    await workbench.runCommand('KernelOracle: Show Log');
    await workbench.page
      .locator('.part.panel .view-line', { hasText: 'alpha: disconnecting' })
      .first()
      .waitFor();
  });
});

/** For machines that are typed: who logs in, and where keys are known. */
function defaults({ clientKey }: SshServer, folder: string): string {
  return [
    'Host *',
    `  IdentityFile ${clientKey}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '',
  ].join('\n');
}

/**
 * A folder with all programs but one, and a package manager that notes its arguments and brings that one.
 * @returns its path
 */
function programsWithout(missingProgram: string, folder: string): string {
  const place = join(folder, 'bin');
  mkdirSync(place);
  for (const name of readdirSync('/usr/bin')) {
    if (name !== missingProgram && name !== 'apt-get') symlinkSync(join('/usr/bin', name), join(place, name));
  }
  const script = [
    '#!/bin/sh',
    `echo "$@" >> '${join(folder, 'apt-get.log')}'`,
    `[ "$1" = update ] || ln -s /usr/bin/${missingProgram} '${place}/'`,
    '',
  ].join('\n');
  writeFileSync(join(place, 'apt-get'), script);
  chmodSync(join(place, 'apt-get'), 0o755);
  return place;
}

/** When a recording began and ended, ms. */
function timesOf(workbench: Workbench, name: string): { start: number; end: number } {
  const text = readFileSync(workbench.pathOf(`recordings/${name}.trace.dat.meta.json`), 'utf8');
  const { times } = JSON.parse(text) as { times: { start: string; end: string } };
  return { start: Date.parse(times.start), end: Date.parse(times.end) };
}
