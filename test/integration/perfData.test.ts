/** Recordings of perf, read as they are and as perf's own tools print them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { bytesSource, fileSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import { EVENT_NAMES } from '../../src/trace/model/eventType.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import {
  ALL_COLUMNS,
  differences,
  hasSharedRecordings,
  latencyLines,
  lines,
  sharedPath,
  timehistLines,
} from '../support/perfOracle.js';
import { rowTexts } from '../support/storeRows.js';

const hasPerf = spawnSync('perf', ['--version']).status === 0;

function skipLoudly(context: TestContext, reason: string): never {
  console.warn(`Skipped: ${context.task.name}: ${reason}`);
  return context.skip(reason);
}

function requirePerf(context: TestContext): void {
  if (!hasPerf) skipLoudly(context, 'there is no perf on this machine');
}

const ACTOR = 3;
const SUBJECT = 4;
const FLAGS = 7;
const LINE = 9;

/** Rows as far as perf prints them: no flags; line numbers differ; who ran is perf's guess, but for switches. */
function printedRows(store: EventStore): string[] {
  return rowTexts(store).map((row) => {
    const columns = row.split(' | ');
    const isSwitch = columns[2] === 'sched_switch';
    const isExec = columns[2] === 'sched_process_exec';
    return columns
      .filter((_, i) => i !== FLAGS && i !== LINE && (i !== ACTOR || isSwitch) && (i !== SUBJECT || !isExec))
      .join(' | ')
      .replaceAll(/swapper\/\d+/g, 'swapper');
  });
}

const EVENT_OF_THE_MODEL = new RegExp(`\\bsched:(?:${EVENT_NAMES.join('|')}):`, 'g');
/** For each member of a group that counted meanwhile perf prints the leader's sample once more, under another name. */
const COUNT_OF_A_MEMBER = /^.*sched_wakeup: prev_comm=.*\n/gm;

function perfOf(...args: string[]): Buffer {
  return execFileSync('perf', args, { maxBuffer: 1 << 29, stdio: ['ignore', 'pipe', 'ignore'] });
}

async function readData(path: string): Promise<EventStore> {
  return importTrace(await fileSource(path));
}

/** As many events as perf prints, and each the same in all that it prints. */
async function expectAsPerf(path: string): Promise<EventStore> {
  const text = perfOf('script', '--ns', '-F', 'comm,tid,cpu,time,event,trace', '-i', path)
    .toString()
    .replaceAll(COUNT_OF_A_MEMBER, '');
  const printed = await importTrace(bytesSource('perf script', Buffer.from(text)), { format: 'perf-script' });
  const store = await readData(path);
  expect(store.length).toBe(text.match(EVENT_OF_THE_MODEL)?.length);
  const ours = printedRows(store);
  const perfs = printedRows(printed);
  const differing = ours.flatMap((row, i) => (row === perfs[i] ? [] : [{ ours: row, perf: perfs[i] }]));
  expect(differing).toEqual([]);
  return store;
}

const SHARED = [
  'perf_sched_record.data',
  'perf_waking_and_wakeup.data',
  'perfparser_parallel_zstd.perf.data',
];

