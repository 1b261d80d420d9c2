import { describe, expect, it } from 'vitest';
import { Messenger, isWire, type NoRequests, type Port, type Wire } from '../../../src/protocol/messenger.js';

interface Requests {
  double: { params: number; result: number };
}

/** Two ports that deliver to each other asynchronously, as real ones do. */
function pair(): [Port, Port] {
  const listeners: ((message: unknown) => void)[] = [];
  const port = (mine: number, other: number): Port => ({
    post: (message) => queueMicrotask(() => listeners[other]?.(structuredClone(message))),
    receive: (listener) => (listeners[mine] = listener),
  });
  return [port(0, 1), port(1, 0)];
}

describe('Messenger', () => {
  it('answers requests and delivers events', async () => {
    const [left, right] = pair();
    const asking = new Messenger<Requests, { tick: number }>(left);
    const answering = new Messenger<NoRequests, object>(right);
    answering.handle('double', (params) => (params as number) * 2);
    const ticks: number[] = [];
    asking.on('tick', (value) => ticks.push(value));
    answering.send('tick', 7);
    await expect(asking.request('double', 21)).resolves.toBe(42);
    expect(ticks).toEqual([7]);
  });

  it('passes failures on with their code', async () => {
    const [left, right] = pair();
    const asking = new Messenger<Requests, object>(left);
    new Messenger<NoRequests, object>(right).handle('double', () => {
      throw Object.assign(new Error('no such number'), { code: 'not-found' });
    });
    await expect(asking.request('double', 1)).rejects.toMatchObject({
      message: 'no such number',
      code: 'not-found',
    });
  });

  it('refuses unknown requests', async () => {
    const [left, right] = pair();
    const asking = new Messenger<Requests, object>(left);
    new Messenger<NoRequests, object>(right);
    await expect(asking.request('double', 1)).rejects.toThrow('There is no request "double"');
  });

  it('settles what is pending when it closes, and what comes later', async () => {
    const [left] = pair();
    const asking = new Messenger<Requests, object>(left);
    const pending = asking.request('double', 1);
    asking.close();
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    await expect(asking.request('double', 1)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('ignores messages that are not its own', () => {
    const foreign: unknown[] = [
      null,
      3,
      {},
      { kind: 'result' },
      { kind: 'request', id: 'x' },
      { kind: 'other' },
    ];
    expect(foreign.filter((message) => isWire(message))).toEqual([]);
    const own: Wire = { kind: 'event', name: 'tick', payload: 1 };
    expect(isWire(own)).toBe(true);
  });
});
