/** A part of a recording, selected in the view and written to a file. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';
import { littleTrace, xOfMs } from './littleTrace.js';

const workbench = useWorkbench({ files: { 'little.ftrace': littleTrace() } });
const command = 'KernelOracle: Export Selected Range…';

afterEach(async () => {
  await workbench().runCommand('Notifications: Clear All Notifications');
  await workbench().runCommand('View: Close All Editors');
});

/** Selects 450 … 830 ms; the pixels are a few ms wide at most. */
async function viewWithRange(): Promise<TraceView> {
  const view = await TraceView.open(workbench(), 'little.ftrace');
  const { width } = await view.laneBox('CPU 0');
  await view.drag(view.ruler, xOfMs(450, width), xOfMs(830, width));
  return view;
}

const exportButton = (view: TraceView) =>
  view.frame.getByRole('button', { name: 'Export the selected range' });

/** Waits for the dialog with this title. */
async function untilDialog(title: RegExp): Promise<void> {
  await until(`a dialog ${title.source}`, async () => {
    const titles = await workbench().page.locator('.quick-input-widget .quick-input-title').allInnerTexts();
    return titles.some((each) => title.test(each));
  });
}

async function saveAs(format: string, name: string): Promise<string> {
  await untilDialog(/^Export Selected Range As$/);
  await workbench().pick(format);
  await untilDialog(/^Export Selected Range As .+/);
  const path = workbench().pathOf(name);
  await workbench().answerFileDialog(path);
  return path;
}

test('without a selection there is nothing to export, and the view says what to do', async () => {
  const view = await TraceView.open(workbench(), 'little.ftrace');
  const button = exportButton(view);
  expect(await button.isDisabled()).toBe(true);
  const host = view.frame.locator('vscode-button[aria-label="Export the selected range"]');
  expect(await host.getAttribute('title')).toContain('first select one, by dragging on the ruler');
  await workbench().runCommand(command);
  expect(await workbench().untilNotification(/^Select a range first/)).toContain('drag on the ruler');
  await workbench().screenshot('no range to export');
});

test('the button writes the range as tracefs text, which opens as a trace', async () => {
  const view = await viewWithRange();
  await exportButton(view).click();
  await untilDialog(/^Export Selected Range As$/);
  await workbench().screenshot('formats to export to');
  const path = await saveAs('ftrace text, as tracefs prints it', 'part.ftrace');
  const told = await workbench().untilNotification(/^Exported/);
  await workbench().screenshot('exported');
  expect(told).toMatch(/^Exported 7 events to part\.ftrace \(1\.\d kB\)\.$/);
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines[2]).toMatch(
    /^# part of a recording, trimmed by KernelOracle: from 100\.4\d+ s to 100\.8\d+ s$/,
  );
  const events = lines.filter((line) => / \[00\d\] /.test(line));
  const whole = littleTrace()
    .split('\n')
    .filter((line) => {
      const ms = Number(/ (\d+\.\d{6}): /.exec(line)?.[1]) * 1000 - 100_000;
      return ms > 450 && ms < 830;
    });
  // The little recording is not padded as the kernel pads.
  const words = (line: string) => line.trim().replace(/ +/g, ' ');
  expect(events.map(words)).toEqual(whole.map(words));

  await workbench().page.locator('.notifications-toasts').getByRole('button', { name: 'Open' }).click();
  const part = await TraceView.shown(workbench(), 'part.ftrace');
  expect(await part.frame.locator('.toolbar-facts').innerText()).toContain('7 events · 2 CPUs · 3 threads');
  await workbench().screenshot('the part');
});

test('the command in the palette writes a table, of one CPU where the format has no CPUs', async () => {
  const view = await viewWithRange();
  await view.settled();
  await workbench().runCommand(command);
  await untilDialog(/^Export Selected Range As$/);
  await workbench().pick('KernelOracle CSV with task codes, of one CPU');
  await untilDialog(/^Export Selected Range$/);
  await workbench().pick('CPU 1');
  await untilDialog(/^Export Selected Range As .+/);
  const path = workbench().pathOf('codes.csv');
  await workbench().answerFileDialog(path);
  await workbench().untilNotification(/^Exported 2 events to codes\.csv/);
  expect(readFileSync(path, 'utf8')).toBe(
    'task_code,time,name,pid\n.,100.600000,swapper,0\nA0,100.800000,gamma,103\n',
  );
});

test('the menu of the timeline offers it while there is a selection', async () => {
  const view = await TraceView.open(workbench(), 'little.ftrace');
  const menu = workbench().page.locator('.monaco-menu .action-item .action-label', {
    hasText: 'Export Selected Range…',
  });
  const { width } = await view.laneBox('CPU 0');
  const rightClick = async () => {
    const point = await view.pointIn('CPU 0', xOfMs(600, width));
    await workbench().page.mouse.click(point.x, point.y, { button: 'right' });
  };
  await rightClick();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await menu.count()).toBe(0);
  await workbench().page.keyboard.press('Escape');

  await view.drag(view.ruler, xOfMs(450, width), xOfMs(830, width));
  await view.settled();
  await rightClick();
  await menu.waitFor();
  await workbench().screenshot('menu of the timeline');
  await workbench().chooseInMenu('Export Selected Range…');
  const path = await saveAs('CSV, all events and columns', 'all.csv');
  await workbench().untilNotification(/^Exported 7 events to all\.csv/);
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1 + 7 + 1);
});

test('giving up writes nothing', async () => {
  const view = await viewWithRange();
  await exportButton(view).click();
  await untilDialog(/^Export Selected Range As$/);
  await workbench().pick('Apache Parquet');
  await untilDialog(/^Export Selected Range As .+/);
  await workbench().page.keyboard.press('Escape');
  await workbench().page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  expect(existsSync(workbench().pathOf('little.ftrace-part.parquet'))).toBe(false);
  expect(await workbench().notifications()).toEqual([]);
});
