import { describe, expect, it } from 'vitest';
import { slicesOf } from '../../../src/dataset/partRows.js';
import type { ExtractedRecording } from '../../../src/dataset/extract/readRecordings.js';
import { splitRecordings, type SplitOptions, type SplitRecording } from '../../../src/dataset/splits.js';
import { switchRows } from '../../support/switchRows.js';

const OPTIONS: SplitOptions = {
  split: 'recording',
  seen: 0.2,
  validation: 0.1,
  gap: 0.01,
  holdOut: 'none',
  seed: 42,
};

function runs(workload: string, count: number, category = workload): SplitRecording[] {
  return Array.from({ length: count }, (_, run) => ({ workload, category, run }));
}

function partsOf(recordings: readonly SplitRecording[], options: Partial<SplitOptions> = {}): string[] {
  const { shares } = splitRecordings(recordings, { ...OPTIONS, ...options });
  return shares.map((of) => of.map(({ part }) => part).join('+'));
}

describe('splits by recording', () => {
  it('give whole runs to the test, and of two the end of the other one to validation', () => {
    const parts = partsOf([...runs('a', 2), ...runs('b', 2)]);
    for (const pair of [parts.slice(0, 2), parts.slice(2)]) {
      expect([...pair].sort()).toEqual(['seen', 'train+validation']);
    }
  });

  it('give validation whole recordings where there are enough', () => {
    const counts = new Map<string, number>();
    for (const part of partsOf(runs('a', 20))) counts.set(part, (counts.get(part) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ seen: 4, validation: 2, train: 14 });
  });

  it('follow from the seed alone', () => {
    const recordings = runs('a', 12);
    expect(partsOf(recordings)).toEqual(partsOf(recordings));
    const seeds = Array.from({ length: 8 }, (_, seed) => String(partsOf(recordings, { seed })));
    expect(new Set(seeds).size).toBeGreaterThan(4);
  });

  it('test on the last runs when asked to', () => {
    const recordings = [2, 0, 1].map((run) => ({ workload: 'a', category: 'a', run }));
    expect(partsOf(recordings, { split: 'run' })).toEqual(['seen', 'train+validation', 'train+validation']);
  });

  it('split workloads that were run once with the others of their category', () => {
    const recordings = ['x', 'y', 'z'].flatMap((workload) => runs(workload, 1, 'c'));
    expect(partsOf(recordings).filter((part) => part === 'seen')).toHaveLength(1);
  });

  it('cut a recording that is alone by time, and say so', () => {
    const { shares, notes } = splitRecordings(runs('a', 1), OPTIONS);
    const [train, validation, seen] = shares[0]!;
    expect([train!.part, validation!.part, seen!.part]).toEqual(['train', 'validation', 'seen']);
    expect(train!.from).toBe(0);
    expect(validation!.from - train!.until).toBeCloseTo(0.01);
    expect(seen!.from - validation!.until).toBeCloseTo(0.01);
    expect(seen).toMatchObject({ until: 1 });
    expect(seen!.from).toBeCloseTo(0.8);
    expect(notes).toEqual([expect.stringMatching(/one recording of a/)]);
  });

  it('cut every recording 80/10/10 as the Enhancement did', () => {
    const { shares } = splitRecordings(runs('a', 2), { ...OPTIONS, split: '80-10-10', holdOut: 'auto' });
    for (const [train, validation, seen] of shares) {
      expect([train!.until, validation!.until, seen!.until]).toEqual([validation!.from, seen!.from, 1]);
      expect(train!.until).toBeCloseTo(0.8);
      expect(seen!.from).toBeCloseTo(0.9);
    }
  });
});

describe('the unseen test', () => {
  const three = [...runs('a', 2), ...runs('b', 2), ...runs('c', 2)];

  it('is a category drawn by the seed when there are three', () => {
    const held = Array.from({ length: 20 }, (_, seed) =>
      splitRecordings(three, { ...OPTIONS, holdOut: 'auto', seed }),
    );
    expect(new Set(held.map(({ heldOut }) => heldOut))).toEqual(new Set(['a', 'b', 'c']));
    for (const { heldOut, shares } of held) {
      three.forEach(({ category }, at) => {
        const isUnseen = shares[at]!.some(({ part }) => part === 'unseen');
        expect(isUnseen).toBe(category === heldOut);
      });
    }
  });

  it('is none with fewer, unless one is named', () => {
    const two = three.slice(0, 4);
    expect(splitRecordings(two, { ...OPTIONS, holdOut: 'auto' }).heldOut).toBeNull();
    expect(partsOf(two, { holdOut: 'b' }).slice(2)).toEqual(['unseen', 'unseen']);
    expect(() => splitRecordings(two, { ...OPTIONS, holdOut: 'random' })).toThrow(/there are a, b/);
  });

  it('is refused where it is not there, or would be all', () => {
    expect(() => splitRecordings(three, { ...OPTIONS, holdOut: 'x' })).toThrow(/no category "x".*a, b, c/);
    expect(() => splitRecordings(runs('a', 3), { ...OPTIONS, holdOut: 'a' })).toThrow(/nothing is left/);
    expect(() => splitRecordings(three, { ...OPTIONS, seen: 0.9 })).toThrow(/leave too little/);
  });
});

describe('parts cut from a recording', () => {
  it('do not overlap, and leave out the gaps', () => {
    const rows = switchRows(...Array.from({ length: 1000 }, (_, at) => [at * 10, at % 2, at] as const));
    const recording = {
      stretches: [{ rows, start: 0, end: 1000, cpu: null }],
    } as unknown as ExtractedRecording;
    const { shares } = splitRecordings(runs('a', 1), OPTIONS);
    const parts = slicesOf([recording], shares);
    expect(parts).toMatchObject({
      train: [{ start: 0, end: 680 }],
      validation: [{ start: 690, end: 790 }],
      seen: [{ start: 800, end: 1000 }],
      unseen: [],
    });
  });

  it('are cut at the same time on every CPU', () => {
    const all = Array.from({ length: 1000 }, (_, at) => [at * 10, 0, at] as const);
    const rows = switchRows(...all);
    const late = switchRows(...all.slice(500));
    const stretches = [
      { rows, start: 0, end: 1000, cpu: 0 },
      { rows: late, start: 0, end: 500, cpu: 1 },
    ];
    const { shares } = splitRecordings(runs('a', 1), { ...OPTIONS, gap: 0, validation: 0 });
    const parts = slicesOf([{ stretches } as unknown as ExtractedRecording], shares);
    const [first, second] = parts.seen;
    expect(rows.timeNs[first!.start]).toBe(late.timeNs[second!.start]);
    expect(parts.train[1]).toMatchObject({ start: 0, end: second!.start });
  });
});
