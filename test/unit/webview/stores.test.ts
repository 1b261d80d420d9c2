import { describe, expect, it, vi } from 'vitest';
import { Messenger, type Wire } from '../../../src/protocol/messenger.js';
import type { LaneId, TimeRange, TraceEvents, TraceRequests } from '../../../src/protocol/traceMessages.js';
import { ThreadDirectory } from '../../../webview/trace/model/threadDirectory.js';
import { TraceClient } from '../../../webview/trace/model/traceClient.js';
import { TraceModel } from '../../../webview/trace/model/traceModel.js';
import { LaneStore } from '../../../webview/trace/timeline/laneStore.js';
import { laneOf, threadName } from './lanes.js';

/** A host whose answers the test gives by hand. */
class FakeHost {
  readonly asked: { id: number; method: string; params: never }[] = [];
  readonly model = new TraceModel();
  readonly client: TraceClient;
  #listener: (message: unknown) => void = () => undefined;

  constructor() {
    const port = {
      post: (message: Wire) => {
        if (message.kind === 'request')
          this.asked.push({ id: message.id, method: message.method, params: message.params as never });
      },
      receive: (listener: (message: unknown) => void) => {
        this.#listener = listener;
      },
    };
    this.client = new TraceClient(new Messenger<TraceRequests, TraceEvents>(port), this.model);
  }

  async answer(index: number, result: unknown): Promise<void> {
    this.#listener({ kind: 'result', id: this.asked[index]!.id, result });
    await new Promise((resolve) => setTimeout(resolve));
  }

  async refuse(index: number, message: string): Promise<void> {
    this.#listener({ kind: 'error', id: this.asked[index]!.id, message, code: null });
    await new Promise((resolve) => setTimeout(resolve));
  }
}

const cpu: LaneId = { kind: 'cpu', cpu: 0 };
const bounds: TimeRange = { startNs: 0, endNs: 1_000_000 };
const view: TimeRange = { startNs: 400_000, endNs: 500_000 };
const segments = (value: number) => laneOf(cpu, [{ start: 0, end: 1_000_000, value, count: 2 }]);

describe('the lane store', () => {
  it('asks once for what is missing, and keeps it', async () => {
    const host = new FakeHost();
    const onData = vi.fn();
    const store = new LaneStore(host.client, onData);
    store.want(view, bounds, 1000, [cpu]);
    store.want(view, bounds, 1000, [cpu]);
    expect(host.asked).toHaveLength(1);
    expect(store.get(cpu)).toBeUndefined();
    await host.answer(0, { range: bounds, lanes: [segments(1)] });
    expect(onData).toHaveBeenCalledOnce();
    expect(store.get(cpu)?.segments.value[0]).toBe(1);
    store.want(view, bounds, 1000, [cpu]);
    expect(host.asked).toHaveLength(1);
  });

  it('drops answers that newer ones have overtaken', async () => {
    const host = new FakeHost();
    const store = new LaneStore(host.client, () => undefined);
    store.want(view, bounds, 1000, [cpu]);
    store.want({ startNs: 0, endNs: 10_000 }, bounds, 1000, [cpu]);
    expect(host.asked).toHaveLength(2);
    await host.answer(1, { range: bounds, lanes: [segments(2)] });
    await host.answer(0, { range: bounds, lanes: [segments(1)] });
    expect(store.get(cpu)?.segments.value[0]).toBe(2);
  });

  it('asks for no more than two things at a time', () => {
    const host = new FakeHost();
    const store = new LaneStore(host.client, () => undefined);
    for (let i = 0; i < 10; i++)
      store.want({ startNs: i * 90_000, endNs: i * 90_000 + 5000 }, bounds, 1000, [cpu]);
    expect(host.asked).toHaveLength(2);
  });

  it('keeps drawing the old while more is read, and asks again', async () => {
    const host = new FakeHost();
    const store = new LaneStore(host.client, () => undefined);
    store.want(view, bounds, 1000, [cpu]);
    await host.answer(0, { range: bounds, lanes: [segments(1)] });
    store.outdate();
    expect(store.get(cpu)).toBeDefined();
    store.want(view, bounds, 1000, [cpu]);
    expect(host.asked).toHaveLength(2);
  });

  it('complains once, and stops asking when the host keeps refusing', async () => {
    const host = new FakeHost();
    const store = new LaneStore(host.client, () => undefined);
    for (let i = 0; i < 6; i++) {
      store.want(view, bounds, 1000, [cpu]);
      if (host.asked.length > i) await host.refuse(i, 'out of memory');
    }
    expect(host.asked).toHaveLength(3);
    expect(host.model.notice.value).toEqual({ text: 'out of memory', isError: true });
  });

  it('does not ask for ever for lanes that the host leaves out', async () => {
    const host = new FakeHost();
    const store = new LaneStore(host.client, () => undefined);
    store.want(view, bounds, 1000, [cpu]);
    await host.answer(0, { range: bounds, lanes: [] });
    store.want(view, bounds, 1000, [cpu]);
    expect(host.asked).toHaveLength(1);
    expect(store.get(cpu)?.segments.startNs).toHaveLength(0);
  });

  it('refuses damaged lanes', async () => {
    const host = new FakeHost();
    const store = new LaneStore(host.client, () => undefined);
    store.want(view, bounds, 1000, [cpu]);
    await host.answer(0, { range: bounds, lanes: [{ ...segments(1), state: new Uint8Array(0) }] });
    expect(store.get(cpu)).toBeUndefined();
    expect(host.model.notice.value?.isError).toBe(true);
  });
});

describe('the thread directory', () => {
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => threadName(from + index, `t${from + index}`));

  it('asks for all unknown names of a frame at once', async () => {
    const host = new FakeHost();
    const directory = new ThreadDirectory(host.client);
    expect([3, 4, 3].map((thread) => directory.name(thread))).toEqual([undefined, undefined, undefined]);
    await Promise.resolve();
    expect(host.asked.map(({ params }) => params)).toEqual([{ threads: [3, 4] }]);
    await host.answer(0, { rows: rows(3, 2) });
    expect(directory.name(4)?.comm).toBe('t4');
    expect(directory.changed.value).toBe(1);
  });

  it('pages the order of the lanes', async () => {
    const host = new FakeHost();
    const directory = new ThreadDirectory(host.client);
    expect(directory.threadAt(0)).toBeUndefined();
    expect(directory.threadAt(1)).toBeUndefined();
    expect(host.asked).toHaveLength(1);
    await host.answer(0, { total: 1200, rows: rows(1000, 500) });
    expect(directory.threadAt(499)).toBe(1499);
    expect(directory.total.value).toBe(1200);
    const found = directory.indexOf(1520);
    await Promise.resolve();
    await host.answer(1, { total: 1200, rows: rows(1500, 500) });
    expect(await found).toBe(520);
  });

  it('says when a thread has no lane', async () => {
    const host = new FakeHost();
    const directory = new ThreadDirectory(host.client);
    directory.setFilter('nginx');
    await host.answer(0, { total: 1, rows: rows(7, 1) });
    expect(await directory.indexOf(8)).toBe(-1);
    expect(await directory.indexOf(7)).toBe(0);
  });
});
