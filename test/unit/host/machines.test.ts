import { describe, expect, it, vi } from 'vitest';
import { SavedSecrets } from '../../../src/host/machines/savedSecrets.js';
import { stateText } from '../../../src/host/machines/stateText.js';
import { TestMachine, type MachineOrigin } from '../../../src/host/machines/testMachine.js';
import { TestMachines } from '../../../src/host/machines/testMachines.js';
import { viewOfMachine } from '../../../src/host/machines/machineView.js';
import { readMachineView } from '../../../src/protocol/machineSchemas.js';
import { Failure } from '../../../src/base/errors.js';
import { Machine } from '../../../src/remote/machine.js';
import { RemotePrograms } from '../../../src/remote/remotePrograms.js';

const context = { programs: new RemotePrograms('media/remote'), version: '1', now: () => new Date(0) };

function lab(configured: () => readonly string[], added: () => readonly string[], open = refuse) {
  const log = { info: vi.fn(), error: vi.fn() };
  const machines = new TestMachines({ configured, added }, (name, origin, changed) =>
    made(name, origin, changed, log, open),
  );
  return { machines, log };
}

function made(
  name: string,
  origin: MachineOrigin,
  changed: () => void,
  log: { info(text: string): void; error(what: string, error: unknown): void },
  open: (signal: AbortSignal) => Promise<never>,
): TestMachine {
  return new TestMachine(name, origin, new Machine(name, open), context, log, changed);
}

function refuse(): Promise<never> {
  return Promise.reject(new Failure('host-key-refused', 'The host key has changed: known_hosts, line 3.'));
}

describe('the list of machines', () => {
  it('has those of the SSH configuration first, each once', () => {
    const { machines } = lab(
      () => ['a', 'b'],
      () => ['b', 'root@c:22'],
    );
    expect(machines.all.map(({ name, origin }) => `${name} ${origin}`)).toEqual([
      'a configured',
      'b configured',
      'root@c:22 added',
    ]);
  });

  it('keeps those that stay when it is read again, and ends those that went', () => {
    let names = ['a', 'b'];
    const { machines } = lab(
      () => [],
      () => names,
    );
    const [a, b] = machines.all;
    const disposed = vi.spyOn(b!, 'dispose');
    names = ['a', 'c'];
    machines.refresh();
    expect(machines.find('a')).toBe(a);
    expect(machines.find('b')).toBeUndefined();
    expect(disposed).toHaveBeenCalled();
  });

  it('still has the added ones when the configuration cannot be read', () => {
    const { machines } = lab(
      () => {
        throw new Failure('bad-input', 'config, line 3');
      },
      () => ['a'],
    );
    expect(machines.all).toHaveLength(1);
    expect(machines.failure).toBeInstanceOf(Failure);
  });

  it('tells which machine changed; a check of one that refuses is a report with the reason', async () => {
    const { machines, log } = lab(
      () => ['a'],
      () => [],
    );
    const changed = vi.fn();
    machines.onChanged(changed);
    const [a] = machines.all;
    await expect(a!.check()).rejects.toMatchObject({ code: 'host-key-refused' });
    expect(changed).toHaveBeenCalledWith(a);
    const view = viewOfMachine(a!, 0);
    expect(readMachineView(view)).toEqual(view);
    expect(view.state).toMatchObject({
      kind: 'lost',
      text: expect.stringContaining('known_hosts, line 3') as string,
    });
    expect(view.checks?.find(({ id }) => id === 'reachable')).toMatchObject({ status: 'failed' });
    expect(view.checks?.filter(({ status }) => status === 'passed')).toEqual([]);
    expect(view.install).toBeNull();
    expect(log.error).toHaveBeenCalledOnce();
  });
});

describe('a state in words', () => {
  const why = new Failure('connection-lost', 'The connection to a was closed.');
  const at = new Date(2026, 0, 1, 12, 3, 20).getTime();

  it('says what runs, what waits, and why and until when a machine is lost', () => {
    expect(stateText({ kind: 'connecting', attempt: 3 }, 0).short).toBe('connecting, attempt 3…');
    expect(stateText({ kind: 'busy', what: 'checking', queued: ['x', 'y'] }, 0)).toEqual({
      short: 'checking, 2 waiting',
      long: 'checking; waiting: x, y',
    });
    expect(stateText({ kind: 'lost', why, nextAttemptAtMs: at }, at - 5000)).toEqual({
      short: 'lost, next try 12:03:20',
      long: 'lost, next try 12:03:20. The connection to a was closed.',
    });
    expect(stateText({ kind: 'lost', why, nextAttemptAtMs: undefined }, 0).short).toBe('lost');
  });
});

describe('saved secrets', () => {
  it('are in the secret storage only; the state has what they are for', async () => {
    const secrets = new Map<string, string>();
    const state = new Map<string, unknown>();
    const saved = new SavedSecrets(
      {
        get: (key) => Promise.resolve(secrets.get(key)),
        store: (key, value) => Promise.resolve(void secrets.set(key, value)),
        delete: (key) => Promise.resolve(void secrets.delete(key)),
      },
      { get: (key) => state.get(key), update: (key, value) => Promise.resolve(void state.set(key, value)) },
    );
    const subject = { kind: 'password', of: 'root@lab' } as const;
    await saved.keep(subject, 'hunter2');
    await saved.keep(subject, 'hunter3');
    await saved.keep({ kind: 'passphrase', of: 'root@lab' }, 'other');
    expect(await saved.read(subject)).toBe('hunter3');
    expect(JSON.stringify([...state])).not.toMatch(/hunter|other/);
    expect(saved.all()).toHaveLength(2);
    await saved.forget(subject);
    expect(await saved.read(subject)).toBeUndefined();
    expect(saved.all()).toEqual([{ kind: 'passphrase', of: 'root@lab' }]);
    expect(secrets.size).toBe(1);
  });
});
