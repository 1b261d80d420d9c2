import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { streamOf, uniform } from '../../../../src/learning/layers/chance.js';
import { compareModels, titlesOf, unevaluated } from '../../../../src/learning/runs/compareModels.js';
import { readModelComparisonState } from '../../../../src/protocol/modelComparisonSchemas.js';
import { writeEvaluated, type WrittenEvents } from '../../../support/writtenEvaluation.js';

const folder = mkdtempSync(join(tmpdir(), 'compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(name: string, events: WrittenEvents): Promise<string> {
  const path = join(folder, name);
  await writeEvaluated(path, events);
  return path;
}

/** A model that is right so often, of events that are the same for all. */
function guesses(name: string, share: number, count = 2000): WrittenEvents {
  const chance = (what: string, at: number) => uniform(streamOf(1, what), at);
  const target = Array.from({ length: count }, (_, at) =>
    chance('unknown', at) < 0.02 ? 0 : 1 + Math.floor(5 * chance('target', at)),
  );
  const guess = target.map((task, at) => (chance(name, at) < share ? task || 1 : 1 + (task % 5)));
  const recording = Array.from({ length: count }, (_, at) => Math.floor((4 * at) / count));
  return { target, guess, recording };
}

describe('models on the same events', () => {
  test('a better one is told from a worse one, and one like it is not', async () => {
    const folders = [
      await run('good', guesses('good', 0.8)),
      await run('poor', guesses('poor', 0.6)),
      await run('alike', guesses('alike', 0.8)),
    ];
    const comparison = await compareModels(folders);
    expect(readModelComparisonState({ kind: 'ready', comparison })).toEqual({ kind: 'ready', comparison });
    const [part] = comparison.parts;
    expect(part).toMatchObject({ part: 'seen', events: 2000, ofEvents: [2000, 2000, 2000] });
    const top1 = part!.slices[0]!.metrics[0]!;
    expect(top1.metric).toBe('top1');
    const [poor, alike] = top1.differences;
    expect(poor!.difference.value).toBeCloseTo(top1.values[1]!.value - top1.values[0]!.value, 12);
    expect(poor!.difference.high).toBeLessThan(-0.1);
    expect(poor!.test).toMatchObject({ kind: 'sampled', p: 1 / 10_000 });
    expect(alike!.difference.low).toBeLessThan(0);
    expect(alike!.difference.high).toBeGreaterThan(0);
    expect(alike!.test.p).toBeGreaterThan(0.05);
    const { onlyFirst, onlyThis } = poor!.mcnemar!;
    expect((onlyThis - onlyFirst) / 2000).toBeCloseTo(poor!.difference.value, 12);
    expect(await compareModels(folders)).toEqual(comparison);
  });

  test('each workload has its own figures, and they sum to the whole', async () => {
    const folders = [join(folder, 'good'), join(folder, 'poor')];
    const [part] = (await compareModels(folders)).parts;
    expect(part!.byWorkload.map(({ workload, events }) => [workload, events])).toEqual(
      ['w0', 'w1', 'w2', 'w3'].map((name) => [name, 500]),
    );
    const mean = part!.byWorkload.reduce((sum, { metric }) => sum + metric.values[0]!.value / 4, 0);
    expect(mean).toBeCloseTo(part!.slices[0]!.metrics[0]!.values[0]!.value, 12);
  });

  test('UNK is left out of the log loss, and the slices are those of the evaluation', async () => {
    const [part] = (await compareModels([join(folder, 'good'), join(folder, 'poor')])).parts;
    expect(part!.slices.map(({ slice }) => slice)).toEqual(['all', 'withoutIdle', 'knownOnly']);
    const loss = part!.slices[0]!.metrics.at(-1)!;
    const share = part!.slices[2]!.metrics[0]!.values[0]!.value;
    // Right answers had the probability 0.8, wrong ones 0.1.
    expect(loss.values[0]!.value).toBeCloseTo(-share * Math.log(0.8) - (1 - share) * Math.log(0.1), 10);
  });

  test('events that only one was asked about are left out, and that is told', async () => {
    const all = guesses('good', 0.8);
    const half = <T>(values: readonly T[]) => values.filter((_, at) => at % 2 === 0);
    const rows = all.target.map((_, at) => at);
    const sparse = {
      ...{
        target: half(all.target),
        guess: half(all.guess),
        recording: half(all.recording!),
        row: half(rows),
      },
    };
    const comparison = await compareModels([await run('all', all), await run('half', sparse)]);
    expect(comparison.parts[0]).toMatchObject({ events: 1000, ofEvents: [2000, 1000] });
    // They answered alike.
    expect(comparison.parts[0]!.slices[0]!.metrics[0]!.differences[0]).toMatchObject({
      difference: { value: 0, low: 0, high: 0 },
      test: { p: 1 },
      mcnemar: { onlyFirst: 0, onlyThis: 0, midP: 1 },
    });
    expect(comparison.warnings.join(' ')).toContain('half 1000');
  });
});

describe('refused', () => {
  test('runs without an event in common', async () => {
    const one = { target: [1, 2], guess: [1, 2], row: [0, 1] };
    const folders = [await run('one', one), await run('two', { ...one, row: [5, 6] })];
    await expect(compareModels(folders)).rejects.toThrow(/no event in common/);
  });

  test('runs of other data', async () => {
    const events = { target: [1, 2], guess: [1, 2] };
    const folders = [await run('here', events), await run('there', { ...events, dataset: 'cd' })];
    await expect(compareModels(folders)).rejects.toThrow(/different data sets/);
  });

  test('rows that are other events in each run', async () => {
    const folders = [
      await run('x', { target: [1, 2], guess: [1, 2] }),
      await run('y', { target: [1, 3], guess: [1, 3] }),
    ];
    await expect(compareModels(folders)).rejects.toThrow(/other events/);
  });

  test('a run that was not evaluated, and one that is named twice', async () => {
    const good = join(folder, 'good');
    const none = join(folder, 'none');
    await expect(compareModels([good, none])).rejects.toThrow(/none was not evaluated/);
    await expect(compareModels([good, good])).rejects.toThrow(/each once/);
    expect(await unevaluated([good, none])).toEqual([{ run: 1, title: 'none' }]);
  });
});

test('runs of one name are told apart by their folders', () => {
  expect(titlesOf(['/a/tcn', '/b/tcn', '/b/lstm'])).toEqual(['a/tcn', 'b/tcn', 'lstm']);
});
