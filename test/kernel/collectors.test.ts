import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileSource } from '../../src/base/byteSource.js';
import type { CollectorRun, CollectorTarget } from '../../src/remote/collect/collectorRun.js';
import { collectPerf, USUAL_PERF_EVENTS } from '../../src/remote/collect/perfCollector.js';
import { collectTracefs, USUAL_TRACEFS_SETTINGS } from '../../src/remote/collect/tracefsCollector.js';
import { collect } from '../../src/remote/collect/collect.js';
import { readRecordingMeta } from '../../src/remote/artifacts/recordingMeta.js';
import type { Connection } from '../../src/remote/connection.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import {
  CONTEXT,
  CPUS,
  KernelMachine,
  settledState,
  shell,
  stateOf,
  type MachineUser,
} from './harness/kernelMachine.js';

let machine: KernelMachine;
let root: Connection;
let before: string;
beforeAll(async () => {
  machine = new KernelMachine();
  root = await machine.connect();
  before = await stateOf(root);
});
afterAll(() => {
  machine.dispose();
});

const PERF = { collector: 'perf', events: USUAL_PERF_EVENTS, bufferPages: 512 } as const;

async function recordBriefly(run: CollectorRun, target: CollectorTarget): Promise<EventStore> {
  await run.ready;
  await shell(
    root,
    `for cpu in $(seq 0 ${CPUS - 1}); do taskset -c $cpu sleep 0.1; done; hackbench -p -g 1 -l 50 >/dev/null`,
  );
  run.stop();
  const facts = await run.finished;
  expect(facts.leftBehind).toEqual([]);
  expect(facts.lostEvents).toBe(0);
  const store = await importTrace(await fileSource(target.path));
  expect(store.diagnostics).toEqual([]);
  expect(store.length).toBeGreaterThan(1000);
  return store;
}

/** Which CPUs had something to tell, and how often switches went on where the last one had stopped. */
function expectAllCpus(store: EventStore): void {
  const cpus = new Set(store.cpu.subarray(0, store.length));
  expect([...cpus].sort()).toEqual(Array.from({ length: CPUS }, (_, cpu) => cpu));
}

describe.each<MachineUser>(['root', 'tracer'])('collectors on eight CPUs, as %s', (user) => {
  let connection: Connection;
  const rights = user === 'root' ? 'own' : 'sudo';
  beforeAll(async () => {
    connection = await machine.connect(user);
  });

  test.each([4096, 16 * 1024])('tracefs, %i KiB a CPU', async (bufferKbPerCpu) => {
    const target = machine.target();
    const settings = { ...USUAL_TRACEFS_SETTINGS, bufferKbPerCpu };
    const run = await collectTracefs(connection, CONTEXT, settings, rights, target);
    const store = await recordBriefly(run, target);
    expectAllCpus(store);
    expect(await settledState(root, before)).toBe(before);
  });

  test('perf', async () => {
    const target = machine.target();
    const run = await collectPerf(connection, CONTEXT, PERF, rights, target);
    expectAllCpus(await recordBriefly(run, target));
    expect(await settledState(root, before)).toBe(before);
  });

  test('a whole collection with its description', async () => {
    const path = `${machine.folder}/${user}.dat`;
    const result = await collect(
      connection,
      CONTEXT,
      { settings: USUAL_TRACEFS_SETTINGS, workload: null, durationMs: 2000, category: 'idle', run: 1, path },
      {
        onProgress: () => undefined,
        stop: new AbortController().signal,
        cancel: new AbortController().signal,
      },
    );
    expect(result.path).toBe(path);
    const meta = await readRecordingMeta(result.metaPath);
    expect(meta.machine).toMatchObject({ hostname: 'kernel-machine', cpusOnline: CPUS });
    expect(await settledState(root, before)).toBe(before);
  });
});
