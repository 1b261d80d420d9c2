import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRuns } from '../../../../src/learning/runs/findRuns.js';
import { writeRun } from '../../../../src/learning/trainer/runFolder.js';
import { runInfo } from '../../../support/runInfo.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kernel-oracle-find-runs-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const names = (runs: readonly { folder: string }[]) =>
  runs.map(({ folder }) => folder.slice(root.length + 1));

async function run(name: string, day: number): Promise<void> {
  await writeRun(join(root, name), runInfo({ started: `2026-02-0${day}T12:00:00.000Z` }));
}

test('runs at any depth, the newest first, with their states', async () => {
  await run('a', 1);
  await run('lab/runs/b', 3);
  await writeRun(
    join(root, 'c'),
    // Beyond the greatest number that Linux gives a process.
    runInfo({
      started: '2026-02-02T12:00:00.000Z',
      state: 'running',
      process: { pid: 2 ** 30, startTicks: '1' },
    }),
  );
  const found = await findRuns(root);
  expect(names(found)).toEqual(['lab/runs/b', 'c', 'a']);
  expect(found.map((each) => ('state' in each ? each.state : each.problem))).toEqual([
    'finished',
    'interrupted',
    'finished',
  ]);
  expect(names(await findRuns(root, { maxDepth: 1 }))).toEqual(['c', 'a']);
  expect(await findRuns(join(root, 'a'), { maxDepth: 0 })).toHaveLength(1);
});

test('what is damaged is told; what is of somebody else is passed over', async () => {
  await run('sound', 1);
  for (const name of ['damaged', 'other']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'damaged', 'run.json'), '{"format": "kernel-oracle-r');
  writeFileSync(join(root, 'damaged', 'kernel-oracle.yaml'), 'dataset: x\n');
  writeFileSync(join(root, 'other', 'run.json'), '{"jogging": true}');
  const found = await findRuns(root);
  // Written just now, so the newest.
  expect(names(found)).toEqual(['damaged', 'sound']);
  expect(found[0]).toMatchObject({ problem: expect.stringMatching(/run\.json is no JSON/) as string });
});

test('links are followed once; hidden folders, node_modules and what is in a run are not looked at', async () => {
  await run('scratch/far', 1);
  await run('far/checkpoints/best', 2);
  await run('far', 2);
  await run('node_modules/x', 3);
  await run('.hidden/x', 3);
  mkdirSync(join(root, 'workspace'));
  symlinkSync(join(root, 'scratch'), join(root, 'workspace', 'runs'));
  symlinkSync(root, join(root, 'workspace', 'up'));
  symlinkSync(join(root, 'nowhere'), join(root, 'workspace', 'dead'));
  expect(names(await findRuns(root))).toEqual(['far', 'scratch/far']);
  expect(names(await findRuns(join(root, 'workspace')))).toHaveLength(2);
});

test('a root that is not there, and being cancelled', async () => {
  await expect(findRuns(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'file-not-found' });
  await expect(findRuns(root, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
});
