import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataSet } from '../../../../src/dataset/dataSet.js';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { forecastRun, type ForecastRequest } from '../../../../src/learning/forecast/forecastRun.js';
import { train } from '../../../../src/learning/trainer/train.js';
import { build, csvRows, CSV_HEADER, dataSetFolder } from '../../../support/dataSetInputs.js';
import { predictorOf } from '../../../support/predictors.js';
import { littleConfig } from '../../../support/trainingRuns.js';

let root: string;
const runs = {
  tasks: { name: 'tcn', settings: { taskEmbedding: 4, stateEmbedding: 2, projection: 6, blocks: 3 } },
  times: {
    name: 'inter-arrival-lstm',
    settings: { taskEmbedding: 4, stateEmbedding: 2, hidden: 6, layers: 1 },
  },
  whole: { name: 'kernel-oracle-2019', settings: { hidden: 6 } },
};
const at = (name: keyof typeof runs) => join(root, name);

beforeAll(async () => {
  root = await dataSetFolder();
  const csv = join(root, 'all.csv');
  writeFileSync(csv, CSV_HEADER + [0, 1, 2].map((run) => csvRows('hackbench', run, 300)).join(''));
  await build([csv], join(root, 'data'));
  await build([csv], join(root, 'cpus'), { perCpu: true });
  const engine = await EmbeddedEngine.create({ threads: 1 });
  try {
    for (const [name, model] of Object.entries(runs)) {
      const windows = { length: 8, stride: 8, ...(name === 'whole' ? { features: ['delta'] } : {}) };
      const config = littleConfig({ dataset: join(root, 'data'), epochs: 1, model, windows });
      await train(config, join(root, name), { engine, kernelOracleVersion: '1.2.3' });
    }
    const config = littleConfig({ dataset: join(root, 'cpus'), epochs: 1, model: runs.tasks });
    await train(config, join(root, 'ofCpus'), { engine, kernelOracleVersion: '1.2.3' });
  } finally {
    engine.dispose();
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const request = (changes: Partial<ForecastRequest> = {}): ForecastRequest => ({
  at: { part: 'seen', row: 50 },
  steps: 30,
  samples: 4,
  seed: 1,
  observed: 20,
  ...changes,
});

describe('a forecast', () => {
  test('has what was observed, what came, and the samples', async () => {
    const found = await forecastRun(at('tasks'), request());
    const part = await (await openDataSet(join(root, 'data'))).part('seen');
    expect(found).toMatchObject({ model: 'tcn', task: 'next-task', steps: 30, seed: 1, quantiles: null });
    expect(found.observed.task).toEqual([...part.task.subarray(31, 51)]);
    expect(found.observed.deltaNs).toEqual([...part.deltaNs.subarray(31, 51)]);
    expect(found.actual.task).toEqual([...part.task.subarray(51, 81)]);
    expect(found.samples).toHaveLength(4);
    for (const { task, deltaNs } of found.samples) {
      expect(task).toHaveLength(30);
      expect(task.every((each) => each >= 1 && each < found.taskNames.length)).toBe(true);
      expect(deltaNs.every((ns) => ns !== null && ns >= 0)).toBe(true);
    }
    expect(found.companion).toMatch(/by task and next task/);
    expect(found.warnings.join('\n')).toMatch(/forecasts tasks only/);
    // Three blocks of dilation 1, 2, 4 on windows of 8.
    expect(found.warnings.join('\n')).toMatch(/2 taps .* never trained/);
  });

  test('is the same for the same seed, another for another one', async () => {
    const text = async (seed: number) => JSON.stringify(await forecastRun(at('times'), request({ seed })));
    expect(await text(1)).toBe(await text(1));
    const samples = async (seed: number) =>
      JSON.stringify((await forecastRun(at('times'), request({ seed }))).samples);
    expect(await samples(2)).not.toBe(await samples(1));
  });

  test('of times has bands that hold the samples', async () => {
    const { quantiles, samples, companion } = await forecastRun(at('times'), request({ samples: 21 }));
    expect(companion).toBe('Markov 3');
    expect(quantiles!.map(({ level }) => level)).toEqual([0.05, 0.25, 0.5, 0.75, 0.95]);
    for (let step = 0; step < 30; step += 1) {
      const sorted = samples.map(({ deltaNs }) => deltaNs[step]!).sort((a, b) => a - b);
      const bands = quantiles!.map(({ deltaNs }) => deltaNs[step]!);
      // The 2nd, 6th, 11th, 16th and 20th of 21.
      expect(bands).toEqual([1, 5, 10, 15, 19].map((place) => sorted[place]));
    }
  });

  test('of the model of 2019 is one path, tasks and times its own', async () => {
    const found = await forecastRun(at('whole'), request());
    expect(found).toMatchObject({ companion: null, quantiles: null });
    expect(found.samples).toHaveLength(1);
    expect(found.warnings.join('\n')).toMatch(/one path and no band/);
  });

  test('near the end of a sequence has less to compare with, and near its beginning less to begin with', async () => {
    const part = await (await openDataSet(join(root, 'data'))).part('seen');
    const late = await forecastRun(at('tasks'), request({ at: { part: 'seen', row: part.rows - 4 } }));
    expect(late.actual.task).toHaveLength(3);
    expect(late.origin).toMatchObject({ place: { part: 'seen', row: part.rows - 4 }, isChosen: false });
    expect(late.warnings.join('\n')).toMatch(/Only 3 of the 30 events were recorded/);
    const early = await forecastRun(at('tasks'), request({ at: { part: 'seen', row: 2 } }));
    expect(early.observed.deltaNs[0]).toBeNull();
    expect(early.warnings.join('\n')).toMatch(/Only 3 events lie before the origin/);
  });

  test('where no row is named tells which one it chose, and that it did', async () => {
    const chosen = await forecastRun(at('tasks'), request({ at: { part: 'seen', row: null } }));
    expect(chosen.origin).toMatchObject({ place: { part: 'seen' }, isChosen: true });
    const { row } = chosen.origin.place!;
    const named = await forecastRun(at('tasks'), request({ at: { part: 'seen', row } }));
    expect(named).toEqual({ ...chosen, origin: { ...chosen.origin, isChosen: false } });
    expect(named.actual.task).toHaveLength(30);
  });

  test('that hardly varies is called collapsed', async () => {
    const open = () =>
      Promise.resolve(predictorOf({ kind: 'quantiles', quantiles: [0.25, 0.75] }, 2, () => [0, 0]));
    const { warnings } = await forecastRun(
      at('times'),
      request({ steps: 200, open, at: { part: 'seen', row: 100 } }),
    );
    expect(warnings.join('\n')).toMatch(/collapsed: its times vary by 0\.0 %/);
    const one = () => Promise.resolve(predictorOf({ kind: 'logits' }, 5, () => [0, 0, 99, 0, 0]));
    const tasks = await forecastRun(
      at('tasks'),
      request({ steps: 200, open: one, at: { part: 'seen', row: 100 } }),
    );
    expect(tasks.warnings.join('\n')).toMatch(/collapsed: 100\.0 % of its events are hackbench/);
  });

  test('tells how far it has come', async () => {
    const shares: number[] = [];
    await forecastRun(at('tasks'), request({ steps: 500, onProgress: (share) => shares.push(share) }));
    expect(shares.length).toBeGreaterThan(3);
    expect(shares.at(-1)).toBeGreaterThan(0.8);
  });
});

describe('from a recording', () => {
  const first = 1_000_000_000n;
  beforeAll(() => {
    writeFileSync(join(root, 'one.csv'), CSV_HEADER + csvRows('hackbench', 7, 300));
  });
  const place = (timeNs: string | null, cpu: number | null = null) => ({
    ...{ recording: join(root, 'one.csv'), cpu, timeNs },
  });

  test('at a time: behind the last event until then', async () => {
    const found = await forecastRun(at('tasks'), request({ at: place((first + 3_000_000n).toString()) }));
    expect(found.origin.recording).toMatch(/one\.csv$/);
    expect(found.origin).toMatchObject({ cpu: null, place: null, isChosen: false });
    const timeNs = BigInt(found.origin.timeNs);
    expect(timeNs <= first + 3_000_000n).toBe(true);
    expect(timeNs + BigInt(found.actual.deltaNs[0]!) > first + 3_000_000n).toBe(true);
    const relative = { ...place('2000000'), isRelative: true };
    expect(BigInt((await forecastRun(at('tasks'), request({ at: relative }))).origin.timeNs)).toBeLessThan(
      timeNs,
    );
  });

  test('at a time that is not in it', async () => {
    await expect(forecastRun(at('tasks'), request({ at: place('5') }))).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringMatching(/no switches at 5 ns: they lie from 10\d+ to 10\d+ ns/) as string,
    });
    await expect(forecastRun(at('tasks'), request({ at: place('noon') }))).rejects.toMatchObject({
      code: 'wrong-usage',
    });
  });

  test('on a CPU, where the data set has CPUs apart', async () => {
    const found = await forecastRun(join(root, 'ofCpus'), request({ at: place(null, 1) }));
    expect(found.origin).toMatchObject({ cpu: 1, place: null, isChosen: true });
    await expect(forecastRun(join(root, 'ofCpus'), request({ at: place(null, 9) }))).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringMatching(/no switches on CPU 9: it has CPU 0, 1/) as string,
    });
    await expect(forecastRun(at('tasks'), request({ at: place(null, 1) }))).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringMatching(/CPUs merged/) as string,
    });
  });
});

test('what cannot be asked for', async () => {
  for (const changes of [{ steps: 0 }, { steps: 1e9 }, { samples: 0 }, { samples: 1.5 }])
    await expect(forecastRun(at('tasks'), request(changes))).rejects.toMatchObject({ code: 'wrong-usage' });
  await expect(forecastRun(root, request())).rejects.toMatchObject({ code: 'not-found' });
});
