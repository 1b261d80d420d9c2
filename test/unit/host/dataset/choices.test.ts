import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../../../../src/dataset/buildDataSet.js';
import type { Input } from '../../../../src/dataset/extract/findInputs.js';
import { SPLITS } from '../../../../src/dataset/splits.js';
import {
  builtText,
  changesOf,
  hasShares,
  heldOutChoices,
  labelOf,
  SEQUENCE_CHOICES,
  shareOf,
  sharesText,
  SPLIT_CHOICES,
  TASK_CHOICES,
  wholeOf,
} from '../../../../src/host/dataset/buildChoices.js';
import { newConfigText } from '../../../../src/host/dataset/newConfigText.js';
import { configProblems, parseConfig } from '../../../../src/learning/trainer/config/config.js';
import { MODELS } from '../../../../src/learning/models/models.js';
import {
  readBuilderCommand,
  readBuilderEvent,
  stepText,
} from '../../../../src/workers/dataSetBuilderMessages.js';

const file = (path: string, folder?: string): Input => ({ path, kind: 'file', isNamed: true, folder });

describe('what can be chosen', () => {
  test('all that there is, with the usual among it', () => {
    expect(SPLIT_CHOICES.map(({ value }) => value)).toEqual([...SPLITS]);
    for (const [choices, key] of [
      [TASK_CHOICES, 'vocabulary'],
      [SEQUENCE_CHOICES, 'perCpu'],
      [SPLIT_CHOICES, 'split'],
    ] as const) {
      const values: readonly unknown[] = choices.map(({ value }) => value);
      expect(values, key).toContain(DEFAULT_OPTIONS[key]);
    }
  });

  test('categories to hold out, by the names of files and folders', () => {
    const values = (inputs: readonly Input[]) => heldOutChoices(inputs).map(({ value }) => value);
    const some = [
      file('/r/hackbench_pipe_small_run0.txt.gz'),
      file('/r/hackbench_socket_large_run1.txt'),
      file('/r/io_mixed.2.perf.data'),
      file('/r/shop/trace.dat', 'shop'),
    ];
    expect(values(some)).toEqual(['auto', 'none', 'hackbench', 'io_mixed', 'shop']);
    // Of one category nothing can be held out.
    expect(values(some.slice(0, 2))).toEqual(['auto', 'none']);
    expect(labelOf(heldOutChoices(some), 'shop')).toBe('shop');
    expect(labelOf(heldOutChoices([]), 'gone')).toBe('gone');
  });

  test('shares are typed in per cent', () => {
    expect(shareOf('20')).toBe(0.2);
    expect(shareOf(' 12.5 % ')).toBe(0.125);
    expect(['', '100', '-1', 'x', '1e1'].map(shareOf)).toEqual(Array(5).fill(undefined));
    expect(sharesText(DEFAULT_OPTIONS)).toBe('seen test 20 %, validation 10 %');
    expect(sharesText({ ...DEFAULT_OPTIONS, split: 'walk-forward' })).toContain('gaps of 1 %');
    expect(hasShares({ ...DEFAULT_OPTIONS, split: '80-10-10' })).toBe(false);
  });

  test('whole numbers', () => {
    expect(wholeOf(' 7 ', 1, 9)).toBe(7);
    expect(['0', '10', '7.5', ''].map((each) => wholeOf(each, 1, 9))).toEqual(Array(4).fill(undefined));
  });

  test('what was chosen and what came of it, in words', () => {
    expect(changesOf(DEFAULT_OPTIONS)).toBe('usual options');
    expect(changesOf({ ...DEFAULT_OPTIONS, perCpu: true, seed: 1 })).toBe('perCpu true, seed 1');
    const summary = {
      recordings: 2,
      categories: 2,
      rows: 12_345,
      tasks: 36,
      parts: { train: 9000, validation: 1000, seen: 2000, unseen: 345 },
      heldOut: 'shop',
      warnings: ['a'],
      leftOut: 3,
    };
    expect(builtText('data', summary)).toBe(
      'Built data: 12,345 events of 2 recordings, 36 tasks; training 9,000, validation 1,000, seen test 2,000, unseen test 345 (shop). There are 2 things to mind: see Show.',
    );
    const plain = { ...summary, recordings: 1, heldOut: null, warnings: [], leftOut: 0 };
    expect(builtText('data', plain)).toMatch(/of 1 recording, .* seen test 2,000\.$/);
  });
});

describe('a new configuration', () => {
  test.each([...MODELS.values()])('of $name has no problems, and every value is the usual one', (kind) => {
    const text = newConfigText(kind, '../data sets/a: b');
    const path = '/work/lab/kernel-oracle.yaml';
    expect(configProblems(text, path)).toEqual([]);
    const bare = `dataset: "../data sets/a: b"\nmodel: { name: ${kind.name} }`;
    expect(parseConfig(text, path)).toEqual(parseConfig(bare, path));
    expect((parse(text) as { dataset: string }).dataset).toBe('../data sets/a: b');
  });
});

describe('messages of the process that builds', () => {
  const command = { kind: 'build', paths: ['/a'], output: '/o', options: DEFAULT_OPTIONS, replace: false };

  test('what is whole is read', () => {
    expect(readBuilderCommand(command)).toEqual(command);
    expect(readBuilderCommand({ kind: 'cancel' })).toEqual({ kind: 'cancel' });
    expect(readBuilderEvent({ kind: 'ready' })).toEqual({ kind: 'ready' });
  });

  test.each([
    [{ ...command, paths: [] }],
    [{ ...command, options: { ...DEFAULT_OPTIONS, seen: 2 } }],
    [{ kind: 'sing' }],
    [null],
    ['build'],
  ])('%j is none', (value) => {
    expect(readBuilderCommand(value)).toBeNull();
    expect(readBuilderEvent(value)).toBeNull();
  });

  test('steps in words', () => {
    expect(stepText({ step: 'reading', name: 'a', done: 0, total: 2 })).toBe('reading 1 of 2: a');
    expect(stepText({ step: 'writing', name: 'seen', done: 4, total: 4 })).toBe('writing 4 of 4: seen');
  });
});
