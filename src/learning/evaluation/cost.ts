import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { isFailure } from '../../base/errors.js';
import type { Batch } from '../../dataset/sequences.js';
import type { CostFigures, EngineCost } from '../../protocol/evaluation.js';
import { engineStates, openEngineNamed } from '../engines/engines.js';
import type { TrainedModel } from '../export/trainedModel.js';
import type { Model } from '../models/model.js';
import { measureStreaming } from '../streaming/measureStreaming.js';
import { BATCH_SIZE, type EvaluatedPart } from './evaluatedPart.js';
import { modelOf } from './modelOf.js';

/** Predictions before those that count: code is compiled and memory grows in the first ones. */
const WARM_UP = 20;
/** Single windows that are measured: at least so many, and on for as long as that. */
const LEAST_SINGLE = 200;
const MOST_SINGLE = 2000;
const SINGLE_MS = 2000;
const LEAST_BATCHES = 3;
const STREAMED_EVENTS = 10_000;
const BATCHED_MS = 2000;
/** Measured predictions between two breaths. */
const STRETCH = 20;

export interface CostOptions {
  readonly trained: TrainedModel;
  /** Whose windows are predicted. */
  readonly part: EvaluatedPart;
  readonly breathe: (share: number) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/**
 * What predictions cost here, on every engine that works, with as many threads as it takes by itself. A single window is timed
 * alone, from arrays in memory to the outputs; many at once tell a throughput, and what one of them takes is no latency.
 */
export async function measureCost(options: CostOptions): Promise<CostFigures> {
  const states = (await engineStates()).filter(({ isUsable }) => isUsable);
  const engines: EngineCost[] = [];
  for (const [at, { name }] of states.entries()) {
    const breathe = (share: number) => options.breathe((at + share) / states.length);
    const cost = await engineCost(name, { ...options, breathe });
    if (cost !== null) engines.push(cost);
  }
  return { machine: machineText(), engines, streaming: await streamingCost(options) };
}

/** `null`: the model cannot be told one event after the other. */
async function streamingCost({ trained, part, signal }: CostOptions): Promise<CostFigures['streaming']> {
  try {
    const { p50Ns, p99Ns, events } = await measureStreaming(trained, part.stored, {
      events: STREAMED_EVENTS,
      signal,
    });
    return { p50Ns, p99Ns, events };
  } catch (error) {
    if (isFailure(error, 'wrong-usage')) return null;
    throw error;
  }
}

/** `null`: it is installed and does not load, which `engine check` tells more of. */
async function engineCost(
  name: 'embedded' | 'native',
  { trained, part, breathe }: CostOptions,
): Promise<EngineCost | null> {
  const engine = await openEngineNamed(name).catch((error: unknown) => {
    if (isFailure(error, 'bad-input') || isFailure(error, 'not-found')) return null;
    throw error;
  });
  if (engine === null) return null;
  try {
    const model = modelOf(engine, trained);
    try {
      const single = await singleCost(model, part, breathe);
      return {
        engine: name,
        threads: threadsOf(engine.description),
        single,
        batched: await batchedCost(model, part, breathe),
      };
    } finally {
      model.dispose();
    }
  } finally {
    engine.dispose();
  }
}

async function singleCost(
  model: Model,
  { windows }: EvaluatedPart,
  breathe: (share: number) => Promise<void>,
): Promise<EngineCost['single']> {
  const batchOf = (at: number) => windows.batch(at % windows.count, 1);
  for (let at = 0; at < WARM_UP; at += 1) model.predict(batchOf(at));
  const tookNs: number[] = [];
  const startMs = performance.now();
  while (tookNs.length < MOST_SINGLE) {
    if (tookNs.length >= LEAST_SINGLE && performance.now() - startMs > SINGLE_MS) break;
    tookNs.push(timeNs(model, batchOf(WARM_UP + tookNs.length)));
    if (tookNs.length % STRETCH === 0) await breathe(0.5 * Math.min(1, tookNs.length / LEAST_SINGLE));
  }
  const sorted = tookNs.sort((a, b) => a - b);
  return { p50Ns: nearestRank(sorted, 0.5), p99Ns: nearestRank(sorted, 0.99) };
}

async function batchedCost(
  model: Model,
  { windows }: EvaluatedPart,
  breathe: (share: number) => Promise<void>,
): Promise<EngineCost['batched']> {
  // Of fewer windows than a batch has, what is there.
  const batches = Math.max(1, Math.floor(windows.count / BATCH_SIZE));
  const batchOf = (at: number) => windows.batch(at % batches, BATCH_SIZE);
  model.predict(batchOf(0));
  let [done, tookNs] = [0, 0];
  for (let at = 1; at <= LEAST_BATCHES || tookNs < BATCHED_MS * 1e6; at += 1) {
    const batch = batchOf(at);
    tookNs += timeNs(model, batch);
    done += batch.size;
    await breathe(0.5 + 0.5 * Math.min(1, tookNs / (BATCHED_MS * 1e6)));
  }
  return { windows: batchOf(0).size, windowsPerSecond: done / (tookNs / 1e9) };
}

function timeNs(model: Model, batch: Batch): number {
  const startMs = performance.now();
  model.predict(batch);
  return (performance.now() - startMs) * 1e6;
}

/** @param sorted ascending */
function nearestRank(sorted: readonly number[], level: number): number {
  return Math.round(sorted[Math.ceil(level * sorted.length) - 1]!);
}

/** Both engines end their description with how many they use. */
function threadsOf(description: string): number {
  return Number(/(\d+) threads?$/.exec(description)?.[1] ?? 0);
}

function machineText(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? 'unknown processor'}, ${all.length} processors, Node ${process.version}`;
}
