import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../../../src/base/errors.js';
import { ASK_EVERY_MS, DeployedModels } from '../../../../src/host/deploy/deployedModels.js';
import { TestMachine } from '../../../../src/host/machines/testMachine.js';
import { TestMachines } from '../../../../src/host/machines/testMachines.js';
import type { DeployedStatus } from '../../../../src/protocol/deployment.js';
import { readDeployedMachines } from '../../../../src/protocol/neuralCfsRunSchemas.js';
import type { Connection } from '../../../../src/remote/connection.js';
import { Machine } from '../../../../src/remote/machine.js';
import { RemotePrograms } from '../../../../src/remote/remotePrograms.js';

const context = { programs: new RemotePrograms('media/remote'), version: '1', now: () => new Date(0) };
const NOTHING: DeployedStatus = {
  ...{ machine: 'a', kernel: '6.1.0', bootId: 'x', state: 'none' },
  ...{ way: null, model: null, stats: null, trouble: [] },
};
const MISSING: DeployedStatus = { ...NOTHING, state: 'missing', way: 'module' };

function connection(): Connection {
  return {
    onLost: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  } as unknown as Connection;
}

/** Machines a and b; what a question is answered with can be changed. */
function models({
  remembered = [],
  status = NOTHING,
}: { remembered?: string[]; status?: DeployedStatus } = {}) {
  const log = { info: vi.fn(), error: vi.fn() };
  const machines = new TestMachines(
    { configured: () => ['a', 'b'], added: () => [] },
    (name, origin, changed) => {
      const machine = new Machine(name, () => Promise.resolve(connection()));
      return new TestMachine(name, origin, machine, context, log, changed);
    },
  );
  const ask = vi.fn((_connection: Connection, _signal: AbortSignal) => Promise.resolve(status));
  const write = vi.fn();
  const known = new DeployedModels({
    ...{ machines, ask, now: () => 1000 },
    memory: { read: () => remembered, write },
  });
  return { machines, ask, write, log, known, a: machines.find('a')!, b: machines.find('b')! };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('what machines have in their kernels', () => {
  it('shows those that were remembered, and connects none of them', async () => {
    const { known, ask } = models({ remembered: ['b'] });
    const watching = known.watch();
    await vi.advanceTimersByTimeAsync(3 * ASK_EVERY_MS);
    expect(known.views).toEqual([
      expect.objectContaining({
        machine: 'b',
        status: null,
        state: { kind: 'disconnected', text: 'not connected' },
      }),
    ]);
    expect(readDeployedMachines(known.views)).toEqual(known.views);
    expect(ask).not.toHaveBeenCalled();
    watching.dispose();
  });

  it('asks those that are connected while somebody watches, and no longer', async () => {
    const { known, ask, a, log } = models({ status: MISSING });
    await a.machine.connect();
    const watching = known.watch();
    await settle();
    expect(ask).toHaveBeenCalledTimes(1);
    expect(known.views).toMatchObject([{ machine: 'a', askedAtMs: 1000, status: MISSING }]);
    await vi.advanceTimersByTimeAsync(2 * ASK_EVERY_MS);
    expect(ask).toHaveBeenCalledTimes(3);
    // One line each time would fill the log.
    expect(log.info.mock.calls).toEqual([['a: connected']]);
    watching.dispose();
    await vi.advanceTimersByTimeAsync(3 * ASK_EVERY_MS);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('leaves a machine alone that has nothing, or does something else', async () => {
    const { known, ask, a, b } = models();
    await a.machine.connect();
    const watching = known.watch();
    await vi.advanceTimersByTimeAsync(3 * ASK_EVERY_MS);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(known.views).toEqual([]);
    let end: () => void = () => undefined;
    const busy = b.machine.run('collecting', () => new Promise<void>((resolve) => (end = resolve)));
    await vi.advanceTimersByTimeAsync(3 * ASK_EVERY_MS);
    expect(ask).toHaveBeenCalledTimes(1);
    end();
    await busy;
    watching.dispose();
  });

  it('remembers where something is, and forgets where nothing is any more', async () => {
    const { known, write, a, ask } = models({ status: MISSING });
    await known.ask(a);
    expect(write).toHaveBeenLastCalledWith(['a']);
    ask.mockResolvedValue(NOTHING);
    await known.ask(a);
    expect(write).toHaveBeenLastCalledWith([]);
    // Whoever asked sees the answer all the same.
    expect(known.views).toMatchObject([{ machine: 'a', status: { state: 'none' } }]);
  });

  it('says what went wrong until something goes well, and asks at once what came of it', async () => {
    const { known, a, ask } = models({ status: MISSING });
    await known.ask(a);
    const crash = new Failure('connection-lost', 'a may have crashed while the mode was set.');
    await expect(known.change(a, 'switching', () => Promise.reject(crash))).rejects.toBe(crash);
    await settle();
    const watching = known.watch();
    await vi.advanceTimersByTimeAsync(2 * ASK_EVERY_MS);
    expect(ask.mock.calls.length).toBeGreaterThan(2);
    expect(known.views).toMatchObject([{ failure: crash.message, doing: null }]);
    await known.ask(a);
    expect(known.views).toMatchObject([{ failure: null }]);
    watching.dispose();
  });

  it('says what is being done, and does not take a question for work', async () => {
    const { known, a, ask } = models({ status: MISSING });
    await known.ask(a);
    let answer: (status: DeployedStatus) => void = () => undefined;
    const pending = () => new Promise<DeployedStatus>((resolve) => (answer = resolve));
    const swapping = known.change(a, 'swapping', pending);
    await settle();
    expect(known.views).toMatchObject([{ doing: 'swapping', state: { kind: 'busy' } }]);
    answer(MISSING);
    await swapping;
    ask.mockImplementation(pending);
    const watching = known.watch();
    await settle();
    expect(known.views).toMatchObject([{ doing: null, state: { kind: 'ready' } }]);
    answer(MISSING);
    await settle();
    watching.dispose();
  });

  it('keeps quiet about what the user gave up', async () => {
    const { known, a } = models({ status: MISSING });
    const given = new Failure('cancelled', 'given up');
    await expect(known.change(a, 'deploying', () => Promise.reject(given))).rejects.toBe(given);
    expect(known.views).toMatchObject([{ failure: null, doing: null }]);
  });
});
