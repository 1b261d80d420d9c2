import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLES, buildCli, finished, makeDirectory, run, type Outcome } from './cliProcess.js';

const MIXED = `${SAMPLES}mixed-io-and-cpu.ftrace.gz`;

let directory: string;
let program: string;
beforeAll(async () => {
  directory = await makeDirectory();
  program = await buildCli(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const cli = (...args: string[]): Promise<Outcome> => run(process.execPath, [program, ...args]);

/** A failure of the input: nothing on stdout, one message on stderr, no stack trace, status 1. */
function expectFailure({ status, stdout, stderr }: Outcome, message: RegExp | string): void {
  expect(stdout).toBe('');
  expect(stderr).toMatch(message);
  expect(stderr.split('\n')[0]).toMatch(/^kernel-oracle: /);
  expect(stderr).not.toMatch(/^\s+at |unexpected failure/m);
  expect(status).toBe(1);
}

describe('input that cannot be read', () => {
  it('says that a file is missing', async () => {
    for (const command of ['info', 'timehist', 'latency', 'stats']) {
      const path = join(directory, 'no such file');
      expectFailure(await cli(command, path), /^kernel-oracle: .*\/no such file does not exist\.\n$/);
    }
  });

  it('says that a folder is no recording, and that folders do not go with files', async () => {
    expectFailure(
      await cli('info', directory),
      /^kernel-oracle: .* holds no recording of several files that KernelOracle reads:\n[^]*open that file\.\n$/,
    );
    const { status, stderr } = await cli('info', directory, program);
    expect(stderr).toMatch(/ is a folder: it is a recording of its own\. Open it alone/);
    expect(status).toBe(2);
  });

  it('says that it is empty', async () => {
    const path = join(directory, 'empty');
    await writeFile(path, '');
    expectFailure(
      await cli('info', path),
      /^kernel-oracle: .*\/empty is empty: there is nothing to show\.\n$/,
    );
  });

  it('says for each format why a file is not of it', async () => {
    expectFailure(
      await cli('info', process.execPath),
      /^kernel-oracle: [^\n]*\n( {2}- [^\n]+: [^\n]+\n){2,}$/,
    );
    const prose = join(directory, 'prose.txt');
    await writeFile(prose, 'Dear diary,\n'.repeat(1000));
    expectFailure(
      await cli('stats', prose),
      /is not in a format that KernelOracle reads:\n( {2}- .+\n){2,}$/,
    );
  });

  it('says that a file may not be read', async (context) => {
    const path = join(directory, 'secret');
    await writeFile(path, 'x');
    await chmod(path, 0);
    if (process.getuid?.() !== 0) {
      expectFailure(await cli('info', path), /may not be read by this user/);
      return;
    }
    const asOther = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, program];
    const possible = await run('setpriv', [...asOther, '--version']).catch(() => undefined);
    if (possible?.status !== 0) {
      console.warn('SKIPPED: root may read everything, and no other user can be had here (setpriv)');
      context.skip();
    }
    expectFailure(await run('setpriv', [...asOther, 'info', path]), /may not be read by this user/);
    const locked = join(directory, 'out.csv');
    expectFailure(
      await run('setpriv', [...asOther, 'export', MIXED, '--to', 'csv', '-o', locked]),
      /cannot be written/,
    );
    expect(await readdir(directory)).not.toContain('out.csv');
  });

  it('shows what was read of a damaged file, and says on stderr that it is damaged', async () => {
    const path = join(directory, 'cut.ftrace.gz');
    const bytes = await readFile(MIXED);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    const { status, stdout, stderr } = await cli('info', '--json', path);
    expect(stderr).toMatch(/^error: .*cut\.ftrace\.gz is damaged or cut off: [^\n]*\n$/);
    const whole = JSON.parse((await cli('info', '--json', MIXED)).stdout) as Record<string, unknown>;
    expect(JSON.parse(stdout)).toMatchObject({ format: 'tracefs-text', startNs: whole['startNs'] });
    expect(status).toBe(0);
  });
});

describe('wrong usage', () => {
  it.each([
    ['no command', []],
    ['an unknown command', ['frobnicate']],
    ['no file', ['info']],
    ['an unknown option', ['info', '--frobnicate', MIXED]],
    ['an unknown input format', ['info', '--format', 'nope', MIXED]],
    ['an unknown output format', ['export', MIXED, '--to', 'nope', '-o', 'x']],
    ['no output', ['export', MIXED, '--to', 'csv']],
    ['an unknown mode', ['timehist', '--compat', 'perf-3', MIXED]],
    ['a CPU that is none', ['export', MIXED, '--to', 'csv', '-o', 'x', '--cpu', '-1']],
  ])('has status 2 and says what is wrong: %s', async (_, args) => {
    const { status, stdout, stderr } = await cli(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^(error: |Usage: )/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('has status 0 for help and version', async () => {
    for (const args of [['--help'], ['--version'], ['info', '--help']]) {
      const { status, stdout, stderr } = await cli(...args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).not.toBe('');
    }
  });
});

describe('a reader that leaves', () => {
  it.each(['timehist', 'latency', 'stats'])('is no failure: %s | head', async (command) => {
    const script = '"$0" "$1" "$2" "$3" | head -n 1 > /dev/null; exit "${PIPESTATUS[0]}"';
    const { status, stderr } = await run('bash', ['-c', script, process.execPath, program, command, MIXED]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('export', () => {
  it('says where it cannot write, and leaves nothing', async () => {
    const inner = join(directory, 'inner');
    await mkdir(inner);
    for (const path of [join(directory, 'missing', 'out'), inner, '/dev/null', '/proc/out']) {
      const outcome = await cli('export', MIXED, '--to', 'csv', '-o', path);
      expectFailure(outcome, /^kernel-oracle: [^\n]+ cannot be written: [^\n]+\n$/);
      expect(outcome.stderr).toContain(path);
    }
    expect(await readdir(inner)).toEqual([]);
  });

  it.each(['parquet', 'csv'])('interrupted leaves neither a file nor a part of one: %s', async (format) => {
    const big = join(directory, `big-${format}.ftrace`);
    await writeFile(big, bigTrace(600_000));
    const target = join(directory, `target-${format}`);
    await mkdir(target);
    const args = [program, 'export', big, '--to', format, '-o', join(target, 'out')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = finished(child);
    while ((await readdir(target)).length === 0 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await readdir(target)).toEqual([expect.stringMatching(/^\.out\..*\.part$/)]);
    child.kill('SIGINT');
    const { status, stderr } = await ended;
    expect(stderr).toMatch(/^kernel-oracle: Writing .* was cancelled\.\n$/);
    expect(status).toBe(130);
    expect(await readdir(target)).toEqual([]);
    await rm(big);
  });
});

/** Switches of two tasks on one CPU, a microsecond apart. */
function bigTrace(events: number): string {
  const lines = ['# tracer: nop'];
  for (let at = 0; at < events; at += 1) {
    const [from, to] = at % 2 === 0 ? [7, 8] : [8, 7];
    const time = `${1000 + Math.floor(at / 1e6)}.${String(at % 1e6).padStart(6, '0')}`;
    lines.push(
      `            task-${from}       [000] d..2.  ${time}: sched_switch: prev_comm=task prev_pid=${from} prev_prio=120 prev_state=S ==> next_comm=task next_pid=${to} next_prio=120`,
    );
  }
  return `${lines.join('\n')}\n`;
}
