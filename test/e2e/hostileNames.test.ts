/** A task may have any name. It is shown as that text wherever names are shown, and never does anything. */
import { beforeAll, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';
import { littleTrace, tasks, xOfMs } from './littleTrace.js';

const hostile = '</script><img src=x onerror=alert(1)>';

// Whatever a name made the view run, load or violate would fail these tests: `useWorkbench` looks for errors and dialogs.
const workbench = useWorkbench({ files: { 'hostile.ftrace': littleTrace({ alpha: hostile }) } });

let view: TraceView;

beforeAll(async () => {
  view = await TraceView.open(workbench(), 'hostile.ftrace');
});

test('in the table', async () => {
  const rows = await view.untilTable('Tasks', 'three tasks', (all) => all.length === 3 && all);
  expect(rows.map((row) => row['Task']).sort()).toEqual([hostile, 'beta', 'gamma'].sort());
});

test('beside its lane', async () => {
  expect(await view.gutterRow(tasks.alpha).locator('.gutter-name').textContent()).toBe(hostile);
});

test('in the tooltip', async () => {
  await view.hoverAt('CPU 0', xOfMs(600, (await view.laneBox('CPU 0')).width));
  await expect.poll(() => view.frame.locator('.tooltip-title').innerText()).toBe(`${hostile} · 101`);
  await workbench().screenshot('hostile name');
});

test('in the details, also as a neighbour', async () => {
  const x = async (ms: number) => xOfMs(ms, (await view.laneBox('CPU 0')).width);
  await view.clickAt('CPU 0', await x(600));
  await view.untilDetails('Thread', `${hostile} · pid 101`);
  expect(await view.frame.locator('.details h3').textContent()).toBe(`${hostile} running`);
  await view.clickAt('CPU 0', await x(400));
  const details = await view.untilDetails('Thread', 'beta');
  expect(details['Ran after']).toBe(`${hostile} · 101 200 ms`);
});

test('in the search and among the wakers', async () => {
  await view.press('/');
  await workbench().page.keyboard.type('onerror');
  await expect.poll(() => view.frame.getByRole('option').first().innerText()).toContain(hostile);
  await workbench().page.keyboard.press('Escape');
  await view.showPanel('Wakers');
  await view.untilTable('Who woke whom', 'the wakeup', (rows) =>
    rows.some((row) => row['Woken'] === `${hostile} · 101`),
  );
  await view.frame.getByRole('button', { name: `${hostile} · 101` }).click();
  await expect.poll(() => view.gutterRow(tasks.alpha).getAttribute('aria-pressed')).toBe('true');
});

test('in the announcement and on the slice', async () => {
  await view.press('p');
  await expect.poll(() => view.frame.locator('[aria-live=polite]').textContent()).toContain(hostile);
});

test('made no element, and the page runs nothing but its own script', async () => {
  expect(await view.frame.locator('img').count()).toBe(0);
  const scripts = await view.frame
    .locator('script')
    .evaluateAll((all) => all.map((each) => (each as HTMLScriptElement).src.split('/').at(-1)));
  expect(scripts.filter((name) => name !== '')).toEqual(['trace.js']);
  const policy = await view.frame.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'nonce-[^' ;]+';/);
  expect(policy).not.toContain('unsafe');
});
