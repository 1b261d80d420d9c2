import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { Failure, messageOf } from '../../base/errors.js';
import { parseConfig, type TrainingConfig } from './config/config.js';
import { runPaths } from './runFolder.js';

/** What may differ when a run goes on: it changes how long and where it is computed, not what. */
const FREE: ReadonlySet<string> = new Set(['epochs', 'engine', 'checkpoints', 'evaluation', 'earlyStopping']);

/** The configuration that a run was made with. Failures: `not-found`, `bad-input`. */
export async function readRunConfig(folder: string): Promise<TrainingConfig> {
  const { config: path } = runPaths(folder);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Failure('not-found', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseConfig(text, path);
}

/** Failure `wrong-usage` when a run would go on with settings that make it another one. */
export function requireSameConfig(before: TrainingConfig, now: TrainingConfig, folder: string): void {
  const keys = Object.keys(before) as (keyof TrainingConfig)[];
  const changed = keys.filter((key) => !FREE.has(key) && !isDeepStrictEqual(before[key], now[key]));
  if (changed.length === 0) return;
  throw new Failure(
    'wrong-usage',
    `The run in ${folder} was made with other values of ${changed.join(', ')}: resume it with its own ${runPaths(folder).config}, or start a new one.`,
  );
}
