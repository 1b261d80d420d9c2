/** What happens to machines when the editor is killed, and what an untrusted workspace may not do. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noSshServer, SshServer } from '../support/sshServer.js';
import { startEditor, type RunningEditor } from './harness/editor.js';
import { hostEntry, instances, isCounting, knownHost, processes } from './harness/lab.js';
import { LabView } from './harness/LabView.js';
import { openWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`Neither killed editors nor trust are tested: ${missing}.`);

const PLAN = 'kernel-oracle.collect.yaml';
const plan = 'machines: [lab]\nworkloads:\n  - name: own\n    category: own\n    shell: "true"\n';
/** So long sleeps nothing else. */
const WORKLOAD = 'sleep 86173';
/** What is promised for machines whose connection is lost. */
const RESTORED_WITHIN_MS = 15_000;

describe.skipIf(missing !== undefined)('safety', { timeout: 240_000 }, () => {
  let server: SshServer;
  let folder: string;
  /** One of its own: it is killed. */
  let editor: RunningEditor;

  beforeAll(async () => {
    server = await SshServer.start();
    folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-lab-'));
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, knownHost(server));
    writeFileSync(join(folder, 'config'), hostEntry('lab', server, { key: server.clientKey, knownHosts }));
    editor = await startEditor(undefined, { asksForTrust: true });
  });

  afterAll(async () => {
    await editor.stop();
    server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (settings: Readonly<Record<string, unknown>>) =>
    openWorkbench({
      editor,
      files: { [PLAN]: plan },
      settings: { 'remote.autoForwardPorts': false, ...settings },
      machineSettings: { 'kernelOracle.ssh.configFile': join(folder, 'config') },
    });

  test('from an untrusted workspace nothing is run on machines', async () => {
    const workbench = await open({
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
    });
    try {
      const lab = new LabView(workbench);
      await workbench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
      // Only the rows of the list that can be seen are there: each title is asked for.
      const isOffered = async (title: string) =>
        (await workbench.commandTitles(`KernelOracle: ${title}`)).includes(`KernelOracle: ${title}`);
      for (const title of [
        'Collect Recording…',
        'Run Collection Plan…',
        'Run Benchmarks…',
        'Install What Is Missing on Test Machine…',
      ]) {
        expect(await isOffered(title), title).toBe(false);
      }
      expect(await isOffered('Open Trace…')).toBe(true);
      expect(await isOffered('Check Test Machine')).toBe(true);
      // The panel's button is another way to the command.
      await lab.open();
      await lab.chooseInMenu('lab', 'Check Test Machine');
      const frame = await lab.machinePanel();
      await frame.getByRole('button', { name: 'Collect Recording…' }).click();
      await workbench.untilNotification(/not trusted: nothing is run/);
      await workbench.screenshot('machines-untrusted');
      await lab.untilDescription('lab', /^ready$/, 90_000);
    } catch (error) {
      await workbench.saveFailure('untrusted workspace');
      throw error;
    } finally {
      await workbench.close();
    }
  });

  test('an editor that is killed leaves nothing on the machine after 15 s', async () => {
    const before = leftovers();
    const workbench = await open({});
    try {
      const lab = new LabView(workbench);
      await lab.open();
      await lab.chooseInMenu('lab', 'Collect Recording…');
      await lab.acceptProposal(/How\?/);
      await (await lab.untilInput(/Until when/)).fill('Own Command');
      await workbench.page.keyboard.press('Enter');
      await lab.untilInput(/Command that runs on the machine/);
      await workbench.answer(WORKLOAD);
      await lab.acceptProposal(/File for the recording/);
      await lab.untilLane('lab', isCounting);
      await until('the workload', async () => Promise.resolve(leftovers().processes.length > 0));
      const during = leftovers();
      const instance = during.instances.filter((name) => !before.instances.includes(name));
      const folders = during.folders.filter((name) => !before.folders.includes(name));
      expect(instance).not.toEqual([]);
      expect(folders).not.toEqual([]);

      const killed = processes().filter((each) => each.folder === editor.stateDir);
      expect(killed.some(({ command }) => command.includes('extensionHost'))).toBe(true);
      for (const { pid } of killed) process.kill(pid, 'SIGKILL');
      await until(
        'the machine to be restored',
        async () => {
          const now = leftovers();
          return Promise.resolve(
            !instance.some((name) => now.instances.includes(name)) &&
              !folders.some((name) => now.folders.includes(name)) &&
              now.processes.length === 0,
          );
        },
        { timeoutMs: RESTORED_WITHIN_MS },
      );
      expect(server.connectionPids()).toEqual([]);
      // What was collected by then never got the name of a recording.
      const made = existsSync(workbench.pathOf('recordings'))
        ? readdirSync(workbench.pathOf('recordings'))
        : [];
      expect(made.filter((name) => name.endsWith('.trace.dat'))).toEqual([]);
    } catch (error) {
      await workbench.saveFailure('killed editor');
      throw error;
    } finally {
      await workbench.close();
    }
  });
});

interface Leftovers {
  readonly instances: readonly string[];
  readonly folders: readonly string[];
  readonly processes: readonly number[];
}

/** What collections put onto a machine; others may run on this one. */
function leftovers(): Leftovers {
  return {
    instances: instances(),
    folders: ['/tmp', '/dev/shm'].flatMap((place) =>
      readdirSync(place)
        // Of the guard: `kernel-oracle-` and a token of hexadecimal digits.
        .filter((name) => /^kernel-oracle-[0-9a-f]{8,}$/.test(name))
        .map((name) => join(place, name)),
    ),
    processes: processes()
      .filter(({ command }) => command === WORKLOAD)
      .map(({ pid }) => pid),
  };
}
