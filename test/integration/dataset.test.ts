/** `kernel-oracle dataset` as a process of its own, on the samples; and what numpy makes of an exported data set. */
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRows, CSV_HEADER } from '../support/dataSetInputs.js';
import { parseNpz } from '../support/npyText.js';
import { SAMPLES, buildCli, finished, makeDirectory, run, type Outcome } from './cliProcess.js';
import { pythonWith } from './pythonEnvironment.js';

let directory: string;
let program: string;
beforeAll(async () => {
  directory = await makeDirectory();
  program = await buildCli(directory);
  await mkdir(join(directory, 'in'));
  const samples = [
    ['mixed-io-and-cpu.ftrace.gz', 'mixed_run0.ftrace.gz'],
    ['messaging.ftrace.xz', 'messaging_run0.ftrace.xz'],
    ['perf-sched.perf-script.txt.zst', 'perf_run0.txt.zst'],
    ['lost-events.ftrace', 'lost_run0.ftrace'],
    ['README.md', 'README.md'],
  ] as const;
  for (const [from, to] of samples) await copyFile(`${SAMPLES}${from}`, join(directory, 'in', to));
});
afterAll(() => rm(directory, { recursive: true }));

const cli = (...args: string[]): Promise<Outcome> => run(process.execPath, [program, 'dataset', ...args]);
const inDirectory = (...names: string[]) => join(directory, ...names);

interface Meta {
  readonly recordings: readonly { readonly category: string; readonly rows: number }[];
  readonly parts: Readonly<Record<string, { readonly rows: number; readonly windows: number }>>;
  readonly heldOut: string | null;
  readonly warnings: readonly string[];
}

describe('dataset build', () => {
  it('makes a data set of a folder of recordings, and says what to mind', async () => {
    const { status, stdout, stderr } = await cli(
      'build',
      inDirectory('in'),
      '-o',
      inDirectory('set'),
      '--hold-out',
      'messaging',
    );
    expect(stdout).toMatch(/^recordings {3}4 of 4 categories\nheld out {5}messaging\n/);
    expect(stdout).toMatch(/^train +\d+ +\d+ +\d+ +\d+ +0\.0 % /m);
    expect(stderr).toMatch(/^warning: There is one recording of mixed: /m);
    expect(stderr).toMatch(/^note: .*README\.md was left out: /m);
    expect(status).toBe(0);
    expect((await readdir(inDirectory('set'))).sort()).toEqual([
      'dataset_meta.json',
      'seen.columns',
      'train.columns',
      'unseen.columns',
      'validation.columns',
    ]);
    const info = await cli('info', inDirectory('set'), '--json');
    const meta = JSON.parse(info.stdout) as Meta;
    expect(meta).toEqual(JSON.parse(await readFile(inDirectory('set', 'dataset_meta.json'), 'utf8')));
    expect(meta.parts['unseen']!.rows).toBe(
      meta.recordings.find(({ category }) => category === 'messaging')!.rows,
    );
    const readable = await cli('info', inDirectory('set'));
    expect(readable.stdout).toMatch(/^messaging +messaging +0 +\d+ +\d+ +unseen +\//m);
    expect(readable.stderr).toBe('');
  });

  it('takes its options, and prints the description as JSON', async () => {
    const args = [
      '--json',
      '--per-cpu',
      '--vocabulary',
      'pid',
      '--min-count',
      '5',
      '--seed',
      '9',
      '--split',
      '80-10-10',
    ];
    const { status, stdout } = await cli('build', inDirectory('in'), '-o', inDirectory('other'), ...args);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      options: { perCpu: true, vocabulary: 'pid', minCount: 5, seed: 9, split: '80-10-10', holdOut: 'auto' },
      heldOut: null,
    });
  });

  it('replaces a data set only when asked to, and nothing else', async () => {
    const path = inDirectory('in', 'mixed_run0.ftrace.gz');
    const again = ['build', path, '-o', inDirectory('twice')];
    expect((await cli(...again)).status).toBe(0);
    const refused = await cli(...again);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^kernel-oracle: .*twice exists: .* --replace\.\n$/);
    expect((await cli(...again, '--replace')).status).toBe(0);
    const folder = await cli('build', path, '-o', inDirectory('in'), '--replace');
    expect(folder.stderr).toMatch(/only data sets are replaced/);
    expect(folder.status).toBe(1);
  });

  it.each([
    ['no output', ['build', 'x']],
    ['an unknown way to split', ['build', 'x', '-o', 'y', '--split', 'half']],
    ['a seed that is none', ['build', 'x', '-o', 'y', '--seed', '-1']],
    ['both orders', ['build', 'x', '-o', 'y', '--per-cpu', '--merged']],
    ['a share that is none', ['build', 'x', '-o', 'y', '--gap', '1']],
    ['no format', ['export', 'x', '-o', 'y']],
  ])('has status 2 for wrong usage: %s', async (_, args) => {
    const { status, stdout, stderr } = await cli(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  });

  it('says what is missing, or no data set', async () => {
    const missing = await cli('build', inDirectory('nowhere'), '-o', inDirectory('x'));
    expect(missing.stderr).toMatch(/^kernel-oracle: .*nowhere does not exist\.\n$/);
    expect(missing.status).toBe(1);
    const none = await cli('info', inDirectory('in'));
    expect(none.stderr).toMatch(/^kernel-oracle: .*in is no data set: there is no dataset_meta\.json/);
    expect(none.status).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing after %s', async (signal) => {
    const path = inDirectory('big.csv');
    // Long enough to be interrupted while it is written.
    const rows = csvRows('a', 0, 150_000);
    const runs = Array.from({ length: 8 }, (_, run) => rows.replaceAll('a_run0\n', `a_run${run}\n`));
    await writeFile(path, CSV_HEADER + runs.join(''));
    const target = inDirectory(`target-${signal}`);
    await mkdir(target);
    const args = [program, 'dataset', 'build', path, '-o', join(target, 'out')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = finished(child);
    while ((await readdir(target)).length === 0 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await readdir(target)).toEqual([expect.stringMatching(/^\.out\..*\.part$/)]);
    child.kill(signal);
    const { status, stderr } = await ended;
    expect(stderr).toMatch(/^kernel-oracle: .* cancelled\.\n$/);
    expect(status).toBe(130);
    expect(await readdir(target)).toEqual([]);
  });
});

