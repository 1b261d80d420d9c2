/** Latencies of can_migrate_task() with a model's hook and without, by both probes; the machine is as it was afterwards. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readLatencyFile } from '../../src/analysis/latency/readLatencyFile.js';
import type { DeployedStatus } from '../../src/protocol/deployment.js';
import type { Connection } from '../../src/remote/connection.js';
import { describedLatencies, readResultLatencies } from '../../src/remote/benchmarks/latencySets.js';
import { measureDeployed } from '../../src/remote/deploy/measure/measureDeployed.js';
import { USUAL_REQUEST } from '../../src/remote/deploy/measure/measureRequest.js';
import { readMeasured } from '../../src/remote/deploy/measure/measured.js';
import { CONTEXT, KernelMachine, settledState, shell, stateOf } from './harness/kernelMachine.js';
import { STAND_IN_CONTROL } from './harness/standInControl.js';

const DEPLOYED = '/run/kernel-oracle-test-deployed';
const TRACER = `cd /sys/kernel/tracing; cat set_ftrace_filter buffer_size_kb options/funcgraph-duration; grep entries per_cpu/*/stats; cat /run/kernel-oracle-test-mode`;
const LOAD = 'while :; do hackbench -p -g 1 -l 100 >/dev/null; done';
const WORKLOAD = {
  name: 'hackbench',
  program: { kind: 'shell', text: LOAD },
  timeoutMs: 600_000,
} as const;
const REQUEST = { ...USUAL_REQUEST, workload: WORKLOAD, seconds: 2, warmUps: 0 };
const STATUS: DeployedStatus = {
  ...{ machine: 'kernel-machine', kernel: '', bootId: '', state: 'running', way: 'module' },
  ...{ model: null, stats: null, trouble: [] },
};
const CONTROL = { signal: new AbortController().signal };
const OPTIONS = { deployedFolder: DEPLOYED, status: () => Promise.resolve(STATUS) };

describe('the cost of a deployed model', { timeout: 300_000 }, () => {
  const machine = new KernelMachine();
  let root: Connection;
  let before: string;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ko-measure-'));
    root = await machine.connect();
    // The tracer's buffer gets its usual size when it is used first, and keeps it.
    await shell(root, 'cd /sys/kernel/tracing; echo 1408 >buffer_size_kb; echo >trace');
    await shell(
      root,
      'mkdir -p "$1"; printf %s "$2" >"$1/control"; cd "$1"; sh ./control start shadow',
      DEPLOYED,
      STAND_IN_CONTROL,
    );
    before = (await stateOf(root)) + (await shell(root, TRACER));
  });
  afterEach(async () => {
    await settledState(root, before.slice(0, before.indexOf('####')), 60_000);
    expect((await stateOf(root)) + (await shell(root, TRACER))).toBe(before);
  });
  afterAll(async () => {
    await shell(root, 'cd "$1"; sh ./control remove; rm -r "$1"', DEPLOYED);
    rmSync(folder, { recursive: true });
    machine.dispose();
  });

  test('both probes time the calls that the kernel counts, off and in shadow', async () => {
    const output = join(folder, 'both');
    const request = { ...REQUEST, repeats: 1, folder: output, modes: ['off', 'shadow'] as const };
    const measured = await measureDeployed(root, CONTEXT, request, CONTROL, OPTIONS);
    expect(await readMeasured(join(output, 'measured.json'))).toEqual(measured);
    expect(measured).toMatchObject({ state: 'complete', machine: { virtualisation: 'qemu' } });
    expect(measured.repeats.map(({ failure }) => failure)).toEqual(Array<null>(4).fill(null));
    for (const probe of ['function_graph', 'fentry'] as const) {
      const [off, shadow] = measured.results.filter((each) => each.probe === probe);
      console.log(probe, off?.n, off?.medianNs, shadow?.n, shadow?.medianNs);
      expect(off).toMatchObject({ mode: 'off', repeats: 1, ratio: null });
      // Times here say nothing while others use the processor, too; counts do: they are of a time a little longer.
      const repeat = measured.repeats.find((each) => each.mode === 'shadow' && each.probe === probe)!;
      expect(shadow!.n).toBeGreaterThan(0);
      expect(shadow!.n).toBeLessThanOrEqual(repeat.counts!.refused[0]);
      const file = await readLatencyFile(join(output, shadow!.file), {
        readResults: readResultLatencies,
        describe: describedLatencies,
      });
      expect(file.parts[0]!.count).toBe(shadow!.n);
      expect(file).toMatchObject({ told: { label: 'shadow', unit: 'ns' }, badLines: 0 });
      expect(file.told.machine).toContain('QEMU');
    }
    expect(measured.inKernel[0]!.modelNsPerCall).toBe(1000);
  });

  test('a tracer that somebody uses is left alone', async () => {
    await shell(root, 'echo wakeup >/sys/kernel/tracing/current_tracer');
    const request = { ...REQUEST, repeats: 1, folder: join(folder, 'refused') };
    try {
      await expect(
        measureDeployed(root, CONTEXT, { ...request, probes: ['function_graph'] }, CONTROL, OPTIONS),
      ).rejects.toThrow(/The tracer wakeup is in use on this machine.*echo nop/);
      expect(await shell(root, 'cat /sys/kernel/tracing/current_tracer')).toBe('wakeup\n');
    } finally {
      await shell(root, 'cd /sys/kernel/tracing; echo nop >current_tracer; echo >trace');
    }
  });

  test('a buffer that is too small is told, and what is left is written', async () => {
    const output = join(folder, 'small');
    const request = { ...REQUEST, repeats: 1, folder: output, modes: ['off'] as const };
    const measured = await measureDeployed(
      root,
      CONTEXT,
      { ...request, probes: ['function_graph'], bufferKbPerCpu: 4 },
      CONTROL,
      OPTIONS,
    );
    expect(measured.results[0]!.lost).toBeGreaterThan(0);
    expect(measured.remarks.join('\n')).toContain('entries were lost');
    expect(readFileSync(join(output, measured.results[0]!.file), 'utf8')).toContain('# label: off\n');
  });
});
