import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import type { TracefsSettings } from '../../../src/remote/collect/collection.js';
import { EVENT_NAMES } from '../../../src/trace/model/eventType.js';
import type { EventStore } from '../../../src/trace/model/eventStore.js';
import { GuardedMachine, TRACING, type MachineState } from '../../support/guardedMachine.js';
import { noSshServer } from '../../support/sshServer.js';
import { hasTraceCmd, toldByReport, toldByStore, traceCmdReport } from '../../support/traceCmdOracle.js';
import { recordTracefs, type TracefsRecording } from '../../support/tracefsRecording.js';

const BUSYBOX = '/usr/bin/busybox';
const missing = noSshServer() ?? noTracefs();
if (missing !== undefined) console.warn(`Recording with tracefs is not tested: ${missing}.`);
const CAN_REPORT = hasTraceCmd();
if (!CAN_REPORT) console.warn('SKIPPED: trace-cmd is not installed, so that it is not asked what it reads.');

function noTracefs(): string | undefined {
  try {
    accessSync(`${TRACING}/instances`, constants.W_OK);
    return undefined;
  } catch {
    return `${TRACING} cannot be written here (it takes root)`;
  }
}

describe.skipIf(missing !== undefined)('recording with tracefs', () => {
  let machine: GuardedMachine;
  let connection: Connection;
  let before: MachineState;
  const recordings: TracefsRecording[] = [];
  beforeAll(async () => {
    machine = await GuardedMachine.start();
    connection = await machine.connect();
  });
  beforeEach(() => {
    before = machine.state();
  });
  afterEach(() => {
    for (const each of recordings.splice(0)) each.remove();
    expect(machine.state()).toEqual(before);
  });
  afterAll(() => {
    machine.dispose();
  });

  const record = async (settings: Partial<TracefsSettings>, work: () => Promise<unknown>) => {
    const recording = await recordTracefs(machine, connection, settings);
    recordings.push(recording);
    await recording.run.ready;
    machine.noteRuns();
    await work();
    recording.run.stop();
    const facts = await recording.run.finished;
    return { ...recording, facts, store: await recording.read() };
  };
  test('the file is read by us and by trace-cmd, event for event, with nothing unknown', async () => {
    const { store, facts, path } = await record({}, () => messages(100));
    expect(store.diagnostics).toEqual([]);
    expect(store.length).toBeGreaterThan(1000);
    expect(facts).toMatchObject({ events: store.length, lostEvents: 0, lostByCpu: [], leftBehind: [] });
    expect(facts.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    expect(Object.fromEntries(store.metadata.properties)).toMatchObject({
      clock: 'mono',
      kernel: expect.stringMatching(/^Linux \d/) as string,
    });
    expect(store.metadata.overwrittenEvents).toBe(0);
    expect(new Set(store.cpu.subarray(0, store.length)).size).toBeGreaterThan(1);
    if (CAN_REPORT) {
      const report = traceCmdReport(path, '-N');
      expect(toldByStore(store).events).toEqual(toldByReport(report).events);
      const unnamed = report.split('\n').filter((line) => line.includes('<...>'));
      expect(unnamed.length).toBeLessThan(store.length / 10);
    }
  });

  test.each([false, true])('losses of a small buffer come out, overwrite: %s', async (overwrite) => {
    const settings = { bufferKbPerCpu: 64, overwrite };
    const { store, facts, path } = await record(settings, () => messages(2000));
    const lost = facts.lostEvents!;
    expect(lost).toBeGreaterThan(0);
    expect(facts.lostByCpu.reduce((sum, { lostEvents }) => sum + lostEvents, 0)).toBe(lost);
    expect(facts.events).toBe(store.length);
    const { metadata } = store;
    // A page tells how many were overwritten before it, but nothing of events that were dropped.
    const told = store.losses.reduce((sum, { count }) => sum + (count ?? 0), 0);
    if (overwrite) {
      expect(metadata.overwrittenEvents).toBe(lost);
      // On a full page there is no room for the number.
      const isSomeUnknown = store.losses.some(({ count }) => count === undefined);
      expect(told).toBeLessThanOrEqual(lost);
      expect(told === lost || isSomeUnknown).toBe(true);
      expect(told).toBeGreaterThan(0);
    } else expect(metadata.properties.get('dropped events')).toMatch(new RegExp(`^${lost},`));
    if (CAN_REPORT) {
      const reported = toldByReport(traceCmdReport(path, '-N'));
      expect(toldByStore(store).events).toEqual(reported.events);
      expect(reported.losses.length > 0).toBe(overwrite);
    }
  });

  test('more events than all buffers hold, without a loss; the counters follow', async () => {
    const recording = await recordTracefs(machine, connection, { bufferKbPerCpu: 2048 });
    recordings.push(recording);
    await recording.run.ready;
    machine.noteRuns();
    const seen: number[] = [];
    // A round is some 0.5 MB: the time between them is the collector's.
    for (let round = 0; round < 100 && recording.run.counters().receivedBytes < 10e6; round += 1) {
      await messages(50);
      await wait(300);
      seen.push(recording.run.counters().events!);
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    recording.run.stop();
    const facts = await recording.run.finished;
    expect(facts.lostEvents).toBe(0);
    expect(facts.sizeBytes).toBeGreaterThan(2 * 2 * 2048 * 1024);
    const store = await recording.read();
    expect(store.length).toBe(facts.events);
    expect(store.losses).toEqual([]);
  }, 90_000);

  test('the text is read by our importer', async () => {
    const { store, facts } = await record({ format: 'text' }, () => messages(50));
    expect(store.length).toBeGreaterThan(500);
    expect(facts).toMatchObject({ events: store.length, lostEvents: 0 });
    expect(store.diagnostics).toEqual([]);
  });

  test('filters, more events, other groups and another clock', async () => {
    const events = ['sched_switch', 'sched_process_fork', 'sched_process_exec', 'sched_process_exit'];
    const { store, path } = await record(
      {
        events: [...events, 'sched_stat_runtime', 'raw_syscalls:sys_enter'],
        filters: { sched_switch: 'next_pid == 1', 'raw_syscalls:sys_enter': 'id == 99999' },
        clock: 'global',
      },
      () => messages(5),
    );
    const counts = countByName(store);
    for (const event of [
      'sched_process_fork',
      'sched_process_exec',
      'sched_process_exit',
      'sched_stat_runtime',
    ]) {
      expect(counts.get(event), event).toBeGreaterThan(0);
    }
    for (let row = 0; row < store.length; row += 1) {
      if (EVENT_NAMES[store.type[row]!] === 'sched_switch') {
        expect(store.tasks.pids[store.subject[row]!]).toBe(1);
      }
    }
    expect(store.metadata.properties.get('clock')).toBe('global');
    if (CAN_REPORT)
      expect(toldByStore(store).events).toEqual(toldByReport(traceCmdReport(path, '-N')).events);
  });

  test.each<[string, Partial<TracefsSettings>, RegExp]>([
    [
      'missing events',
      { events: ['sched_switch', 'sched_nope', 'none:such'] },
      /no event sched:sched_nope none:such/,
    ],
    [
      'a refused filter',
      { filters: { sched_switch: 'nonsense == 1' } },
      /refuses the filter of sched:sched_switch/,
    ],
    ['an unknown clock', { clock: 'sundial' }, /trace_clock cannot be set to sundial/],
  ])('%s end it before anything is recorded', async (_, settings, message) => {
    const recording = await recordTracefs(machine, connection, settings);
    recordings.push(recording);
    await expect(recording.run.ready).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(message) as string,
    });
    await expect(recording.run.finished).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(message) as string,
    });
  });

  test('settings that cannot be are refused here', async () => {
    for (const settings of [
      { events: [] },
      { events: ['../x'] },
      { bufferKbPerCpu: 0 },
      { clock: 'a b' },
      { filters: { sched_wakeup_nope: 'x' } },
      { filters: { sched_switch: 'a\nb' } },
    ]) {
      await expect(recordTracefs(machine, connection, settings)).rejects.toMatchObject({
        code: 'wrong-usage',
      });
    }
  });
});

