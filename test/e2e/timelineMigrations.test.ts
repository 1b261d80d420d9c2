/** Migrations of the load balancer on the timeline: found beside the trace, marked, told of, stepped through. */
import { afterEach, describe, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { parseColour, type Picture } from './harness/picture.js';
import { sameColour, TraceView } from './harness/TraceView.js';
import { themeColour } from './harness/Workbench.js';
import { until } from './harness/until.js';
import { FORCED_MS, recordingWithRecords, recordsOfMoves, traceWithMoves } from './littleRecording.js';
import { littleTrace, xOfMs } from './littleTrace.js';

const workbench = useWorkbench({
  files: {
    ...recordingWithRecords(),
    'alone.ftrace': traceWithMoves(),
    'plain.ftrace': littleTrace(),
    'stranger.migrations.csv': recordsOfMoves(4711),
  },
});

afterEach(async () => {
  await workbench().runCommand('View: Close All Editors');
});

const choice = (view: TraceView) => view.frame.locator('.migration-choice');

/** Whether something of a colour is painted at a time, at the top of a CPU's lane. */
async function isMarked(view: TraceView, picture: Picture, ms: number): Promise<boolean> {
  const red = parseColour(await themeColour(view.frame, '--vscode-charts-red'));
  const { y, width } = await view.laneBox('CPU 1');
  const x = Math.round(xOfMs(ms, width));
  for (let dy = 3; dy < 14; dy++) {
    for (let dx = -2; dx <= 2; dx++) if (sameColour(picture.at(x + dx, Math.round(y) + dy), red)) return true;
  }
  return false;
}

async function hoverMark(view: TraceView, ms: number): Promise<string> {
  const { y, width } = await view.laneBox('CPU 1');
  const lanes = (await view.lanes.boundingBox())!;
  await workbench().page.mouse.move(lanes.x + xOfMs(ms, width), lanes.y + y + 7);
  const tooltip = view.frame.locator('.tooltip');
  return until('the tooltip of a mark', async () => {
    const text = await tooltip.innerText().catch(() => '');
    return text.includes('CPU 0 → CPU 1') ? text : undefined;
  });
}

describe('records beside a trace', () => {
  test('are marked, told of, and stepped through', async () => {
    const view = await TraceView.open(workbench(), 'pair.ftrace');
    await choice(view).waitFor();
    await view.untilPainted('the mark of the forced migration', async () => {
      const picture = await view.settled();
      return isMarked(view, picture, FORCED_MS);
    });
    expect(await isMarked(view, await view.settled(), FORCED_MS + 40)).toBe(false);
    expect(await view.frame.locator('.migration-key:visible').allInnerTexts()).toEqual([
      'Forced',
      'Load balancer',
    ]);

    const told = await hoverMark(view, FORCED_MS);
    await workbench().screenshot('migrations-tooltip');
    expect(told).toContain('Forced migration: gamma · 103');
    expect(told).toContain('balancing had failed 3 times, cache_nice_tries is 1');
    expect(told).toContain('newly idle');
    expect(told).toContain('yes, 20');

    await view.press('j');
    const details = await view.untilDetails('Forced', 'yes: cache-hot');
    expect(details).toMatchObject({ From: 'CPU 0', To: 'CPU 1', Record: 'line 6 of pair.migrations.csv' });
    await workbench().screenshot('migrations-selected');
    await view.press('j');
    await view.frame.getByText('There is no later forced migration.').waitFor();
    await view.frame.getByRole('button', { name: 'CPU 1', exact: true }).click();
    await view.untilDetails('Thread', 'gamma');

    const trace = await view.showPanel('Trace');
    await trace.getByText('8 of the 8 calls that allowed a migration are followed by that move').waitFor();
    await choice(view).click();
    await view.frame.getByRole('option', { name: 'Migrations: off' }).click();
    await until('the marks to go', async () => !(await isMarked(view, await view.settled(), FORCED_MS)));
    expect(await view.frame.locator('.migration-key:visible').count()).toBe(0);
  });
});

test('records that fit no trace are not drawn, and the view says so', async () => {
  await workbench().explorerRow('alone.ftrace').click();
  // A click opens the file, and an editor that comes into view makes its file the only selected one.
  await TraceView.shown(workbench(), 'alone.ftrace');
  await workbench()
    .explorerRow('stranger.migrations.csv')
    .click({ modifiers: ['ControlOrMeta'] });
  await workbench().explorerMenu('stranger.migrations.csv');
  await workbench().chooseInMenu('Open as One Recording…');
  const view = await TraceView.shown(workbench(), 'alone.ftrace, stranger.migrations.csv (2 files)');
  const banner = view.frame.locator('.banner');
  await banner.getByText('Not drawn: the times could not be aligned').waitFor();
  await view.press('j');
  await view.frame.getByText('No migration records are on this timeline.').waitFor();
});

test('a trace without migrations has nothing to choose', async () => {
  const view = await TraceView.open(workbench(), 'plain.ftrace');
  expect(await choice(view).isVisible()).toBe(false);
  const trace = await view.showPanel('Trace');
  await trace.getByRole('button', { name: 'Add migration records…' }).waitFor();
});
