import { describe, expect, test } from 'vitest';
import { toDisposable, type Disposable } from '../../../src/base/disposable.js';
import { Failure } from '../../../src/base/errors.js';
import type { Connection } from '../../../src/remote/connection.js';
import { Machine, type MachineClock, type MachineState } from '../../../src/remote/machine.js';

/** Time that passes when the test says so. */
class ManualClock implements MachineClock {
  #nowMs = 1_000_000;
  readonly #timers = new Set<{ atMs: number; run: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  setTimer(run: () => void, delayMs: number): Disposable {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  get pending(): number {
    return this.#timers.size;
  }

  async pass(durationMs: number): Promise<void> {
    this.#nowMs += durationMs;
    for (const timer of [...this.#timers].filter(({ atMs }) => atMs <= this.#nowMs)) {
      this.#timers.delete(timer);
      timer.run();
    }
    await settled();
  }
}

/** A connection that the test ends. */
class FakeConnection implements Connection {
  readonly destination = 'me@lab';
  lostBecause: Failure | undefined;
  isDisposed = false;
  readonly #listeners = new Set<(why: Failure) => void>();

  onLost(listener: (why: Failure) => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  start(): Promise<never> {
    return Promise.reject(new Error('no commands here'));
  }

  dispose(): void {
    this.isDisposed = true;
    this.lose('closed');
  }

  lose(message: string): void {
    this.lostBecause ??= new Failure('connection-lost', message);
    for (const listener of [...this.#listeners]) listener(this.lostBecause);
    this.#listeners.clear();
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function newMachine(outcomes: (Failure | 'wait')[] = []) {
  const clock = new ManualClock();
  const opened: FakeConnection[] = [];
  const signals: AbortSignal[] = [];
  const open = async (signal: AbortSignal): Promise<Connection> => {
    signals.push(signal);
    await settled();
    const outcome = outcomes.shift();
    if (outcome === 'wait') {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Failure('cancelled', 'aborted'));
        });
      });
    }
    if (outcome instanceof Failure) throw outcome;
    const connection = new FakeConnection();
    opened.push(connection);
    return connection;
  };
  const machine = new Machine('lab', open, {
    clock,
    random: () => 1,
    backoff: { firstMs: 1000, maxMs: 8000 },
  });
  const states: MachineState[] = [];
  machine.onState((state) => states.push(state));
  return { machine, clock, opened, states, signals, kinds: () => states.map(({ kind }) => kind) };
}

const unreachable = new Failure('connection-failed', 'down');

