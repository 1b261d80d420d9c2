/** A model in a module of a kernel: built there, in the shadow and in place of can_migrate_task(), swapped, broken, taken out under load. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readNeuralCfsRun, writeNeuralCfsRun } from '../../src/learning/migrations/runs/runFolder.js';
import { emitRun } from '../../src/libml/emit/emitRun.js';
import type { DeployedStats } from '../../src/protocol/deployment.js';
import type { Connection } from '../../src/remote/connection.js';
import { outputOf, runCommand } from '../../src/remote/runCommand.js';
import { shellProgram } from '../../src/remote/shellCommand.js';
import { decidingAlways, withChanged } from '../support/swapFiles.js';
import { drawnCalls, newRun } from '../support/trainedRuns.js';
import { setOf } from '../unit/dataset/migrations/setBuilder.js';
import { KernelMachine, shell, stateOf } from './harness/kernelMachine.js';

const FOLDER = '/var/tmp/module-test';
const CONTROL = `sh ${FOLDER}/control`;
const LIBRARY = fileURLToPath(new URL('../../media/libml', import.meta.url));
/** What is said of a call whatever the model says: the sum of all of these is all calls. */
const OUTCOMES = ['refused', 'allowed', 'forced'] as const;

const machine = new KernelMachine();
let root: Connection;
let folder: string;
let before: string;
let oopses: string;

