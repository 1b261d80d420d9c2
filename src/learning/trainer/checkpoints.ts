import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';
import {
  readSafetensors,
  writeSafetensors,
  type SafetensorsFile,
  type TensorValues,
} from '../files/safetensors.js';
import { syncFolder } from './runFolder.js';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** JSON has no infinity: `null` stands for a best that is not there yet. */
const best = v.nullable(v.number());

/** Where a run is: with the weights and the optimizer's state, all that the next step depends on. */
export const trainingStateSchema = v.object({
  version: v.literal(1),
  /** From 0: the epoch that goes on. `batch`: the next one in it. */
  epoch: count,
  batch: count,
  /** Steps in all; also what dropout counts by. */
  step: count,
  /** Of the epoch that goes on. */
  lossSum: v.number(),
  lossWeight: v.number(),
  /** Time spent in this epoch, for examples a second. */
  epochMs: v.number(),
  schedule: v.object({ learningRate: v.number(), bestLoss: best, badEpochs: count }),
  stopping: v.object({ bestLoss: best, bestEpoch: count, badEpochs: count }),
  /** No epoch follows; metrics may. */
  isDone: v.boolean(),
});

export type TrainingState = v.InferOutput<typeof trainingStateSchema>;

const WEIGHTS = 'weights.safetensors';
const OPTIMIZER = 'optimizer.safetensors';
const STATE = 'state.json';

export interface Checkpoint {
  readonly weights: ReadonlyMap<string, TensorValues>;
  /** For `latest`. */
  readonly optimizer?: ReadonlyMap<string, TensorValues>;
  readonly state?: TrainingState;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Replaces a checkpoint's folder. At any moment one whole checkpoint is there, the old one or the new one: what is written
 * has the ending `.part`, what is whole and waits for its name `.new`, and what had the name `.old`; `settle` puts right
 * what an interruption left. Failure `write-failed`; the old checkpoint is then untouched.
 */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const part = `${folder}.part`;
  try {
    await settle(folder);
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    await writeSafetensors(join(part, WEIGHTS), checkpoint.weights, checkpoint.metadata);
    if (checkpoint.optimizer !== undefined)
      await writeSafetensors(join(part, OPTIMIZER), checkpoint.optimizer, {});
    if (checkpoint.state !== undefined)
      await writeFileAtomically(join(part, STATE), [`${JSON.stringify(checkpoint.state, null, 2)}\n`]);
    await syncFolder(part);
    await rename(part, `${folder}.new`);
    await settle(folder);
  } catch (error) {
    await rm(part, { recursive: true, force: true }).catch(() => undefined);
    if (error instanceof Failure) throw error;
    throw new Failure('write-failed', `${folder} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** Puts a checkpoint that is whole but waits for its name in place, whatever moment an interruption left. */
export async function settle(folder: string): Promise<void> {
  const parent = dirname(folder);
  const name = basename(folder);
  const there = new Set(await readdir(parent).catch(() => []));
  const [fresh, old] = [`${folder}.new`, `${folder}.old`];
  if (there.has(`${name}.new`)) {
    await rm(old, { recursive: true, force: true });
    if (there.has(name)) await rename(folder, old);
    await rename(fresh, folder);
    await syncFolder(parent);
  } else if (!there.has(name) && there.has(`${name}.old`)) {
    await rename(old, folder);
    return;
  }
  await rm(old, { recursive: true, force: true });
}

export async function hasCheckpoint(folder: string): Promise<boolean> {
  return (await stat(join(folder, WEIGHTS)).catch(() => null)) !== null;
}

/** Weights of a checkpoint. Failures: as `readSafetensors`. */
export async function readWeights(folder: string): Promise<SafetensorsFile> {
  return readSafetensors(join(folder, WEIGHTS));
}

/** All of the checkpoint `latest`. Failures: as `readSafetensors`, `bad-input`. */
export async function readLatest(folder: string): Promise<Required<Checkpoint>> {
  const weights = await readWeights(folder);
  const optimizer = await readSafetensors(join(folder, OPTIMIZER));
  const path = join(folder, STATE);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Failure('bad-input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const state = v.safeParse(trainingStateSchema, value);
  if (!state.success)
    throw new Failure('bad-input', `${path} is not as KernelOracle writes it: ${state.issues[0].message}.`);
  return {
    weights: weights.tensors,
    metadata: weights.metadata,
    optimizer: optimizer.tensors,
    state: state.output,
  };
}
