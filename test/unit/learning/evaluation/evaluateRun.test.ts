import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataSet } from '../../../../src/dataset/dataSet.js';
import type { NextTaskEvents } from '../../../../src/learning/evaluation/evaluatedEvents.js';
import {
  evaluationPaths,
  readEvaluation,
  readEvents,
} from '../../../../src/learning/evaluation/evaluationFiles.js';
import { evaluateRun, type EvaluateOptions } from '../../../../src/learning/evaluation/evaluateRun.js';
import type { InterArrivalEvaluation, NextTaskEvaluation } from '../../../../src/protocol/evaluation.js';
import { dataSetFolder } from '../../../support/dataSetInputs.js';
import { littleRuns, type LittleRuns } from '../../../support/littleRuns.js';

let folder: string;
let runs: LittleRuns;
let tcn: string;

beforeAll(async () => {
  folder = await dataSetFolder();
  runs = await littleRuns(folder);
  tcn = await runs.train('tcn', {});
}, 60_000);

afterAll(async () => {
  runs.dispose();
  await rm(folder, { recursive: true });
});

function options(changes: Partial<EvaluateOptions> = {}): EvaluateOptions {
  return {
    engine: runs.engine,
    kernelOracleVersion: '1.2.3',
    measureCost: false,
    now: () => new Date(0),
    ...changes,
  };
}

/** A copy of the run, so that tests do not see each other's files. */
async function copyOf(run: string, name: string): Promise<string> {
  const copy = join(folder, name);
  await cp(run, copy, { recursive: true });
  return copy;
}

