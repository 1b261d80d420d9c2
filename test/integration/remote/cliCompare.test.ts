/** `kernel-oracle compare` as a real process on results files made here: no machine is needed. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeResults } from '../../../src/remote/benchmarks/results.js';
import { TABLE_5_10, TABLE_5_9 } from '../../support/benchmarkResults.js';
import { buildCli, makeDirectory, run, type Outcome } from '../cliProcess.js';

describe('kernel-oracle compare', () => {
  let folder: string;
  let cli: string;
  const path = (name: string) => join(folder, name);
  const oracle = (...args: string[]): Promise<Outcome> => run(process.execPath, [cli, ...args]);

  beforeAll(async () => {
    folder = await makeDirectory();
    cli = await buildCli(folder);
    await writeResults(path('latency.bench.json'), TABLE_5_9);
    await writeResults(path('runtime.bench.json'), TABLE_5_10);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('table 5.9 of the thesis: mean latencies, and the ratio that each kind of mean gives', async () => {
    const { status, stdout, stderr } = await oracle(
      'compare',
      path('latency.bench.json'),
      '--table',
      'latency',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [first = ''] = stdout.split('\n');
    expect(first).toBe('Mean duration of can_migrate_task, ns');
    expect(cells(stdout, 'original kernel')).toEqual(['669.02', '1578.89', '4871.05', '2051.96', '3743.49']);
    expect(cells(stdout, 'with ML')).toEqual(['47335.62', '43490.65', '67454.05', '31235.13', '37644.6']);
    expect(stdout).toContain('ratio of means 17.59, mean of ratios 27.48, geometric mean of ratios 21.05.');
    expect(stdout).toContain('Every mean here is of one run');
  });

  test('table 5.10: mean run times of three kernels, and no word of a difference', async () => {
    const file = path('runtime.bench.json');
    const { stdout } = await oracle('compare', file, '--table', 'runtime');
    expect(cells(stdout, 'original')).toEqual(['16.59', '801.8', '385.6', '57', '432']);
    expect(cells(stdout, 'with ML')).toEqual(['16.19', '771.8', '384.8', '62.2', '431.2']);
    expect(cells(stdout, 'with ML, deciding')).toEqual(['15.78', '779', '388', '57.2', '432']);
    expect(stdout).toContain('with ML: ratio of means 0.984, mean of ratios 1.005');
    expect(stdout).toContain('with ML, deciding: ratio of means 0.988, mean of ratios 0.986');
    const whole = await oracle('compare', file);
    expect(whole.stdout).toContain('no statement: measured once');
    expect(whole.stdout).not.toMatch(/faster|slower: /);
    const none = await oracle('compare', file, '--table', 'latency');
    expect(none).toMatchObject({ status: 1, stdout: '' });
    expect(none.stderr).toContain('They have run_time.');
  });

  test.each([
    [['compare'], /missing required argument 'results'/],
    [['compare', 'a.json', 'b.json', '--csv', '--json'], /cannot be used with option '--json'/],
    [['compare', 'a.json', 'b.json', '--seed', 'x'], /no whole number/],
  ])('wrong usage: %j', async (args, message) => {
    const { status, stdout, stderr } = await oracle(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('compare refuses what is no results file, is cut off, foreign, newer, alone, or lacks the subject', async () => {
    const whole = madeText();
    const refusals: [string, string, RegExp][] = [
      ['cut.json', whole.slice(0, 100), /cut\.json is no JSON: /],
      [
        'foreign.json',
        '{"results": [1, 2]}',
        /foreign\.json is no file of benchmark results: it has no "format"\./,
      ],
      ['newer.json', whole.replace('"version":1', '"version":2'), /newer\.json has version 2 .* Update it\./],
      [
        'typo.json',
        whole.replace('"run_time":1', '"runtime":1'),
        /typo\.json .*repeats\.0: "b" has no metric "runtime"/,
      ],
      ['alone.json', whole, /needs two sets: name two results files/],
    ];
    for (const [name, text, message] of refusals) {
      writeFileSync(path(name), text);
      const { status, stdout, stderr } = await oracle('compare', path(name));
      expect({ name, status, stdout }).toEqual({ name, status: 1, stdout: '' });
      expect(stderr).toMatch(message);
    }
    expect((await oracle('compare', path('none.json'))).stderr).toContain(
      `There is no file ${path('none.json')}.`,
    );
    const alone = path('alone.json');
    expect((await oracle('compare', `${alone}#C`, alone)).stderr).toContain(
      'has no subject "C"; it has "A".',
    );
    mkdirSync(path('folder'));
    const unwritable = await oracle('compare', alone, alone, '-o', path('folder'));
    expect(unwritable).toMatchObject({ status: 1, stdout: '' });
    expect(unwritable.stderr).toContain('it exists and is not a file');
  });

  test('compare loads nothing of SSH', () => {
    const parts = loadedBy('compare');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.filter((text) => text.includes('// node_modules/ssh2/'))).toEqual([]);
    expect(loadedBy('runBench').some((text) => text.includes('// node_modules/ssh2/'))).toBe(true);
  });

  /** The texts of the parts of the built program that the one with this function imports, and its own. */
  function loadedBy(name: string): string[] {
    const outdir = join(folder, 'dist');
    const entry = readdirSync(outdir).find((file) =>
      readFileSync(join(outdir, file), 'utf8').includes(`async function ${name}(`),
    )!;
    const found = new Map<string, string>();
    const visit = (file: string) => {
      if (found.has(file)) return;
      const text = readFileSync(join(outdir, file), 'utf8');
      found.set(file, text);
      for (const [, other] of text.matchAll(/(?:from|^import) "\.\/([^"]+)"/gm)) visit(other!);
    };
    visit(entry);
    return [...found.values()];
  }
});

/** What stands in a row of a table behind its name. */
function cells(text: string, name: string): string[] {
  const line = text.split('\n').find((each) => each.startsWith(`${name}  `))!;
  return line.slice(name.length).trim().split(/ +/);
}

/** One set with one repeat. */
function madeText(): string {
  return JSON.stringify({
    format: 'kernel-oracle benchmark results',
    version: 1,
    suite: { name: 'made' },
    benchmarks: [
      { name: 'b', primary: 'run_time', metrics: [{ name: 'run_time', unit: 's', better: 'lower' }] },
    ],
    subjects: [{ id: 'A', label: 'A' }],
    repeats: [{ subject: 'A', benchmark: 'b', values: { run_time: 1 } }],
  });
}
