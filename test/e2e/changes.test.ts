/** What stays when a view is rebuilt, and what happens when the file does not stay as it was. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { runsOf, TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';
import { littleTrace, tasks, xOfMs } from './littleTrace.js';

const workbench = useWorkbench({
  files: {
    'little.ftrace': littleTrace(),
    'other.txt': 'Another file.\n',
    'changing.ftrace': littleTrace(),
    'vanishing.ftrace': littleTrace(),
    'gone.ftrace': littleTrace(),
  },
});

test('range, selection, thread and filter are as they were after a look at another tab, and after a reload', async () => {
  let view = await TraceView.open(workbench(), 'little.ftrace');
  const width = (await view.laneBox('CPU 0')).width;
  await view.drag(view.ruler, xOfMs(450, width), xOfMs(830, width));
  await view.press('f');
  await view.gutterRow(tasks.gamma).click();
  await view.frame.getByRole('textbox', { name: 'Filter tasks by name or pid' }).fill('gam');
  await view.untilTable('Tasks', 'filtered', (rows) => rows.length === 1);
  const scope = await view.frame.locator('.scope-range').innerText();
  const before = await view.settled();
  // 380 ms over the width: alpha's slice of 200 ms takes about half of it.
  const row = await view.pixelRow(tasks.alpha);
  const colour = await view.frame
    .locator(`.gutter-row.thread[title*="pid ${tasks.alpha}"] .swatch`)
    .evaluate((each) =>
      getComputedStyle(each as Element)
        .backgroundColor.match(/\d+/g)!
        .map(Number),
    );
  const runs = runsOf(before, row, colour as [number, number, number]);
  expect(runs.at(-1)!.to - runs.at(-1)!.from).toBeGreaterThan(width * 0.4);
  await workbench().screenshot('before the view was left');

  const expectTheSame = async () => {
    // The focus is elsewhere now, which only the ring around the lanes tells, and that is not on the canvas.
    await view.untilPainted('the same picture', (picture) => picture.differenceFrom(before) === 0);
    expect(await view.frame.locator('.scope-range').innerText()).toBe(scope);
    expect(await view.gutterRow(tasks.gamma).getAttribute('aria-pressed')).toBe('true');
    await view.untilTable('Tasks', 'filtered', (rows) => rows.length === 1 && rows[0]!['Task'] === 'gamma');
  };

  const left = view.frame;
  await workbench().openFile('other.txt');
  await until('the view to be gone', () => Promise.resolve(left.isDetached()));
  await workbench().openFile('little.ftrace');
  view = await TraceView.shown(workbench(), 'little.ftrace');
  expect(view.frame).not.toBe(left);
  await expectTheSame();

  // By the command: a reload of the page itself may come before the workbench has stored what is open.
  const reloaded = workbench().page.waitForEvent('load');
  await workbench().runCommand('Developer: Reload Window');
  await reloaded;
  await workbench().untilReady();
  view = await TraceView.shown(workbench(), 'little.ftrace');
  await expectTheSame();
  await workbench().screenshot('after the window was reloaded');
});

test('a file that changes on disk is read again when the user wants it', async () => {
  const path = workbench().pathOf('changing.ftrace');
  const view = await TraceView.open(workbench(), 'changing.ftrace');
  const facts = view.frame.locator('.toolbar-facts');
  expect(await facts.innerText()).toContain('16 events');
  const line =
    '             gamma-103      [001] d..2.   101.200000: sched_waking: comm=beta pid=102 prio=120 target_cpu=000\n';
  const reload = workbench().page.locator('.notifications-toasts').getByRole('button', { name: 'Reload' });
  let added = 0;
  await until(
    'the change to be noticed',
    async () => {
      if (await reload.isVisible()) return true;
      appendFileSync(path, line);
      added++;
      return undefined;
    },
    { intervalMs: 1000 },
  );
  expect(await workbench().notifications()).toEqual([
    expect.stringMatching(/^changing\.ftrace changed on disk\./),
  ]);
  await workbench().screenshot('changed on disk');
  // Until then the view shows the recording as it was.
  expect(await facts.innerText()).toContain('16 events');
  await reload.click();
  await expect
    .poll(() => facts.innerText(), { timeout: 10_000 })
    .toContain(`${16 + added} events · 2 CPUs · 3 threads · 1.2 s`);
});

test('a file that is deleted while it is shown: a notification, and the view stays', async () => {
  const view = await TraceView.open(workbench(), 'vanishing.ftrace');
  const path = workbench().pathOf('vanishing.ftrace');
  const isTold = async () => {
    const shown = await workbench().notifications();
    return shown.some((text) => text.startsWith('vanishing.ftrace was deleted'));
  };
  for (let attempt = 0; !(await isTold()); attempt++) {
    expect(attempt, 'times that the file was deleted without a notification').toBeLessThan(10);
    rmSync(path);
    const told = await until('the deletion to be noticed', isTold, { timeoutMs: 2000 }).catch(() => false);
    // A watcher that started too late has seen no file, so it sees none go.
    if (!told) writeFileSync(path, littleTrace());
  }
  await view.press('w');
  await view.settled();
  await view.clickAt('CPU 0', 400);
  await expect.poll(() => view.details()).toHaveProperty('Thread');
});

test('a file that is gone when it is to be read again: the view says so and keeps what it has', async () => {
  const view = await TraceView.open(workbench(), 'gone.ftrace');
  const before = await view.settled();
  rmSync(workbench().pathOf('gone.ftrace'));
  await workbench().runCommand('KernelOracle: Reload Trace');
  const banner = view.frame.locator('.banner');
  await expect.poll(() => banner.innerText()).toMatch(/gone\.ftrace does not exist\./);
  await workbench().screenshot('file gone');
  // The banner may take a line from the lanes; those of the CPUs are there still.
  const { height } = await view.laneBox('CPU 0');
  const part = { x: 0, y: 0, width: before.width, height: height * 4 };
  expect((await view.settled()).crop(part).differenceFrom(before.crop(part))).toBe(0);
});
