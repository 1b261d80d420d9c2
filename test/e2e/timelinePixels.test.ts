/** What is painted where: every expectation is a place in a recording of which all times are known. */
import { beforeAll, describe, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { contrast, parseColour, type Colour, type Picture } from './harness/picture.js';
import { runsOf, sameColour, TraceView, type Run } from './harness/TraceView.js';
import { themeColour } from './harness/Workbench.js';
import { littleTrace, tasks, xOfMs } from './littleTrace.js';

const workbench = useWorkbench({ files: { 'little.ftrace': littleTrace() } });

let view: TraceView;
let picture: Picture;
let colours: Record<keyof typeof tasks, Colour>;
let background: Colour;

beforeAll(async () => {
  view = await TraceView.open(workbench(), 'little.ftrace');
  picture = await view.settled();
  colours = {
    alpha: await view.taskColour('alpha'),
    beta: await view.taskColour('beta'),
    gamma: await view.taskColour('gamma'),
  };
  background = parseColour(await themeColour(view.frame, '--vscode-editor-background'));
  await workbench().screenshot('little trace');
});

const x = (ms: number) => Math.round(xOfMs(ms, picture.width));

/** Slices end one pixel early, so that neighbours are told apart. */
const slice = (fromMs: number, toMs: number): Run => ({ from: x(fromMs), to: x(toMs) - 1 });

function expectRuns(actual: Run[], expected: Run[]): void {
  const near = (run: Run): unknown => expect.objectContaining({ from: around(run.from), to: around(run.to) });
  expect(actual).toEqual(expected.map(near));
}

/** A pixel more or less is rounding. */
function around(value: number): unknown {
  return expect.toSatisfy((actual: number) => Math.abs(actual - value) <= 1, `${value} ± 1`);
}

describe('CPU lanes', () => {
  test('the tasks have colours of their own that stand out from the background', () => {
    const { alpha, beta, gamma } = colours;
    for (const colour of [alpha, beta, gamma]) expect(contrast(colour, background)).toBeGreaterThan(3);
    expect(sameColour(alpha, beta) || sameColour(beta, gamma) || sameColour(alpha, gamma)).toBe(false);
  });

  test('slices of CPU 0 are where they were recorded, each in the colour of its task', async () => {
    const y = await view.pixelRow('CPU 0');
    expectRuns(runsOf(picture, y, colours.alpha), [slice(0, 200), slice(500, 700)]);
    expectRuns(runsOf(picture, y, colours.beta), [slice(300, 500), slice(700, 750)]);
    expect(runsOf(picture, y, colours.gamma)).toEqual([]);
  });

  test('slices of CPU 1 likewise', async () => {
    const y = await view.pixelRow('CPU 1');
    expectRuns(runsOf(picture, y, colours.gamma), [slice(100, 600), slice(800, 850), slice(950, 1000)]);
    expect(runsOf(picture, y, colours.alpha)).toEqual([]);
    expect(runsOf(picture, y, colours.beta)).toEqual([]);
  });

  test('a slice is painted from the top of its lane to the bottom', async () => {
    const { y, height } = await view.laneBox('CPU 0');
    const column = picture.crop({ x: x(190), y, width: 1, height });
    expect(column.shareOf(colours.alpha, 2)).toBeGreaterThan(0.75);
  });

  test('idle time is empty', async () => {
    for (const [cpu, fromMs, toMs] of [
      ['CPU 0', 200, 300],
      ['CPU 0', 750, 1000],
      ['CPU 1', 600, 800],
    ] as const) {
      const row = await view.laneBox(cpu);
      const idle = picture.crop({
        x: x(fromMs) + 1,
        y: row.y + 3,
        width: x(toMs) - x(fromMs) - 2,
        height: row.height - 6,
      });
      // But for the lines of the grid, one pixel wide.
      expect(idle.shareOf(background, 1), `${cpu} ${fromMs}–${toMs}`).toBeGreaterThan(0.95);
    }
  });

  test('the names of tasks stand on their slices, legibly', async () => {
    const { y, height } = await view.laneBox('CPU 1');
    const label = picture.crop({ x: x(100), y: y + 4, width: 80, height: height - 8 });
    const contrasts = [...label.colours().keys()].map((colour) => contrast(colour, colours.gamma));
    expect(Math.max(...contrasts)).toBeGreaterThanOrEqual(4.5);
    const bare = picture.crop({ x: x(300), y: y + 4, width: 80, height: height - 8 });
    expect(bare.shareOf(colours.gamma, 2)).toBe(1);
  });

  test('lost events are hatched: two colours in turn, along rows and columns, and nowhere else', async () => {
    const y = await view.pixelRow('CPU 1');
    const gap = picture.crop({ x: x(850) + 1, y, width: x(950) - x(850) - 2, height: 12 });
    const [ground, stripe, ...others] = [...gap.colours()];
    expect(others).toEqual([]);
    expect(stripe![1]).toBeGreaterThan(0.15 * (ground![1] + stripe![1]));
    const stripesOf = (row: number) =>
      runsOf(picture, row, parseColour(stripe![0])).filter(({ from }) => from >= x(850) && from < x(950));
    const stripes = stripesOf(y);
    expect(stripes.length).toBeGreaterThan(5);
    // A row further down the stripes have moved sideways: they are diagonal.
    expect(stripesOf(y + 2).map(({ from }) => from)).not.toEqual(stripes.map(({ from }) => from));
    expect(contrast(stripe![0], ground![0])).toBeGreaterThan(1.5);
    expect(runsOf(picture, await view.pixelRow('CPU 0'), parseColour(stripe![0]))).toEqual([]);
    expect(
      runsOf(picture, y, parseColour(stripe![0])).every(
        ({ from, to }) => from >= x(850) - 1 && to <= x(950) + 1,
      ),
    ).toBe(true);
  });

  test('nothing is painted before the first event and after the last one', async () => {
    for (const lane of ['CPU 0', 'CPU 1', tasks.alpha, tasks.beta, tasks.gamma]) {
      const { y, height } = await view.laneBox(lane);
      for (const [from, to] of [
        [0, x(0) - 1],
        [x(1000) + 1, picture.width],
      ] as const) {
        const margin = picture.crop({ x: from, y: y + 4, width: to - from, height: height - 8 });
        expect(margin.colours().size, `${lane}, ${from} … ${to}`).toBe(1);
      }
    }
  });
});

describe('thread lanes', () => {
  test('a thread runs in its colour where it ran, on whatever CPU', async () => {
    for (const [pid, comm, slices] of [
      [
        tasks.alpha,
        'alpha',
        [
          [0, 200],
          [500, 700],
        ],
      ],
      [
        tasks.beta,
        'beta',
        [
          [300, 500],
          [700, 750],
        ],
      ],
    ] as const) {
      const runs = runsOf(picture, await view.pixelRow(pid), colours[comm]);
      expect(runs, comm).toHaveLength(slices.length);
      runs.forEach((run, index) => {
        const [fromMs, toMs] = slices[index]!;
        // Waiting ends and begins there with a look of its own; two pixels are room for the seams between them.
        expect(Math.abs(run.from - x(fromMs)), `${comm} from ${fromMs}`).toBeLessThanOrEqual(2);
        expect(Math.abs(run.to - x(toMs)), `${comm} to ${toMs}`).toBeLessThanOrEqual(2);
      });
    }
  });

  test('waiting, sleeping and not knowing look different', async () => {
    const looks = [
      ['preempted', tasks.beta, 500, 700],
      ['sleeping', tasks.alpha, 200, 480],
      ['uninterruptible', tasks.alpha, 750, 840],
      ['runnable', tasks.alpha, 480, 500],
    ] as const;
    const seen = new Map<string, string>();
    for (const [name, pid, fromMs, toMs] of looks) {
      const { y, height } = await view.laneBox(pid);
      const part = picture.crop({
        x: x(fromMs) + 2,
        y: y + 2,
        width: x(toMs) - x(fromMs) - 4,
        height: height - 4,
      });
      const painted = [...part.colours()].filter(
        ([colour, count]) =>
          !sameColour(parseColour(colour), background) && count > 0.03 * part.width * part.height,
      );
      expect(painted.length, `${name} is to be seen`).toBeGreaterThan(0);
      seen.set(name, painted.map(([colour]) => colour).join(' '));
    }
    expect(new Set(seen.values()).size, JSON.stringify([...seen])).toBe(looks.length);
  });

  test('the run queue track is highest while two tasks want CPU 0', async () => {
    const { y, height } = await view.laneBox('CPU 0');
    const track = { y: y + height, height: 20 };
    const heightAt = (ms: number) => {
      const column = picture.crop({ x: x(ms), y: track.y, width: 1, height: track.height });
      return column.height * (1 - column.shareOf(background, 1));
    };
    const [two, one, none] = [heightAt(615), heightAt(410), heightAt(860)];
    expect(two).toBeGreaterThan(one + 2);
    expect(one).toBeGreaterThan(none + 2);
  });
});
