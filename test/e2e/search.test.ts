/** Finding a task and stepping through its slices, without the mouse. */
import { beforeAll, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { runsOf, TraceView } from './harness/TraceView.js';
import { littleTrace, tasks } from './littleTrace.js';

const workbench = useWorkbench({ files: { 'little.ftrace': littleTrace() } });

let view: TraceView;

beforeAll(async () => {
  view = await TraceView.open(workbench(), 'little.ftrace');
});

test('/ finds a task, Enter selects its lane', async () => {
  const { keyboard } = workbench().page;
  const row = await view.pixelRow(tasks.beta);
  const before = await view.settled();
  await view.press('/');
  await keyboard.type('bet');
  const options = view.frame.getByRole('option');
  await expect.poll(() => options.first().innerText()).toMatch(/^beta\s+102$/);
  await workbench().screenshot('task found');
  await keyboard.press('Enter');
  await expect.poll(() => view.gutterRow(tasks.beta).getAttribute('aria-pressed')).toBe('true');
  expect(await view.gutterRow(tasks.alpha).getAttribute('aria-pressed')).toBe('false');
  // The lane is highlighted over its whole width, also where the task did nothing.
  const ground = before.at(before.width - 40, row - 3);
  await view.untilPainted(
    'the highlighted lane',
    (picture) => runsOf(picture, row - 3, ground).length === 0 && picture.differenceFrom(before) > 0.01,
  );
});

test('n and p step from slice to slice, Enter shows the details', async () => {
  const { keyboard } = workbench().page;
  // From the middle of the view, which is 500 ms.
  await keyboard.press('n');
  const next = await view.untilDetails('Thread', 'beta · pid 102');
  expect(next['Start']).toContain('+0.700000000 s');
  await keyboard.press('p');
  const previous = await view.untilDetails('Start', '+0.300000000 s');
  expect(previous['Duration']).toMatch(/^200 ms/);
  await keyboard.press('p');
  await expect
    .poll(() => view.frame.locator('.notice').innerText())
    .toBe('This is the first slice of the thread.');
  await view.showPanel('Tasks');
  await view.press('Enter');
  expect(await view.tab('Details').getAttribute('aria-selected')).toBe('true');
  expect(await view.frame.locator('.details').evaluate((each) => each === document.activeElement)).toBe(true);
});

test('what is done is said to screen readers', async () => {
  const live = view.frame.locator('[aria-live=polite]');
  await view.press('n');
  await expect.poll(() => live.textContent()).toMatch(/^beta 102, running on CPU 0, at \+0\.7/);
});

test('Escape leaves the search, and a search without result says so', async () => {
  const { keyboard } = workbench().page;
  await view.press('/');
  await keyboard.type('nobody');
  await expect.poll(() => view.frame.locator('.search-list').innerText()).toBe('No task matches.');
  await keyboard.press('Escape');
  await expect.poll(() => view.frame.locator('.search-list').isVisible()).toBe(false);
  expect(await view.lanes.evaluate((each) => each === document.activeElement)).toBe(true);
});

test('the last result shows only the lanes that match, until the filter is cleared', async () => {
  const { keyboard } = workbench().page;
  await view.press('/');
  await keyboard.type('gam');
  await expect.poll(() => view.frame.getByRole('option').count()).toBe(2);
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await expect.poll(() => view.frame.locator('.gutter-row.thread').count()).toBe(1);
  await view.frame.locator('.chip').click();
  await expect.poll(() => view.frame.locator('.gutter-row.thread').count()).toBe(3);
});

test('step without a thread says what to do', async () => {
  await view.press('Escape');
  await view.press('n');
  await expect.poll(() => view.frame.locator('.notice').innerText()).toMatch(/^Select a thread first/);
});
