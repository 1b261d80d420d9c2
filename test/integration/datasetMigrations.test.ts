/**
 * Labels, cleaning and scores of migration records beside what Python's own reader and scikit-learn make of the same files:
 * nothing of the product's code is in between.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { featureRanking, type FeatureRanking } from '../../src/dataset/migrations/featureRanking.js';
import { migrationCounts } from '../../src/dataset/migrations/migrationCounts.js';
import type { Experiment } from '../../src/dataset/migrations/migrationSet.js';
import { readMigrationSet } from '../../src/dataset/migrations/readMigrationSet.js';
import { makeDirectory, run, SAMPLES } from './cliProcess.js';
import { pythonWith } from './pythonEnvironment.js';

const DATASETS = fileURLToPath(new URL('../../../shared/datasets/can_migrate_task/', import.meta.url));
const SAMPLE = join(SAMPLES, 'load-balancer.migrations.csv');
const SHARED = ['smp4_mc10ms_stress_mix', 'smp8numa2_mc10ms_sysbench_cpu'].map((name) =>
  join(DATASETS, `${name}.csv.gz`),
);
const EXPERIMENTS: readonly Experiment[] = [1, 2, 3];

const SCORES = `
import csv, gzip, json, sys, warnings
from collections import defaultdict

import numpy as np
from sklearn.feature_selection import f_classif
from sklearn.metrics import mutual_info_score

warnings.simplefilter("ignore")
BINS = 10


def binned(values):
    if len(np.unique(values)) <= BINS:
        return values
    shares = np.arange(1, BINS) / BINS
    return np.searchsorted(np.quantile(values, shares, method="inverted_cdf"), values, side="left")


def read(paths):
    rows = []
    for path in paths:
        with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
            for row in csv.DictReader(file):
                row.pop("comm", None)
                rows.append({**{name: int(value) for name, value in row.items()}, "file": path})
    histories = defaultdict(list)
    for row in rows:
        key = tuple(row[name] for name in ("file", "pid", "src_cpu", "dst_cpu", "task_nr_migrations"))
        histories[key].append(row)
    for calls in histories.values():
        last = max((call["ts"] for call in calls if call["forced"]), default=-1)
        for call in calls:
            call["ending"] = int(call["ts"] <= last)
    return rows


def scored(paths, columns):
    rows = read(paths)
    kept = [row for row in rows if row["start_runtime"] != 0]
    result = {}
    for experiment, label in ((1, "migration"), (2, "ending"), (3, "forced")):
        labels = np.array([row[label] for row in kept])
        scores = {}
        for name in columns:
            values = np.array([row[name] for row in kept], dtype=np.float64)
            f, p = f_classif((values - values.mean()).reshape(-1, 1), labels)
            scores[name] = [float(f[0]), float(p[0]), mutual_info_score(labels, binned(values))]
        result[experiment] = {"positives": sum(row[label] for row in rows), "rows": len(kept), "scores": scores}
    return result


print(json.dumps([scored(each["paths"], each["columns"]) for each in json.loads(sys.argv[1])]))
`;

interface Asked {
  readonly paths: readonly string[];
  readonly columns: readonly string[];
}

type Reference = Record<
  Experiment,
  {
    readonly positives: number;
    readonly rows: number;
    readonly scores: Readonly<Record<string, readonly [number, number, number]>>;
  }
>;

async function scoresBy(python: string, sets: readonly Asked[]): Promise<readonly Reference[]> {
  const script = join(await makeDirectory(), 'scores.py');
  await writeFile(script, SCORES);
  const { status, stdout, stderr } = await run(python, [script, JSON.stringify(sets)]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.replaceAll('NaN', 'null')) as readonly Reference[];
}

function expectSame(rankings: readonly FeatureRanking[], reference: Reference): void {
  for (const { experiment, workloads } of rankings) {
    const { scores, steps, positives } = workloads.at(-1)!;
    const { scores: expected, ...counts } = reference[experiment];
    expect({ positives, rows: steps.at(-1)!.rows }).toEqual(counts);
    expect(scores.length).toBeGreaterThan(20);
    for (const { column, f, p, nats } of scores) {
      const [itsF, itsP, itsNats] = expected[column]!;
      const name = `${column}, experiment ${experiment}`;
      expect(f / itsF, name).toBeCloseTo(1, 6);
      // Both are 0 below the smallest number.
      expect(Math.abs(p - itsP), name).toBeLessThanOrEqual(1e-6 * itsP);
      expect(nats, name).toBeCloseTo(itsNats, 10);
    }
  }
}

describe('scores of migration records beside scikit-learn', () => {
  it('are the same', { timeout: 600_000 }, async (context) => {
    const environment = await pythonWith('python-scikit-learn', ['scikit-learn>=1.3,<2']);
    if ('missing' in environment) {
      console.warn(`SKIPPED: scikit-learn cannot be installed: ${environment.missing}`);
      context.skip(`scikit-learn cannot be installed: ${environment.missing}`);
      return;
    }
    const recordings = [[SAMPLE], ...(existsSync(DATASETS) ? [SHARED] : [])];
    const sets = await Promise.all(recordings.map((paths) => readMigrationSet(paths)));
    const rankings = sets.map((set) =>
      EXPERIMENTS.map((experiment) => featureRanking(set, experiment, { balance: 'natural' })),
    );
    const asked = recordings.map((paths, at) => ({ paths, columns: rankings[at]![0]!.columns }));
    const references = await scoresBy(environment.python, asked);
    expect(references).toHaveLength(recordings.length);
    for (const [at, reference] of references.entries()) expectSame(rankings[at]!, reference);
  });
});

// Without the shared folder this cannot run; the skip is listed by `npm test` with this name.
describe.skipIf(!existsSync(DATASETS))(
  'the shared recordings as a set (needs ../shared/datasets/can_migrate_task)',
  () => {
    it('have the counts that a plain reading gave', async () => {
      const set = await readMigrationSet([DATASETS]);
      expect(set.recordings).toHaveLength(23);
      expect(set.leftOut).toEqual([]);
      const counts = migrationCounts(set).map((each) => [
        each.workload,
        each.recordings,
        each.calls,
        each.migrated,
        each.forced,
        each.endingInForced,
      ]);
      // Counted by a script of its own, which knows groups as tuples of Python.
      expect(counts).toEqual([
        ['hackbench_pipe', 4, 25_092, 17_612, 104, 227],
        ['hackbench_thr', 2, 3058, 1581, 41, 80],
        ['nginx_ab', 4, 4339, 1277, 14, 47],
        ['stress_mix', 4, 5106, 2212, 202, 742],
        ['stress_switch', 4, 8942, 2414, 323, 652],
        ['sysbench_cpu', 1, 2961, 1224, 285, 727],
        ['sysbench_threads', 4, 8022, 2196, 164, 289],
        [null, 23, 57_520, 28_516, 1133, 2764],
      ]);
    });
  },
);
