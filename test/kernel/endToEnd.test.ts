/** From nothing to a measured model that decides in a kernel, and back, by the command line alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeployedStatus } from '../../src/protocol/deployment.js';
import type { Connection } from '../../src/remote/connection.js';
import { readMeasured } from '../../src/remote/deploy/measure/measured.js';
import { buildCli, run } from '../integration/cliProcess.js';
import { KernelMachine, settledState, shell, stateOf } from './harness/kernelMachine.js';
import { LOAD } from './harness/migrationRecording.js';
import { NAME, sshConfig } from './harness/sshConfig.js';

const machine = new KernelMachine();
const path = (name: string) => join(machine.folder, name);
let root: Connection;
let before: string;
let cli: string;
let config: string;

beforeAll(async () => {
  cli = await buildCli(machine.folder);
  root = await machine.connect();
  before = await stateOf(root);
  config = sshConfig(machine);
}, 300_000);
afterAll(() => {
  machine.dispose();
});

/** Fails with what it complained of. */
async function oracle(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(process.execPath, [cli, ...args]);
  expect(status, `kernel-oracle ${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

const there = (...args: string[]) => oracle(...args, '--ssh-config', config);
const status = async () => JSON.parse(await there('deploy', 'status', NAME, '--json')) as DeployedStatus;
const load = (seconds: number) => shell(root, LOAD, String(seconds));

/** A recording with forced migrations, and a model of it. */
async function trained(name: string, seed: number): Promise<string> {
  const records = path(`${name}.can_migrate_task.csv`);
  const how = ['--with', 'bpftrace', '--migration-cost', '10000000', '--command', LOAD.replace('$1', '12')];
  await there('collect', 'run', NAME, ...how, '-o', records, '--quiet');
  await oracle(
    ...['neural-cfs', 'train', records, '--experiment', '1', '--model', 'libml', '--columns', COLUMNS],
    ...['--seed', String(seed), '-o', path(name), '--quiet'],
  );
  return path(name);
}

/** Those that vary in every recording, so that all models have one shape. */
const COLUMNS = 'delta,src_rq_nr_running,dst_rq_load,task_util_avg,sd_nr_balance_failed';

test(
  'collect, train, emit, deploy in the shadow, swap, deploy active, measure, compare, remove',
  { timeout: 1_500_000 },
  async () => {
    const [first, second] = [await trained('first', 1), await trained('second', 2)];
    await oracle('emit', first, '--target', 'ebpf', '-o', path('sources'));
    expect(readdirSync(path('sources'))).toContain('control');

    await there('deploy', 'run', NAME, first, '--as', 'ebpf', '--yes');
    await load(5);
    const shadow = await status();
    expect(shadow).toMatchObject({ state: 'running', way: 'ebpf', trouble: [] });
    expect(shadow).toMatchObject({ model: { run: 'first' }, stats: { mode: 'shadow', selfTest: 'passed' } });
    await there('deploy', 'swap', NAME, second);
    await load(5);
    expect(await status()).toMatchObject({ model: { run: 'second' }, stats: { swaps: 1 }, trouble: [] });

    // In its place: what was deployed before is taken away.
    await there('deploy', 'run', NAME, first, '--as', 'module', '--mode', 'active', '--yes');
    await load(5);
    const active = await status();
    expect(active).toMatchObject({ way: 'module', stats: { mode: 'active' }, trouble: [] });
    const { overruled, vetoed } = active.stats!;
    expect(overruled.toRefused + overruled.toAllowed + vetoed).toBeGreaterThan(0);

    await there(
      ...['deploy', 'measure', NAME, '--probe', 'function_graph', '--seconds', '4', '--repeats', '2'],
      ...['--warm-ups', '0', '--command', LOAD.replace('$1', '4'), '-o', path('measured'), '--quiet'],
    );
    const measured = await readMeasured(join(path('measured'), 'measured.json'));
    expect(measured.state).toBe('complete');
    expect(measured.results.map(({ mode, n }) => [mode, n > 0])).toEqual(
      ['off', 'shadow', 'active'].map((mode) => [mode, true]),
    );
    expect(measured.inKernel.map(({ mode }) => mode)).toEqual(['shadow', 'active']);
    expect(measured.inKernel[0]!.agreement!.accuracy).toBeGreaterThan(0);
    for (const { mode, n, medianNs } of measured.results)
      console.log(`${mode}: ${n} calls, median ${medianNs} ns`);
    const files = measured.results.map(({ file }) => join(path('measured'), file));
    expect(readFileSync(files[0]!, 'utf8')).toMatch(/^# probe: function_graph/m);
    expect(await oracle('latency-density', ...files)).toMatch(/shadow/);

    await there('deploy', 'remove', NAME);
    expect(await status()).toMatchObject({ state: 'none', stats: null });
    expect(await settledState(root, before, 30_000)).toBe(before);
    expect(
      await shell(root, 'lsmod | grep -c kernel_oracle; ls /var/lib/kernel-oracle 2>&1 | wc -l; true'),
    ).toMatch(/^0\n/);
  },
);
