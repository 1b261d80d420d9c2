import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/errors.js';
import {
  benchmarkListener,
  describeSuite,
  outlineOfSuite,
} from '../../../src/host/benchmarks/benchmarkWork.js';
import { describePlan, endLanes, outlineOf, planListener } from '../../../src/host/plan/planWork.js';
import { Work } from '../../../src/host/work/work.js';
import { readWorkView } from '../../../src/protocol/machineSchemas.js';
import { builtInSuite } from '../../../src/remote/benchmarks/catalogue.js';
import type { RepeatRecord } from '../../../src/remote/benchmarks/results.js';
import type { Connection } from '../../../src/remote/connection.js';
import { RemotePrograms } from '../../../src/remote/remotePrograms.js';
import { parsePlan } from '../../../src/remote/workloads/plan.js';
import { runPlan, type Collect, type PlanMachine } from '../../../src/remote/workloads/runPlan.js';

const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = `
machines: [a, b]
collectors: [{ collector: tracefs }, { collector: perf }]
workloads: [cpu_bound_4p]
runs: 2
pauseSeconds: 0
output: r/{machine}/{collector}/{workload}.{run}
`;
const plan = parsePlan(text, join(folder, 'kernel-oracle.collect.yaml'));

const machines: PlanMachine[] = ['a', 'b'].map((name) => ({
  name,
  run: (_what, work) => work({} as Connection, new AbortController().signal),
}));

describe('a plan as work', () => {
  it('is a matrix of workloads and collectors by runs and machines', () => {
    expect(describePlan(plan, 2)).toBe('2 machines × 2 collectors × 1 workload × 2 runs: 8 recordings');
    const { cells } = outlineOf(plan, ['a', 'b'], 'Plan');
    expect([...new Set(cells!.map(({ row }) => row))]).toEqual([
      'cpu_bound_4p · tracefs',
      'cpu_bound_4p · perf',
    ]);
    expect([...new Set(cells!.map(({ column }) => column))]).toEqual(['a · 1', 'a · 2', 'b · 1', 'b · 2']);
  });

  it('follows the run: recorded, failed, with files and remarks', async () => {
    const work = new Work(outlineOf(plan, ['a', 'b'], 'Plan'));
    const context = { programs: new RemotePrograms('media/remote'), version: '1', now: () => new Date(0) };
    const counters = {
      elapsedMs: 5,
      events: 7,
      eventsPerSecond: 1,
      lostEvents: 0,
      classes: null,
      receivedBytes: 9,
    };
    const collect: Collect = (_connection, _context, request, control) => {
      control.onProgress({ phase: 'collecting', counters });
      if (request.settings.collector === 'perf') {
        return Promise.reject(new Failure('remote-failed', 'There is no perf.'));
      }
      const { path } = request;
      const remarks = request.run === 2 ? ['3 events lost'] : [];
      const result = { path, metaPath: `${path}.meta.json`, sizeBytes: 9, sha256: 'ab', counters, remarks };
      return Promise.resolve(result);
    };
    const signals = { stop: work.stopSignal, cancel: work.cancelSignal };
    const summary = await runPlan(
      plan,
      machines,
      context,
      planListener(work, plan, folder),
      signals,
      collect,
    );
    endLanes(work, summary.cells);
    work.end('done');
    const { cells, artifacts, remarks, lanes } = work.view;
    expect(readWorkView(work.view)).toEqual(work.view);
    expect(cells.filter(({ row }) => row.endsWith('tracefs')).map(({ state }) => state)).toEqual(
      Array.from({ length: 4 }, () => 'done'),
    );
    expect(cells.find(({ row, column }) => row.endsWith('perf') && column === 'b · 2')).toMatchObject({
      state: 'failed',
      note: 'There is no perf.',
    });
    expect(artifacts.map(({ name }) => name)).toContain('r/a/tracefs/cpu_bound_4p.1.trace.dat');
    expect(remarks.filter(({ severity }) => severity === 'error')).toHaveLength(4);
    expect(remarks).toContainEqual({
      severity: 'warning',
      machine: 'a',
      text: 'cpu_bound_4p, run 2: 3 events lost',
    });
    expect(lanes.map(({ phase }) => phase)).toEqual(['failed', 'failed']);
  });
});

describe('benchmarks as work', () => {
  const suite = { ...builtInSuite(), repeats: 2 };
  const repeat = (phase: 'warm-up' | 'measured', failure: string | null): RepeatRecord => ({
    subject: 'lab',
    benchmark: suite.benchmarks[0]!.name,
    phase,
    block: 0,
    session: 1,
    startedAt: null,
    failure,
    exitCode: 0,
    values: {},
    timer: null,
    before: null,
    after: null,
    remarks: [],
  });

  it('counts measured repeats, not warm-ups, and says which failed', () => {
    const work = new Work(outlineOfSuite(suite, ['lab']));
    const listener = benchmarkListener(work, suite);
    const cell = () => work.view.cells[0]!;
    const step = {
      subject: 'lab',
      benchmark: suite.benchmarks[0]!.name,
      phase: 'warm-up',
      block: 0,
      kernel: null,
    } as const;
    listener.onProgress?.({ machine: 'lab', done: 0, total: 30, step });
    expect(cell().state).toBe('running');
    expect(work.lane('lab')).toMatchObject({
      phase: 'measuring',
      doing: expect.stringMatching(/warm-up \(1 of 30\)/) as string,
    });
    listener.onRepeat?.(repeat('warm-up', null));
    expect(cell().note).toBeNull();
    listener.onRepeat?.(repeat('measured', null));
    expect(cell()).toMatchObject({ state: 'running', note: '1 of 2 repeats' });
    listener.onRepeat?.(repeat('measured', 'no such file'));
    expect(cell()).toMatchObject({ state: 'done', note: '2 of 2 repeats, 1 failed' });
    expect(work.view.remarks[0]!.text).toContain('no such file');
    expect(describeSuite(suite)).toMatch(/× 2 repeats and 1 warm-up, in random order$/);
  });

  it('counts the repeats under all kernels that are booted', () => {
    const work = new Work(outlineOfSuite(suite, ['lab'], 2));
    const listener = benchmarkListener(work, suite, 2);
    listener.onRepeat?.({ ...repeat('measured', null), subject: 'lab · 6.12.0' });
    listener.onRepeat?.({ ...repeat('measured', null), subject: 'lab · 6.18.0' });
    expect(work.view.cells[0]).toMatchObject({ state: 'running', note: '2 of 4 repeats' });
    expect(work.view.description).toMatch(/ on 2 kernels, in random order$/);
  });
});
