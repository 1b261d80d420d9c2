import type { RunInfo } from '../../../../src/learning/trainer/runFolder.js';
import { runInfo as finishedRun } from '../../../support/runInfo.js';

/** A run of three epochs that finished. */
export function runInfo(changes: Partial<RunInfo> = {}): RunInfo {
  return finishedRun({
    kernelOracleVersion: '1.2.3',
    engine: { name: 'embedded', description: 'WebAssembly, 2 threads' },
    dataset: { path: '/lab/sets/mixed', sha256: 'ab' },
    updated: '2026-02-03T12:10:00.000Z',
    ended: '2026-02-03T12:10:00.000Z',
    parameters: 12_345,
    epoch: 3,
    epochs: 3,
    step: 60,
    best: { epoch: 2, loss: 0.5, accuracy: 0.8741, mae: null },
    ...changes,
  });
}
