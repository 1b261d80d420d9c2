/** `kernel-oracle bench` and `compare` as real processes; benchmarks run over a real sshd. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  readResults,
  type BenchmarkResults,
  type RepeatRecord,
} from '../../../src/remote/benchmarks/results.js';
import { noSshServer, SshServer } from '../../support/sshServer.js';
import { buildCli, finished, makeDirectory, run, type Outcome } from '../cliProcess.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`Benchmarks by the command line are not tested: ${missing}.`);
const hasHackbench = existsSync('/usr/bin/hackbench');
if (!hasHackbench) console.warn('hackbench is not installed (package rt-tests): it is not measured here.');

/** Harmless, and no other test sets it. */
const PARAMETER = '/proc/sys/vm/stat_interval';

const VARIANTS = `
name: two variants
repeats: 5
warmUps: 1
pauseSeconds: 0
benchmarks:
  - name: nap
    shell: 'if [ "$(cat ${PARAMETER})" = 7 ]; then sleep 0.4; else sleep 0.2; fi; echo "naps: 1,250.5 per hour"'
    metrics:
      - { name: naps, pattern: 'naps: ([\\d.,]+)', unit: 1/h, better: higher }
  - name: broken
    shell: echo it has a hole >&2; exit 3
variants:
  - name: default
  - name: slower
    sysctl: { vm.stat_interval: 7 }
`;

const NAPS = `
name: naps
repeats: 4
pauseSeconds: 0
benchmarks:
  - { name: nap, command: [sleep, 0.3] }
`;

