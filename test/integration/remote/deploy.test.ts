/** Deploying over a real sshd to a machine whose kernel is played by files; nothing of it touches a kernel. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import {
  deploy,
  deploymentStatus,
  planDeployment,
  removeDeployment,
  setDeployedMode,
  swapDeployed,
  swapOf,
  type DeployContext,
  type DeploymentRequest,
} from '../../../src/remote/deploy/deployment.js';
import { connectSsh2 } from '../../support/connectSsh2.js';
import { FakeMachine, FAKE_CONTEXT, MODEL, noFakeMachine, STATS } from '../../support/fakeControl.js';

const missing = noFakeMachine();
if (missing !== undefined) console.warn(`Deploying over SSH is not tested: ${missing}.`);

const CONTEXT: DeployContext = { ...FAKE_CONTEXT, watch: { looks: 1, intervalMs: 10 } };
const OOPS = '[  99.5] BUG: kernel NULL pointer dereference, address: 0000000000000000\n';
const text = (pattern: RegExp) => expect.stringMatching(pattern) as string;

describe.skipIf(missing !== undefined)('deploying a model', { timeout: 60_000 }, () => {
  let machine: FakeMachine;
  let connection: Connection;
  const connect = () =>
    connectSsh2('the machine', {
      host: '127.0.0.1',
      port: machine.server.port,
      username: machine.server.user,
      privateKey: readFileSync(machine.server.clientKey),
    });
  const request = (over: Partial<DeploymentRequest> = {}): DeploymentRequest => ({
    ...{ way: 'module', mode: 'shadow', emitted: machine.emitted('first') },
    ...over,
  });
  const plan = (over: Partial<DeploymentRequest> = {}) => planDeployment(connection, CONTEXT, request(over));
  const deployed = async (over: Partial<DeploymentRequest> = {}) =>
    deploy(connection, CONTEXT, await plan(over));
  const left = () => (existsSync(machine.deployed) ? readdirSync(machine.deployed).sort() : []);

  beforeAll(async () => {
    machine = await FakeMachine.start();
    connection = await connect();
  });
  beforeEach(() => {
    machine.reset();
  });
  afterAll(() => {
    connection.dispose();
    machine.dispose();
  });

  test('a plan tells what would be done, and changes nothing', async () => {
    const { missing: lacking, steps, stepKinds, warnings, deployed: there, model } = await plan();
    expect(lacking).toEqual([]);
    expect(stepKinds).toEqual(['put', 'build', 'check', 'start', 'watch']);
    expect(steps[0]).toMatch(/^Writes 4 files \(\d+ KiB\) to \/var\/lib\/kernel-oracle\/deployed\.part\.$/);
    expect(steps[3]).toMatch(/Loads the module into the kernel, in shadow: .*It decides nothing\.$/);
    expect(warnings).toContainEqual(text(/not signed/));
    expect(there).toMatchObject({ state: 'none', way: null, model: null, stats: null, trouble: [] });
    expect(model).toEqual({ ...MODEL, run: 'first' });
    expect(machine.read('calls')).toBe('needs\n');
    expect(left()).toEqual([]);
  });

  test('what active does is said, and eBPF cannot', async () => {
    expect((await plan({ mode: 'active' })).warnings).toContainEqual(text(/^Active: .*for tests only/));
    const ebpf = plan({ way: 'ebpf', mode: 'active' });
    await expect(ebpf).rejects.toMatchObject({ code: 'wrong-usage', message: text(/can only watch/) });
    await expect(plan({ way: 'ebpf' })).rejects.toMatchObject({ code: 'bad-input', message: text(/module/) });
  });

  test('deployed, asked, another mode, swapped, removed: nothing is left', async () => {
    const steps: string[] = [];
    const first = await plan();
    const status = await deploy(connection, CONTEXT, first, {
      onStep: ({ number, count, text: step }) => steps.push(`${number}/${count} ${step}`),
    });
    expect(steps).toEqual(first.steps.map((step, at) => `${at + 1}/5 ${step}`));
    expect(status).toMatchObject({
      ...{ machine: 'the machine', state: 'running', way: 'module', trouble: [] },
      ...{ model: { ...MODEL, run: 'first' }, stats: STATS },
    });
    expect(status.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(left()).toEqual(['deployed', 'deployment.json']);
    expect(machine.read('calls').split('\n')).toEqual(
      expect.arrayContaining(['needs', 'build', 'check', 'start shadow', 'stats']),
    );

    expect((await setDeployedMode(connection, CONTEXT, 'active')).stats!.mode).toBe('active');
    const swap = await swapOf(machine.emitted('second', { wordsSha256: 'b'.repeat(64) }), CONTEXT);
    const swapped = await swapDeployed(connection, CONTEXT, swap);
    expect(swapped).toMatchObject({
      ...{ state: 'running', stats: { swaps: 1, mode: 'active' } },
      model: { run: 'second', wordsSha256: 'b'.repeat(64) },
    });
    expect(left()).toEqual(['deployed', 'deployment.json']);

    expect(await removeDeployment(connection, CONTEXT)).toMatchObject({ state: 'none', model: null });
    expect(existsSync(machine.deployed)).toBe(false);
    expect(await removeDeployment(connection, CONTEXT)).toMatchObject({ state: 'none' });
  });

  test('what is deployed makes room, once the new one is compiled', async () => {
    await deployed();
    const next = await plan({ emitted: machine.emitted('next') });
    expect(next.steps).toContainEqual(
      text(/^Takes the model of the run "first", deployed on 2026-01-02 as module,/),
    );
    machine.set('fail-build', 'no compiler today\n');
    await expect(deploy(connection, CONTEXT, next)).rejects.toMatchObject({
      code: 'remote-failed',
      message: 'Compiling failed on the machine: no compiler today.',
    });
    expect(await deploymentStatus(connection, CONTEXT)).toMatchObject({
      state: 'running',
      model: { run: 'first' },
    });
    machine.unset('fail-build');
    expect(await deploy(connection, CONTEXT, next)).toMatchObject({
      state: 'running',
      model: { run: 'next' },
    });
    expect(left()).toEqual(['deployed', 'deployment.json']);
  });

  test('what is missing is told with its packages, and nothing is deployed', async () => {
    machine.set('needs', 'program clang\nheader /lib/modules/6.1/build\nkernel BTF\n');
    const lacking = await plan();
    expect(lacking.missing.map(({ what }) => what)).toEqual([
      ...['the program clang', "the kernel's headers (/lib/modules/6.1/build)", 'of the kernel: BTF'],
    ]);
    expect(lacking.missing[2]!.packages).toBeNull();
    await expect(deploy(connection, CONTEXT, lacking)).rejects.toMatchObject({
      code: 'wrong-usage',
      message: text(/lacks the program clang .*CONFIG_DEBUG_INFO_BTF/),
    });
    machine.set('fail-needs', 'out of order\n');
    await expect(plan()).rejects.toMatchObject({
      message: text(/cannot be asked what it needs: out of order/),
    });
    expect(left()).toEqual([]);
  });

  test('a start that fails leaves nothing', async () => {
    machine.set('fail-start', 'the verifier says no\n');
    await expect(deployed()).rejects.toMatchObject({
      code: 'remote-failed',
      message: 'Loading the model failed on the machine: the verifier says no.',
    });
    expect(left()).toEqual([]);
    expect(await deploymentStatus(connection, CONTEXT)).toMatchObject({ state: 'none' });
    expect(machine.read('calls')).toContain('remove');

    machine.set('fail-remove', 'it is in use\n');
    await expect(deployed()).rejects.toMatchObject({
      message: text(/no; and it cannot be removed: it is in use/),
    });
    expect(left()).toEqual(['deployed', 'deployment.json']);
    await expect(removeDeployment(connection, CONTEXT)).rejects.toMatchObject({
      message: text(/it is in use/),
    });
    machine.unset('fail-remove');
    expect(await removeDeployment(connection, CONTEXT)).toMatchObject({ state: 'none' });
  });

  test('a mode or a swap that is refused changes nothing', async () => {
    await expect(setDeployedMode(connection, CONTEXT, 'off')).rejects.toMatchObject({ code: 'not-found' });
    await deployed();
    machine.set('fail-mode', 'not now\n');
    await expect(setDeployedMode(connection, CONTEXT, 'active')).rejects.toMatchObject({
      message: 'The mode active failed on the machine: not now.',
    });
    const folder = machine.emitted('other');
    writeFileSync(join(folder, 'model.swap'), 'XXXX');
    const swap = swapDeployed(connection, CONTEXT, await swapOf(folder, CONTEXT));
    await expect(swap).rejects.toMatchObject({ code: 'remote-failed' });
    expect(await deploymentStatus(connection, CONTEXT)).toMatchObject({
      ...{ state: 'running', model: { run: 'first' }, stats: { swaps: 0, mode: 'shadow' } },
    });
    expect(left()).toEqual(['deployed', 'deployment.json']);
  });

  test('an oops after the start: the model is switched off, and the lines are told', async () => {
    machine.set('log-start', `[  99.4] usual\n${OOPS}[  99.6] Call Trace:\n[  99.6]  <TASK>\n`);
    await expect(deployed()).rejects.toMatchObject({
      code: 'remote-failed',
      message: text(
        /Since the model was loaded, the kernel of the machine complained: .*NULL pointer.* It was switched off/,
      ),
    });
    const status = await deploymentStatus(connection, CONTEXT);
    expect(status).toMatchObject({ state: 'running', stats: { mode: 'off' } });
    expect(status.trouble).toEqual([OOPS.trim(), '[  99.6] Call Trace:', '[  99.6]  <TASK>']);
    // What is known already is no new trouble.
    expect((await setDeployedMode(connection, CONTEXT, 'shadow')).stats!.mode).toBe('shadow');
    machine.set('log-mode', OOPS);
    await expect(setDeployedMode(connection, CONTEXT, 'active')).rejects.toMatchObject({
      message: text(/Since the mode is active, the kernel of the machine complained/),
    });
  });

  test('a kernel that marks itself as tainted by an oops, though its log says nothing', async () => {
    machine.set('tainted', '4096\n');
    await deployed();
    // 4096: a module of others; 128: it died.
    machine.set('tainted', '4224\n');
    expect((await deploymentStatus(connection, CONTEXT)).trouble).toEqual([text(/tainted.*oops or BUG/)]);
  });

  test('a self-test that fails is a failure', async () => {
    machine.setStats({ ...STATS, selfTest: 'failed' });
    await expect(deployed()).rejects.toMatchObject({ message: text(/its self-test failed/) });
  });

  test('started anew during a step, and since', async () => {
    const first = await plan();
    machine.set('boot-id', '11111111-2222-3333-4444-555555555555\n');
    await expect(deploy(connection, CONTEXT, first)).rejects.toMatchObject({
      message: text(/was started anew since .* writing the files\. It may have crashed/),
    });
    machine.reset();
    await deployed();
    // The machine goes down: no model, another boot, and what the journal and pstore keep.
    machine.unset('mode');
    const path = join(machine.deployed, 'deployment.json');
    const told = readFileSync(path, 'utf8');
    const bootId = /"bootId":"([^"]*)"/.exec(told)![1]!;
    writeFileSync(path, told.replace(bootId, '11111111-2222-3333-4444-555555555555'));
    const id = /"id":"([^"]*)"/.exec(told)![1]!;
    machine.set('old-log', `WARNING: of before\nkernel-oracle: deployment ${id} begins\n${OOPS}`);
    expect(await deploymentStatus(connection, CONTEXT)).toMatchObject({
      ...{ state: 'rebooted', way: 'module', model: { run: 'first' }, stats: null, trouble: [OOPS.trim()] },
    });
    expect(machine.read('journal-asked')).toContain('-b 11111111222233334444555555555555');
    await expect(setDeployedMode(connection, CONTEXT, 'off')).rejects.toMatchObject({
      message: text(/started anew since it was deployed/),
    });
    expect((await plan()).steps).toContainEqual(text(/^Removes the folder of the model .* no more\.$/));
    expect(await deployed()).toMatchObject({ state: 'running' });
  });

  test('gone in the same boot: missing', async () => {
    await deployed();
    machine.unset('mode');
    expect(await deploymentStatus(connection, CONTEXT)).toMatchObject({ state: 'missing', stats: null });
  });

  test('a connection that is cut while it is loaded: the deployment is whole all the same, and that is said', async () => {
    const first = await plan();
    machine.set('slow-start', '1');
    const other = await connect();
    const running = deploy(other, CONTEXT, first);
    const outcome = running.catch((error: unknown) => error);
    while (!machine.read('calls').includes('start')) await wait(20);
    other.dispose();
    expect(await outcome).toMatchObject({
      code: 'connection-lost',
      message: text(/was lost while the model was being loaded into its kernel: its kernel may have crashed/),
    });
    // The next change waits for it.
    const off = await setDeployedMode(connection, CONTEXT, 'off');
    expect(off).toMatchObject({ state: 'running', stats: { mode: 'off' } });
    expect(left()).toEqual(['deployed', 'deployment.json']);
  });

  test('a connection that is cut while it is compiled: the next one cleans up', async () => {
    const first = await plan();
    machine.set('slow-build', '1');
    const other = await connect();
    const outcome = deploy(other, CONTEXT, first).catch((error: unknown) => error);
    while (!machine.read('calls').includes('build')) await wait(20);
    other.dispose();
    expect(await outcome).toMatchObject({ code: 'connection-lost' });
    expect(left()).toEqual(['deployed.part']);
    const again = await plan();
    expect(again.steps[0]).toMatch(/in place of what an interrupted deployment left there/);
    machine.unset('slow-build');
    expect(await removeDeployment(connection, CONTEXT)).toMatchObject({ state: 'none' });
    expect(left()).toEqual([]);
    expect(await deploy(connection, CONTEXT, again)).toMatchObject({ state: 'running' });
  });

  test('two deployments at once: the one whose files were replaced gives up', async () => {
    machine.set('slow-build', '0.5');
    const [one, two] = await Promise.allSettled([
      deploy(connection, CONTEXT, await plan()),
      deploy(connection, CONTEXT, await plan({ emitted: machine.emitted('second') })),
    ]);
    const failures = [one, two].filter(({ status }) => status === 'rejected');
    expect(failures.length).toBeLessThan(2);
    expect(left()).toEqual(['deployed', 'deployment.json']);
    expect(await deploymentStatus(connection, CONTEXT)).toMatchObject({ state: 'running' });
  });

  test('nonsense from the machine is refused', async () => {
    await deployed();
    machine.set('stats', '{"way":"module"}');
    await expect(deploymentStatus(connection, CONTEXT)).rejects.toMatchObject({
      code: 'bad-input',
      message: text(/cannot be understood/),
    });
    expect((await removeDeployment(connection, CONTEXT)).state).toBe('none');
  });

  test('a kernel that was built with a model is asked, and switched, without having been deployed to', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(machine.state('sysfs'));
    machine.set('sysfs/stats', JSON.stringify({ ...STATS, way: 'patched' }));
    machine.set('sysfs/mode', 'shadow\n');
    machine.set('sysfs/model', '');
    expect(await deploymentStatus(connection, CONTEXT)).toMatchObject({
      ...{ state: 'running', way: 'patched', model: null },
    });
    await setDeployedMode(connection, CONTEXT, 'active');
    expect(machine.read('sysfs/mode')).toBe('active\n');
    await swapDeployed(connection, CONTEXT, await swapOf(machine.emitted('other'), CONTEXT));
    expect(machine.read('sysfs/model')).toBe('KOS1other');
    await removeDeployment(connection, CONTEXT);
    expect(machine.read('sysfs/mode')).toBe('off\n');
    expect(left()).toEqual([]);
  });
});