describe.skipIf(missing !== undefined)('recording where all tools are those of busybox', () => {
  if (!existsSync(BUSYBOX)) throw new Error(`${BUSYBOX} is not installed, so that this is not tested.`);
  let tools: string;
  let machine: GuardedMachine;
  beforeAll(async () => {
    tools = mkdtempSync(join(tmpdir(), 'ko-tools-'));
    const applets =
      'sh cat dd grep kill mkdir od renice rm rmdir setsid sha256sum sleep strings tee timeout uname wc';
    for (const applet of applets.split(' ')) symlinkSync(BUSYBOX, join(tools, applet));
    machine = await GuardedMachine.start({}, { environment: `PATH=${tools}` });
  });
  afterAll(() => {
    machine.dispose();
    rmSync(tools, { recursive: true });
  });

  test.each(['trace.dat', 'text'] as const)('as %s', async (format) => {
    const recording = await recordTracefs(machine, await machine.connect(), { format });
    await recording.run.ready;
    machine.noteRuns();
    await messages(50);
    recording.run.stop();
    const facts = await recording.run.finished;
    const store = await recording.read();
    expect(store.length).toBeGreaterThan(500);
    expect(facts).toMatchObject({ events: store.length, lostEvents: 0, leftBehind: [] });
    expect(store.diagnostics).toEqual([]);
    expect(machine.state()).toMatchObject({ instances: [], processes: [], temporary: [] });
    recording.remove();
  });
});

