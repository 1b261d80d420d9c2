import { mkdir } from 'node:fs/promises';
import { Failure, messageOf } from '../../../base/errors.js';

/** Where measurements are written; made when it is not there. Failure: `write-failed`. */
export async function makeOutputFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new Failure('write-failed', `${path} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}