const NUMPY = `
import json, sys
import numpy as np

arrays = np.load(sys.argv[1])
print(json.dumps({name: [str(arrays[name].dtype), list(arrays[name].shape), float(arrays[name].sum())] for name in arrays.files}))
`;

describe('dataset export', () => {
  it('writes what numpy reads', { timeout: 600_000 }, async (context) => {
    const made = await cli('export', inDirectory('set'), '--to', 'npz', '-o', inDirectory('npz'), '--json');
    expect(made.status).toBe(0);
    const python = await pythonWith('python-numpy', ['numpy>=1.24,<3']);
    if ('missing' in python) {
      console.warn(`SKIPPED: numpy cannot be installed: ${python.missing}`);
      context.skip(`numpy cannot be installed: ${python.missing}`);
      return;
    }
    await writeFile(inDirectory('facts.py'), NUMPY);
    for (const part of ['train', 'unseen']) {
      const path = inDirectory('npz', `${part}.npz`);
      const { status, stdout, stderr } = await run(python.python, [inDirectory('facts.py'), path]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const parsed = parseNpz(await readFile(path));
      const facts = JSON.parse(stdout) as Record<string, [string, number[], number]>;
      expect(Object.keys(facts)).toEqual(['pid', 'cont', 'state', 'y', 'seq_len']);
      for (const [name, { shape, values }] of parsed) {
        const sum = values.reduce((total, value) => total + value, 0);
        expect(facts[name]!.slice(0, 2)).toEqual([name === 'cont' ? 'float32' : 'int64', shape]);
        expect(Math.abs(facts[name]![2] - sum)).toBeLessThanOrEqual(Math.abs(sum) * 1e-4);
      }
    }
  });

  it('writes CSV that builds the same data set again', async () => {
    expect(
      (await cli('export', inDirectory('set'), '--to', 'kernel-oracle-csv', '-o', inDirectory('csv'))).status,
    ).toBe(0);
    const args = ['--json', '--split', 'walk-forward', '--seen-share', '0', '--validation-share', '0'];
    const { stdout } = await cli(
      'build',
      inDirectory('csv', 'train.csv'),
      '-o',
      inDirectory('csv-set'),
      ...args,
    );
    const before = JSON.parse(await readFile(inDirectory('set', 'dataset_meta.json'), 'utf8')) as Meta;
    expect((JSON.parse(stdout) as Meta).parts['train']).toMatchObject({
      rows: before.parts['train']!.rows,
      windows: before.parts['train']!.windows,
    });
  });
});
