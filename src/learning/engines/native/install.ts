/** Installing the native engine, from where a user can get it. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { throwIfCancelled } from '../../../base/cancellation.js';
import { Failure, isFailure, messageOf } from '../../../base/errors.js';
import { buildAddon, TFJS_NODE } from './addonBuild.js';
import { checkInProcess, type EngineCheck } from './engineCheck.js';
import { ADDON, addonWithin, libTensorFlowWithin } from './foundLibraries.js';
import {
  findNativeEngine,
  MANIFEST_FILE,
  type NativeInstallation,
  type NativeManifest,
} from './installation.js';
import { runProgram } from './program.js';
import { extractFromWheel } from './wheelFile.js';

export type InstallSource =
  /** The package with its own installation, which fetches libtensorflow. */
  | { readonly kind: 'download' }
  /** A wheel of tensorflow-cpu; without a path pip fetches one. */
  | { readonly kind: 'wheel'; readonly path?: string | undefined }
  /** A folder that has the package installed, or libtensorflow with `include` and `lib`. It must stay where it is. */
  | { readonly kind: 'path'; readonly path: string };

export interface InstallOptions {
  /** `nativeEngineFolder()`, or another. */
  readonly folder: string;
  readonly source: InstallSource;
  /** The built `workers/engineCheck.ts`. */
  readonly checkProgram: string;
  readonly signal?: AbortSignal | undefined;
  /** What is being done now. */
  readonly onProgress?: (text: string) => void;
}

interface Work {
  /** Everything is made in here, and takes the folder's name at the end. */
  readonly part: string;
  /** For what is not part of the result. */
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}

const OTHERWISE =
  'Where that place cannot be reached, install from a wheel of tensorflow-cpu ("kernel-oracle engine install --from wheel") or ' +
  'from a folder that has @tensorflow/tfjs-node ("--from path --path FOLDER").';

/**
 * Installs the native engine and checks it by a small training. Nothing is left of an installation that failed or was
 * cancelled, and one that was there before stays. Failures say what to do: `not-found`, `bad-input`, `write-failed`, `cancelled`.
 */
