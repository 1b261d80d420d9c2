import { expect, test } from 'vitest';
import { historyView, withEpoch } from '../../../../../src/host/training/panel/historyView.js';
import type { EpochRecord } from '../../../../../src/protocol/trainerMessages.js';

function record(epoch: number, changes: Partial<EpochRecord> = {}): EpochRecord {
  return {
    epoch,
    step: epoch * 10,
    time: '2026-01-01T00:00:00.000Z',
    trainLoss: 10 / epoch,
    validationLoss: 11 / epoch,
    accuracy: 0.5,
    top5: 0.9,
    accuracyWithoutIdle: null,
    mae: null,
    learningRate: 0.001,
    examplesPerSecond: 100,
    memoryBytes: 1000,
    isBest: false,
    ...changes,
  };
}

test('few epochs are all there, as columns', () => {
  const view = historyView([record(1), record(2, { validationLoss: null })]);
  expect(view).toMatchObject({
    epochs: 2,
    epoch: [1, 2],
    trainLoss: [10, 5],
    validationLoss: [11, null],
    accuracyWithoutIdle: [null, null],
  });
});

test('of ten thousand epochs eight hundred stay: first, last, best and every spike among them', () => {
  const records = Array.from({ length: 10_000 }, (_each, at) => record(at + 1));
  records[4321] = record(4322, { trainLoss: 99 });
  records[7777] = record(7778, { validationLoss: 77 });
  records[5000] = record(5001, { isBest: true });
  const view = historyView(records);
  expect(view.epochs).toBe(10_000);
  expect(view.epoch.length).toBeLessThanOrEqual(803);
  expect(view.epoch).toEqual(expect.arrayContaining([1, 4322, 5001, 7778, 10_000]));
  expect(view.epoch).toEqual([...view.epoch].sort((a, b) => a - b));
  expect(Math.max(...view.trainLoss)).toBe(99);
  expect(
    new Set(Object.values(view).flatMap((each) => (Array.isArray(each) ? [each.length] : []))).size,
  ).toBe(1);
});

test('an epoch that is done again takes the place of the one before, and of what came behind it', () => {
  const before = [record(1), record(2), record(3)];
  expect(withEpoch(before, record(4)).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  const again = withEpoch(before, record(2, { trainLoss: 7 }));
  expect(again.map(({ epoch, trainLoss }) => [epoch, trainLoss])).toEqual([
    [1, 10],
    [2, 7],
  ]);
  expect(before).toHaveLength(3);
});
