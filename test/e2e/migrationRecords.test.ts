/** Migration records open as a table with a summary: what they say, how they are filtered, exported, and how they look. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { contrast, decodePng, type Picture } from './harness/picture.js';
import { RecordsView } from './harness/RecordsView.js';
import { until } from './harness/until.js';
import type { Theme } from './harness/Workbench.js';

const sample = readFileSync(
  fileURLToPath(new URL('../../samples/load-balancer.migrations.csv', import.meta.url)),
  'utf8',
);
const lines = sample.trimEnd().split('\n');
const header = lines[0]!;
const column = (name: string) => header.split(',').indexOf(name);
/** The comm of a task with a comma in it is quoted: no other field has one. */
const records = lines.slice(1).map((line) => line.replace('"batch, nightly"', 'batch').split(','));
const count = (name: string, value: string) => records.filter((row) => row[column(name)] === value).length;
const damaged = [...lines.slice(0, 12), lines[12]!.replace(/,[^,]*$/, ''), ...lines.slice(13), ''].join('\n');

const workbench = useWorkbench({
  theme: 'Default Dark Modern',
  files: {
    'run.migrations.csv': sample,
    'look.can_migrate_task.csv': sample,
    'plain name.csv': damaged,
    'packed.migrations.csv.gz': gzipSync(sample),
    'broken.migrations.csv': sample.replace(',delta,', ',other,'),
  },
});

describe('a table of migration records', () => {
  let view: RecordsView;

  beforeAll(async () => {
    view = await RecordsView.open(workbench(), 'run.migrations.csv');
  });

  test('is summarised with the counts of the file', async () => {
    const figures = await view.figures();
    expect(figures['calls']).toBe(String(records.length));
    expect(figures['migrated']).toBe(String(count('migration', '1')));
    expect(figures['refused']).toBe(String(count('migration', '0')));
    expect(figures['forced: migrated although cache-hot']).toBe(String(count('forced', '1')));
    expect(figures['of tasks that never ran']).toBe(String(count('start_runtime', '0')));
    expect(await view.count.innerText()).toBe(`${records.length} calls`);
    await workbench().screenshot('records');
  });

  test('is in the order of the file, and a head sorts it', async () => {
    const [first] = await view.rows();
    expect(first).toMatchObject({ PID: records[0]![column('pid')], Line: '2' });
    await view.header('Call (µs)').getByRole('button').click();
    const longest = Math.max(...records.map((row) => Number(row[column('lat_ns')])));
    await view.untilRows(
      'longest call first',
      (rows) => rows[0]!['Call (µs)'] === (longest / 1000).toFixed(3),
    );
    await view.header('Call (µs)').getByRole('button').click();
    await view.untilRows('shortest call first', (rows) => Number(rows[0]!['Call (µs)']) < 1.2);
  });

  test('a choice and a name leave what matches, and Clear brings all back', async () => {
    await view.choice('Forced').click();
    const forced = count('forced', '1');
    await view.untilRows('forced ones', (rows) => rows.every((row) => row['Decision'] === 'forced'));
    expect(await view.count.innerText()).toBe(`${forced} of ${records.length} calls`);
    await workbench().screenshot('records-forced');
    await view.filter.fill('no such task');
    await view.frame.getByText('No call matches this filter.').waitFor();
    await workbench().screenshot('records-empty-filter');
    await view.frame.getByRole('button', { name: 'Clear' }).click();
    await view.filter.fill('monitor');
    await view.untilRows(
      'of one name',
      (rows) => rows.length > 3 && rows.every((row) => row['Task'] === 'monitor-agent-1'),
    );
    await view.frame.getByRole('button', { name: 'Clear' }).click();
    await view.untilRows('all', (rows) => rows.some((row) => row['Task'] !== 'monitor-agent-1'));
  });

  test('tasks that never ran are said to be so, not shown with a huge delta', async () => {
    await view.choice('Never ran').click();
    await view.untilRows('never ran', (rows) => rows.every((row) => row['Delta (ms)'] === 'never ran'));
    await view.choice('All').click();
  });

  test('a click on a pair of CPUs shows its calls', async () => {
    const pair = records.filter((row) => row[column('src_cpu')] === '2' && row[column('dst_cpu')] === '1');
    await view.frame.getByRole('button', { name: /^CPU 2 → CPU 1\./ }).click();
    await view.untilRows('of the pair', (rows) =>
      rows.every((row) => row['From'] === '2' && row['To'] === '1'),
    );
    expect(await view.count.innerText()).toBe(`${pair.length} of ${records.length} calls`);
    await view.frame.getByRole('button', { name: 'Remove the filter CPU 2 → 1' }).click();
  });

  test('rows are reached by the keyboard', async () => {
    await view.header('Time (s)').getByRole('button').focus();
    await view.frame.locator('.records tbody tr[tabindex="0"]').focus();
    await view.frame.locator('.records tbody tr:focus').press('End');
    const last = view.frame.locator(`.records tr[aria-rowindex="${records.length + 1}"]`);
    await until('the last row to have the focus', async () =>
      (await last.count()) > 0 ? last.evaluate((row) => row === document.activeElement) : false,
    );
    await last.press('Enter');
    expect(await last.getAttribute('aria-current')).toBe('true');
    await view.frame
      .getByRole('button', { name: /^Show line [\d,]+$/ })
      .first()
      .waitFor();
  });

  test('exports the rows that the filter leaves, as they stand in the source', async () => {
    await view.choice('Forced').click();
    await view.frame.getByRole('button', { name: 'Export CSV…' }).click();
    const target = workbench().pathOf('out.csv');
    await workbench().answerFileDialog(target);
    const written = await until('the export', () => readFile(target, 'utf8').catch(() => undefined));
    const wanted = lines.slice(1).filter((line) => line.endsWith(',1,1'));
    expect(written).toBe([header, ...wanted, ''].join('\n'));
    await view.frame.locator('.notice', { hasText: `Exported ${wanted.length} rows` }).waitFor();
    await view.choice('All').click();
  });

  test('shows the line of a row in the source', async () => {
    const [row] = await view.untilRows(
      'all',
      (rows) => rows.some((each) => each['Decision'] === 'refused') && rows,
    );
    const line = Number(row!['Line']!.replace(/,/g, ''));
    expect(lines[line - 1]!.split(',')[0]).toBe(row!['PID']);
    await view.frame.getByRole('button', { name: row!['Line']!, exact: true }).click();
    await workbench()
      .page.locator('.statusbar-item', { hasText: new RegExp(`^Ln ${line}\\b`) })
      .waitFor();
  });
});

