/** Files of latencies of every kind, read from disk, as sets of a study and by the command line. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readLatencyFile } from '../../src/analysis/latency/readLatencyFile.js';
import {
  readLatencyStudy,
  setsOf,
  USUAL_SETTINGS,
  writeLatencyStudy,
} from '../../src/analysis/latency/latencyStudy.js';
import { latencyDensity } from '../../src/cli/latencyDensity.js';
import { describedLatencies, readResultLatencies } from '../../src/remote/benchmarks/latencySets.js';
import { histogramOf } from '../../src/remote/benchmarks/latencyHistogram.js';
import { madeResults } from '../support/benchmarkResults.js';
import { recordsCsv } from '../support/migrationRecords.js';

const sources = { readResults: readResultLatencies, describe: describedLatencies };
let folder: string;
const at = (name: string) => join(folder, name);
const values = Array.from({ length: 400 }, (_, i) => 900 + ((i * 37) % 400));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-latency-'));
  await mkdir(at('deeper'));
  await writeFile(at('lat_hackbench_mode0_ns.txt'), values.map((ns) => `${ns}\n`).join(''));
  const slower = values.map((ns) => `${(ns * 1.5) / 1000}\n`).join('');
  await writeFile(
    at('deeper/lat_hackbench_mode1.txt.gz'),
    gzipSync(`# unit: us\n# probe: fentry\n${slower}bad\n`),
  );
  const decisions = [0, 1, 2, 1].map((migration, i) => ({ migration, lat_ns: 1000 + 100 * i }));
  await writeFile(at('calls.migrations.csv'), recordsCsv(decisions));
});

afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

describe('kinds of files', () => {
  it('a compressed list, with what it tells and its bad lines', async () => {
    const file = await readLatencyFile(at('deeper/lat_hackbench_mode1.txt.gz'), sources);
    expect(setsOf(file)).toEqual([
      {
        path: file.path,
        item: '',
        label: 'mode1',
        benchmark: 'hackbench',
        probe: 'fentry',
        unit: 'us',
      },
    ]);
    expect(file).toMatchObject({ badLines: 1, tellsUnit: true });
    expect(file.remarks[0]).toMatch(/^line 403: .*bad/);
  });

  it('a table of can_migrate_task calls, by what was decided', async () => {
    const { parts } = await readLatencyFile(at('calls.migrations.csv'), sources);
    expect(parts.map(({ key, count }) => [key, count])).toEqual([
      ['all', 4],
      ['allowed', 3],
      ['refused', 1],
      ['forced', 1],
    ]);
    expect([...parts[3]!.values()]).toEqual([1200]);
  });

  it('benchmark results, a set a distribution', async () => {
    const results = madeResults(
      { name: 'latency', title: 'duration of can_migrate_task', unit: 'ns', better: 'lower' },
      { old: { hackbench: [1000] }, new: { hackbench: [1500] } },
    );
    const distributions = results.subjects.map(({ id }, i) => ({
      subject: id,
      benchmark: 'hackbench',
      metric: 'latency',
      source: 'function_graph',
      ...histogramOf(values.map((ns) => ns * (1 + i))),
    }));
    await writeFile(at('r.bench.json'), JSON.stringify({ ...results, distributions }));
    const file = await readLatencyFile(at('r.bench.json'), sources);
    expect(setsOf(file).map(({ label, probe }) => [label, probe])).toEqual([
      ['old', 'function_graph'],
      ['new', 'function_graph'],
    ]);
    const [old, other] = file.parts.map((part) => part.values());
    expect(old).toHaveLength(400);
    // A bin is 8 % wide.
    expect(Math.abs(old![199]! / 1099 - 1)).toBeLessThan(0.08);
    expect(Math.abs(other![199]! / 2199 - 1)).toBeLessThan(0.08);
    await writeFile(at('plain.bench.json'), JSON.stringify(results));
    await expect(readLatencyFile(at('plain.bench.json'), sources)).rejects.toThrow(
      /Compare Benchmark Results/,
    );
  });

  it('nothing that never ends', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    await expect(readLatencyFile(at('missing.txt'), sources)).rejects.toThrow(/does not exist/);
    await expect(readLatencyFile(at('pipe'), sources)).rejects.toThrow(/no regular file/);
    await expect(readLatencyFile('/dev/zero', sources)).rejects.toThrow(/no regular file/);
  });
});

it('a study names files relative to it, and is read again as it was', async () => {
  const sets = [
    ...setsOf(await readLatencyFile(at('lat_hackbench_mode0_ns.txt'), sources)),
    ...setsOf(await readLatencyFile(at('deeper/lat_hackbench_mode1.txt.gz'), sources)),
  ];
  const study = { baseline: 'mode0', sets, settings: { ...USUAL_SETTINGS, factor: 0.5 } };
  await writeLatencyStudy(at('deeper/both.latency.json'), study);
  const text = await readFile(at('deeper/both.latency.json'), 'utf8');
  expect(text).toContain('"path": "../lat_hackbench_mode0_ns.txt"');
  expect(await readLatencyStudy(at('deeper/both.latency.json'))).toEqual(study);
  await writeFile(at('other.latency.json'), '{"format": "other"}');
  await expect(readLatencyStudy(at('other.latency.json'))).rejects.toThrow(/no file of latency densities/);
});

describe('the command line', () => {
  async function printed(...args: Parameters<typeof latencyDensity>): Promise<{ out: string; err: string }> {
    let [out, err] = ['', ''];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
    await latencyDensity(...args);
    return { out, err };
  }

  it('prints figures and ratios, also of a study', async () => {
    const { out, err } = await printed([at('deeper/both.latency.json')], {});
    expect(out).toMatch(/A +mode0 +hackbench +- +400 .*baseline/);
    expect(out).toMatch(/B +mode1 +hackbench +fentry +400 .* 1\.500 /);
    expect(err).toContain('1 line was left out');
  });

  it('prints all as JSON, with the points of the densities', async () => {
    const paths = [at('lat_hackbench_mode0_ns.txt'), at('calls.migrations.csv')];
    const { out } = await printed(paths, { json: true, axis: 'linear' });
    const { sets, settings } = JSON.parse(out) as {
      sets: { curve: { ns: number[]; density: number[] } }[];
      settings: { axis: string };
    };
    expect(settings.axis).toBe('linear');
    expect(sets[0]!.curve.ns.length).toBe(sets[0]!.curve.density.length);
  });

  it('names the labels when the baseline is none of them', async () => {
    await expect(latencyDensity([at('lat_hackbench_mode0_ns.txt')], { baseline: 'x' })).rejects.toThrow(
      /No set has the label "x"; they have "mode0"/,
    );
  });
});
