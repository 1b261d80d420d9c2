import { describe, expect, it, vi } from 'vitest';
import {
  MigrationKind,
  type MigrationDetail,
  type MigrationMarks,
  type TimelineMigrations,
} from '../../../src/protocol/timelineMigrations.js';
import type { TraceClient } from '../../../webview/trace/model/traceClient.js';
import { describeMark, moveText, reasonOf } from '../../../webview/trace/migrations/describeMigration.js';
import { placeMarks } from '../../../webview/trace/migrations/drawMigrations.js';
import { markAt } from '../../../webview/trace/migrations/markHit.js';
import { MarkStore, markPx, planMarks, type MarkWish } from '../../../webview/trace/migrations/markStore.js';
import { kindsOf, usualMode } from '../../../webview/trace/migrations/migrationModes.js';

const { Moved, Refused, Allowed, Forced } = MigrationKind;

/** Marks by kind, time and number. */
function marksOf(
  marks: readonly (readonly [kind: MigrationKind, atNs: number, count: number])[],
): MigrationMarks {
  return {
    cpu: 3,
    kind: Uint8Array.from(marks, ([kind]) => kind),
    startNs: Float64Array.from(marks, ([, atNs]) => atNs),
    endNs: Float64Array.from(marks, ([, atNs]) => atNs),
    count: Uint32Array.from(marks, ([, , count]) => count),
    item: Uint32Array.from(marks.keys()),
  };
}

const view = { startNs: 0, endNs: 1000 };
const lane = marksOf([
  [Refused, 300, 1],
  [Allowed, 300, 40],
  [Allowed, 310, 1],
  [Forced, 302, 1],
  [Moved, 800, 1],
]);

describe('marks', () => {
  const at = (x: number, y: number, rowHeight = 28) => markAt(lane, { x, y, rowHeight, view, width: 1000 });

  it('are found at the top of a lane, the forced one above all others, refused ones at its bottom', () => {
    expect(at(299, 5)).toMatchObject({ kind: Forced, item: 3, cpu: 3 });
    expect(at(312, 5)).toMatchObject({ kind: Allowed, item: 2 });
    expect(at(298, 25)).toMatchObject({ kind: Refused });
    expect(at(803, 12)).toMatchObject({ kind: Moved });
    expect(at(500, 5)).toBeNull();
  });

  it('leave the slices below to the pointer, but for the stem of a forced one', () => {
    expect(at(310, 18)).toBeNull();
    expect(at(303, 18)).toMatchObject({ kind: Forced });
  });

  it('are as high as low lanes', () => {
    expect(at(310, 12, 16)).toMatchObject({ kind: Allowed });
  });

  it('stand at their times; bars grow with the logarithm of the number', () => {
    const place = (kind: MigrationKind) =>
      placeMarks(lane, kind, { y: 100, height: 23 }, { view, width: 2000, ratio: 1 });
    expect(place(Allowed).map(({ x }) => x)).toEqual([600, 620]);
    const [many, one] = place(Allowed);
    expect(many!.barHeight).toBe(Math.round((Math.log2(40) / 10) * 16));
    expect(one!.barHeight).toBe(0);
    expect(place(Forced)[0]).toMatchObject({ x: 604, stemHeight: 13 });
    expect(place(Refused)[0]!.y).toBe(119);
  });
});

