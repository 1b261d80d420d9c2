/** What a format does not hold is unknown in every view, and never 0. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';

const sample = fileURLToPath(new URL('../../samples/perf-sched-map.txt', import.meta.url));

const workbench = useWorkbench({ files: { 'perf-sched-map.txt': { copyOf: sample } } });

let view: TraceView;

beforeAll(async () => {
  await workbench().openWith('perf-sched-map.txt', 'KernelOracle Recording');
  view = await TraceView.shown(workbench(), 'perf-sched-map.txt');
  await workbench().screenshot('perf sched map');
});

test('wakeups, migrations and latencies of tasks are unknown, what is recorded is there', async () => {
  const rows = await view.untilTable('Tasks', 'rows', (all) => all.length > 2 && all);
  for (const row of rows) {
    expect(row['Runtime']).toMatch(/\d/);
    expect(row['Switches']).toMatch(/^[1-9]/);
    for (const unknown of [
      'Wakeups',
      'Migr.',
      'Lat. mean',
      'p50',
      'p99',
      'Lat. max',
      'Preempted',
      'Pre. max',
    ])
      expect(row[unknown], `${row['Task']}: ${unknown}`).toBe('—');
  }
  const cell = view.frame.locator('#panel-tasks td .unknown').first();
  expect(await cell.getAttribute('title')).toBe('unknown: this trace does not record it');
});

test('there is no track of the run queue, and the view says why', async () => {
  expect(await view.frame.locator('.gutter-row.depth').count()).toBe(0);
  expect(await view.frame.locator('.gutter-note').innerText()).toBe('depth unknown');
});

test('latencies, CPUs and wakers', async () => {
  const latency = await view.showPanel('Latency');
  await expect
    .poll(() => latency.locator('.count').innerText())
    .toBe('wakeups: unknown · preemptions: unknown');
  expect(await latency.locator('.empty').innerText()).toBe(
    'Wakeup latency is unknown: no wakeups in this format.',
  );
  expect(await latency.locator('canvas').getAttribute('aria-label')).toMatch(/Wakeup latency: unknown/);
  await view.showPanel('CPUs');
  const cpus = await view.untilTable('CPUs', 'rows', (rows) => rows.length > 0 && rows);
  for (const row of cpus) {
    expect(row).toMatchObject({ 'Migrations in': '—', 'Queue mean': '—', 'Queue max': '—' });
    expect(row['Busy time']).toMatch(/^[\d.]+ m?s$/);
  }
  const wakers = await view.showPanel('Wakers');
  await expect.poll(() => wakers.innerText()).toContain('Wakers are unknown: no wakeups in this format.');
});

test('the details of a slice', async () => {
  await view.gutterRow('CPU 0').waitFor();
  await view.frame.locator('.gutter-row.thread').first().click();
  await view.press('p');
  const details = await view.untilDetails('Wakeup', 'unknown');
  expect(details).toMatchObject({
    Priority: '—',
    'Left the CPU': '—',
    Wakeup: 'unknown: no wakeups in this format',
  });
});

test('the facts of the recording', async () => {
  await view.showPanel('Trace');
  const facts = await view.frame.locator('.trace-facts dl.facts').innerText();
  expect(facts).toMatch(/Wakeups\s+unknown: not in this format/);
  expect(facts).toMatch(/Previous states\s+unknown: not in this format/);
  expect(facts).toMatch(/Overwritten events\s+—/);
});