describe.skipIf(noSshServer() !== undefined)('a machine that sends what it should not', () => {
  const FIRST = 'kernel-oracle-pages 1 page=4096 long=8 little=1 cpus=2\\n';
  const mark = (text: string) => `printf 'KO-PAGES\\377\\377\\377\\377\\377\\377\\377\\377%-4080s' '${text}'`;
  const cases: [string, string, string, RegExp][] = [
    ['no pages at all', 'echo hello', 'bad-input', /no stream of ring buffer pages/],
    ['an end without a beginning', ':', 'bad-input', /no stream of ring buffer pages/],
    ['CPU 4 billion', `printf '${FIRST}'; ${mark('cpu 4294967296')}`, 'bad-input', /number that cannot be/],
    [
      'a page cut in its middle',
      `printf '${FIRST}'; ${mark('cpu 1')}; head -c 6000 /dev/zero`,
      'bad-input',
      /in the middle of a page/,
    ],
    [
      'no formats, no end',
      `printf '${FIRST}'; ${mark('cpu 1')}; head -c 8192 /dev/zero`,
      'bad-input',
      /breaks off/,
    ],
    [
      'an end, but nothing before it',
      `printf '${FIRST}'; ${mark('end')}`,
      'bad-input',
      /lacks "header_page"/,
    ],
    ['garbage without end', 'cat /dev/urandom', 'bad-input', /no stream of ring buffer pages/],
    ['an end that fails', `printf '${FIRST}'; exit 7`, 'remote-failed', /exit status 7/],
  ];
  test.each(cases)('%s', async (_, program, code, message) => {
    const machine = await GuardedMachine.start({ tracefs: `ko_say ready; ${program}` });
    const recording = await recordTracefs(machine, await machine.connect());
    await recording.run.ready;
    await expect(recording.run.finished).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    // The spool is removed by who made the folder.
    expect(readdirSync(recording.folder)).toEqual(['pages']);
    expect(machine.state()).toMatchObject({ processes: [], temporary: [] });
    recording.remove();
    machine.dispose();
  });
});

function messages(loops: number): Promise<void> {
  const bench = spawn('perf', ['bench', 'sched', 'messaging', '-g', '2', '-l', String(loops)], {
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    bench.once('error', reject).once('exit', () => {
      resolve();
    });
  });
}

function countByName(store: EventStore): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of [
    'sched_process_fork',
    'sched_process_exec',
    'sched_process_exit',
    'sched_stat_runtime',
  ]) {
    const rows = store.type.subarray(0, store.length);
    counts.set(name, rows.filter((type) => EVENT_NAMES[type] === name).length);
  }
  return counts;
}
