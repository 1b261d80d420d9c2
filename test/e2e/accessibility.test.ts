/** The view without a mouse and without eyes: order of the keyboard, visible focus, roles and names. */
import { beforeAll, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { decodePng } from './harness/picture.js';
import { TraceView } from './harness/TraceView.js';
import { littleTrace, tasks } from './littleTrace.js';

const workbench = useWorkbench({ files: { 'little.ftrace': littleTrace() } });

let view: TraceView;

beforeAll(async () => {
  view = await TraceView.open(workbench(), 'little.ftrace');
});

/** Role or tag, and the name, of what has the focus; elements of the toolkit have it inside. */
async function focused(): Promise<string> {
  return view.frame.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement != null) element = element.shadowRoot.activeElement;
    if (element === null || element === document.body) return '';
    const role = element.getAttribute('role') ?? element.tagName.toLowerCase();
    const name =
      element.getAttribute('aria-label') ?? (element as HTMLElement).innerText.replace(/\s+/g, ' ').trim();
    return `${role} ${name}`;
  });
}

test('Tab goes through toolbar, lanes, timeline, tabs and table in the order in which they stand', async () => {
  const { keyboard } = workbench().page;
  await view.frame.getByRole('combobox', { name: 'Find a task by name or pid' }).focus();
  const order: string[] = [];
  for (let i = 0; i < 60; i++) {
    const now = await focused();
    if (now === '') break;
    order.push(now);
    await keyboard.press('Tab');
  }
  const expected = [
    /^combobox Find a task/,
    /Zoom in \(W\)/,
    /Keys and gestures/,
    /^button CPUs 2/i,
    /^button gamma 103/,
    /^application Timeline: /,
    /^separator Height of the statistics/,
    /^tab Tasks/,
    /Filter tasks by name or pid/,
    /^button Runtime/,
    /^tr gamma/,
  ];
  const places = expected.map((pattern) => order.findIndex((each) => pattern.test(each)));
  expect(places, order.join('\n')).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  // And back.
  await view.frame.getByRole('tab', { name: 'Tasks' }).focus();
  await keyboard.press('Shift+Tab');
  expect(await focused()).toBe('separator Height of the statistics');
});

test('what has the focus can be seen', async () => {
  const { keyboard } = workbench().page;
  for (const [name, locator] of [
    ['toolbar', view.frame.getByRole('button', { name: 'Zoom in (W)' })],
    ['timeline', view.lanes],
    ['lane', view.gutterRow(tasks.beta)],
    ['tab', view.tab('Tasks')],
    ['head of the table', view.frame.getByRole('columnheader', { name: 'PID' }).getByRole('button')],
    ['row of the table', view.frame.getByRole('row', { name: /^gamma/ })],
  ] as const) {
    await view.frame.getByRole('combobox', { name: 'Find a task by name or pid' }).focus();
    await keyboard.press('Escape');
    // What had the focus before must not be the same.
    await view.frame.locator('.splitter').focus();
    const box = (await locator.boundingBox())!;
    const around = { x: box.x - 4, y: box.y - 4, width: box.width + 8, height: box.height + 8 };
    const before = decodePng(await workbench().page.screenshot()).crop(around);
    await locator.focus();
    // Rings are for those who came by keyboard.
    await keyboard.press('Shift');
    const after = decodePng(await workbench().page.screenshot()).crop(around);
    const rim = Math.max(0.002, 40 / (around.width * around.height));
    expect(after.differenceFrom(before, 8), name).toBeGreaterThan(rim);
  }
});

test('roles and names are there for a screen reader', async () => {
  await view.showPanel('Tasks');
  const snapshot = await view.frame.locator('body').ariaSnapshot();
  for (const line of [
    /toolbar "Trace"/,
    /combobox "Find a task by name or pid"/,
    /button "Next slice of the selected thread \(N\)"/,
    /region "Timeline"/,
    /img "Overview: utilisation of all CPUs over the whole recording"/,
    /group "Lanes"/,
    /button "gamma 103"/,
    /application "Timeline: one lane a CPU/,
    /list "Legend of the timeline"/,
    /tablist "Statistics"/,
    /tab "Tasks" \[selected\]/,
    /textbox "Filter tasks by name or pid"/,
    /table "Tasks"/,
    /columnheader "Runtime/,
    /row "gamma 103 600 ms/,
    /cell "600 ms"/,
  ])
    expect(snapshot).toMatch(line);
  // No control is without a name.
  expect(snapshot).not.toMatch(/- (?:button|tab|textbox|combobox|checkbox)(?:$|:| \[)/m);
});

test('the other panels have names too, and the chart one in words', async () => {
  await view.showPanel('Latency');
  const latency = view.frame.getByRole('tabpanel', { name: 'Latency' });
  await expect
    .poll(() => latency.locator('canvas').getAttribute('aria-label'))
    .toMatch(
      /^Histogram\. Wakeup latency: 2 values, most often between [\d.]+ ms and [\d.]+ ms\. Preemption wait: 1 values/,
    );
  expect(await latency.ariaSnapshot()).toMatch(/checkbox "Only the selected thread"/);
  await view.showPanel('CPUs');
  expect(await view.frame.getByRole('tabpanel', { name: 'CPUs' }).ariaSnapshot()).toMatch(/table "CPUs"/);
});

test('the arrow keys move between tabs and between rows of the table', async () => {
  const { keyboard } = workbench().page;
  await view.showPanel('Tasks');
  await view.tab('Tasks').focus();
  await keyboard.press('ArrowRight');
  expect(await view.tab('Latency').getAttribute('aria-selected')).toBe('true');
  await keyboard.press('End');
  expect(await focused()).toBe('tab Trace');
  await keyboard.press('Home');
  expect(await view.tab('Tasks').getAttribute('aria-selected')).toBe('true');

  await view.frame.getByRole('row', { name: /^gamma/ }).focus();
  await keyboard.press('ArrowDown');
  expect(await focused()).toMatch(/^tr alpha/);
  await keyboard.press('End');
  expect(await focused()).toMatch(/^tr beta/);
  await keyboard.press('Enter');
  await expect.poll(() => view.gutterRow(tasks.beta).getAttribute('aria-pressed')).toBe('true');
  expect(await view.frame.getByRole('row', { name: /^beta/ }).getAttribute('aria-current')).toBe('true');
});

test('a slice can be found and read without a mouse', async () => {
  const { keyboard } = workbench().page;
  await view.lanes.focus();
  await keyboard.press('/');
  await keyboard.type('alp');
  await expect.poll(() => view.frame.getByRole('option').first().innerText()).toMatch(/^alpha/);
  await keyboard.press('Enter');
  await keyboard.press('p');
  await expect
    .poll(() => view.frame.locator('[aria-live=polite]').textContent())
    .toMatch(/^alpha 101, running on CPU 0/);
  await keyboard.press('Enter');
  const snapshot = await view.frame.getByRole('tabpanel', { name: 'Details' }).ariaSnapshot();
  expect(snapshot).toMatch(/heading "alpha running"/);
  expect(snapshot).toMatch(/term: Duration\n\s+- definition:/);
  expect(snapshot).toMatch(/button "Show line"/);
});

test('? shows all keys in a dialog, Escape closes it', async () => {
  const { keyboard } = workbench().page;
  await view.press('?');
  const dialog = view.frame.getByRole('dialog', { name: 'Keys and gestures' });
  await dialog.waitFor();
  expect(await dialog.innerText()).toContain('next and previous slice of the selected thread');
  await workbench().screenshot('keys and gestures');
  await keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(await focused()).toMatch(/^application Timeline/);
});
