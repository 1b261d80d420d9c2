import { describe, expect, it } from 'vitest';
import { mixed, Permutation, shuffled } from '../../../src/dataset/chance.js';
import type { Batch, Feature, Standardisation } from '../../../src/dataset/sequences.js';
import { windowsOf, type WindowOptions, type Windows } from '../../../src/dataset/windows.js';
import { randomNumbers } from '../../support/randomNumbers.js';
import { numberedSequences } from '../../support/switchRows.js';

const PLAIN: Record<Feature, Standardisation> = {
  cpu: { mean: 0, deviation: 1 },
  logDelta: { mean: 0, deviation: 1 },
  delta: { mean: 0, deviation: 1 },
};

const OPTIONS: WindowOptions = { length: 4, stride: 1, seed: null, features: [], standardisations: PLAIN };

function batches(windows: Windows, size: number): Batch[] {
  return Array.from({ length: windows.batchCount(size) }, (_, index) => windows.batch(index, size));
}

/** Tasks of each window of a batch, the target of its last event included. */
function windowsIn({ size, length, task, nextTask }: Batch): number[][] {
  return Array.from({ length: size }, (_, window) => [
    ...Array.from({ length }, (_, event) => task[event * size + window]!),
    nextTask[(length - 1) * size + window]!,
  ]);
}

describe('a shuffled order that is not stored', () => {
  it('has every place once, for any count', () => {
    for (const count of [1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 1000, 4097]) {
      const order = new Permutation(count, 7, 3);
      const places = Array.from({ length: count }, (_, place) => order.at(place));
      expect(places.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, place) => place));
    }
  });

  it('depends on the seed and on the epoch, and leaves few things where they were', () => {
    const orderOf = (seed: number, epoch: number) => {
      const order = new Permutation(1000, seed, epoch);
      return Array.from({ length: 1000 }, (_, place) => order.at(place));
    };
    const orders = [orderOf(1, 0), orderOf(1, 1), orderOf(2, 0), orderOf(2 ** 40 + 1, 0)];
    expect(new Set(orders.map(String)).size).toBe(4);
    for (const order of orders)
      expect(order.filter((value, place) => value === place).length).toBeLessThan(10);
    expect(orderOf(1, 0)).toEqual(orders[0]);
  });

  it('puts each value at each place about equally often', () => {
    const counts = Array.from({ length: 5 }, () => new Array<number>(5).fill(0));
    for (let seed = 0; seed < 5000; seed += 1) {
      shuffled([0, 1, 2, 3, 4], seed, 9).forEach((value, place) => (counts[value]![place]! += 1));
    }
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(160);
  });

  it('mixes numbers so that neighbours have nothing in common', () => {
    const half = Array.from({ length: 4000 }, (_, value) => mixed(5, value) % 2).filter((bit) => bit === 1);
    expect(Math.abs(half.length - 2000)).toBeLessThan(200);
  });
});