describe('a next-task model', () => {
  test('is evaluated on the parts that it was not trained on, and what is read is what was told', async () => {
    const run = await copyOf(tcn, 'parts');
    const told: string[] = [];
    const evaluation = await evaluateRun(
      run,
      options({ onProgress: (phase, share) => told.push(`${phase} ${share >= 0 && share <= 1}`) }),
    );
    expect(evaluation).toMatchObject({
      format: 'kernel-oracle-evaluation',
      evaluated: '1970-01-01T00:00:00.000Z',
      kernelOracleVersion: '1.2.3',
      model: { name: 'tcn', task: 'next-task' },
      bootstrap: { resamples: 1000, seed: 42 },
      cost: null,
    });
    expect(evaluation.parts.map(({ part }) => part)).toEqual(['validation', 'seen', 'unseen']);
    expect(await readEvaluation(run)).toEqual(evaluation);
    expect(told).toContain('predicting: unseen true');
    expect(told.some((each) => each.endsWith('false'))).toBe(false);
    // All gamma's own tasks are unknown: a warning says so.
    expect(evaluation.warnings.join('\n')).toMatch(/On the unseen test .* not in the vocabulary/);
  });

  test('its events are those of the part, and the scores can be had from them again', async () => {
    const run = await copyOf(tcn, 'events');
    const { parts } = await evaluateRun(run, options());
    const set = await openDataSet(runs.dataset);
    for (const part of parts as NextTaskEvaluation[]) {
      const stored = await set.part(part.part as 'seen');
      const events = (await readEvents(run, part.part)) as NextTaskEvents;
      const isRight = [...events.guess].map((guess, at) => guess === events.target[at]);
      expect(events.count).toBe(part.targets);
      expect([...events.target]).toEqual([...events.row].map((row) => stored.task[row]!));
      expect([...events.cpu]).toEqual([...events.row].map((row) => stored.cpu[row]!));
      expect([...events.row]).toEqual([...new Set(events.row)].sort((a, b) => a - b));
      const all = part.slices[0]!;
      expect(all.model.top1.value).toBeCloseTo(isRight.filter(Boolean).length / events.count, 12);
      expect([...events.rank].map((rank) => rank === 1)).toEqual(isRight);
      const known = [...events.probability].filter((each) => !Number.isNaN(each));
      expect(known.length).toBe(events.count - part.unknownTargets);
      if (known.length > 0) {
        const loss = -known.reduce((sum, each) => sum + Math.log(each), 0) / known.length;
        expect(all.model.logLoss!.value).toBeCloseTo(loss, 9);
      }
      for (const { name, scores } of all.baselines) {
        const right = [...events.baselines.get(name)!].filter(
          (guess, at) => guess !== 0 && guess === events.target[at],
        );
        expect(scores.top1.value).toBeCloseTo(right.length / events.count, 12);
      }
      const byRecording = part.recordings.map(
        (_, number) => events.recording.filter((each) => each === number).length,
      );
      expect(byRecording).toEqual(part.recordings.map(({ targets }) => targets));
    }
  });

  test('times of events are absolute, as the recording has them', async () => {
    const run = await copyOf(tcn, 'times');
    await evaluateRun(run, options());
    const events = await readEvents(run, 'seen');
    const { part } = { part: await (await openDataSet(runs.dataset)).part('seen') };
    const timeOf = (row: number) => {
      let sequence = 0;
      while ((part.starts[sequence + 1] ?? Infinity) <= row) sequence += 1;
      let ns = part.startNs[sequence]!;
      for (let at = part.starts[sequence]! + 1; at <= row; at += 1) ns += BigInt(part.deltaNs[at]!);
      return ns;
    };
    for (const at of [0, 1, 17, events.count - 1]) expect(events.timeNs[at]).toBe(timeOf(events.row[at]!));
  });

  test('of a recording that is named only that is evaluated, and what was told of the parts stays', async () => {
    const run = await copyOf(tcn, 'given');
    const before = await evaluateRun(run, options());
    const [trainedOn] = runs.recordings;
    const evaluation = await evaluateRun(run, options({ recordings: [trainedOn!] }));
    expect(evaluation.parts.map(({ part }) => part)).toEqual(['validation', 'seen', 'unseen', 'given']);
    expect(evaluation.parts.slice(0, 3)).toEqual(before.parts);
    expect(evaluation.parts[3]).toMatchObject({
      recordings: [{ path: `${trainedOn!} (alpha_run0)`, workload: 'alpha', category: 'alpha' }],
      eventsFile: 'given.columns',
      contestedTargets: null,
    });
    expect(evaluation.warnings).toContain(
      `${trainedOn!} is in the training part of the data set: what is tested was trained on.`,
    );
    const events = (await readEvents(run, 'given')) as NextTaskEvents;
    expect(events.count).toBe(evaluation.parts[3]!.targets);
  });

  test('as published, UNK is idle, which flatters a constant; that goes into a file of its own', async () => {
    const run = await copyOf(tcn, 'published');
    const own = await evaluateRun(run, options());
    const evaluation = await evaluateRun(run, options({ asPublished: true }));
    expect(await readEvaluation(run)).toEqual(own);
    expect(await readEvaluation(run, 'published')).toEqual(evaluation);
    expect(evaluation.warnings[0]).toMatch(/TCN follow-up .* say little/s);
    const [ofOwn, published] = [own, evaluation].map(
      ({ parts }) => parts.find(({ part }) => part === 'unseen') as NextTaskEvaluation,
    );
    expect(published).toMatchObject({
      unknownTargets: 0,
      idleTargets: ofOwn!.idleTargets + ofOwn!.unknownTargets,
    });
    const idle = published!.slices[0]!.baselines.find(({ name }) => name === 'always idle')!;
    expect(idle.scores.top1.value).toBeCloseTo(published!.idleTargets / published!.targets, 12);
    expect(idle.scores.logLoss).toBeNull();
    expect(ofOwn!.slices[0]!.baselines.map(({ name }) => name)).not.toContain('always idle');
    const events = (await readEvents(run, 'unseen', 'published')) as NextTaskEvents;
    expect(events.target).not.toContain(0);
  });

  test('the model of 2019 has confidences and no log loss', async () => {
    const run = await runs.train('k2019', {
      model: { name: 'kernel-oracle-2019', settings: { hidden: 4 } },
      optimizer: { name: 'lbfgs', iterations: 2 },
      epochs: 1,
    });
    const { parts, warnings } = await evaluateRun(run, options());
    expect((parts[0] as NextTaskEvaluation).slices[0]!.model.logLoss).toBeNull();
    expect(warnings.join('\n')).toMatch(/gives no probabilities/);
    expect(await readEvaluation(run)).not.toBeNull();
  }, 60_000);

  test('is measured on every engine that there is, and streaming', async () => {
    const run = await copyOf(tcn, 'cost');
    const { cost } = await evaluateRun(run, options({ measureCost: true, maxTargets: 200 }));
    const [embedded] = cost!.engines;
    expect(embedded!.engine).toBe('embedded');
    expect(embedded!.threads).toBeGreaterThan(0);
    expect(embedded!.single.p50Ns).toBeGreaterThan(1000);
    expect(embedded!.single.p99Ns).toBeGreaterThanOrEqual(embedded!.single.p50Ns);
    expect(embedded!.batched.windowsPerSecond).toBeGreaterThan(10);
    expect(cost!.streaming!.p50Ns).toBeGreaterThan(0);
  }, 60_000);

  test('fewer targets are spread over the part', async () => {
    const run = await copyOf(tcn, 'few');
    const { parts } = await evaluateRun(run, options({ maxTargets: 128 }));
    const seen = parts.find(({ part }) => part === 'seen')!;
    expect(seen.targets).toBe(128);
    expect((await readEvents(run, 'seen')).count).toBe(128);
  });
});

