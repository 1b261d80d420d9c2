/** The table of tasks: order, filter, the way to the worst case, and what is copied. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { runsOf, TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';

const sample = fileURLToPath(new URL('../../samples/mixed-io-and-cpu.ftrace.gz', import.meta.url));

const workbench = useWorkbench({ files: { 'sample.ftrace.gz': { copyOf: sample } } });

let view: TraceView;

beforeAll(async () => {
  view = await TraceView.open(workbench(), 'sample.ftrace.gz');
  await view.untilTable('Tasks', 'rows', (rows) => rows.length > 5);
});

const units = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 } as const;

/** A duration of the table in ns; unknown ones are below all others. */
function ns(text: string | undefined): number {
  const [, value, unit] = /^([\d.]+) (ns|µs|ms|s)$/.exec(text ?? '') ?? [];
  return unit === undefined ? -1 : Number(value) * units[unit as keyof typeof units];
}

/** The head of the sorted column has an arrow after its name. */
const header = (name: string) =>
  view.frame.getByRole('columnheader', { name: new RegExp(`^${name.replace('.', '\\.')}(?: [↑↓])?$`) });

function isFalling(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value <= values[index - 1]!);
}

test('is in order of runtime at first', async () => {
  expect(await header('Runtime').getAttribute('aria-sort')).toBe('descending');
  const rows = await view.table('Tasks');
  expect(isFalling(rows.map((row) => ns(row['Runtime'])))).toBe(true);
  expect(rows[0]).toMatchObject({ Task: 'sh', PID: '11599' });
});

test('a head sorts, and turns the order round at the second click', async () => {
  await header('Lat. max').getByRole('button').click();
  expect(await header('Lat. max').getAttribute('aria-sort')).toBe('descending');
  expect(await header('Runtime').getAttribute('aria-sort')).toBe('none');
  const worst = await view.untilTable('Tasks', 'worst first', (rows) =>
    isFalling(rows.map((row) => ns(row['Lat. max']))) ? rows : undefined,
  );
  expect(ns(worst[0]!['Lat. max'])).toBeGreaterThan(1e6);

  await header('Task').getByRole('button').click();
  expect(await header('Task').getAttribute('aria-sort')).toBe('ascending');
  await view.untilTable('Tasks', 'by name', (rows) =>
    rows.every((row, i) => i === 0 || row['Task']!.toLowerCase() >= rows[i - 1]!['Task']!.toLowerCase()),
  );
  await header('Task').getByRole('button').click();
  expect(await header('Task').getAttribute('aria-sort')).toBe('descending');
  await view.untilTable('Tasks', 'by name, backwards', (rows) =>
    rows.every((row, i) => i === 0 || row['Task']!.toLowerCase() <= rows[i - 1]!['Task']!.toLowerCase()),
  );
});

test('all tasks can be reached by scrolling', async () => {
  const count = Number(/^(\d+) tasks$/.exec(await view.frame.locator('#panel-tasks .count').innerText())![1]);
  expect(count).toBeGreaterThan(50);
  expect(await view.frame.getByRole('table', { name: 'Tasks' }).getAttribute('aria-rowcount')).toBe(
    String(count + 1),
  );
  await view.frame.locator('#panel-tasks .table-scroll').evaluate((each) => {
    each.scrollTop = each.scrollHeight;
  });
  const last = view.frame.locator(`#panel-tasks tr[aria-rowindex="${count + 1}"] .task-name`);
  await last.waitFor();
  expect(await last.isVisible()).toBe(true);
});

test('a filter by name or pid leaves what matches', async () => {
  const filter = view.frame.getByRole('textbox', { name: 'Filter tasks by name or pid' });
  await filter.fill('chrom');
  await view.untilTable(
    'Tasks',
    'chromium and its like',
    (rows) => rows.length > 1 && rows.every((row) => /chrom/i.test(row['Task']!)),
  );
  await filter.fill('11594');
  const [row, ...others] = await view.untilTable('Tasks', 'one pid', (rows) => rows.length === 1 && rows);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ Task: 'gzip', PID: '11594' });
  expect(await view.frame.locator('#panel-tasks .count').innerText()).toBe('1 task');
});

test('Copy as CSV fills the clipboard with what the filter leaves', async () => {
  await view.frame.getByRole('button', { name: 'Copy as CSV' }).click();
  const text = await until('CSV in the clipboard', async () => {
    const copied = await workbench().page.evaluate(() => navigator.clipboard.readText());
    return copied.startsWith('pid,') ? copied : undefined;
  });
  const [head, row, ...rest] = text.trimEnd().split(/\r?\n/);
  expect(rest).toEqual([]);
  expect(head!.split(',').slice(0, 5)).toEqual(['pid', 'tgid', 'comm', 'runtime_ns', 'switches']);
  const cells = row!.split(',');
  expect(cells[0]).toBe('11594');
  expect(cells[2]).toBe('gzip');
  // Exact nanoseconds, of which the table shows four digits.
  expect(Number(cells[3]) / 1e6).toBeCloseTo(630.1, 1);
  // The clipboard is filled before the view hears of it.
  await view.frame.locator('.notice', { hasText: 'Copied the task table as CSV.' }).waitFor();
});

test('a click on a maximum jumps to that wait', async () => {
  const before = await view.settled();
  await view.frame.getByRole('textbox', { name: 'Filter tasks by name or pid' }).fill('11594');
  // Close enough that the wait is not in sight, as after a look at something else.
  for (let i = 0; i < 6; i++) await view.press('W');
  await view.press('Home');
  const near = await view.settled();
  expect(near.differenceFrom(before)).toBeGreaterThan(0.05);
  const gzip = await view.taskColour('gzip');
  const cell = view.frame.locator('#panel-tasks tbody tr:not(.spacer)').first().getByRole('button').first();
  const worst = ns(await cell.innerText());
  await cell.click();
  const details = await view.untilDetails('Thread', 'gzip · pid 11594');
  expect(ns(details['Wakeup latency']) / worst).toBeCloseTo(1, 3);
  expect(details['Woken by']).toMatch(/^\S+ · \d+$/);
  expect(await view.tab('Details').getAttribute('aria-selected')).toBe('true');
  // The slice is in sight on the lane of the thread, behind the wait for it.
  const row = await view.pixelRow(11594);
  await view.untilPainted('the slice that had to wait', (picture) =>
    runsOf(picture, row, gzip).some(({ from }) => from > picture.width * 0.2),
  );
  await workbench().screenshot('worst case');

  const lines = gunzipSync(readFileSync(sample)).toString('latin1').split('\n');
  const title = await view.frame.locator('[title^="Open the trace at line"]').getAttribute('title');
  expect(lines[Number(/\d+/.exec(title!)![0]) - 1]).toMatch(/sched_switch: .*next_pid=11594 /);
});
