import type { DeployedStats, DeployedStatus } from '../../../../src/protocol/deployment.js';
import type {
  CarriedModelView,
  DeployedMachineView,
  ModelRunState,
} from '../../../../src/protocol/neuralCfsRunMessages.js';
import { exampleStudy } from '../neuralCfs/studyExamples.js';

export const WORDS = 'a'.repeat(64);

/** @param name of the run, of a recording and of the model on the machine: to be shown as text */
export function exampleState(name = 'exp2-libml'): ModelRunState {
  const { recordings, results, kernelOracleVersion, made } = exampleStudy(name);
  const [model] = results!.experiments[0]!.ways.flatMap(({ parts }) => parts.flatMap(({ models }) => models));
  return {
    name,
    folder: `/runs/${name}`,
    isTrusted: true,
    run: {
      ...{ kernelOracleVersion, made, recordings, model: model! },
      ...{ experiment: 2, seed: 42, rows: 100, split: 'The test is 30 of 100 history groups.' },
      inputs: [
        {
          name: 'delta',
          unit: 'ns',
          text: 'clock - exec_start',
          mean: 1e6,
          deviation: 2e5,
          least: 0,
          most: 9e9,
        },
      ],
      leftOut: ['cpu_idle'],
      training: { rows: 70, positives: 7 },
      test: { rows: 30, positives: 3 },
      refusal: null,
      threshold: { choice: 'trained', score: 0.25, logit: -1.1 },
      warnings: ['delta: the kernel decides by it.'],
    },
  };
}

export const CARRIED: CarriedModelView = {
  forms: [
    {
      ...{ form: 'fixed', bits: 16, modelBytes: 436, stateBytes: 256, wordsSha256: WORDS },
      withFloat: { rows: 3000, agreeing: 2999 },
      asTrained: { rows: 100, agreeing: 100 },
    },
    {
      ...{ form: 'fixed', bits: 8, modelBytes: 280, stateBytes: 256, wordsSha256: 'b'.repeat(64) },
      withFloat: { rows: 3000, agreeing: 2500 },
      asTrained: { rows: 100, agreeing: 80 },
    },
  ],
  failures: ['LibML has no room for it in floating point.'],
};

export const STATS: DeployedStats = {
  ...{ way: 'module', mode: 'shadow', slot: 0, swaps: 2 },
  ...{ refused: [80, 20], allowed: [10, 880], forced: [4, 6] },
  ...{ overruled: { toRefused: 0, toAllowed: 0 }, vetoed: 0, notAsked: 3 },
  ...{ modelNs: 100_000, callNs: 400_000, forcedBy: 'task', modelBytes: 436, stateBytes: 256 },
  selfTest: 'passed',
};

export function exampleStatus(over: Partial<DeployedStatus> = {}, run = 'exp2-libml'): DeployedStatus {
  return {
    ...{ machine: 'lab', kernel: '6.1.0-49', bootId: 'x', state: 'running', way: 'module' },
    model: {
      ...{ run, experiment: 1, features: ['delta'], wordsSha256: WORDS, bits: 16 },
      at: '2026-11-22T08:00:00.000Z',
    },
    ...{ stats: STATS, trouble: [] },
    ...over,
  };
}

export function exampleMachine(over: Partial<DeployedMachineView> = {}): DeployedMachineView {
  return {
    machine: 'lab',
    state: { kind: 'ready', text: 'connected, nothing is running' },
    ...{ status: exampleStatus(), askedAtMs: 0, failure: null, doing: null },
    ...over,
  };
}
