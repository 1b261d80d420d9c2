import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../../../src/base/errors.js';
import { metaPathOf, writeRecordingMeta } from '../../../../src/remote/artifacts/recordingMeta.js';
import type { CollectionRequest, CollectionResult } from '../../../../src/remote/collect/collection.js';
import type { Connection } from '../../../../src/remote/connection.js';
import { RemotePrograms } from '../../../../src/remote/remotePrograms.js';
import { parsePlan, summaryPathOf } from '../../../../src/remote/workloads/plan.js';
import { writePlanSummary } from '../../../../src/remote/workloads/planSummary.js';
import {
  runPlan,
  type Collect,
  type PlanCellState,
  type PlanMachine,
} from '../../../../src/remote/workloads/runPlan.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ko-plan-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const context = {
  programs: new RemotePrograms('media/remote'),
  version: '1.2.3',
  now: () => new Date('2026-02-03T04:05:06.789Z'),
};

const TWO_BY_TWO = [
  'machines: [one, two]',
  'workloads:',
  '  - { name: a, category: x, shell: "true" }',
  '  - { name: b, category: x, shell: "true" }',
  'runs: 2',
  'pauseSeconds: 0',
].join('\n');

function planOf(text: string) {
  return parsePlan(text, join(folder, 'kernel-oracle.collect.yaml'));
}

/** A machine that runs one thing at a time, as `Machine` does. */
function machine(name: string): PlanMachine & { atOnce: number; most: number } {
  return {
    name,
    atOnce: 0,
    most: 0,
    async run(_what, work, signal) {
      this.atOnce += 1;
      this.most = Math.max(this.most, this.atOnce);
      try {
        return await work({ destination: name } as Connection, signal ?? new AbortController().signal);
      } finally {
        this.atOnce -= 1;
      }
    },
  };
}

