/** Where the native engine is installed, and what of it. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import * as v from 'valibot';
import { Failure, messageOf } from '../../../base/errors.js';

/** In place of the usual folder; the editor names one in its own storage to the processes that it starts. */
export const NATIVE_ENGINE_VARIABLE = 'KERNEL_ORACLE_NATIVE_ENGINE';

/** Written last: what has no manifest is no installation. */
export const MANIFEST_FILE = 'native-engine.json';

export const SOURCE_KINDS = ['download', 'wheel', 'path'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

const manifestSchema = v.object({
  format: v.literal('kernel-oracle-native-engine'),
  version: v.literal(1),
  source: v.picklist(SOURCE_KINDS),
  /** From this folder, or absolute when it is the user's. */
  addon: v.pipe(v.string(), v.minLength(1)),
  tensorFlow: v.string(),
  /** ISO 8601 */
  installed: v.string(),
});

export type NativeManifest = v.InferOutput<typeof manifestSchema>;

export interface NativeInstallation extends NativeManifest {
  readonly folder: string;
  /** Absolute. */
  readonly addonPath: string;
}

/** The folder of the native engine, installed or not. */
export function nativeEngineFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const told = environment[NATIVE_ENGINE_VARIABLE];
  if (told !== undefined && told !== '') return resolve(told);
  const data = environment['XDG_DATA_HOME'];
  // A relative one is to be ignored (XDG Base Directory Specification 0.8).
  const base = data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local', 'share');
  return join(base, 'kernel-oracle', 'native-engine');
}

/** What is installed in a folder, or `null`. Failure `bad-input` for a manifest that is none. */
export async function findNativeEngine(folder: string): Promise<NativeInstallation | null> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return null;
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const parsed = v.safeParse(manifestSchema, fromJson(text));
  if (!parsed.success) {
    throw new Failure(
      'bad-input',
      `${path} describes no native engine that this version knows. Install it again: kernel-oracle engine install`,
    );
  }
  return { ...parsed.output, folder, addonPath: resolve(folder, parsed.output.addon) };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
