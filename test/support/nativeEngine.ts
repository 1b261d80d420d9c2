import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { findNativeEngine, type NativeInstallation } from '../../src/learning/engines/native/installation.js';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** Where scripts/native-engine.mjs installs it. */
export const NATIVE_ENGINE_FOLDER = join(CACHE, 'native-engine');

/** The native engine of the tests, or why there is none. */
export type NativeForTests = NativeInstallation | { readonly missing: string };

export async function nativeForTests(): Promise<NativeForTests> {
  const found = await findNativeEngine(NATIVE_ENGINE_FOLDER);
  if (found !== null) return found;
  const reason = join(CACHE, 'native-engine.missing.txt');
  const missing = existsSync(reason)
    ? readFileSync(reason, 'utf8').trim()
    : 'it was not set up (node scripts/native-engine.mjs)';
  return { missing };
}

/** Skips a test that has no native engine, with the reason. */
export function needsNative(
  context: TestContext,
  native: NativeForTests,
): asserts native is NativeInstallation {
  if ('missing' in native) context.skip(`There is no native engine here: ${native.missing}`);
}
