/** Moving in time by wheel, mouse and keys, and what a selected range does to the numbers. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import type { Colour, Picture } from './harness/picture.js';
import { runsOf, TraceView, type Run } from './harness/TraceView.js';
import { littleTrace, xOfMs } from './littleTrace.js';

const workbench = useWorkbench({ files: { 'little.ftrace': littleTrace() } });

let view: TraceView;
let first: Picture;
let alpha: Colour;
let row: number;

beforeAll(async () => {
  view = await TraceView.open(workbench(), 'little.ftrace');
  first = await view.settled();
  alpha = await view.taskColour('alpha');
  row = await view.pixelRow('CPU 0');
});

beforeEach(async () => {
  // Twice: the first clears the slice and the thread, the second one the range.
  await view.press('Escape');
  await view.press('Escape');
  await view.press('f');
  await view.untilPainted('the first picture again', (picture) => picture.differenceFrom(first) === 0);
});

const x = (ms: number) => xOfMs(ms, first.width);

/** The slice of alpha from 500 to 700 ms, wherever it is painted now; undefined while it is not in sight as a whole. */
function slice(picture: Picture): Run | undefined {
  const run = runsOf(picture, row, alpha).at(-1);
  return run === undefined || run.from === 0 || run.to >= picture.width - 1 ? undefined : run;
}

/** Waits until alpha's slice is painted from `from` to `to`, give or take `tolerance` px. */
function untilSlice(what: string, from: number, to: number, tolerance = 2): Promise<Run> {
  return view.untilPainted(what, (picture) => {
    const run = slice(picture);
    const near = (actual: number, wanted: number) => Math.abs(actual - wanted) <= tolerance;
    return run !== undefined && near(run.from, from) && near(run.to + 1, to) ? run : undefined;
  });
}

describe('wheel', () => {
  test('zooms at the pointer, and f fits the recording again', async () => {
    const before = slice(first)!;
    await view.hoverAt('CPU 0', x(500));
    await workbench().page.mouse.wheel(0, -300);
    const zoomed = await view.untilPainted('a wider slice', (picture) => {
      const run = slice(picture);
      return run !== undefined && run.to - run.from > 1.5 * (before.to - before.from) ? run : undefined;
    });
    // What was under the pointer is there still.
    expect(Math.abs(zoomed.from - x(500))).toBeLessThanOrEqual(2);
    const settled = await view.settled();
    expect(settled.differenceFrom(first)).toBeGreaterThan(0.05);
    await workbench().screenshot('zoomed at the pointer');

    await view.press('f');
    await view.untilPainted('the first picture again', (picture) => picture.differenceFrom(first) === 0);
  });

  test('zooms out no further than the whole recording', async () => {
    await view.hoverAt('CPU 0', x(500));
    await workbench().page.mouse.wheel(0, 600);
    expect((await view.settled()).differenceFrom(first)).toBe(0);
  });

  test('with Shift moves in time', async () => {
    await view.press('w');
    const before = slice(await view.settled())!;
    await view.hoverAt('CPU 0', x(400));
    await workbench().page.keyboard.down('Shift');
    await workbench().page.mouse.wheel(0, 100);
    await workbench().page.keyboard.up('Shift');
    await untilSlice('the slice 100 px further left', before.from - 100, before.to + 1 - 100);
  });
});

describe('keys', () => {
  // Both zooms keep the middle of the view where it is.
  const middle = () => first.width / 2;

  test('W and S zoom by half', async () => {
    const fitted = slice(first)!;
    await view.press('w');
    const wider = (edge: number) => middle() + (edge - middle()) * 1.5;
    const near = await untilSlice('half as wide again', wider(fitted.from), wider(fitted.to + 1), 3);
    expect(near.to - near.from).toBeGreaterThan(fitted.to - fitted.from);
    await view.press('s');
    await view.untilPainted('the first picture again', (picture) => picture.differenceFrom(first) === 0);
  });

  test.each([
    ['d', 0.2],
    ['a', -0.2],
    ['ArrowRight', 0.1],
    ['ArrowLeft', -0.1],
  ])('%s moves by %f of the width', async (key, share) => {
    await view.press('w');
    const before = slice(await view.settled())!;
    await view.press(key);
    const by = share * first.width;
    // At the ends of the recording it goes no further; half as wide again there are 17 % on each side.
    const left = Math.min(by, first.width * 0.25);
    await untilSlice(`the slice moved by ${-left} px`, before.from - left, before.to + 1 - left, 3);
  });

  test('Home and End go to the ends of the recording', async () => {
    for (let i = 0; i < 3; i++) await view.press('w');
    await view.press('Home');
    await view.untilPainted('the first slice', (picture) => {
      const run = runsOf(picture, row, alpha)[0];
      return run !== undefined && run.from > 5 && run.from < 60;
    });
    await view.press('End');
    await view.untilPainted('idle time only', (picture) => runsOf(picture, row, alpha).length === 0);
  });
});

describe('mouse', () => {
  test('dragging the lanes moves them along', async () => {
    await view.press('w');
    const before = slice(await view.settled())!;
    await view.drag(view.lanes, 600, 480, row);
    await untilSlice('the slice moved along', before.from - 120, before.to + 1 - 120);
  });

  test('a double click fills the view with a slice', async () => {
    const { page } = workbench();
    const point = await view.pointIn('CPU 0', x(600));
    await page.mouse.dblclick(point.x, point.y);
    await view.untilPainted('a slice nearly as wide as the view', (picture) =>
      runsOf(picture, row + 3, alpha).some(({ from, to }) => to - from > picture.width * 0.8),
    );
  });

  test('the overview has a window that moves the view', async () => {
    for (let i = 0; i < 2; i++) await view.press('w');
    const before = slice(await view.settled())!;
    const overview = view.frame.locator('.minimap');
    const middle = (await overview.boundingBox())!.width / 2;
    await view.drag(overview, middle, middle + 40);
    // 40 px of the overview are 2¼ times as many of the lanes.
    await untilSlice('the slice moved the other way', before.from - 90, before.to + 1 - 90, 5);
  });
});

