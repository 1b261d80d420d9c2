/** The trace view of an open tab: where its lanes are, what is painted on them, and what its panels say. */
import type { Frame, Locator } from 'playwright-core';
import { parseColour, type Colour, type Picture } from './picture.js';
import { until } from './until.js';
import { canvasPicture, type Workbench } from './Workbench.js';

export type PanelName = 'Tasks' | 'Latency' | 'CPUs' | 'Wakers' | 'Details' | 'Trace';

/** Columns `from` … `to` (excluded) of one row of pixels. */
export interface Run {
  from: number;
  to: number;
}

/** Rows of pixels from the top of a lane at which neither the labels nor the edges of slices are. */
const belowTopOfLane = 5;

export class TraceView {
  readonly lanes: Locator;
  readonly ruler: Locator;

  constructor(
    readonly workbench: Workbench,
    readonly frame: Frame,
  ) {
    this.lanes = frame.locator('.lanes');
    this.ruler = frame.locator('canvas.ruler');
  }

  /** Opens a file whose default editor is ours, and waits until all of it has been read and painted. */
  static async open(workbench: Workbench, path: string): Promise<TraceView> {
    await workbench.openFile(path);
    return TraceView.shown(workbench, path);
  }

  /** The view in front, of the file of this name, complete and painted. */
  static async shown(workbench: Workbench, name: string): Promise<TraceView> {
    const frame = await workbench.webview(`.toolbar-facts[title^="${name}:"]`);
    const view = new TraceView(workbench, frame);
    await frame.locator('.progress.done').waitFor({ state: 'attached' });
    await frame.locator('.gutter-row.thread').first().waitFor();
    await view.settled();
    return view;
  }

  /** The lanes as painted, without what lies above them. */
  picture(): Promise<Picture> {
    return canvasPicture(this.frame, '.lanes-canvas');
  }

  /** The lanes when they no longer change: answers of the worker arrive after the first picture of a view. */
  async settled(): Promise<Picture> {
    let last = await this.picture();
    let equal = 0;
    return until(
      'the lanes to settle',
      async () => {
        const picture = await this.picture();
        equal = picture.differenceFrom(last) === 0 ? equal + 1 : 0;
        last = picture;
        return equal >= 2 ? picture : undefined;
      },
      { intervalMs: 60 },
    );
  }

  /** Waits until the lanes are painted so that the check holds, and returns what it gives. */
  untilPainted<T>(what: string, check: (picture: Picture) => T | undefined | false): Promise<T> {
    return until(what, async () => check(await this.picture()), { timeoutMs: 10_000 });
  }

  /** The row of names beside a lane: "CPU 0", or a thread by its pid. */
  gutterRow(lane: string | number): Locator {
    return typeof lane === 'string'
      ? this.frame.locator('.gutter-row.cpu', { hasText: lane })
      : this.frame.locator(`.gutter-row.thread[title*="pid ${lane}"]`);
  }

  /** Where a lane is, px from the upper left corner of the lanes. */
  async laneBox(lane: string | number): Promise<{ y: number; height: number; width: number }> {
    const [row, lanes] = [await this.gutterRow(lane).boundingBox(), await this.lanes.boundingBox()];
    if (row === null || lanes === null) throw new Error(`The lane of ${lane} is not in sight.`);
    return { y: row.y - lanes.y, height: row.height, width: lanes.width };
  }

  /** A row of pixels in a lane that shows the slices' colours and no text. */
  async pixelRow(lane: string | number): Promise<number> {
    return Math.round((await this.laneBox(lane)).y) + belowTopOfLane;
  }

  /** The colour that stands for a task in the table below; where the table is filtered, the task must be in it. */
  async taskColour(comm: string): Promise<Colour> {
    const swatch = this.frame.locator('.task-name', { hasText: comm }).first().locator('.swatch');
    return parseColour(
      await swatch.evaluate((element) => getComputedStyle(element as Element).backgroundColor),
    );
  }

