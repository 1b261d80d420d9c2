import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';
import { requireFree, writeFolder, type FolderPlan } from '../../dataset/files/wholeFolder.js';
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { carriedAgreement, type DecisionCounts } from './agreement.js';
import { DIFFERING_FILE, makefile, readmeText } from './buildTexts.js';
import {
  EBPF_FILES,
  ebpfHeader,
  ebpfMakefile,
  isReadable,
  wordBytes,
  WORDS_HEADER,
  wordsHeader,
} from './ebpfSources.js';
import { carriedModel, type CarriedModel, type CarryOptions, type EmitTarget } from './carriedModel.js';
import { LIBRARY_FILES, MODEL_HEADER, modelHeader, MODEL_SOURCE, modelSource } from './modelSources.js';
import { SAMPLES_HEADER, samplesHeader, SELF_TEST, selfTest } from './selfTest.js';

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
  readonly bits: 8 | 16 | null;
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

const FORMAT = 'kernel-oracle-emitted';
const MANIFEST = 'emitted.json';
const LIBRARY_FOLDER = 'libml';
/** What building leaves there. */
const BUILT = ['selftest', 'loader', 'shadow.bpf.o'];

/**
 * Writes a trained model as sources that need nothing else: the model, what it needs of LibML, and a self-test. The same run and
 * options make the same files.
 * Failures: those of `carriedModel`; `wrong-usage` (a column that eBPF cannot read); `write-failed`, also when there is something else of that name; `read-failed` (the library); `cancelled`.
 */
export async function emitRun(run: TrainedRun, options: EmitOptions): Promise<Emitted> {
  const plan = planOf(options);
  await requireFree(plan);
  const carried = carriedModel(run.model, run.calibration, options);
  const agreement = carriedAgreement(run, carried);
  const isEbpf = options.target === 'ebpf';
  if (isEbpf) requireReadable(run);
  const files = new Map<string, string | Uint8Array>([
    ...(isEbpf ? ebpfFiles : cFiles)(run, carried, options.name),
    [SAMPLES_HEADER, samplesHeader(run, carried, options.name)],
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
    await writeFileAtomically(join(folder, MANIFEST), [`${JSON.stringify(emitted, null, 2)}\n`]);
    return emitted;
  });
}

type NamedFile = readonly [path: string, content: string | Uint8Array];

function cFiles(run: TrainedRun, carried: CarriedModel, name: string): NamedFile[] {
  return [
    [MODEL_HEADER, modelHeader(run, carried, name)],
    [MODEL_SOURCE, modelSource(run, carried, name)],
    [SELF_TEST, selfTest(carried)],
    ['Makefile', makefile(carried)],
  ];
}

function ebpfFiles(run: TrainedRun, carried: CarriedModel, name: string): NamedFile[] {
  return [
    [MODEL_HEADER, ebpfHeader(run, carried, name)],
    [WORDS_HEADER, wordsHeader(run, carried, name)],
    ['model.words', wordBytes(carried.arrays[0]!.words)],
    ['Makefile', ebpfMakefile(carried)],
  ];
}

function requireReadable({ model }: TrainedRun): void {
  const unread = model.features.map(({ name }) => name).filter((name) => !isReadable(name));
  if (unread.length === 0) return;
  throw new Failure('wrong-usage', `A program of eBPF does not read ${unread.join(', ')}: train without.`);
}

async function libraryFiles({ form }: CarriedModel, { library, target }: EmitOptions): Promise<NamedFile[]> {
  const { headers, sources } = LIBRARY_FILES[form];
  const names = [...headers, ...sources].map((name) => [`${LIBRARY_FOLDER}/${name}`, name] as const);
  const ofTarget = target === 'ebpf' ? EBPF_FILES.map((name) => [name, join('ebpf', name)] as const) : [];
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

function wordsDigest({ arrays }: CarriedModel): string {
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

const manifest = v.object({ format: v.literal(FORMAT), files: v.array(v.string()) });

/** Whether nothing is in it but what was emitted, and built of it. */
async function isEmitted(folder: string): Promise<boolean> {
  try {
    const told = v.parse(manifest, JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
    const known = new Set([...told.files, ...BUILT, LIBRARY_FOLDER]);
    const names = await readdir(folder, { recursive: true });
    return names.every((name) => known.has(name));
  } catch {
    return false;
  }
}