describe('a model of times', () => {
  test('is scored at all horizons, and its events tell what it forecast', async () => {
    const run = await runs.train('inter-arrival', {
      model: {
        name: 'inter-arrival-tcn',
        settings: { blocks: 1, taskEmbedding: 4, stateEmbedding: 2, projection: 4 },
      },
    });
    const evaluation = await evaluateRun(run, options());
    const seen = evaluation.parts.find(({ part }) => part === 'seen') as InterArrivalEvaluation;
    expect(seen.horizons.map(({ steps }) => steps)).toEqual([1, 10, 100]);
    const [next] = seen.horizons;
    expect(next!.targets).toBe(seen.targets);
    expect(next!.baselines.map(({ name }) => name)).toEqual([
      'last value',
      'median of the last 15',
      'median of the task',
      'EWMA 0.2',
    ]);
    expect(next!.model.coverage90!.value).toBeGreaterThan(0);
    expect(next!.baselines[0]!.scores.coverage90).toBeNull();
    const events = await readEvents(run, 'seen');
    if (events.task !== 'inter-arrival') throw new Error(events.task);
    const error = events.targetLog.reduce((sum, each, at) => sum + Math.abs(each - events.guessLog[at]!), 0);
    expect(next!.model.logMae.value).toBeCloseTo(error / events.count, 9);
    const last = events.baselines.get('last value')!;
    const naive = events.targetLog.reduce((sum, each, at) => sum + Math.abs(each - last[at]!), 0);
    expect(next!.baselines[0]!.scores.logMae.value).toBeCloseTo(naive / events.count, 9);
    expect(await readEvaluation(run)).toEqual(evaluation);
    await expect(evaluateRun(run, options({ asPublished: true }))).rejects.toMatchObject({
      code: 'wrong-usage',
    });
  }, 60_000);

  test('that tells a point of one value is said to have collapsed', async () => {
    const run = await runs.train('collapsed', {
      model: {
        name: 'inter-arrival-tcn',
        settings: { head: 'point', blocks: 1, taskEmbedding: 2, stateEmbedding: 2, projection: 2 },
      },
      optimizer: { name: 'adamw', learningRate: 1e-9 },
      epochs: 1,
    });
    await withoutHeadWeights(run);
    const { parts, warnings } = await evaluateRun(run, options());
    const [validation] = parts as InterArrivalEvaluation[];
    expect(validation!.collapse).toMatchObject({
      spreadRatio: expect.closeTo(0, 9) as number,
      isCollapsed: true,
    });
    expect(warnings.join('\n')).toMatch(/has collapsed to hardly more than one value/);
    expect(validation!.horizons[0]!.model.coverage50).toBeNull();
    // Errors of the validation part are drawn, so further ahead there are intervals.
    expect(validation!.horizons[1]!.model.coverage50).not.toBeNull();
  }, 60_000);
});

describe('files', () => {
  test('there is no evaluation before one was made', async () => {
    const run = await copyOf(tcn, 'none');
    expect(await readEvaluation(run)).toBeNull();
    await expect(readEvents(run, 'seen')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('what is damaged is said, with the field', async () => {
    const run = await copyOf(tcn, 'damaged');
    const evaluation = await evaluateRun(run, options());
    const { json, folder: evaluations } = evaluationPaths(run);
    const broken = async (text: string) => {
      await writeFile(json, text);
      return readEvaluation(run);
    };
    await expect(broken('{')).rejects.toThrow(/evaluation\.json is no JSON/);
    const wrong = { ...evaluation, parts: [{ ...evaluation.parts[0]!, targets: -1 }] };
    await expect(broken(JSON.stringify(wrong))).rejects.toThrow(/evaluation\.json .* parts\.0\.targets/);
    const outside = { ...evaluation, parts: [{ ...evaluation.parts[0]!, eventsFile: '../x.columns' }] };
    await expect(broken(JSON.stringify(outside))).rejects.toThrow(/parts\.0\.eventsFile/);
    await writeFile(json, JSON.stringify(evaluation));
    const path = join(evaluations, 'seen.columns');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    await expect(readEvents(run, 'seen')).rejects.toMatchObject({ code: 'bad-input' });
    await cp(join(evaluations, 'validation.columns'), path);
    await expect(readEvents(run, 'seen')).rejects.toThrow(/not of the evaluation beside it/);
  });

  test('other weights are another digest, the same weights the same one', async () => {
    const [run, other] = [await copyOf(tcn, 'same'), await runs.train('other', { seed: 7 })];
    const digests = await Promise.all(
      [run, run, other].map(
        async (each) => (await evaluateRun(each, options({ maxTargets: 128 }))).weightsSha256,
      ),
    );
    expect(digests[0]).toBe(digests[1]);
    expect(digests[2]).not.toBe(digests[0]);
  }, 60_000);

  test('a cancelled evaluation leaves none', async () => {
    const run = await copyOf(tcn, 'cancelled');
    const cancel = new AbortController();
    const work = evaluateRun(
      run,
      options({
        signal: cancel.signal,
        onProgress: (phase) => {
          if (phase === 'predicting: seen') cancel.abort();
        },
      }),
    );
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(run)).not.toContain('evaluation');
  });
});

/** The head of the best weights is all 0: the same forecast, whatever it reads. */
async function withoutHeadWeights(run: string): Promise<void> {
  const path = join(run, 'checkpoints', 'best', 'weights.safetensors');
  const bytes = await readFile(path);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [from, to] = header['head.weight']!.data_offsets;
  bytes.fill(0, 8 + headerBytes + from, 8 + headerBytes + to);
  await writeFile(path, bytes);
}
