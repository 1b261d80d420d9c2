import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BUILT_IN_BENCHMARKS } from '../../../src/remote/benchmarks/catalogue.js';
import { compareSets } from '../../../src/remote/benchmarks/compare.js';
import { readResults, type BenchmarkResults } from '../../../src/remote/benchmarks/results.js';
import { resultSets } from '../../../src/remote/benchmarks/resultSets.js';
import {
  runBenchmarks,
  type BenchmarkListener,
  type BenchmarkRequest,
} from '../../../src/remote/benchmarks/runBenchmarks.js';
import {
  DEFAULT_VARIANT,
  outputMetric,
  timeMetrics,
  type Benchmark,
  type Suite,
} from '../../../src/remote/benchmarks/suite.js';
import { Machine } from '../../../src/remote/machine.js';
import { RemotePrograms } from '../../../src/remote/remotePrograms.js';
import { connectSsh2 } from '../../support/connectSsh2.js';
import { noSshServer, SshServer } from '../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No benchmarks over SSH are tested: ${missing}.`);
const tools = ['hackbench', 'sysbench', 'zstd', 'nginx', 'ab'].filter(
  (tool) => !['/usr/bin', '/usr/sbin', '/bin'].some((folder) => existsSync(join(folder, tool))),
);
if (tools.length > 0) console.warn(`Not installed, so its benchmark is not tested: ${tools.join(', ')}.`);

const context = {
  programs: new RemotePrograms('media/remote'),
  version: '0.0.0-test',
  now: () => new Date(),
};

