/** Child process that checks an engine by a small training: `fork` it with the addon of the native engine, or with nothing. */
import { messageOf } from '../base/errors.js';
import { EmbeddedEngine } from '../learning/engines/embedded/embeddedEngine.js';
import { checkEngine, type EngineCheckAnswer } from '../learning/engines/native/engineCheck.js';
import { NativeEngine } from '../learning/engines/native/nativeEngine.js';

async function answer(): Promise<EngineCheckAnswer> {
  const addon = process.argv[2];
  try {
    const engine = addon === undefined ? await EmbeddedEngine.create() : NativeEngine.create({ addon });
    try {
      return await checkEngine(engine);
    } finally {
      engine.dispose();
    }
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

void answer().then((result) => process.send?.(result, undefined, undefined, () => process.disconnect()));
