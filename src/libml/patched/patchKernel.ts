/** Puts a trained model into the source of a kernel, and takes it out again. */
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { Failure } from '../../base/errors.js';
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import {
  ADDED_FOLDER,
  applied,
  FAIR_SOURCE,
  kernelEdits,
  OPTIONS_FILE,
  reverted,
  SCHED_MAKEFILE,
  type FileEdit,
} from './kernelEdits.js';
import { OUR_FOLDER, patchedFiles, type PatchedModel, type PatchedModelOptions } from './patchedFiles.js';
import { changeFiles, kernelVersion, readSource, type FileContent } from './sourceTree.js';
import { fileDiff } from './unifiedDiff.js';

export const PATCH_FILE = `${OUR_FOLDER}/kernel-oracle.patch`;
/** POSIX sh: `needs`, `configure`, `build`. */
export const BUILD_PROGRAM = `${OUR_FOLDER}/build.sh`;
const STATE_FILE = `${OUR_FOLDER}/patched.json`;
const FORMAT = 'kernel-oracle-patched';

export interface PatchKernelOptions extends PatchedModelOptions {
  readonly kernelOracleVersion: string;
  readonly signal?: AbortSignal | undefined;
}

export interface PatchedKernel {
  /** Of the source: `6.1.192`. */
  readonly version: string;
  readonly run: string;
  readonly experiment: 1 | 2 | 3;
  readonly features: readonly string[];
  readonly models: readonly PatchedModel[];
  /** Paths from the folder of the source. */
  readonly edited: readonly string[];
  readonly added: readonly string[];
  /** Files that were written or removed now; 0: all was there already. */
  readonly changed: number;
}

/**
 * Edits the source and adds the model with what runs it, all or nothing. What an earlier model left there makes room; the same
 * model again changes nothing. The option is off: the kernel becomes another one only when it is configured so.
 * Failures: `bad-input` (no source of a kernel, or a place of it is not as known), `write-failed`, `read-failed`, `cancelled`,
 * and those of `patchedFiles`.
 */
export async function patchKernel(
  source: string,
  run: TrainedRun,
  options: PatchKernelOptions,
): Promise<PatchedKernel> {
  const version = await kernelVersion(source);
  const earlier = await readState(source);
  if (earlier === null) await requireRoom(source);
  const pristine = await pristineTexts(source, earlier?.edits ?? []);
  const edits = kernelEdits({
    options: pristine.get(OPTIONS_FILE)!,
    makefile: pristine.get(SCHED_MAKEFILE)!,
    fair: pristine.get(FAIR_SOURCE)!,
  });
  const { added, programs, models } = await patchedFiles(run, options);
  const edited = edits.map((edit) => [edit.path, applied(pristine.get(edit.path)!, edit)] as const);
  const { experiment } = run.info;
  const state: State = {
    ...{ format: FORMAT, version: 1, kernelOracleVersion: options.kernelOracleVersion, kernel: version },
    ...{ run: options.name, edits: edits as State['edits'] },
    files: [...added.keys(), ...programs.keys(), PATCH_FILE],
  };
  const gone = (earlier?.files ?? []).filter((path) => !state.files.includes(path));
  const changes = new Map<string, FileContent | null>([
    [STATE_FILE, { bytes: `${JSON.stringify(state, null, 2)}\n` }],
    ...gone.map((path) => [path, null] as const),
    [PATCH_FILE, { bytes: patchText(pristine, edited, added) }],
    ...programs,
    ...added,
    ...edited.map(([path, bytes]) => [path, { bytes }] as const),
  ]);
  const changed = await changeFiles(source, changes, options.signal);
  return {
    ...{ version, run: options.name, experiment, models, changed },
    features: run.model.features.map(({ name }) => name),
    edited: edited.map(([path]) => path),
    added: [...added.keys()],
  };
}

/**
 * Takes out what `patchKernel` has put there, and what was compiled of it. Returns the version of the source.
 * Failures: `not-found` (nothing of ours is there), `bad-input` (a place was changed since), `write-failed`, `cancelled`.
 */
