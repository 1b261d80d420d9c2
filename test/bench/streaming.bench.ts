/**
 * One event of the streaming predictor: `npm run bench -- streaming`. Networks of the earlier systems' sizes with weights by
 * chance, one thread. Beside it what the same event costs when a whole window of 64 is predicted anew, on the embedded engine
 * and with torch (`.cache/torch` or the python3 on PATH). Calls are timed alone; the figure is the median of the round with the
 * least one, because whatever else runs here slows all.
 */
import { execFileSync } from 'node:child_process';
import * as v from 'valibot';
import type { Batch } from '../../src/dataset/sequences.js';
import { EmbeddedEngine } from '../../src/learning/engines/embedded/embeddedEngine.js';
import type { TrainedModel } from '../../src/learning/export/trainedModel.js';
import { MODELS } from '../../src/learning/models/models.js';
import type { Model, ModelInputs } from '../../src/learning/models/model.js';
import { Latencies } from '../../src/learning/streaming/latencies.js';
import { openStreamingPredictor } from '../../src/learning/streaming/openStreamingPredictor.js';
import type { StreamEvent } from '../../src/learning/streaming/streamingPredictor.js';
import { runInfo } from '../support/runInfo.js';
import { littleConfig } from '../support/trainingRuns.js';
import { pythonWithTorch } from './peers.js';
import { cannotMeasure, figure, heading } from './report.js';
import { seededRandom } from './syntheticTrace.js';

const WINDOW = 64;
const WARM_UP = 3000;
const ROUNDS = 30;
const EVENTS = 500;
const WINDOWS = 40;
const FEATURES = ['cpu', 'logDelta'] as const;
const random = seededRandom(7);

interface Case {
  /** As streaming_peer.py has it. */
  readonly name: string;
  readonly title: string;
  readonly model: string;
  readonly settings: Record<string, unknown>;
  readonly tasks: number;
}

const CASES: readonly Case[] = [
  { name: 'tcn-128-36', title: 'TCN as published, 36 tasks', model: 'tcn', settings: {}, tasks: 36 },
  { name: 'tcn-128-3803', title: 'TCN as published, 3,803 tasks', model: 'tcn', settings: {}, tasks: 3803 },
  {
    name: 'tcn-32-36',
    title: 'TCN, 32 channels, 36 tasks',
    model: 'tcn',
    settings: { projection: 32 },
    tasks: 36,
  },
  { name: 'lstm-3x256', title: 'LSTM 3 × 256, 36 tasks', model: 'lstm-next-task', settings: {}, tasks: 36 },
  { name: 'lstm-2x51', title: 'LSTM 2 × 51, a point', model: 'lstm', settings: {}, tasks: 36 },
];

function trainedOf(
  engine: EmbeddedEngine,
  each: Case,
): { readonly model: Model; readonly trained: TrainedModel } {
  const kind = MODELS.get(each.model)!;
  const inputs: ModelInputs = { taskCount: each.tasks, stateCount: 8, featureCount: FEATURES.length };
  const model = kind.create(engine, inputs, v.parse(kind.settings, each.settings), 1);
  const weights = new Map(
    [...model.parameters, ...model.statistics].map(([name, variable]) => [
      name,
      { shape: [variable.rows, variable.columns], values: engine.read(variable) },
    ]),
  );
  const tasks = Array.from({ length: each.tasks }, (_, at) => `task ${at}`);
  const one = { mean: 0, deviation: 1 };
  const trained: TrainedModel = {
    run: runInfo({ model: each.model, task: kind.task }),
    config: littleConfig({
      model: { name: each.model, settings: each.settings },
      windows: { length: WINDOW, stride: 4, features: [...FEATURES] },
    }),
    ...{ weights, inputs, outputs: model.outputs },
    vocabulary: { kind: 'comm', tasks, taskCounts: tasks.map(() => 1), states: [] },
    standardisations: { cpu: one, logDelta: one, delta: one },
  };
  return { model, trained };
}

function eventsOf({ tasks }: Case): StreamEvent[] {
  return Array.from({ length: EVENTS }, () => ({
    task: Math.floor(random() * tasks),
    state: Math.floor(random() * 8),
    features: Float32Array.of(2 * random() - 1, 2 * random() - 1),
  }));
}

function windowOf(events: readonly StreamEvent[], first: number): Batch {
  const window = events.slice(first, first + WINDOW);
  return {
    size: 1,
    length: WINDOW,
    task: Int32Array.from(window, ({ task }) => task),
    state: Int32Array.from(window, ({ state }) => state),
    features: Float32Array.from(window.flatMap(({ features }) => Array.from(features))),
    nextTask: new Int32Array(WINDOW),
    nextLogDelta: new Float32Array(WINDOW),
  };
}

/** The best round: the one with the least median. */
function bestRound(rounds: number, round: (latencies: Latencies) => void) {
  const all = Array.from({ length: rounds }, () => {
    const latencies = new Latencies();
    round(latencies);
    return latencies.figures()!;
  });
  return all.reduce((best, each) => (each.p50Ns < best.p50Ns ? each : best));
}

const us = (ns: number) => `${(ns / 1000).toFixed(1)} µs`;

async function measure(engine: EmbeddedEngine, each: Case, python: string | undefined): Promise<void> {
  const { model, trained } = trainedOf(engine, each);
  const predictor = await openStreamingPredictor(trained);
  const events = eventsOf(each);
  for (let at = 0; at < WARM_UP; at += 1) predictor.next(events[at % EVENTS]!);
  const asked = bestRound(ROUNDS, (latencies) => {
    for (const event of events) latencies.time(() => predictor.next(event));
  });
  const observed = bestRound(ROUNDS, (latencies) => {
    for (const event of events) latencies.time(() => predictor.observe(event));
  });
  const windows = Array.from({ length: WINDOWS }, (_, at) => windowOf(events, at));
  const whole = bestRound(3, (latencies) => {
    for (const window of windows) latencies.time(() => model.predict(window));
  });
  const ratio = (ns: number) => `${(ns / asked.p50Ns).toFixed(0)} × an event`;
  figure(each.title, us(asked.p50Ns), `${us(asked.p99Ns)} at 99 %`);
  figure('  without the head', us(observed.p50Ns));
  figure('  a whole window, embedded engine', us(whole.p50Ns), ratio(whole.p50Ns));
  if (python !== undefined) {
    const args = ['test/bench/streaming_peer.py', each.name];
    const peerNs = Number(execFileSync(python, args, { encoding: 'utf8' }).trim()) * 1000;
    figure('  a whole window, torch', us(peerNs), ratio(peerNs));
  }
  predictor.dispose();
  model.dispose();
}

const engine = await EmbeddedEngine.create({ threads: 1 });
const python = pythonWithTorch();
if (python === undefined) cannotMeasure('torch beside it', 'no python3 with torch here, nor in .cache/torch');
heading(`One event, one thread, Node ${process.version}`);
for (const each of CASES) await measure(engine, each, python);
engine.dispose();
