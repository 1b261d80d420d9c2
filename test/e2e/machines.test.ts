/** Test machines: a real sshd on loopback and this machine's own kernel, driven from the editor. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { noSshServer, SshServer } from '../support/sshServer.js';
import { extensionLog } from './harness/editor.js';
import {
  hostEntry,
  illegibleTexts,
  instances,
  isCounting,
  recordings,
  untilNothingIsLeft,
} from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { openWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';
import type { Theme, Workbench } from './harness/Workbench.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No test machines in the editor are tested: ${missing}.`);

const PLAN = 'kernel-oracle.collect.yaml';
const plan = `machines: [lab]
workloads:
  - name: files
    category: own
    shell: ls -lR /usr/share/doc >/dev/null
  - name: sleep
    category: own
    shell: sleep 0.3
runs: 3
pauseSeconds: 0
output: planned/{workload}.{run}
`;

describe.skipIf(missing !== undefined)('test machines', { timeout: 240_000 }, () => {
  let server: SshServer;
  let folder: string;
  let workbench: Workbench;
  let lab: LabView;

  beforeAll(async () => {
    server = await SshServer.start();
    folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-lab-'));
    writeFileSync(
      join(folder, 'config'),
      hostEntry('lab', server, { key: server.clientKey, knownHosts: join(folder, 'known_hosts') }),
    );
    workbench = await openWorkbench({
      files: { [PLAN]: plan, 'README.txt': 'A workspace.\n' },
      settings: { 'remote.autoForwardPorts': false },
      // Some of the pictures are for readers: no larger than they are shown.
      size: { width: 1280, height: 800 },
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
    server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a host of the SSH configuration stands in the tree', async () => {
    await lab.open();
    await lab.row('lab').waitFor();
    expect(await lab.description('lab')).toBe('');
    await workbench.screenshot('machines-disconnected');
  });

  test('an unknown host key is asked about with its fingerprint; refused, nothing is stored', async () => {
    await lab.row('lab').hover();
    await lab.chooseInMenu('lab', 'Connect Test Machine');
    const text = await lab.dialogText();
    expect(text).toContain('root@127.0.0.1');
    expect(text).toContain(fingerprint(server, folder));
    expect(text).toContain('ssh-ed25519');
    expect(text).toContain(join(folder, 'known_hosts'));
    await workbench.screenshot('machines-host-key');
    await lab.answerDialog('Cancel');
    await lab.untilDescription('lab', /^$/);
    expect(await workbench.notifications()).toEqual([]);
    expect(() => readFileSync(join(folder, 'known_hosts'))).toThrow();
  });

  test('trusted, it is stored, and the machine is connected and checked', async () => {
    await lab.chooseInMenu('lab', 'Connect Test Machine');
    await lab.dialogText();
    await lab.answerDialog('Trust and Connect');
    await lab.untilDescription('lab', /^ready$/, 60_000);
    expect(readFileSync(join(folder, 'known_hosts'), 'utf8')).toContain(server.hostPublicKey);
    const rows = await until('the facts', async () => {
      const all = await lab.rows();
      return all.some((row) => row.startsWith('Kernel')) ? all : undefined;
    });
    expect(rows.find((row) => row.startsWith('Kernel'))).toContain(kernelRelease());
    await workbench.screenshot('machines-ready');
  });

  test('the checklist says what this kernel forbids, and what to do', async () => {
    await lab.chooseInMenu('lab', 'Check Test Machine');
    const frame = await lab.machinePanel();
    await frame.locator('li.check').first().waitFor();
    await until(
      'the check to be over',
      async () =>
        (await frame.getByRole('button', { name: 'Check Again' }).getAttribute('disabled')) === null,
    );
    const checks = await lab.checks(frame);
    expect(checks.find(({ id }) => id === 'reachable')).toMatchObject({ status: 'passed' });
    const kprobes = checks.find(({ id }) => id === 'kprobes');
    if (forbidsKprobes()) {
      expect(kprobes).toMatchObject({ status: 'failed' });
      expect(kprobes!.remedy).not.toBe('');
    } else expect(kprobes).toMatchObject({ status: 'passed' });
    // Those that want attention stand first.
    const order = checks.map(({ status }) => (status === 'passed' ? 1 : 0));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    await untilLegible(frame);
    await workbench.screenshot('machines-checklist');
  });

  test('three times Enter records; the recording opens as a trace and nothing is left behind', async () => {
    const foreign = instances();
    await workbench.runCommand('KernelOracle: Collect Recording…');
    await lab.acceptProposal(/How\?/);
    await (await lab.untilInput(/Until when/)).fill('4 s');
    await workbench.page.keyboard.press('Enter');
    await lab.acceptProposal(/File for the recording/);
    const frame = await lab.untilLane(
      'lab',
      (lane) => isCounting(lane) && Number.parseFloat(lane['Time'] ?? '') >= 1,
    );
    await untilLegible(frame);
    await workbench.screenshot('machines-collecting');
    await lab.untilWork(frame, /^done$/);
    const [file] = recordings(workbench);
    expect(file).toMatch(/^lab-\d{8}-\d{6}\.trace\.dat$/);
    expect(await frame.locator('.artifacts tbody tr').count()).toBe(1);
    await workbench.screenshot('machines-collected');
    await frame.getByRole('button', { name: 'Open Recording' }).click();
    const view = await TraceView.shown(workbench, file!);
    expect(await view.frame.locator('.toolbar-facts').innerText()).toMatch(/events/);
    await workbench.screenshot('machines-recording');
    await untilNothingIsLeft(foreign);
  });

  test('work goes on when its panel is closed; the status bar leads back, and Stop keeps what was collected', async () => {
    await workbench.runCommand('View: Close All Editors');
    const foreign = instances();
    const before = recordings(workbench).length;
    await workbench.runCommand('KernelOracle: Collect Recording…');
    await lab.acceptProposal(/How\?/);
    await (await lab.untilInput(/Until when/)).fill('Until I');
    await workbench.page.keyboard.press('Enter');
    await lab.acceptProposal(/File for the recording/);
    await lab.untilLane('lab', isCounting);
    await lab.untilDescription('lab', /collecting by tracefs/);
    await workbench.runCommand('View: Close All Editors');
    const item = workbench.page.locator('.statusbar-item', { hasText: 'Collecting on lab' });
    await item.click();
    const frame = await lab.untilLane('lab', isCounting);
    await frame.getByRole('button', { name: 'Stop', exact: true }).click();
    await lab.untilWork(frame, /^done$/);
    await item.waitFor({ state: 'hidden' });
    expect(recordings(workbench)).toHaveLength(before + 1);
    await untilNothingIsLeft(foreign);
  });

  test('Cancel asks, and drops the recording', async () => {
    await workbench.runCommand('View: Close All Editors');
    const foreign = instances();
    const before = recordings(workbench).length;
    await workbench.runCommand('KernelOracle: Collect Recording…');
    await lab.acceptProposal(/How\?/);
    await (await lab.untilInput(/Until when/)).fill('10 min');
    await workbench.page.keyboard.press('Enter');
    await lab.acceptProposal(/File for the recording/);
    const frame = await lab.untilLane('lab', isCounting);
    await frame.getByRole('button', { name: 'Cancel', exact: true }).click();
    await lab.answerDialog('Cancel and Drop');
    await lab.untilWork(frame, /^cancelled$/);
    expect(recordings(workbench)).toHaveLength(before);
    await untilNothingIsLeft(foreign);
    await workbench.runCommand('View: Close All Editors');
  });

  test('a plan runs as a matrix', async () => {
    await workbench.openFile(PLAN);
    await workbench.runCommand('KernelOracle: Run Collection Plan…');
    expect(await lab.dialogText()).toContain('1 machine × 1 collector × 2 workloads × 3 runs: 6 recordings');
    await workbench.screenshot('machines-plan-question');
    await lab.answerDialog('Run Plan');
    const frame = await lab.workPanel();
    await lab.untilWork(frame, /^done$/, 180_000);
    expect(await frame.locator('.run-matrix td.done').count()).toBe(6);
    expect(await frame.locator('.artifacts tbody tr').count()).toBe(6);
    await untilLegible(frame);
    await workbench.screenshot('machines-plan');
  });

  test.each<[string, Theme]>([
    ['light', 'Default Light Modern'],
    ['high-contrast', 'Default High Contrast'],
    ['high-contrast-light', 'Default High Contrast Light'],
  ])('looks as it should in %s', async (name, theme) => {
    await workbench.setTheme(theme);
    await workbench.runCommand('KernelOracle: Show Work on Test Machines');
    await untilLegible(await lab.workPanel());
    await workbench.screenshot(`machines-plan-${name}`);
    await lab.chooseInMenu('lab', 'Check Test Machine');
    const frame = await lab.machinePanel();
    await frame.locator('li.check').first().waitFor();
    await untilLegible(frame);
    await workbench.screenshot(`machines-checklist-${name}`);
    await lab.untilDescription('lab', /^ready$/, 60_000);
  });

  test('an error in a plan is marked where it stands, and keys and workloads are completed', async () => {
    await workbench.setTheme('Default Dark Modern');
    await workbench.runCommand('View: Close All Editors');
    await workbench.openFile(PLAN);
    const editor = workbench.page.locator('.monaco-editor[data-uri$="collect.yaml"]').first();
    await editor.locator('.view-lines').click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type('order: random\n');
    await editor.locator('.squiggly-error').first().waitFor();
    await workbench.page.keyboard.press('Control+Shift+M');
    const problem = workbench.page.locator('.markers-panel .monaco-list-row', { hasText: 'order is' });
    expect(await problem.innerText()).toMatch(/listed.*shuffled[\s\S]*\[Ln 12, Col 8\]/);
    await workbench.screenshot('machines-plan-problem');
    await editor.locator('.view-lines').click();
    await workbench.page.keyboard.press('Control+End');
    await workbench.page.keyboard.type('on');
    await workbench.page.keyboard.press('Control+Space');
    const suggestion = workbench.page.locator('.suggest-widget .monaco-list-row', { hasText: 'onFailure' });
    await suggestion.waitFor();
    await workbench.screenshot('machines-plan-completion');
    await workbench.page.keyboard.press('Escape');
    await workbench.runCommand('File: Revert File');
    await workbench.runCommand('View: Close All Editors');
  });

  test('a lost connection shows in the tree with the next try, and the machine comes back', async () => {
    const pids = server.connectionPids();
    expect(pids.length).toBeGreaterThan(0);
    server.down();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await lab.untilDescription('lab', /(lost|unreachable), next try \d\d:\d\d:\d\d|connecting/);
    await lab.untilDescription('lab', /next try \d/);
    await workbench.screenshot('machines-lost');
    await server.up();
    await lab.untilDescription('lab', /^ready$/, 60_000);
  });

  test('a file of the machine is downloaded and verified', async () => {
    const remote = join(folder, 'note on the machine.txt');
    writeFileSync(remote, 'measured\n');
    await lab.chooseInMenu('lab', 'Download File from Test Machine…');
    await lab.untilInput(/Absolute path on the machine/);
    await workbench.answer(remote);
    await workbench.answerFileDialog(workbench.pathOf('note.txt'), remote);
    expect(await workbench.untilNotification(/^Downloaded/)).toContain('9 bytes, SHA-256 the same');
    expect(readFileSync(workbench.pathOf('note.txt'), 'utf8')).toBe('measured\n');
  });

  test('a changed host key is refused, with the place of the old one', async () => {
    await lab.chooseInMenu('lab', 'Disconnect Test Machine');
    await lab.untilDescription('lab', /^$/);
    await server.changeHostKey();
    await lab.chooseInMenu('lab', 'Connect Test Machine');
    const message = await lab.dialogText();
    expect(message).toMatch(/host key of root@127\.0\.0\.1:\d+ has changed/);
    expect(message).toContain(`${join(folder, 'known_hosts')}, line 1`);
    await workbench.screenshot('machines-changed-key');
    await workbench.page.keyboard.press('Escape');
    await lab.untilDescription('lab', /host key refused/);
  });

  test('a typed address joins the tree and leaves it', async () => {
    await workbench.runCommand('KernelOracle: Add Test Machine…');
    const input = await lab.untilInput(/root@test-machine/);
    await input.fill('root@127.0.0.1:99999');
    await lab.untilInput(/port is not a number/);
    await workbench.screenshot('machines-add');
    await input.fill('root@127.0.0.1:1');
    await workbench.page.keyboard.press('Enter');
    await lab.untilDescription('root@127.0.0.1:1', /unreachable/);
    await lab.chooseInMenu('root@127.0.0.1:1', 'Remove Test Machine');
    await lab.row('root@127.0.0.1:1').waitFor({ state: 'detached' });
  });

  test('a window that is reloaded leaves the machine as it was', async () => {
    writeFileSync(join(folder, 'known_hosts'), '');
    const foreign = instances();
    await lab.chooseInMenu('lab', 'Collect Recording…');
    await lab.acceptProposal(/How\?/);
    await (await lab.untilInput(/Until when/)).fill('10 min');
    await workbench.page.keyboard.press('Enter');
    await lab.acceptProposal(/File for the recording/);
    await lab.dialogText();
    await lab.answerDialog('Trust and Connect');
    await lab.untilLane('lab', isCounting);
    const before = recordings(workbench);
    await workbench.page.reload();
    await lab.row('lab').waitFor();
    await untilNothingIsLeft(foreign);
    expect(recordings(workbench)).toEqual(before);
  });

  test('the log says what ran where', () => {
    const log = extensionLog(inject('editor'));
    expect(log).toMatch(/lab: collecting by tracefs: done/);
    expect(log).toMatch(/lab: checking/);
  });
});

/** The theme's colours reach a panel a moment after the window. */
async function untilLegible(frame: Frame): Promise<void> {
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
}

/** As ssh-keygen prints it. */
function fingerprint(server: SshServer, folder: string): string {
  const path = join(folder, 'host.pub');
  writeFileSync(path, `${server.hostPublicKey}\n`);
  return execFileSync('ssh-keygen', ['-l', '-f', path], { encoding: 'utf8' }).split(' ')[1]!;
}

function kernelRelease(): string {
  return readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
}

function forbidsKprobes(): boolean {
  try {
    readFileSync('/sys/kernel/tracing/kprobe_events');
    writeFileSync('/sys/kernel/tracing/kprobe_events', '', { flag: 'a' });
    readFileSync('/sys/kernel/tracing/available_filter_functions');
    return false;
  } catch {
    return true;
  }
}
