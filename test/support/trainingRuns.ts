import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { parseConfig, type TrainingConfig } from '../../src/learning/trainer/config/config.js';

/** A configuration that trains in a moment. */
export function littleConfig(changes: Record<string, unknown> = {}): TrainingConfig {
  const text = stringify({
    dataset: '/data',
    model: { name: 'tcn', settings: { taskEmbedding: 4, stateEmbedding: 2, projection: 6, blocks: 2 } },
    windows: { length: 8, stride: 8 },
    epochs: 3,
    batchSize: 8,
    checkpoints: { everySeconds: 0 },
    ...changes,
  });
  return parseConfig(text, '/lab/kernel-oracle.yaml');
}

/** Hash of the weights that a run ended with. */
export function weightsHash(runFolder: string, checkpoint: 'best' | 'latest' = 'latest'): string {
  const bytes = readFileSync(join(runFolder, 'checkpoints', checkpoint, 'weights.safetensors'));
  return createHash('sha256').update(bytes).digest('hex');
}
