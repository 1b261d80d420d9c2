/** Slices: what the details say of them, the ways from one to another, and to the line of the source. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { runsOf, TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';
import { littleTrace, tasks, xOfMs } from './littleTrace.js';

const sample = fileURLToPath(new URL('../../samples/mixed-io-and-cpu.ftrace.gz', import.meta.url));
const little = littleTrace();

const workbench = useWorkbench({
  files: { 'little.ftrace': little, 'sample.ftrace.gz': { copyOf: sample } },
});

let view: TraceView;

beforeAll(async () => {
  view = await TraceView.open(workbench(), 'little.ftrace');
});

const x = async (ms: number) => xOfMs(ms, (await view.laneBox('CPU 0')).width);

/** Selects a slice as its user does, and returns what the details say. */
async function click(lane: string | number, ms: number, thread: string): Promise<Record<string, string>> {
  await view.clickAt(lane, await x(ms));
  return view.untilDetails('Thread', thread);
}

/** The line of the editor in front that is selected, and its number. */
async function selectedLine(): Promise<{ text: string; number: number }> {
  const { page } = workbench();
  const status = page.locator('.statusbar-item', { hasText: /^Ln \d+, Col \d+ \(\d+ selected\)/ });
  await status.waitFor();
  const number = Number(/Ln (\d+)/.exec(await status.innerText())![1]);
  const text = await until('the selected line in the clipboard', async () => {
    await page.keyboard.press('Control+C');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    return copied.length > 20 ? copied : undefined;
  });
  return { text, number };
}

