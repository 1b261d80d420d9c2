import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check } from '../../src/remote/preflight/check.js';
import { runPreflight } from '../../src/remote/preflight/preflight.js';
import { CONTEXT, CPUS, KernelMachine, settledState, shell, stateOf } from './harness/kernelMachine.js';
import type { Connection } from '../../src/remote/connection.js';

let machine: KernelMachine;
let root: Connection;
beforeAll(async () => {
  machine = new KernelMachine();
  root = await machine.connect();
});
afterAll(() => {
  machine.dispose();
});

/** Of the machine below, not of this one. */
const NOBODY_KNOWS = ['governor', 'boost'];

/** Checks that stand in the way, or that say less than they could. */
function troubles(checks: readonly Check[]): readonly string[] {
  return checks
    .filter(({ id, status }) => (status === 'failed' || status === 'unknown') && !NOBODY_KNOWS.includes(id))
    .map(({ id, status, detail }) => `${id}: ${status}: ${detail}`);
}

function found(checks: readonly Check[], id: string): Check {
  const check = checks.find((each) => each.id === id);
  if (check === undefined) throw new Error(`There is no check ${id}.`);
  return check;
}

describe('preflight of a machine that allows everything', () => {
  test('every check passes that should', async () => {
    const before = await stateOf(root);
    const { checks, facts } = await runPreflight(root, CONTEXT);
    // As Debian has it.
    expect(found(checks, 'schedstats').status).toBe('warning');
    for (const id of [
      ...['answers', 'linux', 'kernel-version', 'cpus', 'root', 'tracefs-mounted', 'tracefs-writable'],
      ...['sched-events', 'instances', 'tracing-idle', 'sub-buffer', 'trace-clocks', 'btf', 'kprobes'],
      ...['function-tracing', 'can-migrate-task', 'migration-probe', 'forced-migrations'],
    ]) {
      expect(found(checks, id), id).toMatchObject({ status: 'passed' });
    }
    expect(found(checks, 'migration-probe').detail).toBe('by fentry and fexit');
    expect(found(checks, 'forced-migrations').detail).toMatch(/^exact, from the task/);
    expect(troubles(checks)).toEqual([]);
    expect(facts).toMatchObject({
      rights: 'own',
      cpus: { online: CPUS, present: CPUS },
      tracing: {
        kprobe: { succeeded: true },
        functionList: { succeeded: true },
        canMigrateTask: ['can_migrate_task'],
        btf: true,
        schedstats: { isBuiltIn: true },
        forcedMigrations: { by: 'task' },
      },
      perfRecording: { succeeded: true },
      bpftraceRunning: { succeeded: true },
      bpftraceProbes: { fentry: { succeeded: true }, kprobe: null },
    });
    expect(await settledState(root, before)).toBe(before);
  });

  test('what somebody has switched on is seen', async () => {
    const set = (value: number) =>
      shell(
        root,
        'echo "$1" >/proc/sys/kernel/sched_schedstats; echo "$1" >/sys/kernel/tracing/events/sched/sched_switch/enable',
        String(value),
      );
    await set(1);
    try {
      const { checks, facts } = await runPreflight(root, CONTEXT);
      expect(facts.tracing.schedstats).toEqual({ isBuiltIn: true, isOn: true });
      expect(found(checks, 'schedstats').status).toBe('passed');
      expect(found(checks, 'tracing-idle').status).toBe('warning');
    } finally {
      await set(0);
    }
  });
});

describe('preflight of ordinary users', () => {
  test('sudo without a password finds what root finds', async () => {
    const { checks, facts } = await runPreflight(await machine.connect('tracer'), CONTEXT);
    expect(facts).toMatchObject({ rights: 'sudo', user: { name: 'tracer' } });
    expect(troubles(checks)).toEqual([]);
    for (const id of ['root', 'kprobes', 'can-migrate-task', 'function-tracing', 'forced-migrations']) {
      expect(found(checks, id), id).toMatchObject({ status: 'passed' });
    }
  });

  test('without sudo it says what is missing, and takes nothing for passed that it did not see', async () => {
    const { checks, facts } = await runPreflight(await machine.connect('guest'), CONTEXT);
    expect(facts.rights).toBeNull();
    expect(found(checks, 'root')).toMatchObject({
      status: 'failed',
      remedy: { text: expect.stringContaining('NOPASSWD') as string },
    });
    for (const id of ['kprobes', 'function-tracing', 'tracefs-writable', 'instances', 'forced-migrations']) {
      expect(found(checks, id).status, id).toBe('unknown');
    }
  });
});
