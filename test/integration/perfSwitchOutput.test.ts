/** The files of `perf record --switch-output`, which together are one recording. */
import { spawnSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importTrace } from '../../src/trace/importTrace.js';
import { EventType } from '../../src/trace/model/eventType.js';
import { openInput } from '../../src/trace/recording/openInput.js';
import { makeDirectory, run } from './cliProcess.js';

let directory: string;
beforeAll(async () => {
  directory = await makeDirectory();
});
afterAll(() => rm(directory, { recursive: true }));

it('the files of a run are one recording', { timeout: 120_000 }, async (context) => {
  if (spawnSync('perf', ['--version']).status !== 0) context.skip('there is no perf on this machine');
  const options = [
    '-a',
    '-R',
    '-m',
    '512',
    '-c',
    '1',
    '-e',
    'sched:sched_switch',
    '-o',
    join(directory, 'p'),
  ];
  const recorded = await run('perf', ['record', '--switch-output=1s', ...options, '--', 'sleep', '2.3']);
  if (recorded.status !== 0) context.skip(`perf may not record here: ${recorded.stderr.trim()}`);
  const paths = (await readdir(directory)).sort().map((name) => join(directory, name));
  expect(paths.length).toBeGreaterThan(1);
  let switches = 0;
  const stamps: string[] = [];
  for (const path of paths) {
    const { stdout } = await run('perf', ['script', '--ns', '-F', 'cpu,time', '-i', path]);
    const lines = stdout.trim().split('\n');
    switches += lines.length;
    stamps.push(...lines.map((line) => line.trim().replace(/^\[0*(\d+)\]\s+([\d.]+):$/, '$2 $1')));
  }
  const store = await importTrace(await openInput(paths));
  expect(store.countOf(EventType.Switch)).toBe(switches);
  expect(store.sources).toEqual(paths);
  const told = Array.from({ length: store.length }, (_, row) => {
    const digits = store.absoluteNs(row).toString();
    return `${digits.slice(0, -9)}.${digits.slice(-9)} ${store.cpu[row]!}`;
  });
  // The numbers of seconds have as many digits all along.
  expect(told).toEqual([...told].sort((a, b) => a.split(' ')[0]!.localeCompare(b.split(' ')[0]!)));
  expect([...told].sort()).toEqual(stamps.sort());
  expect(store.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
});
