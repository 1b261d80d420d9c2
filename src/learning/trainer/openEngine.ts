import { openEngineNamed } from '../engines/engines.js';
import type { Engine } from '../engines/engine.js';
import type { TrainingConfig } from './config/config.js';

/** The engine that a configuration asks for. Failures: `not-found` when it is not there, `bad-input` when it does not load. */
export function openEngine({ name, threads }: TrainingConfig['engine']): Promise<Engine> {
  return openEngineNamed(name, threads);
}
