import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/remote/connection.js';
import { CPUS, KernelMachine, settledState, stateOf, type MachineUser } from './harness/kernelMachine.js';
import { expectSensible } from './harness/sensibleRecords.js';
import { count, recordMigrations, valuesOf } from './harness/migrationRecording.js';

/** Two recordings of 20 s under load: minutes, where others want the processor, too. */
const SLOWLY = { timeout: 600_000 };

let machine: KernelMachine;
let watcher: Connection;
let before: string;
beforeAll(async () => {
  machine = new KernelMachine();
  watcher = await machine.connect();
  before = await stateOf(watcher);
});
afterAll(() => {
  machine.dispose();
});

describe('records of can_migrate_task', () => {
  test.each<MachineUser>(['root', 'tracer'])('as %s: every call, with sensible values', async (user) => {
    const connection = await machine.connect(user);
    const recording = await recordMigrations(machine, connection, watcher);
    expectSensible(recording, CPUS);
    expect(await settledState(watcher, before)).toBe(before);
  });

  test('the longer a task counts as cache-hot, the more migrations are forced', SLOWLY, async () => {
    const shares: number[] = [];
    for (const migrationCostNs of [500_000, 10_000_000]) {
      const recording = await recordMigrations(machine, watcher, watcher, { migrationCostNs, seconds: 20 });
      expectSensible(recording, CPUS);
      const { store } = recording;
      const forced = count(valuesOf(store, 'forced'), (value) => value === 1);
      const allowed = count(valuesOf(store, 'migration'), (value) => value === 1);
      console.log(`${migrationCostNs} ns: ${store.length} calls, ${allowed} allowed, ${forced} forced`);
      shares.push(forced / allowed);
      if (migrationCostNs > 1e6) expect(forced).toBeGreaterThan(0);
    }
    expect(shares[1]).toBeGreaterThan(shares[0]!);
    expect(await settledState(watcher, before)).toBe(before);
  });
});
