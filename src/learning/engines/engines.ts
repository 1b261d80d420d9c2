/** The engines by name: which there are here, and opening one. */
import { availableParallelism } from 'node:os';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import { EmbeddedEngine } from './embedded/embeddedEngine.js';
import type { Engine } from './engine.js';
import { findNativeEngine, nativeEngineFolder } from './native/installation.js';
import { NativeEngine } from './native/nativeEngine.js';

export const ENGINE_NAMES = ['embedded', 'native'] as const satisfies readonly Engine['name'][];
export type EngineName = (typeof ENGINE_NAMES)[number];

/**
 * @param name `auto`: the native one where it is installed, else the embedded one
 * @param threads 0: as many as there are processors
 * Failures: those of `openNativeEngine`.
 */
export async function openEngineNamed(name: EngineName | 'auto', threads = 0): Promise<Engine> {
  if (name === 'native') return openNativeEngine(threads);
  if (name === 'auto') {
    try {
      return await openNativeEngine(threads);
    } catch (error) {
      // Not installed is how most have it. One that is broken is told of when it is asked for by name, or checked.
      if (!isFailure(error, 'not-found') && !isFailure(error, 'bad-input')) throw error;
    }
  }
  return EmbeddedEngine.create(threads === 0 ? {} : { threads });
}

/**
 * The native engine of this user. Failures: `not-found` with how to install it; `bad-input` when what is installed does not
 * load.
 */
export async function openNativeEngine(threads = 0, folder = nativeEngineFolder()): Promise<Engine> {
  const installation = await findNativeEngine(folder);
  if (installation === null) {
    throw new Failure(
      'not-found',
      `The native engine is not installed (looked in ${folder}). Install it with "kernel-oracle engine install" or, in the ` +
        'editor, with "Install Native TensorFlow Engine…"; or choose the embedded engine, which computes the same.',
    );
  }
  return NativeEngine.create({ addon: installation.addonPath, threads });
}

/** Of one engine, for people who choose. */
export interface EngineState {
  readonly name: EngineName;
  readonly what: string;
  /** Folder of the native engine; `null` for what needs none. */
  readonly where: string | null;
  readonly isUsable: boolean;
  /** Why not; `null` when it is usable. */
  readonly reason: string | null;
}

/** Both engines as they are here. Loads nothing: `engine check` tells whether what is installed works. */
export async function engineStates(folder = nativeEngineFolder()): Promise<readonly EngineState[]> {
  const count = availableParallelism();
  const threads = `${count} ${count === 1 ? 'thread' : 'threads'}`;
  return [
    {
      ...{ name: 'embedded', what: `WebAssembly, ${threads}`, where: null },
      ...{ isUsable: true, reason: null },
    },
    await nativeState(folder),
  ];
}

async function nativeState(folder: string): Promise<EngineState> {
  const state = { name: 'native', where: folder } as const;
  try {
    const found = await findNativeEngine(folder);
    if (found === null)
      return { ...state, what: 'TensorFlow', isUsable: false, reason: 'It is not installed.' };
    const what = `TensorFlow ${found.tensorFlow}, installed ${found.installed.slice(0, 10)} (${found.source})`;
    return { ...state, what, isUsable: true, reason: null };
  } catch (error) {
    return { ...state, what: 'TensorFlow', isUsable: false, reason: messageOf(error) };
  }
}
