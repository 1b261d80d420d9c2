import { modelKindOf, type TrainingConfig } from './config/config.js';
import type { RunInfo } from './runFolder.js';

/** What is told of a run that waits: nothing of it is known but its configuration. @param time ISO 8601, UTC */
export function newRun(config: TrainingConfig, kernelOracleVersion: string, time: string): RunInfo {
  const { name, task } = modelKindOf(config);
  return {
    format: 'kernel-oracle-run',
    version: 1,
    kernelOracleVersion,
    state: 'queued',
    message: null,
    model: name,
    task,
    engine: { name: config.engine.name, description: '' },
    dataset: { path: config.dataset, sha256: '' },
    process: null,
    started: time,
    updated: time,
    ended: null,
    parameters: 0,
    epoch: 0,
    epochs: config.epochs,
    step: 0,
    best: null,
  };
}
