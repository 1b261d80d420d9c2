/** Passphrases: typed unseen, kept only in the secret storage and only on request, and found nowhere else. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeKey, noSshServer, SshServer } from '../support/sshServer.js';
import { extensionLog } from './harness/editor.js';
import { filesWith, hostEntry, knownHost, processes } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { openWorkbench } from './harness/openWorkbench.js';
import type { Workbench } from './harness/Workbench.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No passphrases in the editor are tested: ${missing}.`);

/** Nothing else has it in its name or text. */
const SECRET = 'open-sesame-48151623';

describe.skipIf(missing !== undefined)('secrets', { timeout: 180_000 }, () => {
  let server: SshServer;
  let folder: string;
  let key: string;
  let workbench: Workbench;
  let lab: LabView;

  beforeAll(async () => {
    server = await SshServer.start();
    folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-lab-'));
    key = join(folder, 'locked_key');
    makeKey(key, 'ed25519', SECRET);
    appendFileSync(join(server.folder, 'authorized_keys'), readFileSync(`${key}.pub`));
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, knownHost(server));
    writeFileSync(join(folder, 'config'), hostEntry('locked', server, { key, knownHosts }));
    workbench = await openWorkbench({
      settings: { 'remote.autoForwardPorts': false },
      machineSettings: { 'kernelOracle.ssh.configFile': join(folder, 'config') },
    });
    lab = new LabView(workbench);
    await lab.open();
    await lab.row('locked').waitFor();
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

  async function reconnect(): Promise<void> {
    await lab.chooseInMenu('locked', 'Disconnect Test Machine');
    await lab.untilDescription('locked', /^$/);
    await lab.chooseInMenu('locked', 'Connect Test Machine');
  }

  test('a passphrase is asked for unseen, and again when it was wrong', async () => {
    await lab.chooseInMenu('locked', 'Connect Test Machine');
    const input = await lab.untilInput(/The key is for/);
    expect(await input.getAttribute('type')).toBe('password');
    await workbench.screenshot('machines-passphrase');
    await workbench.answer('wrong');
    await lab.untilInput(/not its passphrase/);
    await workbench.answer(SECRET);
    await lab.untilDescription('locked', /^ready$/, 90_000);
  });

  test('it is kept when the user says so, and not asked for again', async () => {
    const offer = workbench.page.locator('.notification-list-item', { hasText: 'Keep the passphrase of' });
    await offer.getByRole('button', { name: 'Keep', exact: true }).click();
    await offer.waitFor({ state: 'detached' });
    await reconnect();
    await lab.untilDescription('locked', /^ready$/, 90_000);
  });

  test('it stands in no setting, no log, no file and no argument of a process', () => {
    const { stateDir } = inject('editor');
    expect(filesWith(SECRET, stateDir)).toEqual([]);
    expect(filesWith(SECRET, workbench.workspace)).toEqual([]);
    expect(filesWith(SECRET, folder)).toEqual([]);
    expect(filesWith(SECRET, server.folder)).toEqual([]);
    expect(processes().filter(({ command }) => command.includes(SECRET))).toEqual([]);
    // The log is one of those files, and it is written.
    expect(extensionLog(inject('editor'))).toMatch(/locked: connected/);
  });

  test('forgotten, it is asked for again; given up, nothing is said', async () => {
    await workbench.runCommand('KernelOracle: Forget Saved Passwords and Passphrases');
    await workbench.page.locator('.quick-input-list .label-name', { hasText: key }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await reconnect();
    await lab.untilInput(/The key is for/);
    await workbench.closePalette();
    await lab.untilDescription('locked', /^$/);
    expect(await workbench.notifications()).toEqual([]);
  });
});