describe('asking for marks', () => {
  const wish: MarkWish = {
    view: { startNs: 9000, endNs: 10_000 },
    bounds: { startNs: 0, endNs: 100_000 },
    width: 900,
    cpus: [0, 1],
    kinds: [Allowed, Forced],
  };
  const first = planMarks(wish, null, 0)!;

  it('covers the view and as much on both sides, in whole columns of a mark', () => {
    expect(first.columnNs).toBe((1000 / 900) * markPx);
    expect(first.range.startNs).toBeLessThanOrEqual(8000);
    expect(first.range.endNs).toBeGreaterThanOrEqual(11_000);
    expect(first.range.startNs / first.columnNs).toBeCloseTo(
      Math.round(first.range.startNs / first.columnNs),
      6,
    );
  });

  it('is done anew only when the view, the lanes, the kinds or the records ask for it', () => {
    const again = (changes: Partial<MarkWish>, generation = 0) =>
      planMarks({ ...wish, ...changes }, first, generation);
    expect(again({})).toBeNull();
    expect(again({ view: { startNs: 9400, endNs: 10_400 } })).toBeNull();
    expect(again({ view: { startNs: 9900, endNs: 10_900 } })).not.toBeNull();
    expect(again({ view: { startNs: 9300, endNs: 9700 } })).not.toBeNull();
    expect(again({ cpus: [2] })).not.toBeNull();
    expect(again({ kinds: [Forced] })).not.toBeNull();
    expect(again({}, 1)).not.toBeNull();
    expect(again({ kinds: [] })).toBeNull();
  });

  it('does not happen without kinds, and is not repeated while an answer is awaited', async () => {
    const request = vi.fn(() => Promise.resolve({ range: wish.view, lanes: [{ ...lane, cpu: 0 }] }));
    const arrived = vi.fn();
    const client = { request, report: vi.fn() } as unknown as TraceClient;
    const store = new MarkStore(client, arrived);
    store.want({ ...wish, kinds: [] });
    expect(request).not.toHaveBeenCalled();
    store.want(wish);
    store.want(wish);
    expect(request).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(arrived).toHaveBeenCalled());
    expect(store.get(0)?.kind).toHaveLength(5);
    store.want({ ...wish, kinds: [] });
    expect(store.get(0)).toBeUndefined();
  });

  it('refuses arrays that do not belong together', async () => {
    const request = () =>
      Promise.resolve({ range: wish.view, lanes: [{ ...lane, count: new Uint32Array(1) }] });
    const report = vi.fn();
    const store = new MarkStore({ request, report } as unknown as TraceClient, () => undefined);
    store.want(wish);
    await vi.waitFor(() => expect(report).toHaveBeenCalled());
    expect(store.get(3)).toBeUndefined();
  });
});

describe('words', () => {
  const record = {
    balanceFailed: 4,
    cacheNiceTries: 1,
    neverRan: false,
    delta: '250000',
    idle: 'idle',
    lat: 5000,
  };
  const detail = {
    kind: Forced,
    item: 0,
    atNs: 1000,
    pid: 7,
    thread: 1,
    comm: 'worker',
    fromCpu: 0,
    toCpu: 3,
    move: { atNs: 26_000, line: 9, source: 0 },
    record,
    file: 'a.csv',
    place: 1,
    total: 2,
  } as unknown as MigrationDetail;
  const mark = { cpu: 3, kind: Forced, item: 0, count: 1, startNs: 1000, endNs: 1000 };

  it('tell who went where, and why', () => {
    const { title, lines } = describeMark(mark, detail, 0n);
    expect(title).toBe('Forced migration: worker · 7');
    expect(Object.fromEntries(lines)).toMatchObject({
      Route: 'CPU 0 → CPU 3',
      Why: 'cache-hot, but balancing had failed 4 times, cache_nice_tries is 1',
      'Destination was': 'idle',
      'Since it ran': '250 µs',
      'Call took': '5 µs',
      Moved: 'yes, 20 µs after the call',
    });
  });

  it('are those of the mark until the record is here, and count where several stand', () => {
    expect(describeMark(mark, undefined, 0n).title).toBe('Forced migration to CPU 3');
    expect(describeMark({ ...mark, count: 12 }, undefined, 0n).title).toBe('12 forced migrations to CPU 3');
  });

  it('do not claim a move that the trace does not show', () => {
    expect(moveText({ ...detail, move: null })).toContain('no move follows in the trace');
    expect(moveText({ ...detail, kind: Refused })).toBe('refused');
    expect(reasonOf({ ...detail, kind: Moved, record: null })).toContain('no call of the load balancer');
  });
});

it('marks decisions of the load balancer where there are any, until the user chooses', () => {
  const none: TimelineMigrations = { isReady: true, moves: 5, files: [] };
  expect(usualMode(null)).toBe('off');
  expect(usualMode(none)).toBe('off');
  const file = { isDrawn: true } as TimelineMigrations['files'][number];
  expect(usualMode({ ...none, files: [file] })).toBe('balancer');
  expect(kindsOf('off')).toEqual([]);
  expect(kindsOf('forced')).toEqual([Forced]);
});
