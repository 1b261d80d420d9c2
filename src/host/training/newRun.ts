import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TrainingConfig } from '../../learning/trainer/config/config.js';
import { runPaths } from '../../learning/trainer/runFolder.js';
import { timeStamp } from '../work/collectChoices.js';

/** Names of training configurations, for searching and for a look at one. */
export const CONFIG_GLOB = '**/{kernel-oracle.yaml,*.kernel-oracle.yaml}';

export function isConfigPath(path: string): boolean {
  return /^(?:.+\.)?kernel-oracle\.yaml$/.test(basename(path));
}

/** Whether a configuration is the one that a run keeps in its folder. */
export function isOfRun(configPath: string): Promise<boolean> {
  return exists(runPaths(dirname(configPath)).run);
}

/**
 * Where a new run goes: `runs/lstm-20261121-114503` beside its configuration; beside the run whose configuration it is. With
 * a number behind it when it is there already.
 */
export async function newRunFolder(configPath: string, config: TrainingConfig, now: Date): Promise<string> {
  const folder = dirname(configPath);
  const runs = (await isOfRun(configPath)) ? dirname(folder) : join(folder, 'runs');
  const path = join(runs, `${config.model.name}-${timeStamp(now)}`);
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    if (!(await exists(candidate))) return candidate;
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
