/** The confusion matrix of a run: its figures, cursor and choices, its events in the trace editor, saved, over a reload. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Frame } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { streamOf, uniform } from '../../src/learning/layers/chance.js';
import type { Evaluation, NextTaskEvaluation } from '../../src/protocol/evaluation.js';
import { writeEvaluated } from '../support/writtenEvaluation.js';
import { buildSampleData, trainSampleRun } from './harness/evaluatedRuns.js';
import { illegibleTexts } from './harness/lab.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';
import { canvasPicture, type Theme } from './harness/Workbench.js';
import { openRunView, shownRunView } from './harness/runViews.js';

const HOSTILE = `<img src=x onerror="document.title='owned'"></script>`;

const workbench = useWorkbench({
  settings: { 'remote.autoForwardPorts': false },
  size: { width: 1500, height: 1000 },
});

beforeAll(async () => {
  await buildSampleData(workbench().pathOf(''));
  await trainSampleRun(workbench().pathOf(''), 'little');
  await trainSampleRun(workbench().pathOf(''), 'untold', undefined, false);
}, 240_000);

function seen(): NextTaskEvaluation {
  const path = workbench().pathOf('runs/little/evaluation/evaluation.json');
  const { parts } = JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
  return parts.find(({ part }) => part === 'seen') as NextTaskEvaluation;
}

async function open(run: string): Promise<Frame> {
  return openRunView(workbench(), 'KernelOracle: Show Confusion Matrix', run, '.confusion-view');
}

async function shown(run: string): Promise<Frame> {
  return shownRunView(workbench(), '.confusion-view', run);
}

function label(frame: Frame): Promise<string> {
  return frame
    .locator('.matrix-canvas')
    .getAttribute('aria-label')
    .then((text) => text ?? '');
}

async function untilLabel(frame: Frame, pattern: RegExp): Promise<string> {
  return until(`a matrix of ${String(pattern)}`, async () => {
    const text = await label(frame);
    return pattern.test(text) ? text : undefined;
  });
}

async function announced(frame: Frame, pattern: RegExp): Promise<string> {
  return until(`to hear ${String(pattern)}`, async () => {
    const text = await frame.locator('.notices [aria-live]').innerText();
    return pattern.test(text) ? text : undefined;
  });
}

test('a run that was not evaluated says so, and offers to do it', async () => {
  const frame = await open('untold');
  const alert = frame.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('was not evaluated yet');
  await frame.getByRole('button', { name: 'Evaluate Model…' }).waitFor();
  await workbench().runCommand('View: Close All Editors');
});

test('all events of the part are in the matrix, with as many right as the evaluation says', async () => {
  const frame = await open('little');
  const part = seen();
  const [all] = part.slices;
  const right = Math.round(all!.model.top1.value * all!.targets);
  await untilLabel(frame, new RegExp(`${all!.targets} events, ${right} of them right`));
  const colours = await canvasPicture(frame, '.matrix-canvas');
  expect(
    new Set(
      Array.from({ length: colours.width }, (_, x) => JSON.stringify(colours.at(x, colours.height >> 2))),
    ).size,
  ).toBeGreaterThan(2);
  await frame.getByRole('table', { name: 'Largest confusions' }).waitFor();
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('confusion-dark');
});

test.each<[string, Theme]>([
  ['light', 'Default Light Modern'],
  ['high-contrast', 'Default High Contrast'],
  ['high-contrast-light', 'Default High Contrast Light'],
])('looks as it should in %s', async (name, theme) => {
  await workbench().setTheme(theme);
  const frame = await shown('little');
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot(`confusion-${name}`);
});

test('the keyboard finds the largest confusion, tells it, and lists its events', async () => {
  await workbench().setTheme('Default Dark Modern');
  const frame = await shown('little');
  const largest = frame.getByRole('table', { name: 'Largest confusions' }).locator('tbody tr').first();
  const [came, guessed, wrong] = (await largest.innerText()).split('\t') as [string, string, string];
  await frame.locator('.matrix-canvas').focus();
  await workbench().page.keyboard.press('n');
  const heard = await announced(frame, / came and .* was guessed: /);
  expect(heard).toContain(`${came} came and ${guessed} was guessed: ${wrong} event`);
  expect(await frame.locator('.matrix-tooltip').innerText()).toContain(guessed);
  await workbench().page.keyboard.press('+');
  await workbench().page.keyboard.press('Enter');
  const events = frame.getByRole('table', { name: 'Events of the cell' });
  await events.locator('tbody tr[data-index="0"]').waitFor();
  expect(await events.getAttribute('aria-rowcount')).toBe(String(Number(wrong.replaceAll(',', '')) + 1));
  await expect.poll(() => illegibleTexts(frame), { timeout: 15_000 }).toEqual([]);
  await workbench().screenshot('confusion-events');
});

test('an event opens the recording at its moment, with the switch selected', async () => {
  const frame = await shown('little');
  const row = frame.getByRole('table', { name: 'Events of the cell' }).locator('tr[data-index="0"]');
  const [time, cpu, recording, came] = (await row.locator('td').allInnerTexts()) as [
    string,
    string,
    string,
    string,
  ];
  expect(recording).toBe('messaging.ftrace.xz');
  await row.click();
  const trace = await workbench().webview(`.toolbar-facts[title^="${recording}:"]`);
  const details = await until('the details of the switch', async () => {
    const text = await trace.getByRole('tabpanel', { name: 'Details' }).innerText();
    return text.includes(came) && text.includes(time) ? text : undefined;
  });
  expect(details).toMatch(new RegExp(`CPU\\s*${cpu}`));
  await workbench().screenshot('confusion-opened-event');
  // The next one is shown in the view that is there.
  await frame.getByRole('table', { name: 'Events of the cell' }).locator('tr[data-index="1"]').click();
  const second = await frame
    .getByRole('table', { name: 'Events of the cell' })
    .locator('tr[data-index="1"] td')
    .first()
    .innerText();
  await until('the second switch', async () =>
    (await trace.getByRole('tabpanel', { name: 'Details' }).innerText()).includes(second),
  );
});

test('another part, baseline, order and fewer tasks: the matrix follows', async () => {
  await workbench()
    .runCommand('View: Close Other Editors in Group')
    .catch(() => undefined);
  await workbench().runCommand('View: Close All Editors');
  const frame = await open('little');
  const part = seen();
  await frame.getByRole('radio', { name: 'clustered' }).click();
  await frame.getByRole('radio', { name: 'of what was guessed' }).click();
  const slider = frame.getByRole('slider', { name: 'Tasks with a row of their own' });
  await slider.focus();
  await workbench().page.keyboard.press('Home');
  await until('two tasks', async () => /^2 of /.test((await slider.getAttribute('aria-valuetext')) ?? ''));
  await untilLabel(frame, /matrix of [34] classes/);
  const without = part.slices.find(({ slice }) => slice === 'withoutIdle')!;
  await frame.getByRole('radio', { name: 'Without idle' }).click();
  await untilLabel(frame, new RegExp(` ${without.targets} events`));
  await workbench().screenshot('confusion-few');
});

test('it comes back with its choices when the window was reloaded', async () => {
  const reloaded = workbench().page.waitForEvent('load');
  await workbench().runCommand('Developer: Reload Window');
  await reloaded;
  const frame = await shown('little');
  const without = seen().slices.find(({ slice }) => slice === 'withoutIdle')!;
  await untilLabel(frame, new RegExp(`matrix of [34] classes, ${without.targets} events`));
  for (const name of ['clustered', 'of what was guessed', 'Without idle']) {
    expect(await frame.getByRole('radio', { name }).getAttribute('aria-checked')).toBe('true');
  }
});

test('saved as CSV it has every event, and as PNG it is a picture', async () => {
  const frame = await shown('little');
  await frame.getByRole('radio', { name: 'All switches' }).click();
  await untilLabel(frame, new RegExp(` ${seen().targets} events`));
  await frame.getByRole('button', { name: 'CSV…' }).click();
  await workbench().answerFileDialog(workbench().pathOf('cells.csv'));
  const csv = await until('the table', async () =>
    readFile(workbench().pathOf('cells.csv'), 'utf8').catch(() => undefined),
  );
  const [head, ...rows] = csv.trimEnd().split('\r\n');
  expect(head).toBe('came,guessed,events,right,share_of_came,share_of_guessed');
  expect(rows.reduce((sum, row) => sum + Number(row.split(',')[2]), 0)).toBe(seen().targets);
  await frame.getByRole('button', { name: 'PNG…' }).click();
  await workbench().answerFileDialog(workbench().pathOf('cells.png'));
  const png = await until('the picture', async () =>
    readFile(workbench().pathOf('cells.png')).catch(() => undefined),
  );
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  expect(png.length).toBeGreaterThan(2000);
});

test('of hundreds of tasks, clusters are seen, and moving is smooth', async () => {
  const [groups, size, events] = [40, 12, 60_000];
  const chance = (what: string, at: number) => uniform(streamOf(1, what), at);
  const name = (group: number, member: number) => 1 + (((member * groups + group) * 77) % (groups * size));
  const pairs = Array.from({ length: events }, (_, at) => {
    const group = Math.floor(groups * chance('group', at) ** 2);
    const came = name(group, Math.floor(size * chance('came', at)));
    const elsewhere = Math.floor(groups * chance('elsewhere', at));
    const said = name(chance('lost', at) < 0.1 ? elsewhere : group, Math.floor(size * chance('said', at)));
    return { came, said: chance('right', at) < 0.6 ? came : said };
  });
  await writeEvaluated(workbench().pathOf('runs/untold'), {
    target: pairs.map(({ came }) => came),
    guess: pairs.map(({ said }) => said),
    names: Array.from({ length: groups * size + 1 }, (_, at) => (at === 0 ? 'UNK' : `worker-${at}-of-many`)),
  });
  await workbench().runCommand('View: Close All Editors');
  const frame = await open('untold');
  const slider = frame.getByRole('slider', { name: 'Tasks with a row of their own' });
  await slider.focus();
  await workbench().page.keyboard.press('End');
  await untilLabel(frame, /matrix of 480 classes/);
  await frame.getByRole('radio', { name: 'clustered' }).click();
  await until('the order', async () => (await slider.getAttribute('aria-valuetext')) === 'all 480');
  await workbench().screenshot('confusion-480');
  const canvas = frame.locator('.matrix-canvas');
  const box = (await canvas.boundingBox())!;
  await workbench().page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let step = 0; step < 8; step += 1) await workbench().page.mouse.wheel(0, -300);
  await frame.locator('.matrix-tooltip').waitFor();
  await workbench().screenshot('confusion-480-zoomed');
  // A frame is one picture and some names: it takes a few milliseconds, however many tasks there are.
  const drawMs = await canvas.evaluate(async (element) => {
    const next = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const taken: number[] = [];
    for (let step = 0; step < 30; step += 1) {
      element.dispatchEvent(
        new WheelEvent('wheel', { deltaY: step % 2 === 0 ? 120 : -120, clientX: 400, clientY: 400 }),
      );
      const startedMs = performance.now();
      await next();
      taken.push(performance.now() - startedMs);
    }
    return taken.sort((a, b) => a - b)[15]!;
  });
  expect(drawMs).toBeLessThan(100);
});

test('names of tasks are text, whatever they hold', async () => {
  const path = workbench().pathOf('runs/little/evaluation/evaluation.json');
  const evaluation = JSON.parse(readFileSync(path, 'utf8')) as Evaluation;
  const renamed = {
    ...evaluation,
    parts: evaluation.parts.map((part) =>
      part.task !== 'next-task'
        ? part
        : {
            ...part,
            byTask: part.byTask.map((row, at) => (at < 3 ? { ...row, task: `${HOSTILE}${at}` } : row)),
          },
    ),
  };
  writeFileSync(path, JSON.stringify(renamed));
  await workbench().runCommand('View: Close All Editors');
  const frame = await open('little');
  await frame.getByRole('table', { name: 'Largest confusions' }).getByText(HOSTILE).first().waitFor();
  await frame.locator('.matrix-canvas').focus();
  await workbench().page.keyboard.press('n');
  await announced(frame, /onerror=/);
  expect(await frame.locator('img').count()).toBe(0);
  expect(await frame.title()).not.toBe('owned');
  await workbench().screenshot('confusion-hostile');
});