describe('windows', () => {
  it('begin every stride in each sequence, as long as the event behind them is in it', () => {
    const windows = windowsOf(numberedSequences(9, 4, 5, 1, 12), { ...OPTIONS, stride: 3 });
    expect(Array.from({ length: windows.count }, (_, place) => windows.firstRowOf(place))).toEqual([
      0, 3, 13, 19, 22, 25,
    ]);
  });

  it('never cross the end of a sequence, and have each place as often as they should', () => {
    const random = randomNumbers(11);
    for (let round = 0; round < 60; round += 1) {
      const lengths = Array.from({ length: 1 + random(12) }, () => 1 + random(40));
      const length = 1 + random(9);
      const stride = 1 + random(6);
      const sequences = numberedSequences(...lengths);
      const windows = windowsOf(sequences, {
        ...OPTIONS,
        length,
        stride,
        seed: random(2) === 0 ? null : round,
      });
      const wanted: string[] = [];
      lengths.forEach((rows, sequence) => {
        for (let at = 0; at + length < rows; at += stride) {
          const first = sequences.starts[sequence]! + at;
          wanted.push(String(Array.from({ length: length + 1 }, (_, event) => first + event)));
        }
      });
      const found = batches(windows, 1 + random(7))
        .flatMap(windowsIn)
        .map(String);
      expect(windows.count).toBe(wanted.length);
      expect(found.sort()).toEqual(wanted.sort());
    }
  });

  it('are in the order of the data without a seed, and in another one each epoch with one', () => {
    const sequences = numberedSequences(200, 30, 70);
    const plain = windowsOf(sequences, OPTIONS);
    const ordered = batches(plain, 16)
      .flatMap(windowsIn)
      .map((window) => window[0]!);
    expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
    const first = windowsOf(sequences, { ...OPTIONS, seed: 5 });
    const epochs = [first, first.ofEpoch(1), first.ofEpoch(2)].map((windows) =>
      batches(windows, 16)
        .flatMap(windowsIn)
        .map((window) => window[0]!),
    );
    expect(new Set(epochs.map(String)).size).toBe(3);
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual(ordered);
  });

  it('give batch n of an epoch without those before it, and the same each time', () => {
    const sequences = numberedSequences(300);
    const all = batches(windowsOf(sequences, { ...OPTIONS, seed: 9, epoch: 4 }), 32);
    const again = windowsOf(sequences, { ...OPTIONS, seed: 9 }).ofEpoch(4);
    expect(again.batch(7, 32)).toEqual(all[7]);
    expect(again.batch(2, 32)).toEqual(all[2]);
    expect(all.at(-1)!.size).toBe(296 % 32);
  });

  it('are time-major, with standardised features and the time to the event behind each', () => {
    const standardisations = {
      cpu: { mean: 1, deviation: 0.5 },
      logDelta: { mean: 2, deviation: 4 },
      delta: { mean: 100, deviation: 0 },
    };
    const features = ['delta', 'cpu', 'logDelta'] as const;
    const windows = windowsOf(numberedSequences(7), {
      ...OPTIONS,
      length: 3,
      stride: 2,
      features,
      standardisations,
    });
    const batch = windows.batch(0, 2);
    expect(batch).toMatchObject({ size: 2, length: 3 });
    expect([...batch.task]).toEqual([0, 2, 1, 3, 2, 4]);
    expect([...batch.nextTask]).toEqual([1, 3, 2, 4, 3, 5]);
    expect([...batch.state]).toEqual([0, 2, 1, 3, 2, 4]);
    const logOf = (row: number) => Math.fround((Math.log1p(100 + row) - 2) / 4);
    expect([...batch.nextLogDelta]).toEqual([1, 3, 2, 4, 3, 5].map(logOf));
    const row = (at: number) => [...batch.features.subarray(3 * at, 3 * at + 3)];
    // The first row of a sequence has none before it: the mean stands there. A deviation of 0 counts as 1.
    expect(row(0)).toEqual([0, -2, 0]);
    expect(row(1)).toEqual([2, 2, logOf(2)]);
    expect(row(4)).toEqual([2, 2, logOf(2)]);
  });

  it('refuse a length, a stride, a size and a batch that are none', () => {
    const sequences = numberedSequences(20);
    expect(() => windowsOf(sequences, { ...OPTIONS, length: 0 })).toThrow(/length of a window is 0/);
    expect(() => windowsOf(sequences, { ...OPTIONS, stride: 1.5 })).toThrow(/stride of windows is 1\.5/);
    const windows = windowsOf(sequences, OPTIONS);
    expect(() => windows.batch(0, 0)).toThrow(/size of a batch is 0/);
    expect(() => windows.batch(4, 4)).toThrow('There is no batch 4: 16 windows make 4 batches of 4');
    expect(windowsOf(numberedSequences(4), OPTIONS)).toMatchObject({ count: 0 });
    expect(windowsOf(numberedSequences(), OPTIONS).batchCount(8)).toBe(0);
  });
});