/** Things that a kernel says when something went wrong in it. */
const OOPSES = `dmesg | grep -c -E 'Oops|BUG:|WARNING:|general protection|stall' || true`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ko-module-'));
  const run = join(folder, 'run');
  const set = await setOf({ smp4_alpha: drawnCalls(700) });
  await writeNeuralCfsRun(await newRun(set, 'logistic'), { path: run, replace: false });
  await emitRun(await readNeuralCfsRun(run), {
    ...{ name: 'tiny', output: join(folder, 'module'), replace: false, library: LIBRARY },
    ...{ target: 'module', kernelOracleVersion: '0.0.0-test' },
  });
  const own = readFileSync(join(folder, 'module', 'model.swap'));
  for (const always of [0, 1] as const) {
    writeFileSync(join(folder, 'module', `always${always}`), decidingAlways(own, always));
  }
  writeFileSync(join(folder, 'module', 'wrong'), withChanged(own, own.length - 1));
  writeFileSync(join(folder, 'module', 'short'), own.subarray(0, -1));
  root = await machine.connect();
  before = await stateOf(root);
  const { code } = await runCommand(
    root,
    'Unpacking',
    shellProgram(`mkdir -p ${FOLDER} && tar -x -C ${FOLDER}`, []),
    { input: execFileSync('tar', ['-c', '-C', join(folder, 'module'), '.']) },
  );
  expect(code).toBe(0);
  oopses = await shell(root, OOPSES);
});
afterEach(async () => {
  await shell(root, `pkill -x hackbench; ${CONTROL} remove; sysctl -q -w kernel.sched_schedstats=0`);
  expect(await shell(root, OOPSES)).toBe(oopses);
});
afterAll(async () => {
  await shell(root, `rm -rf ${FOLDER} ${FOLDER}-corrupt`);
  expect(await stateOf(root)).toBe(before);
  machine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function stats(): Promise<DeployedStats> {
  return JSON.parse(await shell(root, `${CONTROL} stats`)) as DeployedStats;
}

function calls(told: DeployedStats): number {
  return OUTCOMES.reduce((sum, outcome) => sum + told[outcome][0] + told[outcome][1], 0);
}

/** Of the scheduler, for so long. */
function load(seconds: number): Promise<string> {
  return shell(
    root,
    `end=$(($(date +%s) + ${seconds})); while [ $(date +%s) -lt $end ]; do hackbench -p -g 2 -l 50 >/dev/null; done`,
  );
}

/** What control says of what it does not do. */
async function refusal(words: string): Promise<string> {
  const { code, stderr } = await runCommand(root, words, shellProgram(`${CONTROL} ${words}`, []));
  expect(code).toBe(1);
  return stderr.trim();
}

describe('a model in a module', { timeout: 300_000 }, () => {
  test('it is built there, says inside the kernel what it should, and leaves nothing', async () => {
    expect(await shell(root, `${CONTROL} needs`)).toBe('');
    expect(await refusal('start shadow')).toMatch(/not built/);
    await shell(root, `${CONTROL} build && ${CONTROL} check`);
    expect(
      await shell(root, 'ls -d /sys/kernel/kernel_oracle /sys/module/kernel_oracle 2>/dev/null || true'),
    ).toBe('');
    await shell(root, `${CONTROL} remove`);
  });

  test('members lie where the kernel says that they lie', async () => {
    const header = await shell(root, `cat ${FOLDER}/kernel_oracle_offsets.h`);
    const types = await outputOf(
      root,
      'bpftool',
      shellProgram(
        `bpftool btf dump file /sys/kernel/btf/vmlinux | grep -A 120 -E "STRUCT '(lb_env|rq)' "`,
        [],
      ),
    );
    const structure = {
      lb_env: ['sd', 'src_rq', 'dst_cpu', 'imbalance', 'loop'],
      rq: ['nr_running', 'cfs', 'clock_task'],
    };
    for (const [name, wanted] of Object.entries(structure)) {
      const body = types.slice(types.indexOf(`STRUCT '${name}' `)).split(/\n\[/)[0]!;
      for (const member of wanted) {
        const bits = new RegExp(`'${member}' type_id=\\d+ bits_offset=(\\d+)`).exec(body)?.[1];
        expect(header, member).toContain(`char before_${member}[${Number(bits) / 8}];`);
      }
    }
  });

  test('in the shadow it counts and changes nothing; then another takes its place', async () => {
    await shell(root, `${CONTROL} start shadow`);
    await load(4);
    const told = await stats();
    expect(told).toMatchObject({ way: 'module', mode: 'shadow', slot: 0, swaps: 0, vetoed: 0, notAsked: 0 });
    expect(told).toMatchObject({
      forcedBy: 'task',
      selfTest: 'passed',
      overruled: { toRefused: 0, toAllowed: 0 },
    });
    expect(calls(told)).toBeGreaterThan(50);
    expect(told.allowed[0] + told.allowed[1]).toBeGreaterThan(0);
    expect(told.modelNs).toBeGreaterThan(100 * calls(told));
    await shell(root, `${CONTROL} mode off`);
    expect(await shell(root, 'cat /sys/kernel/tracing/enabled_functions')).not.toContain('can_migrate_task');
    await shell(root, `${CONTROL} swap ${FOLDER}/always1`);
    expect(calls(await stats())).toBe(0);
    await shell(root, `${CONTROL} mode shadow`);
    await load(4);
    const after = await stats();
    expect(after).toMatchObject({ slot: 1, swaps: 1 });
    expect(OUTCOMES.map((outcome) => after[outcome][0])).toEqual([0, 0, 0]);
    expect(calls(after)).toBeGreaterThan(50);
  });

  test('what is no model, or one that says something else than it should, is refused', async () => {
    await shell(root, `${CONTROL} start shadow`);
    expect(await refusal(`swap ${FOLDER}/wrong`)).toBe(
      'Refused: The new model does not say of its rows what it should.',
    );
    expect(await refusal(`swap ${FOLDER}/short`)).toMatch(/not all of one/);
    expect(await refusal(`swap ${FOLDER}/control`)).toMatch(/is no model.swap/);
    // What control would not let through.
    await shell(root, `! cat ${FOLDER}/control >/sys/kernel/kernel_oracle/model 2>/dev/null`);
    await shell(root, `cat ${FOLDER}/short >/sys/kernel/kernel_oracle/model`);
    expect(await stats()).toMatchObject({ mode: 'shadow', slot: 0, swaps: 0, selfTest: 'passed' });
    expect(await refusal('start off')).toMatch(/already/);
    expect(await refusal('mode on')).toMatch(/no mode 'on'/);
  });

  test('active: it has its way within the safety rule only', async () => {
    await shell(
      root,
      `sysctl -q -w kernel.sched_schedstats=1; ${CONTROL} start active && ${CONTROL} swap ${FOLDER}/always1`,
    );
    await load(5);
    const yes = await stats();
    expect(yes.mode).toBe('active');
    expect(yes.vetoed).toBeGreaterThan(0);
    // Each call that the kernel refused was either for being hot, or is not the model's to allow.
    expect(yes.overruled.toAllowed + yes.vetoed).toBe(yes.refused[1]);
    expect(yes.overruled.toRefused).toBe(0);
    await shell(root, `${CONTROL} swap ${FOLDER}/always0`);
    await load(5);
    const no = await stats();
    // The model is one of experiment 3: it decides about hot tasks alone.
    expect(no.overruled).toEqual({ toRefused: no.forced[0], toAllowed: 0 });
    expect(no.vetoed).toBe(0);
  });

  test('without statistics of the scheduler it allows nothing, and that is said', async () => {
    const { stderr } = await runCommand(root, 'start', shellProgram(`${CONTROL} start active`, []));
    expect(stderr).toMatch(/sched_schedstats is 0/);
    await shell(root, `${CONTROL} swap ${FOLDER}/always1`);
    await load(5);
    const told = await stats();
    expect(told.overruled.toAllowed).toBe(0);
    expect(told.vetoed).toBe(told.refused[1]);
    expect(told.vetoed).toBeGreaterThan(0);
  });

  test('a model that is no longer what it was is switched off', async () => {
    await shell(root, `${CONTROL} start active`);
    await corrupt();
    expect(await shell(root, 'cat /sys/kernel/kernel_oracle/self_test')).toBe('failed\n');
    expect(await stats()).toMatchObject({ mode: 'off', selfTest: 'failed' });
    expect(await shell(root, 'cat /sys/kernel/tracing/enabled_functions')).not.toContain('can_migrate_task');
    expect(await refusal('mode shadow')).toMatch(/fails its self-test/);
    await shell(root, `${CONTROL} swap ${FOLDER}/model.swap && ${CONTROL} mode shadow`);
    expect(await stats()).toMatchObject({ mode: 'shadow', selfTest: 'passed' });
  });

  test('it comes and goes under load, while its files are open', async () => {
    await shell(
      root,
      `cd ${FOLDER}; while :; do hackbench -p -g 2 -l 50 >/dev/null; done & load=$!; trap 'kill $load' EXIT
      for i in 1 2 3 4 5 6; do ${CONTROL} start active || exit 1
        exec 7</sys/kernel/kernel_oracle/stats 8>/sys/kernel/kernel_oracle/model; head -c 100 model.swap >&8
        ${CONTROL} remove || exit 1; ! cat <&7 2>/dev/null || exit 1; exec 7<&- 8>&-; done`,
    );
    expect(await shell(root, 'ls -d /sys/kernel/kernel_oracle 2>/dev/null || true')).toBe('');
  });

  test.for([
    ['the model', 'bpftrace'],
    ['bpftrace', 'the model'],
  ])('%s hangs there first, then %s: both see all calls', async ([first]) => {
    if (first === 'the model') await shell(root, `${CONTROL} start active`);
    const traced = shell(root, `bpftrace -e 'kretfunc:can_migrate_task { @[retval] = count(); }'`);
    await shell(root, 'until bpftool prog show | grep -q "name can_migrate_tas"; do sleep 0.5; done');
    if (first !== 'the model') await shell(root, `${CONTROL} start active`);
    const begun = calls(await stats());
    await load(4);
    const ended = calls(await stats());
    await shell(root, 'pkill -INT -x bpftrace');
    const counted = Array.from((await traced).matchAll(/@\[\d+\]: (\d+)/g), ([, each]) => Number(each));
    const seen = counted.reduce((sum, each) => sum + each, 0);
    expect(ended - begun).toBeGreaterThan(50);
    // It begins before, and ends after.
    expect(seen).toBeGreaterThanOrEqual(ended - begun);
  });
});

/** Turns one bit of the model that decides, by a module made for nothing else: what a broken memory would do. */
async function corrupt(): Promise<void> {
  const source = `#include <linux/module.h>
static ulong at;
module_param(at, ulong, 0);
static int __init load(void) { ((u8 *)at)[60] ^= 8; return -EAGAIN; }
module_init(load);
MODULE_LICENSE("Dual MIT/GPL");
`;
  await shell(
    root,
    `mkdir -p ${FOLDER}-corrupt; cd ${FOLDER}-corrupt; printf '%s' "$1" >corrupt.c; echo 'obj-m := corrupt.o' >Kbuild
    make -s -C /lib/modules/$(uname -r)/build M=$PWD modules >/dev/null 2>&1 || exit 1
    slots=$(awk '$3 == "slots" && $4 == "[kernel_oracle]" { print $1 }' /proc/kallsyms)
    ! insmod ./corrupt.ko at=0x$slots 2>/dev/null`,
    source,
  );
}
