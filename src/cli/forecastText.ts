import type { EventSeries, Forecast } from '../protocol/forecast.js';
import { printable, stamp, table, type Column } from './output.js';

/** Steps of the summary, as far as the forecast reaches. */
const STEPS = [1, 2, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000];
/** The bands of the summary: the central 90 %. */
const [LOW, MIDDLE, HIGH] = [0.05, 0.5, 0.95];

/** What a forecast comes to: where it begins, and a table of some steps beside what came. */
export function* forecastLines(forecast: Forecast): Generator<string> {
  const { origin, model, task, steps, samples, seed, companion } = forecast;
  yield `model        ${printable(model)} (${task})`;
  yield `origin       ${printable(origin.recording)}, ${origin.cpu === null ? 'all CPUs' : `CPU ${origin.cpu}`}, at ${stamp(BigInt(origin.timeNs))} s`;
  const chosen = chosenText(origin);
  if (chosen !== null) yield `             ${chosen}`;
  yield `free runs    ${samples.length} of ${steps} events, seed ${seed}`;
  if (companion !== null) yield `companion    ${companion}`;
  if (task === 'next-task') yield* shareLines(forecast);
  yield '';
  const rows = [...new Set([...STEPS.filter((step) => step < steps), steps])];
  yield* table(columnsOf(forecast), rows);
}

/** Its row in the part, and whether that was left to the program. */
function chosenText({ place, isChosen }: Forecast['origin']): string | null {
  const where = place === null ? null : `row ${place.row} of the part ${place.part}`;
  if (!isChosen) return where;
  const why = 'chosen as the middle of the longest sequence, or later while all steps still follow';
  return where === null ? why : `${where}, ${why}`;
}

function columnsOf(forecast: Forecast): Column<number>[] {
  const { actual, samples, task, companion, quantiles, taskNames } = forecast;
  const columns: Column<number>[] = [{ title: 'step', align: 'right', cell: (step) => String(step) }];
  if (task === 'next-task') {
    const name = (index: number | undefined) => (index === undefined ? '-' : (taskNames[index] ?? '-'));
    columns.push(
      { title: 'came', align: 'left', cell: (step) => name(actual.task[step - 1]) },
      {
        title: samples.length === 1 ? 'forecast' : 'commonest (of the runs)',
        align: 'left',
        cell: (step) => {
          const [index, share] = commonest(samples, step);
          return samples.length === 1 ? name(index) : `${name(index)} (${Math.round(100 * share)} %)`;
        },
      },
    );
  }
  if (task === 'next-task' && companion !== null) return columns;
  const time = (title: string, of: (step: number) => number | null | undefined): Column<number> => ({
    title,
    align: 'right',
    cell: (step) => microseconds(of(step) ?? null),
  });
  columns.push(time('came, µs', (step) => actual.deltaNs[step - 1]));
  if (quantiles === null) return [...columns, time('forecast, µs', (step) => samples[0]?.deltaNs[step - 1])];
  const band = (level: number) => quantiles.find((each) => each.level === level);
  return [
    ...columns,
    time('median', (step) => band(MIDDLE)?.deltaNs[step - 1]),
    time('5 %', (step) => band(LOW)?.deltaNs[step - 1]),
    time('95 %', (step) => band(HIGH)?.deltaNs[step - 1]),
  ];
}

/** How often the commonest task of a step was the one that came. */
function* shareLines({ actual, samples }: Forecast): Generator<string> {
  const known = actual.task.length;
  const parts = [...new Set([10, 100, 1000].map((most) => Math.min(most, known)))].filter(
    (count) => count > 0,
  );
  const texts = parts.map((count) => {
    let right = 0;
    for (let step = 1; step <= count; step += 1) {
      const came = actual.task[step - 1]!;
      if (came !== 0 && commonest(samples, step)[0] === came) right += 1;
    }
    return `${right} of the first ${count}`;
  });
  if (texts.length > 0) yield `right        ${texts.join(', ')} (commonest task of each step; UNK never is)`;
}

/** The task that most runs have at a step, and their share. */
function commonest(samples: readonly EventSeries[], step: number): readonly [number, number] {
  const counts = new Map<number, number>();
  for (const { task } of samples) counts.set(task[step - 1]!, (counts.get(task[step - 1]!) ?? 0) + 1);
  const [index, count] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best));
  return [index, count / samples.length];
}

function microseconds(ns: number | null): string {
  return ns === null ? '-' : (ns / 1000).toFixed(3);
}
