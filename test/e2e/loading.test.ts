/** A recording large enough to be read for a while: seen before it is complete, and gone with its tab. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { writeBigText } from '../bench/bigText.js';
import { extensionLog } from './harness/editor.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { TraceView } from './harness/TraceView.js';
import { until } from './harness/until.js';

const events = 1_500_000;

const workbench = useWorkbench({ files: { 'README.txt': 'The recording is written by the test.\n' } });

let written: number;

beforeAll(async () => {
  written = await writeBigText(workbench().pathOf('big.ftrace'), events);
});

/** Processes by their number, with the command that started them. */
function processes(): Map<number, { parent: number; command: string }> {
  const all = new Map<number, { parent: number; command: string }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // `pid (name) state parent …`, and the name may hold anything.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      all.set(Number(name), { parent, command });
    } catch {
      // It ended while it was looked at.
    }
  }
  return all;
}

/** The youngest extension host of the editor under test: the one of this window. */
function extensionHost(): number {
  const all = processes();
  const isOurs = (pid: number | undefined): boolean => {
    const found = pid === undefined ? undefined : all.get(pid);
    if (found === undefined) return false;
    return found.command.includes(workbench().editor.stateDir) || isOurs(found.parent);
  };
  const hosts = [...all].filter(
    ([pid, { command }]) => command.includes('--type=extensionHost') && isOurs(pid),
  );
  const youngest = hosts.map(([pid]) => pid).sort((a, b) => b - a)[0];
  if (youngest === undefined) throw new Error('There is no extension host.');
  return youngest;
}

/** Threads of a process by their number, with the time each has run, in hundredths of a second. */
function threads(pid: number): Map<number, number> {
  const times = new Map<number, number>();
  for (const name of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      times.set(Number(name), Number(fields[11]) + Number(fields[12]));
    } catch {
      // It ended.
    }
  }
  return times;
}

/** What the view shows of the reading, asked in one go: picture and progress belong together. */
async function reading(): Promise<
  { complete: boolean; percent: number; facts: string; colours: number } | undefined
> {
  const frame = await workbench().webview('.trace-view');
  return frame.evaluate(() => {
    const progress = document.querySelector('.progress')!;
    const canvas = document.querySelector<HTMLCanvasElement>('.lanes-canvas')!;
    const row = document.querySelector('.gutter-row.cpu')?.getBoundingClientRect();
    const isCovered = document.querySelector<HTMLElement>('.curtain')?.hidden !== true;
    if (row === undefined || isCovered || canvas.width < 10) return undefined;
    const y = row.top - canvas.getBoundingClientRect().top + 8;
    const { data } = canvas.getContext('2d')!.getImageData(0, y, canvas.width, 1);
    const words = new Uint32Array(data.buffer);
    return {
      complete: progress.classList.contains('done'),
      percent: Number(progress.getAttribute('aria-valuenow')),
      facts: document.querySelector('.toolbar-facts')!.textContent,
      colours: new Set(words).size,
    };
  });
}

let busyThreads: readonly number[] = [];

test('a first picture is there before everything has been read, with the progress; then it is complete', async () => {
  const host = extensionHost();
  const before = threads(host);
  await workbench().openFile('big.ftrace');
  const first = await until(
    'a picture',
    async () => {
      const state = await reading();
      return state !== undefined && state.colours > 4 ? state : undefined;
    },
    { intervalMs: 10 },
  );
  await workbench().screenshot('while reading');
  busyThreads = [...threads(host).keys()].filter((thread) => !before.has(thread));
  expect(first.complete, `the first picture came with the last byte: ${first.facts}`).toBe(false);
  expect(first.percent).toBeLessThan(100);
  expect(first.facts).toMatch(/^Reading \d+ % · [\d.]+ MiB of [\d.]+ MiB · [\d.]+ [kM] events$/);
  expect(busyThreads).not.toEqual([]);

  const last = await until('the whole recording', async () => {
    const state = await reading();
    return state?.complete === true ? state : undefined;
  });
  expect(last.facts).toContain(`${(written / 1e6).toPrecision(3).replace(/\.?0+$/, '')} M events · 2 CPUs`);
  await expect
    .poll(() => extensionLog(workbench().editor))
    .toMatch(new RegExp(`big\\.ftrace: .*, ${written} events`));
  const view = await TraceView.shown(workbench(), 'big.ftrace');
  await view.untilTable('Tasks', 'rows', (rows) => rows.length > 5);
  expect(await view.frame.locator('.scope').innerText()).toBe('Of the whole trace');
});

test('the view keeps up with zooming in a recording of that size', async () => {
  const view = await TraceView.shown(workbench(), 'big.ftrace');
  const whole = await view.settled();
  for (let i = 0; i < 12; i++) await view.press('W');
  const near = await view.settled();
  // So near there are single slices, each with its name.
  expect(near.differenceFrom(whole)).toBeGreaterThan(0.1);
  await workbench().screenshot('near in a large recording');
  await view.press('f');
  await view.untilPainted('the whole recording again', (picture) => picture.differenceFrom(whole, 8) < 0.03);
});

test('closing the tab ends the thread that read it', async () => {
  const host = extensionHost();
  expect(busyThreads.filter((thread) => threads(host).has(thread))).not.toEqual([]);
  await workbench().runCommand('View: Close All Editors');
  await until('the worker to end', async () => {
    const living = threads(host);
    return Promise.resolve(busyThreads.some((thread) => !living.has(thread)));
  });
});

test('closing it while it is being read leaves nothing busy', async () => {
  const host = extensionHost();
  await workbench().openFile('big.ftrace');
  await until('a picture', async () => ((await reading())?.colours ?? 0) > 4, { intervalMs: 10 });
  await workbench().runCommand('View: Close All Editors');
  await workbench().page.locator('.editor-instance').waitFor({ state: 'detached' });
  // Reading would take a thread for itself: over half of the time looked at.
  await until('an idle extension host', async () => {
    const before = threads(host);
    await workbench().page.waitForTimeout(500);
    return [...threads(host)].every(([thread, time]) => time - (before.get(thread) ?? time) < 20);
  });
});