describe('recordings beside the repository', () => {
  it.for(SHARED)('%s equals what perf script prints', async (name, context) => {
    if (!hasSharedRecordings) skipLoudly(context, 'the recordings beside the repository are not there');
    requirePerf(context);
    const store = await expectAsPerf(sharedPath(name));
    expect(store.diagnostics).toEqual([]);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-perf-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const LOAD = ['--', 'perf', 'bench', 'sched', 'messaging', '-g', '1', '-l', '20'];
const SET = 'sched:sched_switch,sched:sched_wakeup,sched:sched_waking,sched:sched_migrate_task';

/** What `perf` is called with, without the output and the load. */
const RECORDINGS: readonly [name: string, args: readonly string[]][] = [
  ['perf sched record', ['sched', 'record']],
  ['one event', ['record', '-a', '-e', 'sched:sched_switch']],
  ['all sched events', ['record', '-a', '-e', 'sched:*']],
  ['a process only, with its children', ['record', '-e', SET]],
  ['compressed', ['record', '-a', '-z', '-e', SET]],
  ['most compressed', ['record', '-a', '-z22', '-e', SET]],
  ['call chains', ['record', '-a', '-g', '-e', SET]],
  ['stacks and registers', ['record', '-a', '--call-graph', 'dwarf,1024', '-e', SET]],
  ['compressed stacks', ['record', '-a', '-z', '--call-graph', 'dwarf,1024', '-e', SET]],
  ['addresses, weights, physical addresses', ['record', '-a', '-d', '-W', '--phys-data', '-e', SET]],
  ['with another event', ['record', '-a', '-e', 'cpu-clock', '-e', SET]],
  ['a group whose leader samples', ['record', '-a', '-e', '{sched:sched_switch,sched:sched_wakeup}:S']],
  ['a group', ['record', '-a', '-e', '{sched:sched_switch,sched:sched_wakeup,sched:sched_waking}']],
  ['a clock of its own', ['record', '-a', '-k', 'CLOCK_MONOTONIC', '-e', SET]],
  ['small buffers, so that it loses', ['record', '-a', '-m', '1', '-e', 'sched:*']],
  ['overwriting', ['record', '-a', '--overwrite', '-e', SET]],
  ['namespaces, switches, cgroups', ['record', '-a', '--namespaces', '--switch-events', '-e', SET]],
  ['registers, before the raw data nothing', ['record', '-a', '-I', '-e', SET]],
  ['asynchronous writing', ['record', '-a', '--aio', '-e', SET]],
  ['without build ids', ['record', '-a', '-B', '-N', '-e', SET]],
];

/** Records; skips when perf may not, or cannot do what is asked for. */
function record(context: TestContext, path: string, args: readonly string[]): void {
  const result = spawnSync('perf', [...args, '-o', path, ...LOAD], { stdio: ['ignore', 'ignore', 'pipe'] });
  if (result.status === 0) return;
  const why = result.stderr.toString().trim().split('\n').slice(0, 3).join(' ');
  skipLoudly(context, `perf cannot record so here: ${why}`);
}

describe('recordings made here', () => {
  it.for(RECORDINGS)('%s: equals what perf script prints', async ([name, args], context) => {
    requirePerf(context);
    const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.data`);
    record(context, path, args);
    const store = await expectAsPerf(path);
    expect(store.length).toBeGreaterThan(100);
    expect(store.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('a pipe: equals what perf script prints', async (context) => {
    requirePerf(context);
    const path = join(folder, 'pipe.data');
    const args = ['record', '-a', '-e', SET, '-o', '-', ...LOAD];
    const output = openSync(path, 'w');
    const { status } = spawnSync('perf', args, { stdio: ['ignore', output, 'ignore'] });
    closeSync(output);
    if (status !== 0) skipLoudly(context, 'perf cannot record into a pipe here');
    // The output of the load stands in the file, too, where perf does not know better.
    const store = await expectAsPerf(path);
    expect(store.length).toBeGreaterThan(100);
  });

  it('the parts of --switch-output: each equals what perf script prints', async (context) => {
    requirePerf(context);
    const base = join(folder, 'parts.data');
    const args = ['record', '-a', '-e', SET, '--switch-output=100K', '-o', base, ...LOAD];
    const { status } = spawnSync('perf', args, { stdio: 'ignore' });
    if (status !== 0) skipLoudly(context, 'perf cannot record so here');
    const parts = readdirSync(folder).filter((name) => name.startsWith('parts.data.'));
    expect(parts.length).toBeGreaterThan(1);
    const paths = parts.map((part) => join(folder, part));
    // The last one may end before anything happens.
    const filled = paths.filter((path) => perfOf('script', '-i', path).length > 0);
    for (const path of filled) await expectAsPerf(path);
  });

  it('timehist and latency equal those of perf in every row', async (context) => {
    requirePerf(context);
    const path = join(folder, 'reports.data');
    record(context, path, ['record', '-a', '-e', 'sched:*']);
    const store = await readData(path);
    const options = { compat: 'perf-6.1', ...ALL_COLUMNS } as const;
    const timehist = perfOf('sched', 'timehist', '-VwnM', '--state', '-i', path);
    expect(differences(timehistLines(store, options), lines(timehist))).toEqual([]);
    const latency = perfOf('sched', 'latency', '-p', '-i', path);
    expect(differences(latencyLines(store), lines(latency))).toEqual([]);
  });
});
