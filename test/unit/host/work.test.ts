import { describe, expect, it, vi } from 'vitest';
import { Work, type WorkOutline } from '../../../src/host/work/work.js';
import { WorkList } from '../../../src/host/work/workList.js';
import { readWorkView } from '../../../src/protocol/machineSchemas.js';

const outline: WorkOutline = {
  kind: 'collection',
  title: 'Collecting on a',
  description: 'tracefs, for 10 s',
  machines: ['a', 'b'],
  durationMs: 10_000,
};

const counters = (elapsedMs: number) => ({
  elapsedMs,
  events: 10,
  eventsPerSecond: null,
  lostEvents: 0,
  classes: null,
  receivedBytes: 4096,
});

describe('work on machines', () => {
  it('is as far as the machine that is furthest behind', () => {
    const work = new Work(outline);
    expect(work.view.share).toBe(0);
    work.updateLane('a', { phase: 'collecting', counters: counters(5000) });
    expect(work.view.share).toBe(0);
    work.updateLane('b', { phase: 'collecting', counters: counters(2500) });
    expect(work.view.share).toBe(0.25);
    work.updateLane('b', { phase: 'failed', failure: 'gone' });
    expect(work.view.share).toBe(0.5);
    expect(readWorkView(work.view)).toEqual(work.view);
  });

  it('cannot tell how far it is without a duration', () => {
    expect(new Work({ ...outline, durationMs: null }).view.share).toBeNull();
  });

  it('counts the runs of a matrix, and those that never began as cancelled', () => {
    const cells = ['1', '2', '3', '4'].map((column) => ({ row: 'w', column }));
    const work = new Work({ ...outline, cells });
    work.updateCell('w', '1', 'done');
    work.updateCell('w', '2', 'failed', 'no space');
    work.updateCell('w', '3', 'running');
    work.updateCell('no such row', '3', 'done');
    expect(work.view.share).toBe(0.5);
    work.end('cancelled');
    expect(work.view.cells.map(({ state }) => state)).toEqual(['done', 'failed', 'cancelled', 'cancelled']);
    expect(work.view.cells[1]!.note).toBe('no space');
  });

  it('is stopped once, and may be cancelled after that', () => {
    const work = new Work(outline);
    const changed = vi.fn();
    work.onChanged(changed);
    work.stop();
    work.stop();
    expect(work.status).toBe('stopping');
    expect(changed).toHaveBeenCalledTimes(1);
    expect([work.stopSignal.aborted, work.cancelSignal.aborted]).toEqual([true, false]);
    work.cancel();
    work.cancel();
    expect(work.cancelSignal.aborted).toBe(true);
    expect(work.status).toBe('cancelling');
    work.end('cancelled');
    work.stop();
    expect([work.status, work.isOver]).toEqual(['cancelled', true]);
  });

  it('tells of a machine that it does not know nothing', () => {
    const work = new Work(outline);
    work.updateLane('c', { phase: 'done' });
    expect(work.lane('c')).toBeUndefined();
    expect(work.view.lanes).toHaveLength(2);
  });
});

describe('the list of work', () => {
  it('tells when work begins and ends, not at each counter', () => {
    const list = new WorkList();
    const changed = vi.fn();
    list.onChanged(changed);
    const work = new Work(outline);
    list.add(work);
    expect(changed).toHaveBeenCalledTimes(1);
    work.updateLane('a', { counters: counters(1) });
    expect(changed).toHaveBeenCalledTimes(1);
    expect(list.running).toEqual([work]);
    work.end('done');
    expect(changed).toHaveBeenCalledTimes(2);
    expect(list.running).toEqual([]);
    expect(list.newest).toBe(work);
  });

  it('drops what runs when the window closes', () => {
    const list = new WorkList();
    const work = new Work(outline);
    list.add(work);
    list.dispose();
    expect(work.cancelSignal.aborted).toBe(true);
  });

  it('remembers a bounded number of finished ones, and all that run', () => {
    const list = new WorkList(2);
    const works = Array.from({ length: 5 }, () => new Work(outline));
    for (const work of works) {
      list.add(work);
      if (work !== works[0]) work.end('done');
    }
    list.add(new Work(outline));
    expect(list.running[0]).toBe(works[0]);
    expect(list.running).toHaveLength(2);
  });
});