  /** The point of the window that is `x` px from the left edge of the lanes, in the middle of a lane. */
  async pointIn(lane: string | number, x: number): Promise<{ x: number; y: number }> {
    const [row, lanes] = [await this.gutterRow(lane).boundingBox(), await this.lanes.boundingBox()];
    if (row === null || lanes === null) throw new Error(`The lane of ${lane} is not in sight.`);
    return { x: lanes.x + x, y: row.y + row.height / 2 };
  }

  async clickAt(lane: string | number, x: number): Promise<void> {
    const point = await this.pointIn(lane, x);
    await this.workbench.page.mouse.click(point.x, point.y);
  }

  async hoverAt(lane: string | number, x: number): Promise<void> {
    const point = await this.pointIn(lane, x);
    await this.workbench.page.mouse.move(point.x, point.y);
  }

  /** Drags from one place to another, px from the upper left corner of an element. */
  async drag(element: Locator, fromX: number, toX: number, y = 12): Promise<void> {
    const box = await element.boundingBox();
    if (box === null) throw new Error('What is to be dragged is not in sight.');
    const { mouse } = this.workbench.page;
    await mouse.move(box.x + fromX, box.y + y);
    await mouse.down();
    await mouse.move(box.x + (fromX + toX) / 2, box.y + y);
    await mouse.move(box.x + toX, box.y + y);
    await mouse.up();
  }

  /** Gives the lanes the focus and presses a key. */
  async press(key: string): Promise<void> {
    await this.lanes.press(key);
  }

  tab(name: PanelName): Locator {
    return this.frame.getByRole('tab', { name, exact: true });
  }

  /** Selects a panel; where details have a place of their own, they are in sight anyway. */
  async showPanel(name: PanelName): Promise<Locator> {
    await this.tab(name).click();
    return this.frame.getByRole('tabpanel', { name, exact: true });
  }

  /** What the details say of the selected slice, by label. */
  async details(): Promise<Record<string, string>> {
    const entries = await this.frame.locator('.details dl.facts').evaluateAll((lists) =>
      lists.flatMap((list) => {
        const terms = [...(list as Element).querySelectorAll('dt')];
        return terms.map((term) => [term.textContent, term.nextElementSibling?.textContent ?? ''] as const);
      }),
    );
    return Object.fromEntries(entries);
  }

  /** Waits until the details say this of the selected slice; the rest of what they say is returned with it. */
  untilDetails(label: string, value: string): Promise<Record<string, string>> {
    return until(
      `details with ${label}: ${value}`,
      async () => {
        const details = await this.details();
        return details[label]?.includes(value) === true ? details : undefined;
      },
      { timeoutMs: 10_000 },
    );
  }

  /** The cells of a table by row and column heading. */
  async table(name: string): Promise<Record<string, string>[]> {
    return this.frame.getByRole('table', { name, exact: true }).evaluate((element) => {
      const table = element as HTMLTableElement;
      const heads = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent.trim());
      const rows = [...table.querySelectorAll('tbody tr:not(.spacer)')];
      return rows.map((row) => {
        const cells = [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim());
        return Object.fromEntries(cells.map((cell, column) => [heads[column] ?? '', cell]));
      });
    });
  }

  /** Waits until a table has the rows that the check wants. */
  untilTable<T>(
    name: string,
    what: string,
    check: (rows: Record<string, string>[]) => T | undefined | false,
  ): Promise<T> {
    return until(
      `table ${name}: ${what}`,
      async () => {
        // A table that is being rebuilt is not there for a moment.
        const rows = await this.table(name).catch(() => []);
        return check(rows);
      },
      { timeoutMs: 10_000 },
    );
  }
}

/** Where a row of pixels has a colour, from left to right. */
export function runsOf(picture: Picture, y: number, colour: Colour): Run[] {
  const runs: Run[] = [];
  for (let x = 0; x < picture.width; x++) {
    if (!sameColour(picture.at(x, y), colour)) continue;
    const last = runs.at(-1);
    if (last?.to === x) last.to = x + 1;
    else runs.push({ from: x, to: x + 1 });
  }
  return runs;
}

export function sameColour(one: Colour, other: Colour): boolean {
  return [0, 1, 2].every((channel) => Math.abs(one[channel]! - other[channel]!) <= 2);
}