export async function unpatchKernel(source: string, signal?: AbortSignal): Promise<string> {
  const version = await kernelVersion(source);
  const state = await readState(source);
  if (state === null) {
    throw new Failure(
      'not-found',
      `There is nothing to take back in ${source}: it has no ${STATE_FILE}, so KernelOracle has not patched it.`,
    );
  }
  const pristine = await pristineTexts(source, state.edits);
  await changeFiles(
    source,
    new Map<string, FileContent | null>([
      ...[...pristine].map(([path, bytes]) => [path, { bytes }] as const),
      ...state.files.map((path) => [path, null] as const),
      [STATE_FILE, null],
    ]),
    signal,
  );
  await removeEmptied(join(source, ADDED_FOLDER));
  await removeEmptied(join(source, OUR_FOLDER));
  return version;
}

const state = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  kernelOracleVersion: v.string(),
  kernel: v.string(),
  run: v.string(),
  edits: v.array(
    v.object({
      path: v.picklist([OPTIONS_FILE, SCHED_MAKEFILE, FAIR_SOURCE]),
      replacements: v.array(v.object({ before: v.string(), after: v.pipe(v.string(), v.nonEmpty()) })),
    }),
  ),
  files: v.array(v.pipe(v.string(), v.regex(/^(?:kernel\/sched\/ml|kernel-oracle)\/[\w-]+(?:[/.][\w-]+)*$/))),
});
type State = v.InferOutput<typeof state>;

/** Null: KernelOracle has done nothing there. Failure `bad-input`: what it wrote of itself is damaged. */
async function readState(source: string): Promise<State | null> {
  const text = await readSource(source, STATE_FILE);
  if (text === null) return null;
  try {
    return v.parse(state, JSON.parse(text));
  } catch (error) {
    throw new Failure(
      'bad-input',
      `${join(source, STATE_FILE)} does not say what was done to this source: it is damaged, or of another version of KernelOracle. Unpack the source anew, or undo it by hand: patch -p1 -R < ${PATCH_FILE}.`,
      { cause: error },
    );
  }
}

async function requireRoom(source: string): Promise<void> {
  for (const folder of [ADDED_FOLDER, OUR_FOLDER]) {
    let names: string[];
    try {
      names = await readdir(join(source, folder));
    } catch {
      continue;
    }
    if (names.length === 0) continue;
    throw new Failure(
      'write-failed',
      `${join(source, folder)} exists and is not of KernelOracle, which would put the model there. Take an unchanged source.`,
    );
  }
}

/** The files that are edited, as they were without us. */
async function pristineTexts(source: string, edits: readonly FileEdit[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const path of [OPTIONS_FILE, SCHED_MAKEFILE, FAIR_SOURCE]) {
    const text = await readSource(source, path);
    if (text === null) {
      throw new Failure('bad-input', `${source} is not the whole source of a kernel: ${path} is not there.`);
    }
    const edit = edits.find((each) => each.path === path);
    texts.set(path, edit === undefined ? text : reverted(text, edit));
  }
  return texts;
}

/** Of the kernel alone: our own programs need not be read with it. */
function patchText(
  pristine: ReadonlyMap<string, string>,
  edited: readonly (readonly [path: string, text: string])[],
  added: ReadonlyMap<string, FileContent>,
): string {
  return [
    ...edited.map(([path, text]) => fileDiff(path, pristine.get(path)!, text)),
    ...[...added].map(([path, { bytes }]) => fileDiff(path, null, String(bytes))),
  ].join('');
}

const COMPILED = /\.(?:o|a|cmd|order|d|su|gcno|tmp|mod)$/;

/** What compiling left, and folders with nothing in them; anything else stays. */
async function removeEmptied(folder: string): Promise<void> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (entry.isDirectory()) await removeEmptied(join(folder, entry.name));
    else if (COMPILED.test(entry.name)) await rm(join(folder, entry.name));
  }
  if ((await readdir(folder)).length === 0) await rmdir(folder);
}
