/**
 * Panning and zooming a 10-million-event trace in the real editor in a real browser: time of each frame as the view
 * itself records it. `BENCH_EVENTS` chooses the size.
 */
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import type { Frame, Page } from 'playwright-core';
import type { FrameFigures } from '../../webview/trace/timeline/frameStats.js';
import { workbenchAddress } from '../../scripts/lib/editor-server.mjs';
import { browserContext, closeBrowser } from '../e2e/harness/browser.js';
import { startEditor } from '../e2e/harness/editor.js';
import { Workbench } from '../e2e/harness/Workbench.js';
import { writeBigText } from './bigText.js';
import { figure, heading, seconds } from './report.js';

const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 10_000_000);

const editor = await startEditor();
try {
  const folder = join(editor.stateDir, 'bench');
  mkdirSync(folder);
  await writeBigText(join(folder, 'small.ftrace'), 1000);
  const events = await writeBigText(join(folder, 'big.ftrace'), EVENTS);
  heading(`${events} events in the real editor (software rendering, 1400 × 900)`);
  const page = await (await browserContext()).newPage();
  await page.setViewportSize({ width: 1400, height: 900 });
  const workbench = new Workbench(page, editor, folder);
  await page.goto(workbenchAddress(editor, folder));
  await workbench.untilReady();
  await workbench.openFile('small.ftrace');
  await (await workbench.webview('canvas')).waitForFunction(hasPicture);
  const started = performance.now();
  await workbench.openFile('big.ftrace');
  const view = await workbench.webview('canvas');
  await view.waitForFunction(hasPicture);
  figure(
    'first picture, quick open by an automaton included',
    seconds(performance.now() - started),
    'target: 2 s',
  );
  await view.waitForFunction(isComplete, undefined, { timeout: 120_000, polling: 100 });
  figure('complete', seconds(performance.now() - started), 'target: 10 s');
  await measure(page, view, 'zooming in and out at the cursor', zoom);
  await measure(page, view, 'panning by drag', pan);
  // An automaton's mouse moves come every 33 ms or so; keys held down animate by themselves.
  await measure(page, view, 'zooming and panning by keys held down', holdKeys);
} finally {
  await closeBrowser();
  await editor.stop();
}

/** Runs in the webview: something has been drawn. */
function hasPicture(): boolean {
  const stats = (globalThis as unknown as { __kernelOracleFrameStats?: () => FrameFigures })
    .__kernelOracleFrameStats;
  return (stats?.().frames ?? 0) > 0;
}

/** Runs in the webview: nothing is being read any more. */
function isComplete(): boolean {
  return document.querySelector('[role="progressbar"]')?.classList.contains('done') === true;
}

async function measure(
  page: Page,
  view: Frame,
  what: string,
  act: (page: Page, box: Box) => Promise<void>,
): Promise<void> {
  // The overview above the lanes is a canvas, too; the lanes' is the largest.
  const boxes = await Promise.all((await view.locator('canvas').all()).map((canvas) => canvas.boundingBox()));
  const box = boxes.reduce((largest, each) => (area(each) > area(largest) ? each : largest), null);
  if (box === null) throw new Error('the timeline is not visible');
  await view.evaluate(readFigures, true);
  await act(page, box);
  const { frames, drawMs, intervalMs } = await view.evaluate(readFigures, true);
  figure(`${what}: frames`, String(frames));
  figure(
    `${what}: drawing, p50 / p95 / max`,
    `${ms(drawMs.p50)} / ${ms(drawMs.p95)} / ${ms(drawMs.max)}`,
    'target: p95 below 16 ms',
  );
  figure(`${what}: between frames, p50 / p95`, `${ms(intervalMs.p50)} / ${ms(intervalMs.p95)}`);
}

function readFigures(reset: boolean): FrameFigures {
  return (
    globalThis as unknown as { __kernelOracleFrameStats: (reset: boolean) => FrameFigures }
  ).__kernelOracleFrameStats(reset);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function zoom(page: Page, box: Box): Promise<void> {
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.3);
  for (const direction of [-1, 1, -1]) {
    for (let step = 0; step < 60; step += 1) {
      await page.mouse.wheel(0, direction * 60);
      await page.waitForTimeout(16);
    }
  }
}

async function pan(page: Page, box: Box): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.4);
    await page.mouse.down();
    for (let step = 0; step < 40; step += 1) {
      await page.mouse.move(box.x + box.width * (0.8 - step * 0.015), box.y + box.height * 0.4);
      await page.waitForTimeout(16);
    }
    await page.mouse.up();
  }
}

async function holdKeys(page: Page, box: Box): Promise<void> {
  await page.mouse.click(box.x + box.width * 0.5, box.y + box.height * 0.4);
  for (const key of ['w', 'd', 'a', 's', 'w', 'd']) {
    await page.keyboard.down(key);
    await page.waitForTimeout(700);
    await page.keyboard.up(key);
  }
}

function area(box: Box | null): number {
  return box === null ? 0 : box.width * box.height;
}

function ms(value: number): string {
  return value.toFixed(1);
}