describe('Machine', () => {
  test('connects when work needs it; work runs in order, one at a time', async () => {
    const { machine, states, opened } = newMachine();
    expect(machine.state).toEqual({ kind: 'disconnected' });
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await settled();
      log.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => machine.run(name, work(name))));
    expect(results).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(opened).toHaveLength(1);
    await settled();
    expect(states).toEqual([
      { kind: 'connecting', attempt: 1 },
      { kind: 'busy', what: 'a', queued: ['b', 'c'] },
      { kind: 'busy', what: 'b', queued: ['c'] },
      { kind: 'busy', what: 'c', queued: [] },
      { kind: 'ready' },
    ]);
  });

  test('work that fails lets the next one run', async () => {
    const { machine } = newMachine();
    const failed = machine.run('a', () => Promise.reject(new Failure('remote-failed', 'no')));
    const next = machine.run('b', () => Promise.resolve(2));
    await expect(failed).rejects.toMatchObject({ code: 'remote-failed' });
    expect(await next).toBe(2);
  });

  test('cancelling takes waiting work out, and aborts running work', async () => {
    const { machine } = newMachine();
    const stop = new AbortController();
    const first = machine.run(
      'a',
      (_connection, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Failure('cancelled', 'stopped'));
          });
        }),
      stop.signal,
    );
    const leaving = new AbortController();
    const second = machine.run('b', () => Promise.resolve('never'), leaving.signal);
    const third = machine.run('c', () => Promise.resolve('c'));
    await settled();
    await settled();
    expect(machine.state).toEqual({ kind: 'busy', what: 'a', queued: ['b', 'c'] });
    leaving.abort();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    expect(machine.state).toEqual({ kind: 'busy', what: 'a', queued: ['c'] });
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect(await third).toBe('c');
    await expect(machine.run('d', () => Promise.resolve(), AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  test('a loss ends what runs, which is not repeated; what waits runs over a new connection', async () => {
    const { machine, opened } = newMachine();
    let begun = 0;
    const running = machine.run('a', (_connection, signal) => {
      begun += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('whatever the work says'));
        });
      });
    });
    const waiting = machine.run('b', (connection) => Promise.resolve(connection));
    await settled();
    await settled();
    opened[0]!.lose('cable');
    await expect(running).rejects.toMatchObject({ code: 'connection-lost', message: 'cable' });
    expect(await waiting).toBe(opened[1]);
    expect(begun).toBe(1);
  });

  test('a machine that the user connected comes back, with growing pauses', async () => {
    const { machine, clock, opened, states, kinds } = newMachine();
    await machine.connect();
    expect(kinds()).toEqual(['connecting', 'ready']);
    opened[0]!.lose('cable');
    expect(machine.state).toEqual({
      kind: 'lost',
      why: opened[0]!.lostBecause,
      nextAttemptAtMs: clock.now() + 1000,
    });
    await clock.pass(999);
    expect(machine.state.kind).toBe('lost');
    await clock.pass(1);
    await settled();
    expect(machine.state).toEqual({ kind: 'ready' });
    expect(states.at(-2)).toEqual({ kind: 'connecting', attempt: 1 });
  });

  test('pauses grow up to a limit; a refusal ends the attempts', async () => {
    const outcomes: Failure[] = [];
    const { machine, clock, opened } = newMachine(outcomes);
    await machine.connect();
    outcomes.push(
      ...Array.from({ length: 5 }, () => unreachable),
      new Failure('authentication-failed', 'no'),
    );
    opened[0]!.lose('cable');
    const pauses: (number | undefined)[] = [];
    for (;;) {
      const pauseMs = pauseOf(machine, clock);
      pauses.push(pauseMs);
      if (pauseMs === undefined) break;
      await clock.pass(pauseMs);
      await settled();
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 8000, 8000, undefined]);
    expect(machine.state).toMatchObject({ kind: 'lost', why: { code: 'authentication-failed' } });
  });

  test('one that only work connected stays lost', async () => {
    const { machine, clock, opened } = newMachine();
    await machine.run('a', () => Promise.resolve());
    opened[0]!.lose('cable');
    expect(machine.state).toMatchObject({ kind: 'lost', nextAttemptAtMs: undefined });
    expect(clock.pending).toBe(0);
  });

  test('work that needs a connection does not wait for the next attempt', async () => {
    const { machine, clock, opened } = newMachine();
    await machine.connect();
    opened[0]!.lose('cable');
    expect(await machine.run('a', () => Promise.resolve(1))).toBe(1);
    expect(clock.pending).toBe(0);
    expect(opened).toHaveLength(2);
  });

  test('an attempt goes on as long as one waits for it, and ends with the last', async () => {
    const { machine, signals } = newMachine(['wait']);
    const one = new AbortController();
    const two = new AbortController();
    const first = machine.connect(one.signal);
    const second = machine.run('a', () => Promise.resolve(), two.signal);
    await settled();
    one.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect(signals[0]!.aborted).toBe(false);
    two.abort();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    expect(signals[0]!.aborted).toBe(true);
    await settled();
    expect(machine.state).toEqual({ kind: 'disconnected' });
    await machine.connect();
    expect(machine.state).toEqual({ kind: 'ready' });
  });

  test('disconnecting ends work and attempts; disposing for good', async () => {
    const { machine, clock, opened } = newMachine();
    await machine.connect();
    const running = machine.run(
      'a',
      (_connection, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Failure('cancelled', 'stopped'));
          });
        }),
    );
    const waiting = machine.run('b', () => Promise.resolve());
    await settled();
    machine.disconnect();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(opened[0]!.isDisposed).toBe(true);
    expect(machine.state).toEqual({ kind: 'disconnected' });
    expect(clock.pending).toBe(0);
    await machine.connect();
    opened[1]!.lose('cable');
    expect(clock.pending).toBe(1);
    machine.dispose();
    machine.dispose();
    expect(clock.pending).toBe(0);
    await expect(machine.connect()).rejects.toMatchObject({ code: 'cancelled' });
    await expect(machine.run('c', () => Promise.resolve())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

function pauseOf(machine: Machine, clock: ManualClock): number | undefined {
  const { state } = machine;
  return state.kind === 'lost' && state.nextAttemptAtMs !== undefined
    ? state.nextAttemptAtMs - clock.now()
    : undefined;
}