describe.skipIf(missing !== undefined)('benchmarks over SSH', () => {
  let server: SshServer;
  let machine: Machine;
  let folder: string;
  let resultsPath: string;
  /** TMPDIR of what runs there. */
  let temporary: string;
  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'kernel-oracle-machine-'));
    server = await SshServer.start({ config: [`SetEnv TMPDIR=${temporary}`] });
  });
  afterAll(() => {
    server.dispose();
    rmSync(temporary, { recursive: true, force: true });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));
    resultsPath = join(folder, 'results.json');
    machine = newMachine('loopback');
  });
  afterEach(() => {
    machine.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  function newMachine(name: string): Machine {
    return new Machine(name, () =>
      connectSsh2(`${server.user}@localhost:${server.port}`, {
        host: '127.0.0.1',
        port: server.port,
        username: server.user,
        privateKey: readFileSync(server.clientKey),
      }),
    );
  }

  function run(
    suite: Suite,
    more: Partial<BenchmarkRequest<Machine>> = {},
    listener: BenchmarkListener = {},
    signal?: AbortSignal,
  ): Promise<BenchmarkResults> {
    return runBenchmarks({ suite, machines: [machine], resultsPath, ...more }, context, listener, signal);
  }

  test('a run is measured: times, output, state of the machine, and the file says so', async () => {
    const results = await run(
      suiteOf([
        shell('half', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.5; echo score 12.5'),
      ]),
    );
    expect(results).toMatchObject({ state: 'complete', generator: 'kernel-oracle 0.0.0-test' });
    expect(results.repeats.map(({ phase }) => phase)).toEqual(['warm-up', 'measured', 'measured']);
    for (const repeat of results.repeats) {
      expect(repeat.failure).toBeNull();
      expect(repeat.exitCode).toBe(0);
      expect(repeat.values['run_time']).toBeGreaterThan(0.5);
      expect(repeat.values['run_time']).toBeLessThan(60);
      expect(repeat.values['user_time']).toBeGreaterThan(0.01);
      expect(repeat.values['user_time']).toBeLessThan(repeat.values['run_time']! - 0.4);
      expect(repeat.values['score']).toBe(12.5);
      expect(repeat.timer).toMatchObject({ clock: 'date', resolutionS: 1e-9 });
      expect(repeat.timer!.overheadS).toBeGreaterThan(0);
      expect(repeat.timer!.overheadS).toBeLessThan(10);
      expect(repeat.before!.kernel).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
      expect(repeat.after!.uptimeS).toBeGreaterThan(repeat.before!.uptimeS!);
      expect(repeat.before!.loadAverage).toHaveLength(3);
      expect(repeat.remarks).toEqual([]);
    }
    expect(results.subjects[0]).toMatchObject({
      machine: 'loopback',
      facts: { architecture: expect.any(String) as string },
    });
    expect(await readResults(resultsPath)).toEqual(results);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('failed runs are kept as failed: status, missing figure, missing tool, time limit', async () => {
    const results = await run({
      ...suiteOf([
        shell('status', 'echo it breaks >&2; exit 3'),
        shell('figure', 'echo nothing to read'),
        command('tool', ['no-such-benchmark-tool']),
        { ...shell('limit', 'echo at step 4; sleep 100'), timeLimitMs: 1500 },
        shell('noisy', "yes '\u001b[31m]0;title\u0007 score' | head -c 3000000; echo; echo score 1"),
      ]),
      repeats: 1,
      warmUps: 0,
    });
    const failures = new Map(results.repeats.map((each) => [each.benchmark, each.failure]));
    expect(failures.get('status')).toBe('It ended with status 3: it breaks');
    expect(failures.get('figure')).toMatch(/^Its output does not tell score/);
    expect(failures.get('tool')).toMatch(/^no-such-benchmark-tool is not installed/);
    expect(failures.get('limit')).toBe('It took longer than its limit of 1.5 s and was ended: at step 4');
    expect(failures.get('noisy')).toBeNull();
    expect(results.state).toBe('complete');
    expect(
      results.repeats
        .filter(({ failure }) => failure !== null)
        .every((each) => Object.keys(each.values).length === 0),
    ).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('variants are set and taken back, and their runs interleave', async () => {
    const parameter = '/proc/sys/kernel/threads-max';
    const before = readFileSync(parameter, 'utf8').trim();
    const lower = String(Number(before) - 1);
    const suite = {
      ...suiteOf([shell('read', `echo score $(cat ${parameter})`)]),
      variants: [
        DEFAULT_VARIANT,
        { name: 'lower', sysctl: { 'kernel.threads-max': lower }, setup: 'echo made >&2', teardown: '' },
      ],
      warmUps: 0,
      repeats: 4,
    };
    const results = await run(suite);
    const scores = (variant: string) =>
      results.repeats
        .filter(({ subject }) => subject === `loopback · ${variant}`)
        .map(({ values }) => values['score']);
    expect(scores('default')).toEqual(new Array(4).fill(Number(before)));
    expect(scores('lower')).toEqual(new Array(4).fill(Number(lower)));
    expect(readFileSync(parameter, 'utf8').trim()).toBe(before);
    expect(results.repeats.map(({ block }) => block)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    const comparison = compareSets(resultSets(results, resultsPath), { seed: 1 });
    expect(comparison.sets.map(({ variant }) => variant)).toEqual(['default', 'lower']);
  });

  test('stopped in the middle and resumed: nothing measured twice, nothing left out', async () => {
    const suite = { ...suiteOf([shell('a', 'echo score 1'), shell('b', 'echo score 2')]), repeats: 3 };
    const stop = new AbortController();
    let seen = 0;
    const first = await run(suite, {}, { onRepeat: () => (seen += 1) === 4 && stop.abort() }, stop.signal);
    expect(first).toMatchObject({ state: 'stopped' });
    expect(first.repeats).toHaveLength(4);
    await expect(run(suite)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(run({ ...suite, seed: 9 }, { resumes: true })).rejects.toMatchObject({ code: 'bad-input' });
    const second = await run(suite, { resumes: true });
    expect(second.state).toBe('complete');
    const measured = second.repeats.filter(({ phase }) => phase === 'measured');
    expect(measured.map(({ benchmark, block }) => `${benchmark}${block}`).sort()).toEqual([
      'a0',
      'a1',
      'a2',
      'b0',
      'b1',
      'b2',
    ]);
    expect(new Set(measured.map(({ session }) => session))).toEqual(new Set([1, 2]));
  });

  test('a stop during a run ends it there and keeps no half of it', async () => {
    const stop = new AbortController();
    const suite = { ...suiteOf([shell('long', 'exec sleep 4711')]), warmUps: 0 };
    const running = run(suite, {}, {}, stop.signal);
    await waitFor(() => sleeps() > 0);
    stop.abort();
    const results = await running;
    expect(results).toMatchObject({ state: 'stopped', repeats: [] });
    await waitFor(() => sleeps() === 0 && readdirSync(temporary).length === 0);
  });

  test('the connection is cut during a run: that repeat has failed, the others go on', async () => {
    const suite = { ...suiteOf([shell('cut', 'sleep 1; echo score 1')]), warmUps: 0, repeats: 3 };
    let cuts = 0;
    const results = await run(
      suite,
      {},
      {
        onProgress: ({ done }) => {
          if (done !== 1 || cuts > 0) return;
          cuts += 1;
          setTimeout(() => {
            for (const pid of server.connectionPids()) process.kill(pid, 'SIGKILL');
          }, 800);
        },
      },
    );
    expect(results.state).toBe('complete');
    expect(results.repeats.map(({ failure }) => failure === null)).toEqual([true, false, true]);
    expect(results.repeats[1]!.failure).toContain('connection');
  });

  test('two machines at once, one file', async () => {
    const other = newMachine('other');
    try {
      const results = await run(suiteOf([shell('both', 'echo score 3')]), { machines: [machine, other] });
      expect(results.repeats.filter(({ subject }) => subject === 'other')).toHaveLength(3);
      expect(results.repeats.filter(({ subject }) => subject === 'loopback')).toHaveLength(3);
      expect(await readResults(resultsPath)).toEqual(results);
    } finally {
      other.dispose();
    }
  });

  test('another kernel than expected is told, and no value taken', async () => {
    const suite = { ...suiteOf([shell('kernel', 'echo score 1')]), warmUps: 0, repeats: 1 };
    const results = await run(suite, { kernels: ['4.15.0-made-up'], boot: () => Promise.resolve() });
    expect(results.repeats[0]!.failure).toMatch(
      /^The kernel is .*; these repeats are of 4\.15\.0-made-up\.$/,
    );
  });

  test.skipIf(tools.length > 0)(
    'built-in benchmarks find their figures in what the tools print',
    async () => {
      const suite = { ...suiteOf(BUILT_IN_BENCHMARKS.map(shortened)), warmUps: 0, repeats: 1 };
      const results = await run(suite);
      for (const { benchmark, failure, remarks, values } of results.repeats) {
        expect([benchmark, failure, remarks]).toEqual([benchmark, null, []]);
        const { metrics } = results.benchmarks.find(({ name }) => name === benchmark)!;
        expect(Object.keys(values).sort()).toEqual(metrics.map(({ name }) => name).sort());
      }
      const of = (name: string) => results.repeats.find(({ benchmark }) => benchmark === name)!.values;
      expect(of('sysbench-cpu')['run_time']).toBeGreaterThan(1);
      expect(of('sysbench-cpu')['events_per_second']).toBeGreaterThan(10);
      expect(of('nginx-ab')['requests_per_second']).toBeGreaterThan(100);
      expect(of('compress-zstd')['user_time']).toBeGreaterThan(0.05);
      const hackbench = of('hackbench-pipe-small');
      expect(hackbench['own_time']).toBeLessThanOrEqual(hackbench['run_time']! + 0.01);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );
});

/** The same tools and patterns with less work. */
function shortened(benchmark: Benchmark): Benchmark {
  const { program } = benchmark;
  if (program.kind === 'zstd') return { ...benchmark, program: { ...program, mebibytes: 4, level: 3 } };
  if (program.kind === 'workload') return { ...benchmark, program: { ...program, args: ['2000', '5'] } };
  if (program.kind !== 'command') return benchmark;
  const shorter: Record<string, string> = {
    '3000': '50',
    '5000': '50',
    '--time=10': '--time=1',
    '-i5': '-i1',
  };
  const argv = program.argv.map((word) => shorter[word] ?? word) as [string, ...string[]];
  return { ...benchmark, program: { ...program, argv } };
}

function suiteOf(benchmarks: readonly Benchmark[]): Suite {
  return {
    name: 'test',
    benchmarks,
    variants: [DEFAULT_VARIANT],
    repeats: 2,
    warmUps: 1,
    seed: 1,
    pauseMs: 0,
  };
}

function shell(name: string, text: string): Benchmark {
  return {
    ...command(name, ['true']),
    program: { kind: 'shell', text },
    primary: 'score',
    metrics: [...timeMetrics(false), outputMetric('score', /^score ([\d.]+)$/, '', 'higher')],
  };
}

function command(name: string, argv: readonly [string, ...string[]]): Benchmark {
  return {
    name,
    title: name,
    program: { kind: 'command', argv },
    asRoot: false,
    timeLimitMs: 60_000,
    primary: 'run_time',
    metrics: timeMetrics(false),
  };
}

function sleeps(): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'sleep\u00004711\u0000';
    } catch {
      return false; // It has just ended.
    }
  }).length;
}

async function waitFor(holds: () => boolean, limitMs = 20_000): Promise<void> {
  const until = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > until) throw new Error('It did not happen in time.');
    await wait(50);
  }
}
