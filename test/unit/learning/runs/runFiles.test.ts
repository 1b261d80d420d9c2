import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readHistory, readMetrics } from '../../../../src/learning/runs/runFiles.js';
import type { EpochRecord } from '../../../../src/protocol/trainerMessages.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-run-files-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function epoch(number: number): EpochRecord {
  return {
    epoch: number,
    step: number * 10,
    time: '2026-02-03T12:00:00.000Z',
    trainLoss: 1 / number,
    validationLoss: null,
    accuracy: 0.5,
    top5: 0.9,
    accuracyWithoutIdle: null,
    mae: null,
    learningRate: 1e-3,
    examplesPerSecond: 100,
    memoryBytes: 1e6,
    isBest: true,
  };
}

const history = (text: string) => writeFileSync(join(folder, 'history.jsonl'), text);
const line = (number: number) => JSON.stringify(epoch(number));

describe('history', () => {
  test('none yet', async () => {
    expect(await readHistory(folder)).toEqual([]);
  });

  test('the epochs in order', async () => {
    history(`${line(1)}\n${line(2)}\n`);
    expect(await readHistory(folder)).toEqual([epoch(1), epoch(2)]);
  });

  test('a last line cut off anywhere is left out', async () => {
    const last = line(2);
    for (let length = 0; length < last.length; length += 1) {
      history(`${line(1)}\n${last.slice(0, length)}`);
      expect(await readHistory(folder)).toEqual([epoch(1)]);
    }
    history(`${line(1)}\n${last}`);
    expect(await readHistory(folder)).toEqual([epoch(1), epoch(2)]);
  });

  test('other damage is told with its line', async () => {
    history(`${line(1)}\n{"epoch": 2\n${line(3)}\n`);
    await expect(readHistory(folder)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/history\.jsonl:2 is no epoch/) as string,
    });
    history(`${JSON.stringify({ ...epoch(1), learningRate: 'fast' })}\n`);
    await expect(readHistory(folder)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/history\.jsonl:1 .*learningRate/) as string,
    });
  });
});

describe('metrics', () => {
  const baseline = {
    targets: 10,
    unknownTargets: 1,
    accuracy: 0.75,
    top5: 0.9,
    accuracyWithoutIdle: 0.7,
  };
  const task = { task: 'next-task', windows: 10, loss: 0.5, ...baseline };
  const metrics = (value: unknown) => writeFileSync(join(folder, 'metrics.json'), JSON.stringify(value));

  test('null before the end; what was written after it', async () => {
    expect(await readMetrics(folder)).toBeNull();
    const value = { seen: { model: task, baselines: { 'last task': baseline } } };
    metrics(value);
    expect(await readMetrics(folder)).toEqual(value);
    metrics({});
    expect(await readMetrics(folder)).toEqual({});
  });

  test('damage', async () => {
    metrics({ seen: { model: { ...task, accuracy: 'good' }, baselines: {} } });
    await expect(readMetrics(folder)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/seen\.model\.accuracy/) as string,
    });
    writeFileSync(join(folder, 'metrics.json'), '{');
    await expect(readMetrics(folder)).rejects.toMatchObject({ code: 'bad-input' });
  });
});
