import type { RunInfo } from '../../../../src/learning/trainer/runFolder.js';

/** A run that finished. */
export function runInfo(changes: Partial<RunInfo> = {}): RunInfo {
  return {
    format: 'kernel-oracle-run',
    version: 1,
    kernelOracleVersion: '1.2.3',
    state: 'finished',
    message: null,
    model: 'tcn',
    task: 'next-task',
    engine: { name: 'embedded', description: 'WebAssembly, 2 threads' },
    dataset: { path: '/lab/sets/mixed', sha256: 'ab' },
    process: null,
    started: '2026-02-03T12:00:00.000Z',
    updated: '2026-02-03T12:10:00.000Z',
    ended: '2026-02-03T12:10:00.000Z',
    parameters: 12_345,
    epoch: 3,
    epochs: 3,
    step: 60,
    best: { epoch: 2, loss: 0.5, accuracy: 0.8741, mae: null },
    ...changes,
  };
}
