/** The shared recordings of can_migrate_task against numbers that a plain reading of the same files gives. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MigrationSummary } from '../../src/protocol/migrationMessages.js';
import { buildCli, makeDirectory, run, SAMPLES } from './cliProcess.js';

const DATASETS = fileURLToPath(new URL('../../../shared/datasets/can_migrate_task/', import.meta.url));

let directory: string;
let program: string;

beforeAll(async () => {
  directory = await makeDirectory();
  program = await buildCli(directory);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function infoOf(path: string): Promise<MigrationSummary> {
  const { status, stdout, stderr } = await run(process.execPath, [program, 'info', '--json', path]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as MigrationSummary;
}

/** Nothing of the product's code: split at commas and count. */
function plainReading(text: string) {
  const [header, ...lines] = text.trimEnd().split('\n');
  const names = header!.split(',');
  const rows = lines.map((line) => line.split(',').map(Number)).filter((row) => row.length === names.length);
  const column = (name: string) => rows.map((row) => row[names.indexOf(name)]!);
  const sum = (values: number[]) => values.reduce((total, each) => total + each, 0);
  const latencies = column('lat_ns').sort((a, b) => a - b);
  const rank = (share: number) => latencies[Math.ceil(share * latencies.length) - 1];
  const pairs = new Map<string, number>();
  const source = column('src_cpu');
  column('dst_cpu').forEach((cpu, row) => {
    const pair = `${source[row]!}>${cpu}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  });
  return {
    rows: rows.length,
    malformed: lines.length - rows.length,
    migrated: sum(column('migration')),
    forced: sum(column('forced')),
    neverRan: column('start_runtime').filter((value) => value === 0).length,
    tasks: new Set(column('pid')).size,
    p50Ns: rank(0.5),
    p90Ns: rank(0.9),
    p99Ns: rank(0.99),
    maxNs: latencies.at(-1),
    types: [0, 1, 2, 3].map((type) => column('migration_type').filter((each) => each === type).length),
    pairs: Object.fromEntries([...pairs].sort()),
  };
}

function comparable(summary: MigrationSummary): ReturnType<typeof plainReading> {
  const { latency } = summary;
  const pairs = summary.byPair!.map((pair) => [`${pair.srcCpu}>${pair.dstCpu}`, pair.calls] as const);
  return {
    rows: summary.rows,
    malformed: summary.malformed.count,
    migrated: summary.migrated,
    forced: summary.forced!,
    neverRan: summary.neverRan,
    tasks: summary.tasks,
    p50Ns: latency!.p50Ns,
    p90Ns: latency!.p90Ns,
    p99Ns: latency!.p99Ns,
    maxNs: latency!.maxNs,
    types: [0, 1, 2, 3].map((type) => summary.byType!.find((each) => each.type === type)?.calls ?? 0),
    pairs: Object.fromEntries([...pairs].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

// Without the shared folder these cannot run; the skip is listed by `npm test` with this name.
describe.skipIf(!existsSync(DATASETS))(
  'the shared recordings (needs ../shared/datasets/can_migrate_task)',
  () => {
    it('give the numbers of a plain reading, and the totals that are told of them', async () => {
      const total = { rows: 0, migrated: 0, forced: 0 };
      const files = readdirSync(DATASETS).filter((name) => name.endsWith('.csv.gz'));
      expect(files).toHaveLength(23);
      for (const file of files) {
        const summary = await infoOf(join(DATASETS, file));
        expect(comparable(summary), file).toEqual(
          plainReading(gunzipSync(readFileSync(join(DATASETS, file))).toString()),
        );
        total.rows += summary.rows;
        total.migrated += summary.migrated;
        total.forced += summary.forced!;
      }
      expect(total).toEqual({ rows: 57_520, migrated: 28_516, forced: 1133 });
    });
  },
);

describe('the command line and migration records', () => {
  const sample = join(SAMPLES, 'load-balancer.migrations.csv');

  it('info prints what the view shows, rare ones as counts', async () => {
    const { stdout, stderr, status } = await run(process.execPath, [program, 'info', sample]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^forced {9}22 of 316 migrations, 6\.96 %, 22 of 600 calls, 3\.67 % /m);
    expect(stdout).toMatch(/^never ran {6}58 of 600 calls/m);
    expect(stdout).toMatch(/^call latency {3}median 2\.116, p90 3\.373, p99 27\.255, max 54\.213 µs/m);
    expect(stdout).toMatch(/^note: Two clocks\./m);
  });

  it('names malformed lines on stderr', async () => {
    const path = join(directory, 'damaged.csv');
    const lines = readFileSync(sample, 'utf8').split('\n');
    lines[7] = lines[7]!.replace(/^\d+/, 'x');
    writeFileSync(path, lines.join('\n'));
    const { stdout, stderr, status } = await run(process.execPath, [program, 'info', path]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: line 8 was left out: pid is no whole number: x \("x,/);
    expect(stdout).toMatch(/^malformed {6}1 lines$/m);
  });

  it.each([
    ['stats', []],
    ['latency', []],
    ['timehist', []],
    ['export', ['--to', 'csv', '-o', 'out.csv']],
  ])('%s says what the file is', async (command, args) => {
    const outcome = await run(process.execPath, [program, command, sample, ...args]);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toMatch(
      /it is a table of migration records \(calls of can_migrate_task\).*"kernel-oracle info"/,
    );
  });
});
