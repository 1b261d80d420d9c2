import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';
import { requireFree, writeFolder, type FolderPlan } from '../../dataset/files/wholeFolder.js';
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { carriedAgreement, type DecisionCounts } from './agreement.js';
import { DIFFERING_FILE, makefile, readmeText } from './buildTexts.js';
import { isReadable } from './columnExpressions.js';
import { EBPF_BUILT, EBPF_LIBRARY_FILES, ebpfFiles, wordBytes } from './ebpfSources.js';
import {
  carriedModel,
  EMIT_TARGETS,
  type CarriedBits,
  type CarriedModel,
  type CarryOptions,
  type EmitTarget,
} from './carriedModel.js';
import { LIBRARY_FILES, MODEL_HEADER, modelHeader, MODEL_SOURCE, modelSource } from './modelSources.js';
import { MODULE_BUILT, MODULE_LIBRARY_FILES, moduleFiles } from './moduleSources.js';
import type { NamedFile } from './namedFile.js';
import { SAMPLES_HEADER, samplesHeader, SELF_TEST, selfTest } from './selfTest.js';
import { SWAP_FILE, swapFile } from './swapFile.js';

export interface EmitOptions extends CarryOptions {
  /** Of the run, for headers. */
  readonly name: string;
  /** Folder to write; appears whole or not at all. */
  readonly output: string;
  /** Replace what was emitted there before. */
  readonly replace: boolean;
  /** Folder of LibML's sources: media/libml. */
  readonly library: string;
  readonly kernelOracleVersion: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a program needs to know of an emitted folder: `emitted.json` in it. */
export interface Emitted {
  readonly format: typeof FORMAT;
  readonly version: 1;
  readonly kernelOracleVersion: string;
  readonly target: EmitTarget;
  readonly form: CarriedModel['form'];
  /** Of a weight; 32: floats, null: a tree. */
  readonly bits: CarriedBits | null;
  readonly run: { readonly name: string; readonly made: string; readonly modelSha256: string };
  readonly experiment: 1 | 2 | 3;
  readonly features: readonly string[];
  readonly modelBytes: number;
  readonly stateBytes: number;
  /** SHA-256 of the words, little-endian, of one array behind the other. */
  readonly wordsSha256: string;
  readonly withFloat: DecisionCounts | null;
  readonly asTrained: DecisionCounts;
  /** By path. */
  readonly files: readonly string[];
}

/** What differs from target to target, beside README.txt and what of LibML runs the model. */
interface TargetFiles {
  /** It runs in a kernel: by a program `control`, and with a model to swap in. */
  readonly isKernel: boolean;
  /** @param name of the run */
  readonly filesOf: (run: TrainedRun, carried: CarriedModel, name: string) => NamedFile[];
  /** Paths below media/libml; each goes to the folder by its last name. */
  readonly library: readonly string[];
  /** What building leaves there, by name or by what a name ends in. */
  readonly built: { readonly names: readonly string[]; readonly ends: readonly string[] };
}

const C_FILES: TargetFiles = {
  isKernel: false,
  filesOf: cFiles,
  library: [],
  built: { names: ['selftest'], ends: [] },
};

const TARGETS: Readonly<Record<EmitTarget, TargetFiles>> = {
  c: C_FILES,
  'c-fixed': C_FILES,
  ebpf: { isKernel: true, filesOf: ebpfFiles, library: EBPF_LIBRARY_FILES, built: EBPF_BUILT },
  module: { isKernel: true, filesOf: moduleFiles, library: MODULE_LIBRARY_FILES, built: MODULE_BUILT },
};

/** Of a target for a kernel: the program that builds, loads and asks it. */
const CONTROL = 'control';
const FORMAT = 'kernel-oracle-emitted';
const MANIFEST = 'emitted.json';
const LIBRARY_FOLDER = 'libml';

/**
 * Writes a trained model as sources that need nothing else: the model, what it needs of LibML, and a self-test. The same run and
 * options make the same files.
 * Failures: those of `carriedModel`; `wrong-usage` (a column that cannot be read in a kernel); `write-failed`, also when there is
 * something else of that name; `read-failed` (the library); `cancelled`.
 */
export async function emitRun(run: TrainedRun, options: EmitOptions): Promise<Emitted> {
  const plan = planOf(options);
  await requireFree(plan);
  const carried = carriedModel(run.model, run.calibration, options);
  const agreement = carriedAgreement(run, carried);
  const { isKernel, filesOf } = TARGETS[options.target];
  if (isKernel) requireReadable(run);
  const files = new Map<string, string | Uint8Array>([
    ...filesOf(run, carried, options.name),
    ...(isKernel ? [[SWAP_FILE, swapFile(carried, run.model.features.length, run.samples)] as const] : []),
    ['README.txt', readmeText(run, carried, agreement, options)],
    ...(agreement.differing === null ? [] : [[DIFFERING_FILE, agreement.differing] as const]),
    ...(await libraryFiles(carried, options)),
  ]);
  const emitted: Emitted = {
    format: FORMAT,
    version: 1,
    kernelOracleVersion: options.kernelOracleVersion,
    target: options.target,
    form: carried.form,
    bits: carried.bits,
    run: { name: options.name, made: run.info.made, modelSha256: run.info.files.model },
    experiment: run.info.experiment,
    features: run.model.features.map(({ name }) => name),
    modelBytes: carried.bytes,
    stateBytes: carried.stateBytes,
    wordsSha256: wordsDigest(carried),
    withFloat: agreement.withFloat,
    asTrained: agreement.asTrained,
    files: [...files.keys(), MANIFEST].sort(),
  };
  return writeFolder(plan, async (folder) => {
    await mkdir(join(folder, LIBRARY_FOLDER));
    for (const [name, content] of files) await writeFileAtomically(join(folder, name), [content]);
    if (files.has(CONTROL)) await chmod(join(folder, CONTROL), 0o755);
    await writeFileAtomically(join(folder, MANIFEST), [`${JSON.stringify(emitted, null, 2)}\n`]);
    return emitted;
  });
}

function cFiles(run: TrainedRun, carried: CarriedModel, name: string): NamedFile[] {
  return [
    [MODEL_HEADER, modelHeader(run, carried, name)],
    [MODEL_SOURCE, modelSource(run, carried, name)],
    [SAMPLES_HEADER, samplesHeader(run, carried, name)],
    [SELF_TEST, selfTest(carried)],
    ['Makefile', makefile(carried)],
  ];
}

function requireReadable({ model }: TrainedRun): void {
  const unread = model.features.map(({ name }) => name).filter((name) => !isReadable(name));
  if (unread.length === 0) return;
  throw new Failure('wrong-usage', `In a kernel ${unread.join(', ')} cannot be read: train without.`);
}

async function libraryFiles({ form }: CarriedModel, { library, target }: EmitOptions): Promise<NamedFile[]> {
  const { headers, sources } = LIBRARY_FILES[form];
  const names = [...headers, ...sources].map((name) => [`${LIBRARY_FOLDER}/${name}`, name] as const);
  const ofTarget = TARGETS[target].library.map((path) => [basename(path), path] as const);
  return Promise.all(
    [...names, ...ofTarget].map(async ([name, source]): Promise<NamedFile> => {
      const path = join(library, source);
      try {
        return [name, await readFile(path, 'utf8')];
      } catch (error) {
        throw new Failure(
          'read-failed',
          `${path}, a part of KernelOracle, cannot be read: ${messageOf(error)}. Install KernelOracle again.`,
          { cause: error },
        );
      }
    }),
  );
}

export function wordsDigest({ arrays }: CarriedModel): string {
  const hash = createHash('sha256');
  for (const { words } of arrays) hash.update(wordBytes(words));
  return hash.digest('hex');
}

function planOf({ output, replace, signal }: EmitOptions): FolderPlan {
  return {
    path: output,
    mayReplace: async (folder) => replace && (await isEmitted(folder)),
    advice: replace
      ? 'it holds something else than an emitted model. Name another folder.'
      : 'name another folder, or let it be replaced (on the command line: --force).',
    signal,
  };
}

const manifest = v.object({
  format: v.literal(FORMAT),
  target: v.picklist(EMIT_TARGETS),
  files: v.array(v.string()),
});

/** Whether nothing is in it but what was emitted, and built of it. */
async function isEmitted(folder: string): Promise<boolean> {
  try {
    const told = v.parse(manifest, JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
    const { built } = TARGETS[told.target];
    const known = new Set([...told.files, ...built.names, LIBRARY_FOLDER]);
    const names = await readdir(folder, { recursive: true });
    return names.every((name) => known.has(name) || built.ends.some((end) => name.endsWith(end)));
  } catch {
    return false;
  }
}
