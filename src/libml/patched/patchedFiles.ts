/** What is added to the source of a kernel: the model in the forms that it can have there, what runs it, and what builds and asks it. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure, messageOf } from '../../base/errors.js';
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { carriedAgreement, type DecisionCounts } from '../emit/agreement.js';
import { carriedModel, type CarriedBits, type CarriedModel } from '../emit/carriedModel.js';
import { LIBRARY_FILES } from '../emit/modelSources.js';
import { CORE_LIBRARY_FILES, coreFiles } from '../emit/moduleSources.js';
import { SWAP_FILE, swapFile } from '../emit/swapFile.js';
import { ADDED_FOLDER } from './kernelEdits.js';
import type { FileContent } from './sourceTree.js';

/** Folder in the source for what is not of the kernel: the program that builds it, the patch, what was done. */
export const OUR_FOLDER = 'kernel-oracle';

/** Of media/libml/patched; the core it shares with a module. */
const OWN_FILES = ['Kconfig', 'Makefile', 'flags.make', 'hook.c', 'hook.h'] as const;
const PROGRAMS = ['build.sh', 'control'] as const;
/** Folders of ADDED_FOLDER; the option FIXED_POINT_ML chooses. */
export type PatchedForm = 'fixed-point' | 'float';

export interface PatchedModel {
  readonly form: PatchedForm;
  /** Null: a tree, which asks questions about whole numbers. */
  readonly bits: CarriedBits | null;
  readonly modelBytes: number;
  /** What a decision needs besides, on each CPU. */
  readonly stateBytes: number;
  readonly withFloat: DecisionCounts | null;
  readonly asTrained: DecisionCounts;
}

export interface PatchedFiles {
  /** Of the kernel, by path from the folder of the source. */
  readonly added: ReadonlyMap<string, FileContent>;
  /** Of OUR_FOLDER, likewise. */
  readonly programs: ReadonlyMap<string, FileContent>;
  readonly models: readonly PatchedModel[];
}

export interface PatchedModelOptions {
  /** Of the run, for headers. */
  readonly name: string;
  /** Of weights in fixed point; 16 unless given. */
  readonly bits?: 8 | 16 | undefined;
  /** Folder of LibML's sources: media/libml. */
  readonly library: string;
}

/** Failures: those of `carriedModel`; `read-failed` (the library). */
export async function patchedFiles(run: TrainedRun, options: PatchedModelOptions): Promise<PatchedFiles> {
  const carried = carriedForms(run, options);
  const added = new Map<string, FileContent>();
  const add = (name: string, bytes: string | Uint8Array) => added.set(`${ADDED_FOLDER}/${name}`, { bytes });
  for (const name of libraryNames(carried)) add(basename(name), await readLibrary(options.library, name));
  const programs = new Map<string, FileContent>();
  for (const name of PROGRAMS) {
    const bytes = await readLibrary(options.library, join('patched', name));
    programs.set(`${OUR_FOLDER}/${name}`, { bytes, isProgram: true });
  }
  for (const [form, model] of carried) {
    for (const [name, bytes] of coreFiles(run, model, options.name)) add(`${form}/${name}`, bytes);
    programs.set(`${OUR_FOLDER}/${form}/${SWAP_FILE}`, {
      bytes: swapFile(model, run.model.features.length, run.samples),
    });
  }
  return { added, programs, models: [...carried].map(([form, model]) => figures(run, form, model)) };
}

function carriedForms(run: TrainedRun, { bits }: PatchedModelOptions): Map<PatchedForm, CarriedModel> {
  const carry = (of: CarriedBits | undefined) =>
    carriedModel(run.model, run.calibration, { target: 'module', bits: of });
  const fixed = carry(bits);
  return new Map(
    fixed.form === 'tree'
      ? [['fixed-point', fixed]]
      : [
          ['fixed-point', fixed],
          ['float', carry(32)],
        ],
  );
}

/** Paths below media/libml. */
function libraryNames(carried: ReadonlyMap<PatchedForm, CarriedModel>): Set<string> {
  return new Set([
    ...CORE_LIBRARY_FILES,
    ...OWN_FILES.map((name) => join('patched', name)),
    ...[...carried.values()].flatMap(({ form }) => [
      ...LIBRARY_FILES[form].headers,
      ...LIBRARY_FILES[form].sources,
    ]),
  ]);
}

function figures(run: TrainedRun, form: PatchedForm, carried: CarriedModel): PatchedModel {
  const { bits, bytes, stateBytes } = carried;
  const { withFloat, asTrained } = carriedAgreement(run, carried);
  return { form, bits, modelBytes: bytes, stateBytes, withFloat, asTrained };
}

async function readLibrary(library: string, name: string): Promise<string> {
  const path = join(library, name);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Failure(
      'read-failed',
      `${path}, a part of KernelOracle, cannot be read: ${messageOf(error)}. Install KernelOracle again.`,
      { cause: error },
    );
  }
}