describe.skipIf(missing !== undefined)('kernel-oracle bench and compare', { timeout: 120_000 }, () => {
  let server: SshServer;
  let folder: string;
  let cli: string;
  const path = (name: string) => join(folder, name);
  const oracle = (...args: string[]): Promise<Outcome> => run(process.execPath, [cli, ...args]);
  const bench = (name: string, ...args: string[]) =>
    oracle('bench', name, ...args, '--ssh-config', path('config'));
  const started = (...args: string[]) =>
    spawn(process.execPath, [cli, 'bench', 'run', ...args, '--ssh-config', path('config')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  beforeAll(async () => {
    folder = await makeDirectory();
    cli = await buildCli(folder);
    server = await SshServer.start();
    const host = (name: string) => [
      `Host ${name}`,
      '  HostName 127.0.0.1',
      `  Port ${server.port}`,
      `  User ${server.user}`,
      `  IdentityFile ${server.clientKey}`,
      `  UserKnownHostsFile ${path('known_hosts')}`,
    ];
    writeFileSync(path('config'), `${[...host('lab'), ...host('twin')].join('\n')}\n`);
    writeFileSync(path('known_hosts'), `[127.0.0.1]:${server.port} ${server.hostPublicKey}\n`);
    writeFileSync(path('variants.yaml'), VARIANTS);
    writeFileSync(path('naps.yaml'), NAPS);
  });
  afterAll(() => {
    server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('two variants and a benchmark that fails', () => {
    let results: BenchmarkResults;
    let outcome: Outcome;
    let before: string;
    const file = () => path('variants.bench.json');

    beforeAll(async () => {
      before = readFileSync(PARAMETER, 'utf8');
      outcome = await bench('run', 'lab', '-o', file(), '--suite', path('variants.yaml'));
      results = await readResults(file());
    }, 120_000);

    test('all repeats are in the file, failed ones as failed; exit status 1 says that some did', () => {
      expect(outcome.stdout).toBe(`${file()}: 20 measured runs, 10 of them failed.\n`);
      expect(outcome.status).toBe(1);
      expect(results).toMatchObject({ state: 'complete', suite: { repeats: 5, warmUps: 1 } });
      expect(results.subjects.map(({ id, variant }) => [id, variant])).toEqual([
        ['lab · default', 'default'],
        ['lab · slower', 'slower'],
      ]);
      for (const { benchmark, failure, values, exitCode } of results.repeats) {
        if (benchmark === 'broken') {
          expect({ failure, values, exitCode }).toEqual({
            failure: 'It ended with status 3: it has a hole',
            values: {},
            exitCode: 3,
          });
        } else expect(values['naps']).toBe(1250.5);
      }
      expect(readFileSync(PARAMETER, 'utf8')).toBe(before);
    });

    test('warm-ups come first and apart; the order of the rest is random, in complete blocks', () => {
      const phases = results.repeats.map(({ phase }) => phase);
      expect(phases).toEqual([
        ...new Array<string>(4).fill('warm-up'),
        ...new Array<string>(20).fill('measured'),
      ]);
      const measured = results.repeats.slice(4);
      const orders = [0, 1, 2, 3, 4].map((block) => {
        const runs = measured.slice(4 * block, 4 * block + 4);
        expect(runs.every((each) => each.block === block)).toBe(true);
        return runs.map(({ benchmark, subject }) => `${benchmark} ${subject}`);
      });
      for (const order of orders) expect(new Set(order).size).toBe(4);
      expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(1);
    });

    test('progress has a line a run, with what was measured', () => {
      const lines = outcome.stderr.trimEnd().split('\n');
      expect(lines).toHaveLength(24);
      expect(lines[0]).toMatch(/^1\/24 (nap|broken), lab · (default|slower) \(warm-up\): /);
      expect(outcome.stderr).toMatch(/nap, lab · default: run time 0\.[2-9]\d* s\n/);
      expect(outcome.stderr).toMatch(/broken, lab · slower: FAILED: It ended with status 3: it has a hole\n/);
    });

    test('compare tells the slower variant with ratio and interval, and what failed', async () => {
      const { status, stdout, stderr } = await oracle('compare', file());
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^A {2}lab · default \(baseline\), .*\nB {2}lab · slower, /);
      expect(stdout).toMatch(/run_time, s, lower is better +B +5 .* slower\n/);
      expect(stdout).toMatch(
        /nap, B: slower: run time is 1\.\d{3} times the baseline's \(95 % interval 1\.\d{3} to \d\.\d{3}\), p = 0\.008\.\n/,
      );
      expect(stdout).toContain('broken, B: no statement: the baseline has no value.');
      expect(stdout).toContain('Beware: broken, lab · default: 5 of 5 repeats failed and are left out.');
    });

    test('the same as JSON, reproducible; as CSV; turned round; into a file', async () => {
      const first = await oracle('compare', file(), '--json');
      expect((await oracle('compare', file(), '--json')).stdout).toBe(first.stdout);
      const pair = pairOf(first.stdout, 'nap');
      expect(pair).toMatchObject({ verdict: 'slower', test: { kind: 'exact', arrangements: 252 } });
      expect(pair.ratioOfMeansInterval.low).toBeGreaterThan(1.05);
      expect(pair.ratioOfMeansInterval.low).toBeLessThan(pair.ratioOfMeans);
      expect(pair.ratioOfMeansInterval.high).toBeGreaterThan(pair.ratioOfMeans);
      const operands = [`${file()}#lab · slower`, `${file()}#lab · default`];
      expect(pairOf((await oracle('compare', ...operands, '--json')).stdout, 'nap').verdict).toBe('faster');
      const csv = await oracle('compare', file(), '--csv');
      expect(csv.stdout.split('\r\n')).toHaveLength(1 + 2 * (4 + 3) + 1);
      await oracle('compare', file(), '--csv', '-o', path('figures.csv'));
      expect(readFileSync(path('figures.csv'), 'utf8')).toBe(csv.stdout);
      expect((await oracle('compare', file(), '--table', 'runtime')).stdout).toMatch(/^Mean run time, s\n/);
    });

    test('a set against itself: no difference can be seen', async () => {
      const { status, stdout } = await oracle(
        'compare',
        `${file()}#lab · default`,
        `${file()}#lab · default`,
      );
      expect(status).toBe(0);
      expect(stdout).toMatch(
        /nap, B: no difference can be seen: p = 1; one of about [\d.]+ % would have been/,
      );
      expect(stdout).toContain('is compared with itself');
    });
  });

  test('two machines at once, each with all runs; progress names them', async () => {
    const file = path('twins.bench.json');
    const options = ['--suite', path('naps.yaml'), '--repeats', '2', '--warm-ups', '0', '--json'];
    const { status, stdout, stderr } = await bench('run', 'lab', 'twin', '-o', file, ...options);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ path: file, state: 'complete', measured: 4, failed: 0, warmUps: 0 });
    expect(stderr.trimEnd().split('\n').sort()).toEqual([
      expect.stringMatching(/^lab 1\/2 nap, lab: run time 0\.\d+ s$/),
      expect.stringMatching(/^lab 2\/2 nap, lab: /),
      expect.stringMatching(/^twin 1\/2 nap, twin: /),
      expect.stringMatching(/^twin 2\/2 nap, twin: /),
    ]);
  });

  test('Ctrl+C keeps what is done, --resume measures the rest and nothing twice', async () => {
    const file = path('stopped.bench.json');
    const args = ['lab', '-o', file, '--suite', path('naps.yaml')];
    const child = started(...args);
    const end = finished(child);
    await untilRepeats(file, 3);
    child.kill('SIGINT');
    const stopped = await end;
    expect(stopped.status).toBe(1);
    expect(stopped.stderr).toContain('Stopping; the runs that are done are kept.');
    expect(stopped.stdout).toMatch(
      /\d measured runs?\. It was stopped; the same command with --resume goes on\.\n$/,
    );
    const kept = await readResults(file);
    expect(kept.state).toBe('stopped');
    expect(kept.repeats.length).toBeLessThan(5);

    const again = await bench('run', ...args);
    expect(again.status).toBe(1);
    expect(again.stderr).toBe(
      `kernel-oracle: ${file} is there already. Resume it (--resume), or name another file: repeats of different runs are not mixed.\n`,
    );
    const other = await bench('run', ...args, '--resume', '--seed', '5');
    expect(other.status).toBe(1);
    expect(other.stderr).toContain('benchmarks, variants or seed differ now');

    expect((await bench('run', ...args, '--resume')).status).toBe(0);
    const whole = await readResults(file);
    expect(whole.state).toBe('complete');
    expect(whole.repeats.slice(0, kept.repeats.length)).toEqual(kept.repeats);
    expect(measuredBlocks(whole)).toEqual([0, 1, 2, 3]);
    expect(new Set(whole.repeats.map(({ session }) => session))).toEqual(new Set([1, 2]));
    const nothing = await bench('run', ...args, '--resume');
    expect(nothing).toMatchObject({ status: 0, stderr: 'lab: nothing is left to measure.\n' });
  });

  test('SIGTERM during a run: the file says stopped, and nothing runs on', async () => {
    const file = path('ended.bench.json');
    const suite = path('long.yaml');
    writeFileSync(suite, 'benchmarks:\n  - { name: long, shell: exec sleep 4713 }\n');
    const child = started('lab', '-o', file, '--suite', suite);
    const end = finished(child);
    await until(() => sleepers() > 0);
    child.kill('SIGTERM');
    expect((await end).status).toBe(1);
    expect(await readResults(file)).toMatchObject({ state: 'stopped', repeats: [] });
    await until(() => sleepers() === 0);
  });

  test("a machine that cannot be reached is told; the file that it leaves is in nobody's way", async () => {
    const file = path('reached.bench.json');
    const args = ['-o', file, '--suite', path('naps.yaml'), '--repeats', '1', '--warm-ups', '0', '--quiet'];
    const refused = await bench('run', `${server.user}@127.0.0.1:1`, ...args);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^kernel-oracle: .*127\.0\.0\.1:1/);
    const reached = await bench('run', 'lab', ...args);
    expect(reached).toMatchObject({ status: 0, stderr: '', stdout: `${file}: 1 measured run.\n` });
  });

  test.skipIf(!hasHackbench)('hackbench of the built-in suite', async () => {
    const file = path('hackbench.bench.json');
    const only = ['--only', 'hackbench-pipe-small', '--repeats', '1', '--warm-ups', '0'];
    expect((await bench('run', 'lab', '-o', file, ...only)).status).toBe(0);
    const [{ values, before, timer }] = (await readResults(file)).repeats as [RepeatRecord];
    expect(Object.keys(values).sort()).toEqual(['own_time', 'run_time', 'system_time', 'user_time']);
    expect(values['own_time']).toBeGreaterThan(0.01);
    expect(values['run_time']).toBeGreaterThan(values['own_time']! - 0.01);
    expect(before?.kernel).toBe(release());
    expect(timer?.clock).toBe('date');
  });

  test('kernels: what runs is told; what runs already needs no boot; what is not there cannot be booted', async () => {
    const kernels = await bench('kernels', 'lab', '--json');
    expect(JSON.parse(kernels.stdout)).toMatchObject({ running: release() });
    expect((await bench('kernels', 'lab')).stdout).toContain(release());
    expect(await bench('boot', 'lab', release())).toMatchObject({
      status: 0,
      stdout: `lab runs ${release()}.\n`,
    });
    const unknown = await bench('boot', 'lab', '1.2.3-made-up');
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toMatch(/^kernel-oracle: lab(:| has no boot entry)/);
  });

  test('list: the built-in suite, a suite file, the places of what is wrong in one', async () => {
    const builtIn = JSON.parse((await oracle('bench', 'list', '--json')).stdout) as { name: string }[];
    expect(builtIn.map(({ name }) => name)).toContain('nginx-ab');
    expect((await oracle('bench', 'list', '--suite', path('naps.yaml'))).stdout).toMatch(
      /nap +run_time +sleep 0\.3\n/,
    );
    writeFileSync(path('wrong.yaml'), 'repeats: 0\nbenchmarks:\n  - nmae: x\n');
    const { status, stderr } = await oracle('bench', 'list', '--suite', path('wrong.yaml'));
    expect(status).toBe(1);
    expect(stderr).toContain(`wrong.yaml:1:10: this is a whole number from 1 to 10000\n`);
    expect(stderr).toContain(`wrong.yaml:3:5: a benchmark has no field "nmae"\n`);
  });

  test.each([
    [['bench', 'run', 'lab'], /required option '-o, --output <file>'/],
    [['bench', 'run', '-o', 'x.json'], /missing required argument 'machine'/],
    [['bench', 'run', 'lab', '-o', 'x.json', '--repeats', '0'], /no whole number from 1 to 10000/],
    [
      ['bench', 'run', 'lab', '-o', 'x.json', '--only', 'nothing'],
      /no benchmark "nothing"\. It has hackbench/,
    ],
    [['bench', 'run', 'lab', 'lab', '-o', 'x.json'], /lab is named twice/],
    [['bench', 'run', 'lab', '-o', 'x.json', '--kernel', '../../vmlinuz'], /no kernel release/],
    [['bench', 'boot', 'lab', 'x y'], /no kernel release/],
  ])('wrong usage: %j', async (args, message) => {
    const { status, stdout, stderr } = await oracle(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync('x.json')).toBe(false);
  });
});

interface Pair {
  readonly verdict: string;
  readonly ratioOfMeans: number;
  readonly ratioOfMeansInterval: { readonly low: number; readonly high: number };
}

function pairOf(json: string, benchmark: string): Pair {
  const { metrics } = JSON.parse(json) as { metrics: { benchmark: string; against: Pair[] }[] };
  return metrics.find((each) => each.benchmark === benchmark)!.against[0]!;
}

function measuredBlocks({ repeats }: BenchmarkResults): number[] {
  return repeats.filter(({ phase }) => phase === 'measured').map(({ block }) => block);
}

function sleepers(): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'sleep\u00004713\u0000';
    } catch {
      return false; // It has just ended.
    }
  }).length;
}

async function untilRepeats(file: string, count: number): Promise<void> {
  await until(
    () =>
      existsSync(file) &&
      (JSON.parse(readFileSync(file, 'utf8')) as BenchmarkResults).repeats.length >= count,
  );
}

async function until(holds: () => boolean, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error('It did not happen in time.');
    await wait(30);
  }
}
