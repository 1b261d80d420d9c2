import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../../src/base/errors.js';
import { metaPathOf, readRecordingMeta } from '../../../src/remote/artifacts/recordingMeta.js';
import { Machine } from '../../../src/remote/machine.js';
import { RemotePrograms } from '../../../src/remote/remotePrograms.js';
import { parsePlan, summaryPathOf } from '../../../src/remote/workloads/plan.js';
import { writePlanSummary, type PlanSummary } from '../../../src/remote/workloads/planSummary.js';
import { runPlan, type PlanCellState } from '../../../src/remote/workloads/runPlan.js';
import { GuardedMachine } from '../../support/guardedMachine.js';
import { noSshServer } from '../../support/sshServer.js';

const missing =
  noSshServer() ??
  (existsSync('/sys/kernel/tracing/instances') ? undefined : 'tracefs is not mounted at /sys/kernel/tracing');
if (missing !== undefined) console.warn(`No plan is run on machines: ${missing}.`);

const context = {
  programs: new RemotePrograms('media/remote'),
  version: '0.0.0-test',
  now: () => new Date(),
};

const PLAN = `
machines: [one, two]
collectors:
  - collector: tracefs
    events: [sched_switch, sched_wakeup]
    bufferKbPerCpu: 1024
workloads:
  - { name: sleeps, category: short, command: [sh, -c, "for i in 1 2 3 4 5; do sleep 0.1; done; echo slept"] }
  - { name: fails, category: short, shell: "echo why >&2; exit 3" }
runs: 1
pauseSeconds: 0.1
limits: { durationSeconds: 20 }
`;

describe.skipIf(missing !== undefined)('a plan on two machines', () => {
  let servers: GuardedMachine[];
  let machines: Machine[];
  let folder: string;
  beforeAll(async () => {
    servers = [await GuardedMachine.start(), await GuardedMachine.start()];
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ko-plan-'));
    machines = ['one', 'two'].map((name, at) => new Machine(name, () => servers[at]!.connect()));
  });
  afterEach(() => {
    for (const machine of machines) machine.dispose();
    rmSync(folder, { recursive: true });
  });
  afterAll(() => {
    for (const server of servers) server.dispose();
  });

  const signals = () => ({ stop: new AbortController(), cancel: new AbortController() });
  const run = (text: string, onCell?: (index: number, state: PlanCellState) => void, control = signals()) =>
    runPlan(
      parsePlan(text, join(folder, 'kernel-oracle.collect.yaml')),
      machines,
      context,
      onCell === undefined ? {} : { onCell },
      { stop: control.stop.signal, cancel: control.cancel.signal },
    );

  function expectNothingLeft(): void {
    for (const server of servers) {
      expect(server.state()).toMatchObject({ processes: [], temporary: [], instances: [] });
    }
  }

  test('makes every recording with its description, then keeps them', async () => {
    const progress: PlanCellState[] = [];
    const summary = await run(PLAN, (_index, state) => progress.push(state));
    expect(summary.cells.map(({ reason }) => reason)).toEqual([null, null, null, null]);
    expect(summary).toMatchObject({ outcome: 'complete', counts: { recorded: 4 } });
    expect(progress.some((state) => state.progress?.phase === 'collecting')).toBe(true);
    for (const cell of summary.cells) {
      expect(cell.events).toBeGreaterThan(0);
      const path = join(folder, cell.path);
      const meta = await readRecordingMeta(metaPathOf(path));
      expect(meta).toMatchObject({ category: 'short', run: 1, recording: { sha256: cell.sha256 } });
      expect(meta.workload).toMatchObject(
        cell.workload === 'sleeps'
          ? { name: 'sleeps', exitStatus: 0, outputTail: 'slept' }
          : { name: 'fails', exitStatus: 3 },
      );
      // A workload that fails is told, and its recording kept.
      expect(cell.remarks.some((remark) => remark.includes('exit status 3'))).toBe(cell.workload === 'fails');
    }
    expectNothingLeft();

    const path = summaryPathOf(join(folder, 'kernel-oracle.collect.yaml'));
    await writePlanSummary(path, summary);
    expect((JSON.parse(readFileSync(path, 'utf8')) as PlanSummary).cells).toHaveLength(4);

    rmSync(join(folder, summary.cells[0]!.path));
    rmSync(metaPathOf(join(folder, summary.cells[0]!.path)));
    writeFileSync(join(folder, summary.cells[1]!.path), 'damaged');
    const again = await run(PLAN);
    expect(again.cells.map(({ status }) => status)).toEqual(['recorded', 'failed', 'kept', 'kept']);
  });

  test('cancelled: nothing is kept of what ran, and the machines are as before', async () => {
    const control = signals();
    const plan = PLAN.replace('for i in 1 2 3 4 5; do sleep 0.1; done', 'sleep 60');
    const summary = await run(
      plan,
      (_index, { progress }) => {
        if (progress?.phase === 'collecting') {
          for (const server of servers) server.noteRuns();
          control.cancel.abort();
        }
      },
      control,
    );
    expect(summary.outcome).toBe('cancelled');
    expect(summary.counts).toMatchObject({ recorded: 0, dropped: 2, left: 2 });
    for (const { path } of summary.cells) expect(existsSync(join(folder, path))).toBe(false);
    expectNothingLeft();
  });

  test('a built-in workload, and a machine that cannot be reached beside one that can', async () => {
    const [one] = machines;
    const unreachable = new Machine('two', () =>
      Promise.reject(new Failure('connection-failed', 'two cannot be reached: no route.')),
    );
    machines[1]!.dispose();
    machines = [one!, unreachable];
    const plan = PLAN.replace(/workloads:[^]*runs/, 'workloads: [hackbench_pipe_small]\nruns').replace(
      'runs: 1',
      'runs: 2',
    );
    const summary = await run(plan.replace('machines: [one, two]', 'machines: all'));
    expect(summary.cells.map(({ status }) => status)).toEqual(['recorded', 'recorded', 'failed', 'left']);
    expect(summary.cells[2]!.reason).toMatch(/two cannot be reached/);
    const meta = await readRecordingMeta(metaPathOf(join(folder, summary.cells[0]!.path)));
    expect(meta.workload).toMatchObject({ exitStatus: 0 });
    expect(meta.workload?.outputTail).toMatch(/^ran: hackbench -p -g 4 -l 3000/);
    expect(summary.cells[0]!.events).toBeGreaterThan(10_000);
    expectNothingLeft();
  });
});
