import { Failure } from '../../base/errors.js';
import { EmbeddedEngine } from '../engines/embedded/embeddedEngine.js';
import type { Engine } from '../engines/engine.js';
import type { TrainingConfig } from './config/config.js';

/** The engine that a configuration asks for. Failure `not-found` when it is not there. */
export async function openEngine({ name, threads }: TrainingConfig['engine']): Promise<Engine> {
  if (name === 'native') {
    throw new Failure(
      'not-found',
      'The native engine is not there: set engine.name to embedded, which computes the same.',
    );
  }
  return EmbeddedEngine.create(threads === 0 ? {} : { threads });
}
