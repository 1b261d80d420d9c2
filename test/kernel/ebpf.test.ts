/**
 * Programs of eBPF of all kinds of models before the verifier of an older kernel than that of most who work at them, and at
 * can_migrate_task(). Built here: that takes a minute there.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNeuralCfsRun, writeNeuralCfsRun } from '../../src/learning/migrations/runs/runFolder.js';
import type { TrainedRun } from '../../src/learning/migrations/runs/neuralCfsRun.js';
import type { DeployedStats } from '../../src/protocol/deployment.js';
import type { Connection } from '../../src/remote/connection.js';
import { runCommand } from '../../src/remote/runCommand.js';
import { shellProgram } from '../../src/remote/shellCommand.js';
import { builtFolder, missingToBuild, untrainedRun } from '../support/ebpfFolder.js';
import { randomNumbers } from '../support/randomNumbers.js';
import { decidingAlways } from '../support/swapFiles.js';
import { drawnCalls, newRun } from '../support/trainedRuns.js';
import { setOf } from '../unit/dataset/migrations/setBuilder.js';
import { KernelMachine, shell } from './harness/kernelMachine.js';

const FOLDER = '/var/tmp/ebpf-test';
const KINDS = ['network', 'small', 'linear', 'tree', 'wide', 'deep'] as const;
const OUTCOMES = ['refused', 'allowed', 'forced'] as const;

const machine = new KernelMachine();
let root: Connection;
let folder: string | undefined;

beforeAll(async () => {
  if ((await missingToBuild()) !== undefined) return;
  const made = mkdtempSync(join(tmpdir(), 'ko-ebpf-'));
  folder = made;
  const set = await setOf({ smp4_alpha: drawnCalls(700) });
  const trainedRun = async (model: string): Promise<TrainedRun> => {
    const path = join(made, `run-${model}`);
    await writeNeuralCfsRun(await newRun(set, model), { path, replace: false });
    return readNeuralCfsRun(path);
  };
  const random = randomNumbers(5);
  const network = await trainedRun('libml');
  const at = (name: string) => join(made, 'built', name);
  execFileSync('mkdir', ['-p', join(made, 'built')]);
  await builtFolder(network, at('network'), 16);
  await builtFolder(network, at('small'), 8);
  await builtFolder(await trainedRun('logistic'), at('linear'), 16);
  await builtFolder(await trainedRun('tree'), at('tree'));
  // As many inputs and units as there is room for, and as many layers.
  await builtFolder(untrainedRun(network, [40, 1], random), at('wide'), 16);
  await builtFolder(untrainedRun(network, [16, 12, 8, 1], random), at('deep'), 16);
  const own = readFileSync(join(at('linear'), 'model.swap'));
  writeFileSync(join(at('linear'), 'always1'), decidingAlways(own, 1));
  root = await machine.connect();
  const { code } = await runCommand(
    root,
    'Unpacking',
    shellProgram(`mkdir -p ${FOLDER} && tar -x -C ${FOLDER}`, []),
    { input: execFileSync('tar', ['-c', '-C', join(made, 'built'), '.'], { maxBuffer: 2 ** 26 }) },
  );
  expect(code).toBe(0);
});
afterAll(async () => {
  if (folder !== undefined) {
    await shell(root, `sh ${FOLDER}/linear/control remove; rm -rf ${FOLDER}`);
    rmSync(folder, { recursive: true, force: true });
  }
  machine.dispose();
});

const control = (kind: string, words: string) => shell(root, `sh ${FOLDER}/${kind}/control ${words}`);
/** What hangs in the kernel of ours, by name. */
const OURS = `bpftool prog show | grep -E 'name (ask|entered|left) ' || true; bpftool link show; ls /sys/fs/bpf`;

test.each(KINDS)('%s: is taken by the verifier, is right, watches, and is gone', async (kind) => {
  await requireToBuildHere();
  const before = await shell(root, OURS);
  const words = ['check', 'start shadow', 'stats', 'remove'];
  const program = words.map((each) => `sh ${FOLDER}/${kind}/control ${each}`).join(' && ');
  const [checked, told] = (await shell(root, program)).split('\n');
  expect(checked).toBe('100 rows: as expected');
  expect(JSON.parse(told!)).toMatchObject({ way: 'ebpf', mode: 'shadow', selfTest: 'passed', swaps: 0 });
  expect(await shell(root, OURS)).toBe(before);
});

test('under load it counts; another model takes its place; off, and it counts no more', async () => {
  await requireToBuildHere();
  expect(await control('linear', 'needs')).toBe('');
  const stats = async () => JSON.parse(await control('linear', 'stats')) as DeployedStats;
  const calls = (told: DeployedStats) =>
    OUTCOMES.reduce((sum, each) => sum + told[each][0] + told[each][1], 0);
  const load = () => shell(root, 'hackbench -p -g 2 -l 50 >/dev/null');
  await control('linear', 'start shadow');
  await load();
  const first = await stats();
  expect(calls(first)).toBeGreaterThan(20);
  expect(first.modelNs).toBeGreaterThan(0);
  expect(first.callNs).toBeGreaterThan(0);
  expect(first.forcedBy).not.toBe('nothing');
  await control('linear', `swap ${FOLDER}/linear/always1`);
  await load();
  const second = await stats();
  expect(second).toMatchObject({ slot: 1, swaps: 1, mode: 'shadow', selfTest: 'passed' });
  expect(OUTCOMES.map((each) => second[each][0])).toEqual([0, 0, 0]);
  expect(calls(second)).toBeGreaterThan(20);
  await control('linear', 'mode off');
  const off = await stats();
  await load();
  expect(await stats()).toEqual({ ...off, mode: 'off' });
  await control('linear', 'mode shadow');
  await load();
  expect(calls(await stats())).toBeGreaterThan(calls(off));
  const refused = await runCommand(
    root,
    'active',
    shellProgram(`sh ${FOLDER}/linear/control mode active`, []),
  );
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('eBPF can only watch') as string,
  });
  await control('linear', 'remove');
});

async function requireToBuildHere(): Promise<void> {
  const missing = await missingToBuild();
  if (missing !== undefined) throw new Error(`Nothing could be tried: ${missing}`);
}