test('a name that says nothing opens in the editor that is offered; malformed lines are named', async () => {
  await workbench().openWith('plain name.csv', 'KernelOracle Recording');
  const view = await RecordsView.shown(workbench(), 'plain name.csv');
  await view.frame.getByText('1 malformed line was left out').waitFor();
  await view.frame.getByText('31 fields instead of 32').waitFor();
  expect(await view.count.innerText()).toBe(`${records.length - 1} calls`);
});

test('what is compressed opens as well', async () => {
  const view = await RecordsView.open(workbench(), 'packed.migrations.csv.gz');
  expect(await view.count.innerText()).toBe(`${records.length} calls`);
});

test('a missing column is named', async () => {
  await workbench().openFile('broken.migrations.csv');
  const frame = await workbench().webview('.curtain.failed');
  expect(await frame.locator('.failure').innerText()).toMatch(
    /These records cannot be shown[\s\S]*its header lacks the column delta/,
  );
  await workbench().screenshot('records-failure');
});

const themes: readonly [name: string, theme: Theme][] = [
  ['dark', 'Default Dark Modern'],
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
];

/** Contrast of the text in a part of the window to the most frequent colour there. */
function textContrast(picture: Picture): number {
  const colours = [...picture.colours().keys()];
  return Math.max(...colours.map((colour) => contrast(colour, colours[0]!)));
}

describe.each(themes)('in the theme %s', (name, theme) => {
  test('everything is legible', async () => {
    await workbench().runCommand('View: Close All Editors');
    await workbench().setTheme(theme);
    const { frame } = await RecordsView.open(workbench(), 'look.can_migrate_task.csv');
    await frame.locator('.density canvas').waitFor();
    await workbench().screenshot(`records-${name}`);
    const places = {
      figure: frame.locator('.figure-value').nth(1),
      'label of a figure': frame.locator('.figure-label').nth(2),
      'note of a figure': frame.locator('.figure-note').nth(2),
      'heading of a card': frame.locator('.card h2').first(),
      'type of migration': frame.locator('.card button.link').first(),
      'number in a card': frame.locator('.card td.numeric').first(),
      'cell of the matrix, most calls': frame.locator('.matrix button').first(),
      'head of the matrix': frame.locator('.matrix thead th').nth(2),
      caution: frame.locator('.cautions li div').first(),
      percentile: frame.locator('.percentiles dt').nth(1),
      'chosen class': frame.locator('.choice[aria-checked="true"]'),
      'other class': frame.locator('.choice[aria-checked="false"]').first(),
      'head of the table': frame.locator('.records th', { hasText: 'Delta (ms)' }),
      'time in the table': frame.locator('.records tbody tr:not(.spacer) td').first(),
      'refused in the table': frame.locator('.outcome.refused').first(),
      'never ran in the table': frame.locator('td .never-ran').first(),
      facts: frame.locator('.toolbar-facts'),
    };
    const contrasts: Record<string, number> = {};
    for (const [place, locator] of Object.entries(places)) {
      contrasts[place] = Math.round(textContrast(decodePng(await locator.screenshot())) * 10) / 10;
    }
    expect(Object.entries(contrasts).filter(([, each]) => each < 4.5)).toEqual([]);
  });
});