/** Writes what a collection writes. */
async function record(connection: Connection, request: CollectionRequest): Promise<CollectionResult> {
  const text = `${connection.destination} ${request.path}`;
  writeFileSync(request.path, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const digest = { sizeBytes: text.length, sha256 };
  await writeRecordingMeta(metaPathOf(request.path), {
    format: 'kernel-oracle-recording',
    version: 1,
    kernelOracleVersion: '1.2.3',
    recording: { fileName: 'x', ...digest, transfer: digest },
    category: request.category,
    run: request.run,
    machine: {
      name: connection.destination,
      hostname: null,
      kernelRelease: null,
      kernelVersion: null,
      architecture: null,
      distribution: null,
      cpusOnline: null,
      cpuModel: null,
      topology: null,
      memoryBytes: null,
    },
    collector: { ...request.settings },
    workload: {
      name: request.workload!.name,
      command: '',
      exitStatus: 0,
      endedBySignal: null,
      timedOut: false,
      durationMs: 1,
      outputTail: '',
    },
    times: {
      start: '2026-02-03T04:05:06.789Z',
      end: '2026-02-03T04:05:06.789Z',
      machineClockOffsetMs: null,
      machineClockUncertaintyMs: null,
    },
    events: { count: 7, countedBy: 'collector', lost: 1, lostByCpu: [] },
    tools: {},
    remarks: ['1 events were lost'],
  });
  return {
    path: request.path,
    metaPath: metaPathOf(request.path),
    ...digest,
    counters: {
      elapsedMs: 1,
      events: 7,
      eventsPerSecond: null,
      lostEvents: 1,
      classes: null,
      receivedBytes: text.length,
    },
    remarks: ['1 events were lost'],
  };
}

const collect: Collect = async (connection, _context, request, control) => {
  control.onProgress({
    phase: 'collecting',
    counters: {
      elapsedMs: 1,
      events: 3,
      eventsPerSecond: null,
      lostEvents: 0,
      classes: null,
      receivedBytes: 1,
    },
  });
  await wait(5);
  return record(connection, request);
};

function signals() {
  const stop = new AbortController();
  const cancel = new AbortController();
  return { stop, cancel, both: { stop: stop.signal, cancel: cancel.signal } };
}

describe('running a plan', () => {
  test('records every cell, one at a time on a machine, both machines at once', async () => {
    const machines = [machine('one'), machine('two'), machine('not asked')];
    let most = 0;
    let running = 0;
    const states: PlanCellState['state'][][] = [];
    const summary = await runPlan(
      planOf(TWO_BY_TWO),
      machines,
      context,
      {
        onCells: (cells) => cells.forEach(() => states.push(['waiting'])),
        onCell: (index, { state }) => {
          if (states[index]!.at(-1) !== state) states[index]!.push(state);
        },
      },
      signals().both,
      async (...args) => {
        running += 1;
        most = Math.max(most, running);
        const result = await collect(...args);
        running -= 1;
        return result;
      },
    );
    expect(summary).toMatchObject({
      outcome: 'complete',
      counts: { recorded: 8, kept: 0, failed: 0, dropped: 0, left: 0 },
    });
    expect(summary.cells.slice(0, 5).map(({ path }) => path)).toEqual([
      'recordings/one/a.run1.trace.dat',
      'recordings/one/b.run1.trace.dat',
      'recordings/one/a.run2.trace.dat',
      'recordings/one/b.run2.trace.dat',
      'recordings/two/a.run1.trace.dat',
    ]);
    expect(summary.cells[0]).toMatchObject({
      status: 'recorded',
      events: 7,
      lostEvents: 1,
      remarks: ['1 events were lost'],
      startedAt: '2026-02-03T04:05:06.789Z',
    });
    for (const { path } of summary.cells) expect(existsSync(join(folder, path))).toBe(true);
    expect(states).toEqual(Array.from({ length: 8 }, () => ['waiting', 'running', 'ended']));
    expect(machines.map((each) => each.most)).toEqual([1, 1, 0]);
    expect(most).toBe(2);
    const path = summaryPathOf(planOf(TWO_BY_TWO).path);
    await writePlanSummary(path, summary);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(summary);
  });

  test('what is there, whole and of the same, is kept; what is not is left as it is and told', async () => {
    const plan = planOf(TWO_BY_TWO);
    const machines = [machine('one'), machine('two')];
    const first = await runPlan(plan, machines, context, {}, signals().both, collect);
    rmSync(join(folder, first.cells[1]!.path));
    rmSync(join(folder, `${first.cells[1]!.path}.meta.json`));
    writeFileSync(join(folder, first.cells[2]!.path), 'damaged');
    writeFileSync(join(folder, `${first.cells[3]!.path}.meta.json`), '{}');
    const again = await runPlan(plan, machines, context, {}, signals().both, collect);
    expect(again.cells.map(({ status }) => status)).toEqual([
      ...['kept', 'recorded', 'failed', 'failed'],
      ...['kept', 'kept', 'kept', 'kept'],
    ]);
    expect(again.cells[0]).toMatchObject({ events: 7, sha256: first.cells[0]!.sha256 });
    expect(again.cells[2]!.reason).toMatch(/is not what its description says\. Rename or remove it/);
    expect(again.cells[3]!.reason).toMatch(/meta\.json: .*format/);
    expect(readFileSync(join(folder, first.cells[2]!.path), 'utf8')).toBe('damaged');

    const other = planOf(`${TWO_BY_TWO}\ncollectors: [{ collector: tracefs, bufferKbPerCpu: 64 }]`);
    const changed = await runPlan(other, machines, context, {}, signals().both, collect);
    expect(changed.cells[4]).toMatchObject({ status: 'failed' });
    expect(changed.cells[4]!.reason).toMatch(/was recorded with other settings/);
  });

  test('a failure ends its recording only, unless the plan says otherwise', async () => {
    const failing: Collect = async (connection, given, request, control) => {
      if (connection.destination === 'one' && request.workload!.name === 'a') {
        throw new Failure('remote-failed', 'It did not want to.');
      }
      // Later than the failure.
      await wait(50);
      return collect(connection, given, request, control);
    };
    const machines = [machine('one'), machine('two')];
    const summary = await runPlan(planOf(TWO_BY_TWO), machines, context, {}, signals().both, failing);
    expect(summary.counts).toEqual({ recorded: 6, kept: 0, failed: 2, dropped: 0, left: 0 });
    expect(summary.cells[0]).toMatchObject({
      status: 'failed',
      reason: 'It did not want to.',
      sizeBytes: null,
    });

    rmSync(join(folder, 'recordings'), { recursive: true });
    const stopping = planOf(`${TWO_BY_TWO}\nonFailure: stop`);
    const stopped = await runPlan(stopping, machines, context, {}, signals().both, failing);
    expect(stopped.outcome).toBe('incomplete');
    expect(stopped.cells.map(({ status }) => status)).toEqual([
      ...['failed', 'left', 'left', 'left'],
      ...['recorded', 'left', 'left', 'left'],
    ]);
    expect(stopped.cells[1]!.reason).toBe('Another recording failed, and the plan says to stop then.');
  });

  test('a machine that refuses us is not asked again and again', async () => {
    let asked = 0;
    const refused: PlanMachine = {
      name: 'one',
      run: () => {
        asked += 1;
        return Promise.reject(new Failure('authentication-failed', 'Wrong password.'));
      },
    };
    const summary = await runPlan(
      planOf(TWO_BY_TWO),
      [refused, machine('two')],
      context,
      {},
      signals().both,
      collect,
    );
    expect(asked).toBe(1);
    expect(summary.counts).toEqual({ recorded: 4, kept: 0, failed: 1, dropped: 0, left: 3 });
    expect(summary.cells[1]!.reason).toBe('Not tried, as the machine failed before: Wrong password.');
    expect(summary.outcome).toBe('incomplete');
  });

  test('stopped: what runs is finished, nothing else is begun, also out of a pause', async () => {
    const { stop, both } = signals();
    const plan = planOf(TWO_BY_TWO.replace('pauseSeconds: 0', 'pauseSeconds: 600'));
    let ended = 0;
    const summary = await runPlan(
      plan,
      [machine('one'), machine('two')],
      context,
      {
        onCell: (_index, { state }) => {
          if (state === 'ended') ended += 1;
          if (ended === 2) setTimeout(() => stop.abort(), 20);
        },
      },
      both,
      collect,
    );
    expect(summary.outcome).toBe('stopped');
    expect(summary.counts).toEqual({ recorded: 2, kept: 0, failed: 0, dropped: 0, left: 6 });
  });

  test('cancelled: what runs is dropped', async () => {
    const { cancel, both } = signals();
    const summary = await runPlan(
      planOf(TWO_BY_TWO),
      [machine('one'), machine('two')],
      context,
      {
        onCell: (_index, { cell, state }) => {
          if (state === 'running' && cell.workload.command.name === 'b') setTimeout(() => cancel.abort(), 10);
        },
      },
      both,
      async (connection, given, request, control) => {
        if (request.workload!.name === 'a') return collect(connection, given, request, control);
        await new Promise((resolve) => control.cancel.addEventListener('abort', resolve));
        throw new Failure('cancelled', 'It was cancelled.');
      },
    );
    expect(summary.outcome).toBe('cancelled');
    expect(summary.cells.map(({ status }) => status)).toContain('dropped');
    expect(summary.counts.failed).toBe(0);
  });

  test('shuffled orders are the same for a seed, and other for another machine or seed', async () => {
    const text = `${TWO_BY_TWO.replace('runs: 2', 'runs: 20')}\norder: shuffled`;
    const orderOf = async (more: string) => {
      const order: string[] = [];
      await runPlan(
        planOf(text + more),
        [machine('one'), machine('two')],
        context,
        {},
        signals().both,
        (connection, _given, request) => {
          order.push(`${connection.destination} ${request.workload!.name}${request.run}`);
          return Promise.reject(new Failure('remote-failed', 'no'));
        },
      );
      return {
        one: order.filter((each) => each.startsWith('one')).map((each) => each.slice(4)),
        two: order.filter((each) => each.startsWith('two')).map((each) => each.slice(4)),
      };
    };
    const first = await orderOf('');
    expect(await orderOf('')).toEqual(first);
    expect(first.one).not.toEqual(first.two);
    expect([...first.one].sort()).toEqual([...first.two].sort());
    expect((await orderOf('\nseed: 7')).one).not.toEqual(first.one);
  });

  test('names of machines become parts of paths, and stay different', async () => {
    const plan = planOf(
      TWO_BY_TWO.replace('[one, two]', '["root@h:22", "root@h%3A22", "..", ".x"]').replace(
        'runs: 2',
        'runs: 1',
      ),
    );
    const names = ['root@h:22', 'root@h%3A22', '..', '.x'];
    const summary = await runPlan(plan, names.map(machine), context, {}, signals().both, collect);
    expect(summary.cells.filter((_cell, at) => at % 2 === 0).map(({ path }) => path)).toEqual([
      'recordings/root@h%3A22/a.run1.trace.dat',
      'recordings/root@h%253A22/a.run1.trace.dat',
      'recordings/%2E./a.run1.trace.dat',
      'recordings/%2Ex/a.run1.trace.dat',
    ]);
  });

  test('a machine that is not there is named', async () => {
    await expect(
      runPlan(planOf(TWO_BY_TWO), [machine('one')], context, {}, signals().both, collect),
    ).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/names the machine two, which is no test machine here/) as string,
    });
    const all = planOf(TWO_BY_TWO.replace('machines: [one, two]', 'machines: all'));
    await expect(runPlan(all, [], context, {}, signals().both, collect)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('a folder that cannot be made fails the recording, a defect of ours ends the run', async () => {
    const plan = planOf(TWO_BY_TWO);
    writeFileSync(join(folder, 'recordings'), '');
    const machines = [machine('one'), machine('two')];
    const summary = await runPlan(plan, machines, context, {}, signals().both, collect);
    expect(summary.counts.failed).toBe(8);
    expect(summary.cells[0]!.reason).toMatch(/recordings/);
    rmSync(join(folder, 'recordings'));
    await expect(
      runPlan(plan, machines, context, {}, signals().both, () => Promise.reject(new TypeError('a defect'))),
    ).rejects.toThrow('a defect');
  });
});