describe('a click on a slice', () => {
  beforeEach(async () => {
    await view.press('Escape');
    await view.press('f');
    await view.settled();
  });

  test('shows what ran, why, how it ended, and its neighbours', async () => {
    const details = await click('CPU 0', 600, 'alpha · pid 101');
    expect(details).toMatchObject({
      CPU: '0',
      Priority: '120',
      'Wakeup latency': '20 ms',
      'Woken by': 'gamma · 103',
      'on CPU': '1',
      'Ran before': 'beta · 102 200 ms',
      'Ran after': 'beta · 102 50 ms',
    });
    expect(details['Start']).toContain('+0.500000000 s');
    expect(details['Start']).toContain('100.500000000');
    expect(details['Duration']).toMatch(/^200 ms /);
    expect(details['Left the CPU']).toMatch(/^D uninterruptible/);
    expect(details['at']).toContain('+0.480000000 s');
    expect(details['Event']).toMatch(/^sched_waking d\.\.2\.$/);
    expect(await view.tab('Details').getAttribute('aria-selected')).toBe('true');
    await workbench().screenshot('slice selected');
  });

  test('marks it: an outline, the other tasks step back, an arrow from the wakeup', async () => {
    const [y, alpha, beta] = [
      await view.pixelRow('CPU 0'),
      await view.taskColour('alpha'),
      await view.taskColour('beta'),
    ];
    const before = await view.settled();
    expect(runsOf(before, y, beta)).not.toEqual([]);
    await click('CPU 0', 600, 'alpha · pid 101');
    const after = await view.settled();
    expect(runsOf(after, y, beta)).toEqual([]);
    expect(runsOf(after, y, alpha)).not.toEqual([]);
    const top = Math.round((await view.laneBox('CPU 0')).y) + 3;
    // The outline along the upper edge, from 500 to 700 ms.
    const outline = runsOf(after, top, after.at(Math.round(await x(600)), top)).find(
      ({ to, from }) => to - from > 50,
    )!;
    expect(Math.abs(outline.from - (await x(500)))).toBeLessThanOrEqual(2);
    expect(Math.abs(outline.to - (await x(700)))).toBeLessThanOrEqual(2);
    // The arrow leaves CPU 1 at 480 ms: something is painted there on gamma's slice.
    const cpu1 = await view.laneBox('CPU 1');
    const around = { x: (await x(480)) - 6, y: cpu1.y + 4, width: 12, height: cpu1.height - 8 };
    expect(after.crop(around).colours().size).toBeGreaterThan(2);
    expect(before.crop(around).colours().size).toBeLessThanOrEqual(2);
  });

  test('tells a preemption from a wakeup', async () => {
    const details = await click('CPU 0', 720, 'beta · pid 102');
    expect(details['Preempted']).toBe('waited 200 ms to run again');
    expect(details['Wakeup latency']).toBeUndefined();
    await view.clickAt('CPU 0', await x(400));
    const earlier = await view.untilDetails('Start', '+0.300000000 s');
    expect(earlier['Left the CPU']).toMatch(/^R still runnable/);
    expect(earlier['Wakeup latency']).toBe('10 ms');
  });

  test('the waker is a link to what it did, its CPU one to that CPU', async () => {
    await click('CPU 0', 600, 'alpha · pid 101');
    const link = (label: string) =>
      view.frame.locator('.details dt', { hasText: new RegExp(`^${label}$`) }).locator('+ dd button');
    await link('Woken by').click();
    const waker = await view.untilDetails('Thread', 'gamma · pid 103');
    expect(waker).toMatchObject({ CPU: '1' });
    expect(waker['Start']).toContain('+0.100000000 s');
    expect(waker['Duration']).toMatch(/^500 ms/);
    // The idle task has no lane: no link leads to it.
    expect(waker['Ran before']).toBe('idle 100 ms');
    await expect.poll(() => view.gutterRow(tasks.gamma).getAttribute('aria-pressed')).toBe('true');
    await click('CPU 0', 600, 'alpha · pid 101');
    await link('Ran before').click();
    const before = await view.untilDetails('Thread', 'beta · pid 102');
    expect(before['Start']).toContain('+0.300000000 s');
  });

  test('the link to a wakeup out of sight moves the view there', async () => {
    await click('CPU 0', 600, 'alpha · pid 101');
    // Beyond 560 ms: neither the wakeup nor the start of the slice is in sight.
    for (let i = 0; i < 4; i++) await view.press('w');
    await view.press('D');
    await view.settled();
    await view.frame
      .locator('.details dt', { hasText: /^on CPU$/ })
      .locator('+ dd button')
      .click();
    await view.untilDetails('Thread', 'gamma · pid 103');
    // 480 ms must be in sight, and with it the end of beta's slice at 500 ms.
    const [cpu0, beta] = [await view.pixelRow(tasks.beta), await view.taskColour('beta')];
    await view.untilPainted('the moment of the wakeup', (picture) =>
      runsOf(picture, cpu0, beta).some(({ from, to }) => to - from > 20 && to < picture.width - 20),
    );
    await workbench().screenshot('wakeup jumped to');
  });

  test('on a thread lane also tells of waiting', async () => {
    const waiting = await click(tasks.beta, 600, 'beta · pid 102');
    expect(waiting['CPU waited for']).toBe('0');
    expect(waiting['Duration']).toMatch(/^200 ms/);
    expect(await view.frame.locator('.details h3').innerText()).toContain('preempted, waiting to run again');
  });

  test('the tooltip has exact times before any click', async () => {
    await view.hoverAt('CPU 0', await x(600));
    const tooltip = view.frame.locator('.tooltip');
    await tooltip.waitFor();
    const text = await tooltip.innerText();
    for (const part of [
      'alpha · 101',
      'running on CPU 0',
      '200 ms',
      '+0.500000000 s',
      '+0.700000000 s',
      '100.500000000',
    ])
      expect(text).toContain(part);
    await view.hoverAt('CPU 1', await x(900));
    await expect.poll(() => tooltip.innerText()).toMatch(/Lost events on CPU 1\s+Lost\s+25 events/);
  });
});

describe('show line', () => {
  // The text opens beside; it must not stay for the next test.
  afterEach(async () => {
    await workbench().runCommand('View: Close All Editors');
  });

  test('opens the recording at the line that began the slice', async () => {
    const front = await TraceView.open(workbench(), 'little.ftrace');
    await front.clickAt('CPU 0', await x(600));
    await front.untilDetails('Thread', 'alpha · pid 101');
    await front.frame.getByRole('button', { name: 'Show line' }).click();
    const { text, number } = await selectedLine();
    expect(text).toContain('100.500000: sched_switch: prev_comm=beta');
    expect(little.split('\n')[number - 1]).toBe(text);
    await workbench().screenshot('line shown');
  });

  test('of a compressed recording shows an excerpt that has the line', async () => {
    const front = await TraceView.open(workbench(), 'sample.ftrace.gz');
    await front.gutterRow(11599).click();
    await front.press('n');
    await front.untilDetails('Thread', '11599');
    await front.press('Enter');
    const button = front.frame.locator('[title^="Open the trace at line"]');
    const line = Number(/line (\d+)/.exec((await button.getAttribute('title'))!)![1]);
    await button.click();
    const { text } = await selectedLine();
    const lines = gunzipSync(readFileSync(sample)).toString('latin1').split('\n');
    expect(text).toBe(lines[line - 1]);
    expect(text).toMatch(/sched_switch: .*next_pid=11599 /);
  });
});
