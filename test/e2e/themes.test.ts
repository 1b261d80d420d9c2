/** The view in every theme: painted with the theme's colours, and legible. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { useWorkbench } from './harness/openWorkbench.js';
import { contrast, decodePng, parseColour, type Colour, type Picture } from './harness/picture.js';
import { sameColour, TraceView } from './harness/TraceView.js';
import { themeColour, type Theme } from './harness/Workbench.js';

const sample = fileURLToPath(new URL('../../samples/mixed-io-and-cpu.ftrace.gz', import.meta.url));

// The first theme is the one in which the window opens; the others are changed to while the view is open.
const cases: readonly [name: string, theme: Theme][] = [
  ['timeline-dark', 'Default Dark Modern'],
  ['timeline-light', 'Default Light Modern'],
  ['timeline-high-contrast', 'Default High Contrast'],
  ['timeline-high-contrast-light', 'Default High Contrast Light'],
];

const workbench = useWorkbench({ theme: cases[0]![1], files: { 'sample.ftrace.gz': { copyOf: sample } } });

/** Contrast of the text in a part of the window to the most frequent colour there. */
function textContrast(picture: Picture): number {
  const colours = [...picture.colours().keys()];
  return Math.max(...colours.map((colour) => contrast(colour, colours[0]!)));
}

/** The colours of tasks in the table, the busiest first. */
async function swatches(view: TraceView): Promise<Colour[]> {
  const texts = await view.frame
    .locator('.task-name .swatch')
    .evaluateAll((all) => all.map((each) => getComputedStyle(each as Element).backgroundColor));
  return texts.map(parseColour);
}

describe.each(cases)('%s', (name, theme) => {
  let view: TraceView;
  let lanes: Picture;
  let background: Colour;

  beforeAll(async () => {
    if (theme !== cases[0]![1]) {
      await workbench().setTheme(theme);
      view = await TraceView.shown(workbench(), 'sample.ftrace.gz');
    } else view = await TraceView.open(workbench(), 'sample.ftrace.gz');
    background = parseColour(await themeColour(view.frame, '--vscode-editor-background'));
    await view.frame.locator('.task-name').first().waitFor();
    lanes = await view.untilPainted(`the lanes on the background of ${theme}`, (picture) => {
      const { width, height } = picture;
      const below = picture.crop({ x: width / 2, y: height / 2, width: width / 2 - 20, height: height / 2 });
      return below.shareOf(background) > 0.4 ? picture : undefined;
    });
    lanes = await view.settled();
    await workbench().screenshot(name);
  });

  test('lanes of CPUs are painted in the colours of the tasks', async () => {
    const colours = await swatches(view);
    for (const cpu of ['CPU 0', 'CPU 1']) {
      const { y, height, width } = await view.laneBox(cpu);
      const lane = lanes.crop({ x: 0, y: y + 4, width, height: height - 8 });
      const painted = colours.filter((colour) => lane.shareOf(colour, 2) > 0.004);
      expect(painted.length, cpu).toBeGreaterThanOrEqual(4);
      expect(lane.shareOf(background)).toBeLessThan(0.6);
    }
  });

  test('colours of tasks stand out from the background and from each other', async () => {
    const colours = (await swatches(view)).slice(0, 5);
    for (const colour of colours) expect(contrast(colour, background)).toBeGreaterThanOrEqual(3);
    expect(sameColour(colours[0]!, colours[1]!)).toBe(false);
    expect(sameColour(colours[1]!, colours[2]!)).toBe(false);
  });

  test('between the lanes is the background of the editors', async () => {
    const { y, height, width } = await view.laneBox(11602);
    const seam = lanes.crop({ x: width * 0.8, y: y + height - 3, width: width * 0.15, height: 2 });
    expect(seam.shareOf(background)).toBeGreaterThan(0.4);
  });

  test('names of lanes, the ruler and the table are legible', async () => {
    const { frame } = view;
    const places = {
      ruler: view.ruler,
      'name of a CPU': view.gutterRow('CPU 0').locator('.gutter-name'),
      'share of a CPU': view.gutterRow('CPU 0').locator('.gutter-value'),
      'name of a thread': view.gutterRow(11599).locator('.gutter-name'),
      'pid of a thread': view.gutterRow(11599).locator('.gutter-value'),
      'task in the table': frame.locator('.task-name').first(),
      'number in the table': frame.getByRole('row').nth(2).getByRole('cell').nth(2),
      'link in the table': frame.locator('table.data button.link').first(),
      'head of the table': frame.getByRole('columnheader', { name: 'Runtime' }),
      'tab in front': view.tab('Tasks'),
      'other tab': view.tab('Latency'),
      legend: frame.locator('.legend li').nth(3),
      facts: frame.locator('.toolbar-facts'),
      scope: frame.locator('.scope'),
    };
    const contrasts: Record<string, number> = {};
    for (const [place, locator] of Object.entries(places)) {
      const picture = decodePng(await locator.screenshot());
      contrasts[place] = Math.round(textContrast(picture) * 10) / 10;
    }
    const illegible = Object.entries(contrasts).filter(([, each]) => each < 4.5);
    expect(illegible).toEqual([]);
  });

  test('names on slices are legible', async () => {
    const { y, height } = await view.laneBox('CPU 1');
    // The shell ran alone on CPU 1 for the last fourth of the recording.
    const slice = lanes.crop({ x: lanes.width * 0.73, y: y + 6, width: 120, height: height - 11 });
    expect(textContrast(slice)).toBeGreaterThanOrEqual(4.5);
  });
});
