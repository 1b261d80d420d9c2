/** The command line with recordings of several files, and with parts of recordings. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitByCpu } from '../support/splitByCpu.js';
import { SAMPLES, buildCli, makeDirectory, run, type Outcome } from './cliProcess.js';

const WHOLE = `${SAMPLES}lost-events.ftrace`;

let directory: string;
let program: string;
let text: string;
/** One file a CPU, in folders as tracefs has them. */
let files: string[];
beforeAll(async () => {
  directory = await makeDirectory();
  program = await buildCli(directory);
  text = await readFile(WHOLE, 'utf8');
  files = [];
  for (const [cpu, own] of splitByCpu(text)) {
    const folder = join(directory, 'per_cpu', `cpu${cpu}`);
    await mkdir(folder, { recursive: true });
    files.push(join(folder, 'trace'));
    await writeFile(files.at(-1)!, own);
  }
});
afterAll(() => rm(directory, { recursive: true }));

const cli = (...args: string[]): Promise<Outcome> => run(process.execPath, [program, ...args]);

async function output(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await cli(...args);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

const events = (content: string) => content.split('\n').filter((line) => / \[\d{3}\] /.test(line));
/** Threads are numbered as they appear, in files read in turn otherwise than in their whole. */
const unnumbered = (json: string) => json.replace(/^ +"thread": \d+,\n/gm, '');
const stamp = (line: string) => / (\d+\.\d{6}): /.exec(line)![1]!;

describe('several files', () => {
  it('are one recording: the same numbers as of the whole', async () => {
    for (const command of ['stats', 'latency']) {
      const of = async (...paths: string[]) => unnumbered((await cli(command, '--json', ...paths)).stdout);
      expect(await of(...files)).toBe(await of(WHOLE));
    }
    // Which of two CPUs was first within a microsecond is not told: lines may change places, but not change.
    const lines = async (...paths: string[]) =>
      (await output('timehist', '-wM', '--state', ...paths)).split('\n').sort();
    expect(await lines(...files)).toEqual(await lines(WHOLE));
  });

  it('are listed, and losses and remarks say where they stand', async () => {
    const told = JSON.parse(await output('info', '--json', ...files)) as {
      sources: string[];
      losses: { cpu: number; line: number; source: string }[];
    };
    expect(told.sources).toEqual(files);
    expect(told.losses.length).toBe(3);
    for (const { cpu, line, source } of told.losses) {
      expect(source).toBe(files[cpu]);
      expect((await readFile(source, 'utf8')).split('\n')[line - 1]).toMatch(`CPU:${cpu} [LOST`);
    }
    expect(await output('info', ...files)).toContain(`\nfile           ${files[1]!}\n`);
  });

  it('may be given as the folder per_cpu', async () => {
    const of = async (...paths: string[]) => unnumbered(await output('stats', '--json', ...paths));
    expect(await of(join(directory, 'per_cpu'))).toBe(await of(WHOLE));
  });

  it('are not the same file twice', async () => {
    const { status, stderr } = await cli(
      'info',
      files[0]!,
      join(directory, 'per_cpu', '..', 'per_cpu', 'cpu0', 'trace'),
    );
    expect(stderr).toMatch(/^kernel-oracle: .* is given twice/);
    expect(status).toBe(2);
  });

  it('may be bad, which is told, but not missing', async () => {
    const prose = join(directory, 'prose.txt');
    await writeFile(prose, 'Dear diary,\n');
    const bad = await cli('info', files[0]!, prose);
    expect(bad.status).toBe(0);
    expect(bad.stderr).toMatch(/^error: .*prose\.txt: .*prose\.txt is not in a format/);
    const missing = await cli('info', files[0]!, join(directory, 'none'));
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/none does not exist/);
  });

  it('are exported as one, in order of time', async () => {
    const out = join(directory, 'merged.ftrace');
    await cli('export', ...files, '--to', 'ftrace', '-o', out);
    const of = async (path: string) => unnumbered(await output('stats', '--json', path));
    expect(await of(out)).toBe(await of(WHOLE));
  });
});

describe('a part', () => {
  async function exported(...args: string[]): Promise<string[]> {
    const out = join(directory, 'part.ftrace');
    const { status, stderr } = await cli('export', WHOLE, '--to', 'ftrace', '-o', out, ...args);
    expect(stderr).toMatch(new RegExp(`^${out}: \\d+ of \\d+ events, \\d+ bytes\\n$`));
    expect(status).toBe(0);
    return events(await readFile(out, 'utf8'));
  }

  it('is from a time until another, the end excluded', async () => {
    const all = events(text).map(stamp);
    const [from, until] = [all[100]!, all[2000]!];
    const part = await exported('--from', from, '--until', until);
    expect(part.map(stamp)).toEqual(all.filter((each) => each >= from && each < until));
    const exact = await exported('--from', `${from}001`, '--until', `${until}001`);
    expect(exact.map(stamp)).toEqual(all.filter((each) => each > from && each <= until));
  });

  it('may be given by the time since the start', async () => {
    const all = events(text).map(stamp);
    const us = (each: string) => Math.round((Number(each) - Number(all[0])) * 1e6);
    const part = await exported('--from', '+2.5ms', '--until', '+0.01s');
    expect(part.map(stamp)).toEqual(all.filter((each) => us(each) >= 2500 && us(each) < 10_000));
    expect(await exported('--until', '+3000us')).toEqual(await exported('--until', '+3ms'));
    expect(await exported('--from', '+5000000ns')).toEqual(await exported('--from', '+5ms'));
  });

  it('may be that of one CPU', async () => {
    const part = await exported('--cpu', '1');
    expect(part.map(stamp)).toEqual(
      events(text)
        .filter((line) => line.includes(' [001] '))
        .map(stamp),
    );
  });

  it.each([
    [['--from', 'yesterday'], /--from yesterday is no time\. Give seconds/],
    [['--from', '+5m'], /is no time/],
    [['--from', '+5ms', '--until', '+5ms'], /The range is empty/],
    [['--from', '+100s'], /There are no events from .* the recording has events from /],
    [['--cpu', 'x'], /It is no CPU number/],
    [['--cpu', '64'], /There are no events of CPU 64/],
  ])('%j is refused', async (args, message) => {
    const out = join(directory, 'refused.ftrace');
    const { status, stderr } = await cli('export', WHOLE, '--to', 'ftrace', '-o', out, ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
    await expect(readFile(out)).rejects.toThrow();
  });

  it('of several CPUs has no form with task codes', async () => {
    const out = join(directory, 'codes.csv');
    const refused = await cli('export', WHOLE, '--to', 'task-code-csv', '-o', out);
    expect(refused.stderr).toMatch(/has no CPU column/);
    expect(refused.status).toBe(2);
    const { status } = await cli('export', WHOLE, '--to', 'task-code-csv', '-o', out, '--cpu', '0');
    expect(status).toBe(0);
    expect(JSON.parse((await cli('info', '--json', out)).stdout)).toMatchObject({
      format: 'kernel-oracle-csv',
    });
  });
});