export async function installNativeEngine(
  options: InstallOptions,
): Promise<{ readonly installation: NativeInstallation; readonly check: EngineCheck }> {
  const { source, signal } = options;
  const folder = resolve(options.folder);
  const onProgress = options.onProgress ?? (() => undefined);
  await requireOurs(folder);
  const part = `${folder}.part`;
  try {
    await writing(part, async () => {
      await rm(part, { recursive: true, force: true });
      await mkdir(join(part, 'scratch'), { recursive: true });
    });
    const work: Work = { part, scratch: join(part, 'scratch'), signal, onProgress };
    const addon = await madeFrom(source, work);
    throwIfCancelled(signal);
    onProgress('Checking the engine with a small training');
    const check = await checkInProcess(options.checkProgram, resolve(part, addon), signal);
    const manifest: NativeManifest = {
      format: 'kernel-oracle-native-engine',
      version: 1,
      source: source.kind,
      addon,
      tensorFlow: /TensorFlow (\S+?)\)/.exec(check.description)?.[1] ?? 'unknown',
      installed: new Date().toISOString(),
    };
    await writing(folder, async () => {
      await rm(work.scratch, { recursive: true, force: true });
      await writeFile(join(part, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
      throwIfCancelled(signal);
      await rm(folder, { recursive: true, force: true });
      await rename(part, folder);
    });
    return { installation: { ...manifest, folder, addonPath: resolve(folder, addon) }, check };
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Only what is an installation, or nothing, is replaced. */
async function requireOurs(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new Failure('write-failed', `${folder} cannot be used: ${messageOf(error)}`, { cause: error });
  });
  if (names.length === 0 || names.includes(MANIFEST_FILE)) return;
  throw new Failure(
    'wrong-usage',
    `${folder} holds something else than the native engine: name another folder.`,
  );
}

async function writing(place: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure('write-failed', `${place} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** @returns the addon: from the part folder, or absolute */
function madeFrom(source: InstallSource, work: Work): Promise<string> {
  switch (source.kind) {
    case 'download':
      return downloaded(work);
    case 'wheel':
      return fromWheel(source.path, work);
    case 'path':
      return fromPath(resolve(source.path), work);
  }
}

async function downloaded({ part, signal, onProgress }: Work): Promise<string> {
  onProgress(`Installing ${TFJS_NODE}, which downloads libtensorflow`);
  await writeFile(join(part, 'package.json'), '{ "private": true }\n');
  await runProgram('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', TFJS_NODE], {
    cwd: part,
    signal,
    doing: `Installing ${TFJS_NODE} with its own download`,
    remedy: OTHERWISE,
  });
  const addon = await addonWithin(part);
  if (addon !== null) return join('node_modules', addon.slice(join(part, 'node_modules').length + 1));
  throw new Failure(
    'not-found',
    `${TFJS_NODE} was installed, but has no addon for this machine. ${OTHERWISE}`,
  );
}

async function fromWheel(given: string | undefined, work: Work): Promise<string> {
  const { part, scratch, signal, onProgress } = work;
  const path = given === undefined ? await fetchedWheel(work) : resolve(given);
  onProgress('Extracting TensorFlow from the wheel');
  const include = join(scratch, 'include');
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  const names = await extractFromWheel(path, (name) => wheelTarget(name, join(part, 'lib'), include), signal);
  const missing = libraries.find((library) => !names.includes(`tensorflow/${library}`));
  if (missing !== undefined) {
    throw new Failure(
      'bad-input',
      `${path} has no tensorflow/${missing}: it is no wheel of tensorflow-cpu for Linux (2.17 or later).`,
    );
  }
  await buildAddon({
    ...{ workFolder: scratch, include, runPath: '$ORIGIN', addon: join(part, ADDON), signal, onProgress },
    libraries: libraries.map((library) => join(part, 'lib', library)),
  });
  return ADDON;
}

/** Libraries, and the headers of the C interface with what they include. */
function wheelTarget(name: string, libraries: string, include: string): string | null {
  if (name.includes('..')) return null;
  const library = /^tensorflow\/(lib(?:tensorflow_cc|tensorflow_framework)\.so\.2)$/.exec(name)?.[1];
  if (library !== undefined) return join(libraries, library);
  const header =
    /^tensorflow\/include\/((?:tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c\/).*\.h)$/.exec(
      name,
    )?.[1];
  return header === undefined ? null : join(include, header);
}

async function fetchedWheel({ scratch, signal, onProgress }: Work): Promise<string> {
  onProgress('Fetching the wheel tensorflow-cpu with pip');
  const folder = join(scratch, 'wheel');
  await runProgram(
    'python3',
    [
      ...[
        '-m',
        'pip',
        'download',
        '--quiet',
        '--disable-pip-version-check',
        '--retries',
        '1',
        '--timeout',
        '20',
      ],
      ...['--no-deps', '--only-binary', ':all:', '--dest', folder, 'tensorflow-cpu'],
    ],
    {
      signal,
      doing: 'Fetching tensorflow-cpu',
      remedy:
        'Python 3 with pip is needed, and an index that has tensorflow-cpu for it; or download a wheel elsewhere and name it ' +
        '("--from wheel --path FILE").',
    },
  );
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel !== undefined) return join(folder, wheel);
  throw new Failure('not-found', 'pip download left no wheel of tensorflow-cpu.');
}

async function fromPath(path: string, { part, scratch, signal, onProgress }: Work): Promise<string> {
  if (!existsSync(path)) throw new Failure('not-found', `There is no ${path}.`);
  onProgress(`Looking for TensorFlow in ${path}`);
  // Another installation of ours.
  const other = await findNativeEngine(path).catch(() => null);
  if (other !== null) return other.addonPath;
  const addon = await addonWithin(path);
  if (addon !== null) return addon;
  const found = await libTensorFlowWithin(path);
  if (found !== null) {
    const { include, libraries, folder } = found;
    const made = { include, libraries, runPath: folder, addon: join(part, ADDON) };
    await buildAddon({ ...made, workFolder: scratch, signal, onProgress });
    return ADDON;
  }
  throw new Failure(
    'bad-input',
    `${path} has neither @tensorflow/tfjs-node with its addon nor libtensorflow (include/tensorflow/c/c_api.h and ` +
      'lib/libtensorflow.so.2): name the folder in which one of them is.',
  );
}
