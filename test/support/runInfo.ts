import type { RunInfo } from '../../src/learning/trainer/runFolder.js';

/** A finished run of a model that predicts tasks. */
export function runInfo(changes: Partial<RunInfo> = {}): RunInfo {
  return {
    format: 'kernel-oracle-run',
    version: 1,
    kernelOracleVersion: '0.1.0',
    state: 'finished',
    message: null,
    model: 'tcn',
    task: 'next-task',
    engine: { name: 'embedded', description: 'WebAssembly' },
    dataset: { path: '/data', sha256: 'ab' },
    process: null,
    started: '2026-02-03T12:00:00.000Z',
    updated: '2026-02-03T13:00:00.000Z',
    ended: '2026-02-03T13:00:00.000Z',
    parameters: 1000,
    epoch: 10,
    epochs: 10,
    step: 100,
    best: { epoch: 9, loss: 0.4, accuracy: 0.87414, mae: null },
    ...changes,
  };
}
