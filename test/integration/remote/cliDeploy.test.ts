/** `kernel-oracle deploy` as a real process against a real sshd; the kernel there is played by files. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeNeuralCfsRun } from '../../../src/learning/migrations/runs/runFolder.js';
import type { Connection } from '../../../src/remote/connection.js';
import { deploy, planDeployment } from '../../../src/remote/deploy/deployment.js';
import { connectSsh2 } from '../../support/connectSsh2.js';
import { FakeMachine, FAKE_CONTEXT, noFakeMachine, STATS } from '../../support/fakeControl.js';
import { drawnCalls, newRun } from '../../support/trainedRuns.js';
import { setOf } from '../../unit/dataset/migrations/setBuilder.js';
import { readFileSync } from 'node:fs';
import { buildCli, makeDirectory, run, type Outcome } from '../cliProcess.js';

const missing = noFakeMachine();
if (missing !== undefined) console.warn(`kernel-oracle deploy is not tested: ${missing}.`);

describe.skipIf(missing !== undefined)('kernel-oracle deploy', { timeout: 60_000 }, () => {
  let machine: FakeMachine;
  let connection: Connection;
  let folder: string;
  let cli: string;
  /** Without a terminal, so that nothing can be asked. */
  const oracle = (...args: string[]): Promise<Outcome> =>
    run('setsid', [
      '--wait',
      process.execPath,
      cli,
      'deploy',
      ...args,
      '--ssh-config',
      join(folder, 'config'),
    ]);
  const deployed = async () => {
    const request = { way: 'module', mode: 'shadow', emitted: machine.emitted('first') } as const;
    const context = { ...FAKE_CONTEXT, watch: { looks: 1, intervalMs: 10 } };
    await deploy(connection, context, await planDeployment(connection, context, request));
  };

  beforeAll(async () => {
    folder = await makeDirectory();
    cli = await buildCli(folder);
    machine = await FakeMachine.start();
    const { port, user, clientKey, hostPublicKey } = machine.server;
    const lab = `Host lab\n  HostName 127.0.0.1\n  Port ${port}\n  User ${user}\n  IdentityFile ${clientKey}\n`;
    writeFileSync(join(folder, 'config'), `${lab}  UserKnownHostsFile ${join(folder, 'known_hosts')}\n`);
    writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${hostPublicKey}\n`);
    const privateKey = readFileSync(clientKey);
    connection = await connectSsh2('lab', { host: '127.0.0.1', port, username: user, privateKey });
    const set = await setOf({ smp4_alpha: drawnCalls(700) });
    const options = { path: join(folder, 'run'), replace: false };
    await writeNeuralCfsRun(await newRun(set, 'logistic'), options);
  });
  beforeEach(() => {
    machine.reset();
  });
  afterAll(() => {
    connection.dispose();
    machine.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('nothing is deployed: that is said, and what needs it is refused', async () => {
    expect(await oracle('status', 'lab')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\S+@127\.0\.0\.1:\d+, kernel .*: no model is deployed\n$/) as string,
    });
    expect(await oracle('mode', 'lab', 'shadow')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/There is no model in the kernel of .*: none was deployed/) as string,
    });
    expect((await oracle('swap', 'lab', join(folder, 'run'))).status).toBe(1);
    expect((await oracle('mode', 'lab', 'loud')).status).toBe(2);
    expect((await oracle('run', 'lab', join(folder, 'run'))).status).toBe(2);
  });

  test('the status: what the model says beside what the kernel did, and beside who always says the same', async () => {
    await deployed();
    const { status, stdout } = await oracle('status', 'lab');
    expect(status).toBe(0);
    expect(stdout).toMatch(/run "first", experiment 1, fixed point, 16 bits, as module, deployed 2026-01-02/);
    expect(stdout).toMatch(/mode shadow, 436 bytes of model and 256 of state, .*self-test passed/);
    expect(stdout).toMatch(/refused +50 +10 +60\n/);
    expect(stdout).toMatch(/allowed although hot \(forced\) +2 +8 +10\n/);
    expect(stdout).toMatch(/accuracy 98\.3 %; who always says 1 has 93\.8 %\n/);
    expect(stdout).toMatch(/balanced accuracy 91\.3 %/);
    expect(stdout).toMatch(/of the forced migrations it allows 80\.0 %/);
    expect(stdout).toMatch(/model 1000 ns a call/);
    const json = JSON.parse((await oracle('status', 'lab', '--json')).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ state: 'running', stats: STATS, figures: { calls: 975, notAsked: 3 } });
  });

  test('trouble is told last, and loudly; what a machine prints does not reach the terminal as it is', async () => {
    await deployed();
    machine.set('log', '[ 1.0] BUG: \u001b[31mred\u001b[0m\n');
    expect((await oracle('status', 'lab')).stdout).toMatch(/\nTROUBLE since .*:\n {2}\[ 1\.0\] BUG: red\n$/);
  });

  test('active is asked for; off is not; removed', async () => {
    await deployed();
    expect(await oracle('mode', 'lab', 'active')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/no terminal to ask on: .* Consent with --yes/) as string,
    });
    expect((await oracle('mode', 'lab', 'off')).stdout).toMatch(/mode off/);
    expect((await oracle('mode', 'lab', 'active', '--yes')).stdout).toMatch(/mode active/);
    expect((await oracle('remove', 'lab')).stdout).toMatch(/no model is deployed/);
  });

  test('run shows the plan and what is missing before it asks, and does nothing without consent', async () => {
    machine.set('needs', '');
    // No kernel is touched: whatever is missing here, or the consent, stands in the way.
    const { status, stdout, stderr } = await oracle('run', 'lab', join(folder, 'run'), '--as', 'ebpf');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^On .*, kernel .*, as root:\n1\. Writes \d+ files/);
    expect(stderr).toMatch(/no terminal to ask on: |lacks/);
    expect(await oracle('run', 'lab', join(folder, 'run'), '--as', 'ebpf', '--mode', 'active')).toMatchObject(
      {
        status: 2,
        stderr: expect.stringMatching(/can only watch/) as string,
      },
    );
    mkdirSync(machine.deployed, { recursive: true });
    expect((await oracle('status', 'lab')).stdout).toMatch(/no model is deployed/);
  });
});
