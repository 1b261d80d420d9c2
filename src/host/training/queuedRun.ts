import { mkdir } from 'node:fs/promises';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure } from '../../base/errors.js';
import { configText, type TrainingConfig } from '../../learning/trainer/config/config.js';
import { newRun } from '../../learning/trainer/newRun.js';
import {
  readRun,
  runPaths,
  stateOf,
  thisProcess,
  writeRun,
  type RunInfo,
  type RunState,
} from '../../learning/trainer/runFolder.js';
import { RunLog } from '../../learning/trainer/runLog.js';
import type { TrainingJob } from './trainingJob.js';

/**
 * Writes down a run that waits, with all that it will be made from: it outlives the window, and changes of the file that it
 * came from do not reach it. Failures: `wrong-usage` for a folder that has a run, `write-failed`.
 */
export async function writeQueuedRun(
  folder: string,
  config: TrainingConfig,
  kernelOracleVersion: string,
  now: Date,
): Promise<void> {
  if ((await readRun(folder)) !== null) throw new Failure('wrong-usage', `${folder} holds a run already.`);
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(runPaths(folder).config, [configText(config)]);
  // Whose queue it is in: once this process is gone, it waits for nobody.
  await writeRun(folder, {
    ...newRun(config, kernelOracleVersion, now.toISOString()),
    process: thisProcess(),
  });
}

/**
 * Puts into the files of a run that is over what only the queue knows: that it never began, or how its process died. Failures:
 * `read-failed`, `bad-input`, `write-failed`.
 */
export async function settleRun(
  { runFolder, state, message }: Pick<TrainingJob, 'runFolder' | 'state' | 'message'>,
  now: Date,
): Promise<void> {
  if (state !== 'cancelled' && state !== 'failed') return;
  const run = await readRun(runFolder);
  if (run === null) return;
  // A run that could still tell that it failed has put it into its log, too.
  if (state === 'failed' && run.state !== 'failed') {
    new RunLog(runPaths(runFolder).log, () => now.getTime()).error(message ?? 'failed');
  }
  if (run.state !== 'queued') return;
  const time = now.toISOString();
  await writeRun(runFolder, { ...run, state, message, process: null, updated: time, ended: time });
}

/** What a run is now. One that waited in the queue of a window that is gone was interrupted, too. */
export function presentState(run: RunInfo): RunState {
  if (run.state !== 'queued') return stateOf(run);
  return stateOf({ ...run, state: 'running' }) === 'running' ? 'queued' : 'interrupted';
}