describe('range', () => {
  /** A duration of the tables in ms. */
  function ms(text: string | undefined): number {
    const [, value, unit] = /^([\d.]+) (ns|µs|ms|s)$/.exec(text ?? '') ?? [];
    return Number(value) * (unit === 's' ? 1000 : unit === 'ms' ? 1 : unit === 'µs' ? 1e-3 : 1e-6);
  }

  /** The tables have four digits. */
  const near = (value: number): unknown =>
    expect.toSatisfy((text: string) => Math.abs(ms(text) - value) <= 0.1, `${value} ms`);

  /** Drags over the ruler; the range becomes what the pixels are, which the heading tells exactly. */
  async function select(fromMs: number, toMs: number): Promise<{ from: number; to: number }> {
    await view.drag(view.ruler, x(fromMs), x(toMs));
    const scope = view.frame.locator('.scope-range');
    await scope.waitFor();
    const [from, to] = [...(await scope.getAttribute('title'))!.matchAll(/\+([\d.]+) s/g)].map(
      ([, seconds]) => Number(seconds) * 1000,
    ) as [number, number];
    expect(Math.abs(from - fromMs)).toBeLessThan(2);
    expect(Math.abs(to - toMs)).toBeLessThan(2);
    return { from, to };
  }

  test('dragging on the ruler makes all numbers those of the range, Escape those of the recording', async () => {
    const heading = view.frame.locator('.scope');
    const latencies = (await view.showPanel('Latency')).locator('.count');
    expect(await heading.innerText()).toBe('Of the whole trace');
    await expect.poll(() => latencies.innerText()).toBe('wakeups: 2 · preemptions: 1');

    const { from, to } = await select(450, 830);
    expect(await heading.innerText()).toMatch(/^Of the selected range only: 3(79|80|81)/);
    await view.untilPainted('the rest to step back', (picture) => runsOf(picture, row, alpha).length === 1);
    await workbench().screenshot('range selected');

    // Only beta is preempted in it, and of the two wakeups the one of alpha remains.
    await expect.poll(() => latencies.innerText()).toBe('wakeups: 1 · preemptions: 1');

    await view.showPanel('Tasks');
    const inRange = await view.untilTable('Tasks', 'of the range', (rows) =>
      rows.find((each) => each['Task'] === 'alpha')?.['Runtime'] === '200 ms' ? rows : undefined,
    );
    const rowOf = (rows: Record<string, string>[], task: string) =>
      rows.find((each) => each['Task'] === task);
    expect(rowOf(inRange, 'alpha')).toMatchObject({ Wakeups: '1', 'Lat. max': '20 ms' });
    expect(rowOf(inRange, 'beta')).toMatchObject({ Wakeups: '0', 'Lat. max': '—' });
    expect(rowOf(inRange, 'beta')!['Runtime']).toEqual(near(500 - from + 50));
    expect(rowOf(inRange, 'gamma')!['Runtime']).toEqual(near(600 - from + (to - 800)));

    await view.showPanel('CPUs');
    const cpus = await view.untilTable('CPUs', 'both', (rows) => (rows.length === 2 ? rows : undefined));
    expect(cpus[0]!['Busy time']).toEqual(near(500 - from + 200 + 50));
    expect(cpus[1]!['Busy time']).toEqual(near(600 - from + (to - 800)));
    expect(cpus[1]!['Unknown']).toBe('0 ns');

    await view.press('Escape');
    expect(await heading.innerText()).toBe('Of the whole trace');
    await view.untilTable('CPUs', 'of the recording', (rows) => rows[0]?.['Busy time'] === '650 ms');
    expect((await view.table('CPUs'))[1]).toMatchObject({ 'Busy time': '600 ms', Unknown: '100 ms' });
    await view.showPanel('Tasks');
    const all = await view.untilTable('Tasks', 'of the recording', (rows) =>
      rowOf(rows, 'alpha')?.['Runtime'] === '400 ms' ? rows : undefined,
    );
    expect(rowOf(all, 'beta')).toMatchObject({
      Runtime: '250 ms',
      'Lat. max': '10 ms',
      'Pre. max': '200 ms',
    });
    expect(rowOf(all, 'gamma')).toMatchObject({ Runtime: '600 ms', Wakeups: '0' });
  });

  test('an edge of the range can be moved, and f fits the range', async () => {
    await select(450, 600);
    await view.drag(view.ruler, x(600), x(750));
    const scope = view.frame.locator('.scope-range');
    await expect.poll(() => scope.innerText()).toMatch(/only: (299|300|301)/);
    await view.press('f');
    // 300 ms with 5 % of room on both sides.
    const at = (ms: number) => ((ms - 450 + 15) / 330) * first.width;
    await untilSlice('the range over the whole width', at(500), at(700), 6);
  });

  test('m makes a range of what is on screen', async () => {
    await view.press('m');
    const scope = view.frame.locator('.scope-range');
    await expect.poll(() => scope.innerText()).toBe('Of the selected range only: 1 s from +0.000000000 s');
  });
});
