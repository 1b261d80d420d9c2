import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  hasCheckpoint,
  readLatest,
  readWeights,
  settle,
  writeCheckpoint,
  type TrainingState,
} from '../../../../src/learning/trainer/checkpoints.js';

let folder: string;
let latest: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-checkpoints-'));
  latest = join(folder, 'latest');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const STATE: TrainingState = {
  version: 1,
  epoch: 1,
  batch: 2,
  step: 3,
  lossSum: 0.1 + 0.2,
  lossWeight: 7,
  epochMs: 12.5,
  schedule: { learningRate: 1e-3 / 3, bestLoss: null, badEpochs: 0 },
  stopping: { bestLoss: 1 / 3, bestEpoch: 1, badEpochs: 0 },
  isDone: false,
};

function checkpoint(value: number) {
  const weights = new Map([['w', { shape: [1, 1], values: Float32Array.of(value) }]]);
  const optimizer = new Map([['m', { shape: [1, 1], values: Float64Array.of(value) }]]);
  return { weights, optimizer, state: STATE, metadata: { model: 'tcn' } };
}

async function value(): Promise<number> {
  return (await readWeights(latest)).tensors.get('w')!.values[0]!;
}

test('what is written is read, numbers to the last bit', async () => {
  await writeCheckpoint(latest, checkpoint(1));
  await writeCheckpoint(latest, checkpoint(2));
  expect(readdirSync(folder)).toEqual(['latest']);
  expect(await readLatest(latest)).toEqual(checkpoint(2));
});

test('an interruption at any place leaves a whole checkpoint', async () => {
  await writeCheckpoint(latest, checkpoint(2));
  const fresh = `${latest}.new`;
  const old = `${latest}.old`;
  cpSync(latest, fresh, { recursive: true });
  await writeCheckpoint(join(folder, 'other'), checkpoint(1));
  rmSync(latest, { recursive: true });
  renameSync(join(folder, 'other'), latest);

  // The new one is whole, the old one has its name still.
  await settle(latest);
  expect(await value()).toBe(2);
  expect(readdirSync(folder)).toEqual(['latest']);

  // The old one has gone aside, the new one has no name yet.
  renameSync(latest, fresh);
  await writeCheckpoint(old, checkpoint(1));
  await settle(latest);
  expect(await value()).toBe(2);
  expect(readdirSync(folder)).toEqual(['latest']);

  // The new one is in place; the old one was being deleted.
  mkdirSync(old);
  writeFileSync(join(old, 'state.json'), '{');
  await settle(latest);
  expect(await value()).toBe(2);
  expect(readdirSync(folder)).toEqual(['latest']);

  // The new one was being written.
  mkdirSync(`${latest}.part`);
  writeFileSync(join(`${latest}.part`, 'weights.safetensors'), 'torn');
  await settle(latest);
  expect(await value()).toBe(2);
  await writeCheckpoint(latest, checkpoint(3));
  expect(await value()).toBe(3);
  expect(readdirSync(folder)).toEqual(['latest']);
});

test('the first one, interrupted while it was written, is none', async () => {
  mkdirSync(`${latest}.part`);
  writeFileSync(join(`${latest}.part`, 'weights.safetensors'), 'torn');
  await settle(latest);
  expect(await hasCheckpoint(latest)).toBe(false);
  expect(existsSync(latest)).toBe(false);
});

test('a state that is not as it was written is refused', async () => {
  await writeCheckpoint(latest, checkpoint(1));
  writeFileSync(join(latest, 'state.json'), JSON.stringify({ ...STATE, epoch: -1 }));
  await expect(readLatest(latest)).rejects.toMatchObject({ code: 'bad-input' });
  writeFileSync(join(latest, 'state.json'), '{');
  await expect(readLatest(latest)).rejects.toMatchObject({ code: 'bad-input' });
});
