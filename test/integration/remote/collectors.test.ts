import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileSource } from '../../../src/base/byteSource.js';
import type { Connection } from '../../../src/remote/connection.js';
import { collectBpftrace } from '../../../src/remote/collect/bpftraceCollector.js';
import { collectPerf, collectPerfMap, USUAL_PERF_EVENTS } from '../../../src/remote/collect/perfCollector.js';
import type { CollectorRun } from '../../../src/remote/collect/collectorRun.js';
import { importTrace } from '../../../src/trace/importTrace.js';
import { EVENT_NAMES } from '../../../src/trace/model/eventType.js';
import type { EventStore } from '../../../src/trace/model/eventStore.js';
import { CollectorMachine, CONTEXT, nothingToCollectWith } from '../../support/collectorMachine.js';
import { latencyLines } from '../../support/perfOracle.js';

const PERF = { collector: 'perf', events: USUAL_PERF_EVENTS, bufferPages: 512 } as const;

const missing = nothingToCollectWith('perf', 'bpftrace');
if (missing !== undefined) console.warn(`No collectors are tested: ${missing}.`);

describe.skipIf(missing !== undefined)('collectors over a real sshd', () => {
  let machine: CollectorMachine;
  let connection: Connection;
  beforeAll(async () => {
    machine = await CollectorMachine.start();
    connection = await machine.connect();
  });
  afterAll(() => {
    machine.dispose();
  });

  /** Lets tasks sleep and wake while it runs, then stops it. */
  async function collectBriefly(run: CollectorRun): Promise<void> {
    await run.ready;
    spawnSync('sh', ['-c', 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05 & done; wait']);
    await wait(1500);
    run.stop();
  }

  async function read(path: string): Promise<EventStore> {
    return importTrace(await fileSource(path));
  }

  test('perf: a file that perf sched and our importer read alike', async () => {
    const target = machine.target();
    const run = await collectPerf(connection, CONTEXT, PERF, 'own', target);
    await collectBriefly(run);
    const live = run.counters();
    const facts = await run.finished;
    expect(facts).toMatchObject({
      lostEvents: 0,
      leftBehind: [],
      tools: { perf: expect.any(String) as string },
    });
    expect(live.events).toBeGreaterThan(0);
    const store = await read(target.path);
    expect(store.metadata.properties.get('command')).toContain('perf record -a');
    // Of our events only those of the model are rows: each other tracepoint that was asked for is none.
    const script = spawnSync('perf', ['script', '-f', '-i', target.path, '-F', 'event'], {
      encoding: 'utf8',
      maxBuffer: 1e9,
    }).stdout;
    expect(script.split('\n').filter((line) => line.trim() !== '')).toHaveLength(facts.events!);
    for (const name of ['sched_switch', 'sched_waking', 'sched_wakeup_new'] as const) {
      const ours = store.type.subarray(0, store.length).filter((type) => EVENT_NAMES[type] === name).length;
      expect(ours).toBe(script.split('\n').filter((line) => line.trim() === `sched:${name}:`).length);
      expect(ours).toBeGreaterThan(0);
    }
    const latency = spawnSync('perf', ['sched', 'latency', '-p', '-f', '-i', target.path], {
      encoding: 'utf8',
    });
    expect(latencyLines(store)).toEqual(latency.stdout.split('\n').slice(0, -1));
    const timehist = spawnSync('perf', ['sched', 'timehist', '-f', '-i', target.path], { encoding: 'utf8' });
    expect(timehist.stdout.split('\n').length).toBeGreaterThan(20);
    expect(machine.leftovers()).toEqual([]);
  });

  test('perf sched map: its text', async () => {
    const target = machine.target();
    const run = await collectPerfMap()(connection, CONTEXT, { collector: 'perf-map' }, 'own', target);
    await collectBriefly(run);
    const facts = await run.finished;
    const store = await read(target.path);
    expect(store.length).toBe(facts.events);
    expect(facts.events).toBeGreaterThan(20);
    expect(machine.leftovers()).toEqual([]);
  });

  test('perf sched map on a machine whose disk is full', async () => {
    const run = await collectPerfMap(1e12)(
      connection,
      CONTEXT,
      { collector: 'perf-map' },
      'own',
      machine.target(),
    );
    await expect(run.finished).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(
        /^Recording with perf sched map on .* failed: The disk of this machine is full: \S+ has \d+ KB free, and perf sched map needs at least 1000000000000 KB there\.$/,
      ) as string,
    });
    await expect(run.ready).rejects.toMatchObject({ code: 'remote-failed' });
    expect(machine.leftovers()).toEqual([]);
  });

  test('bpftrace: context switches as CSV', async () => {
    const target = machine.target();
    const settings = { collector: 'bpftrace', program: 'sched_switch', migrationCostNs: null } as const;
    const run = await collectBpftrace(connection, CONTEXT, settings, 'own', target);
    await collectBriefly(run);
    const facts = await run.finished;
    const store = await read(target.path);
    expect(store.length).toBe(facts.events);
    expect(facts.events).toBeGreaterThan(20);
    expect(facts.tools['bpftrace']).toMatch(/^v?\d+\.\d+/);
    expect(readFileSync(target.path, 'utf8')).toMatch(
      /^timestamp,task_name,pid,cpu,prev_state,prev_comm\n\d+\.\d{9},"/,
    );
    expect(machine.leftovers()).toEqual([]);
  });

  test('bpftrace: can_migrate_task where the kernel forbids it says why', async () => {
    const isAllowed = spawnSync('bpftrace', ['-e', 'kprobe:can_migrate_task { exit(); }']).status === 0;
    if (isAllowed) console.warn('This kernel allows probes of can_migrate_task: its refusal is not tested.');
    const target = machine.target();
    const settings = { collector: 'bpftrace', program: 'can_migrate_task', migrationCostNs: null } as const;
    const run = await collectBpftrace(connection, CONTEXT, settings, 'own', target);
    if (isAllowed) {
      await collectBriefly(run);
      await run.finished;
      return;
    }
    await expect(run.ready).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(
        /This kernel allows no probe of can_migrate_task: .*bpftrace says: /,
      ) as string,
    });
    await expect(run.finished).rejects.toMatchObject({ code: 'remote-failed' });
    expect(machine.leftovers()).toEqual([]);
  });

  test('a program that is not there, an event that is none', async () => {
    const start = collectBpftrace(
      connection,
      CONTEXT,
      { collector: 'bpftrace', program: '../perf', migrationCostNs: null },
      'own',
      machine.target(),
    );
    await expect(start).rejects.toMatchObject({ code: 'not-found' });
    const settings = { ...PERF, events: ['sched:sched_switch', 'a b;c'] };
    await expect(collectPerf(connection, CONTEXT, settings, 'own', machine.target())).rejects.toMatchObject({
      code: 'wrong-usage',
    });
  });

  test('what is dropped ends at once and leaves nothing there', async () => {
    const run = await collectPerf(connection, CONTEXT, PERF, 'own', machine.target());
    await run.ready;
    run.abort();
    await expect(run.finished).rejects.toMatchObject({ code: 'cancelled' });
    const early = await collectPerf(connection, CONTEXT, PERF, 'own', machine.target());
    early.abort();
    await expect(early.ready).rejects.toMatchObject({ code: 'cancelled' });
    await expect(early.finished).rejects.toMatchObject({ code: 'cancelled' });
    expect(machine.leftovers()).toEqual([]);
  });
});
