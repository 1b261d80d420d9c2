import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, messageOf } from '../../base/errors.js';
import { writeFolder } from '../../dataset/files/wholeFolder.js';
import { writeSafetensors } from '../files/safetensors.js';
import { architectureOf } from './architecture.js';
import { describeModel, metadataOf } from './description.js';
import type { RunExport } from './exportKinds.js';
import { onnxModel } from './onnxModel.js';
import { TFJS_FILES, tfjsFiles } from './tfjsModel.js';
import { readTrainedModel, type TrainedModel } from './trainedModel.js';

export interface ExportRunOptions {
  /** Of the run. */
  readonly folder: string;
  readonly to: RunExport;
  /** File to write, or folder for `tfjs`; appears whole or not at all. */
  readonly output: string;
  /** Replace a file of that name, or a folder that such an export made. */
  readonly replace?: boolean;
  /** Where the data set is now; where the run found it unless told. */
  readonly dataset?: string | undefined;
  readonly kernelOracleVersion: string;
  readonly signal?: AbortSignal;
}

export interface WrittenFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Writes the best weights of a run in another form, with all that is needed to use them.
 * Failures: as `readTrainedModel` and `architectureOf`; `write-failed`, also when the output is there already; `too-large`;
 * `cancelled`.
 */
export async function exportRun(options: ExportRunOptions): Promise<readonly WrittenFile[]> {
  const { folder, to, output, replace = false, dataset, signal } = options;
  if (to !== 'tfjs') await requireNoFile(output, replace);
  const model = await readTrainedModel(folder, dataset);
  throwIfCancelled(signal);
  switch (to) {
    case 'onnx':
      await writeOnnx(model, options);
      return [await written(output)];
    case 'safetensors':
      await writeWeights(model, options);
      return [await written(output)];
    case 'tfjs':
      await writeTfjs(model, options);
      return Promise.all(TFJS_FILES.map((name) => written(join(output, name))));
  }
}

async function writeOnnx(model: TrainedModel, options: ExportRunOptions): Promise<void> {
  const architecture = architectureOf(model);
  const hasStates = architecture.stateTable !== null;
  const description = describeModel(model, options.kernelOracleVersion, hasStates, 'int64');
  await writeFileAtomically(options.output, [onnxModel(architecture, description)], options.signal);
}

async function writeTfjs(model: TrainedModel, options: ExportRunOptions): Promise<void> {
  const { output, replace = false, kernelOracleVersion, signal } = options;
  const architecture = architectureOf(model);
  const hasStates = architecture.stateTable !== null;
  const description = describeModel(model, kernelOracleVersion, hasStates, 'int32');
  const plan = {
    path: output,
    mayReplace: async (path: string) => replace && (await isTfjsExport(path)),
    advice: replace
      ? 'it is no such export. Name another folder.'
      : 'name another folder, or let it be replaced (on the command line: --force).',
    signal,
  };
  await writeFolder(plan, async (folder) => {
    for (const [name, chunks] of tfjsFiles(architecture, description))
      await writeFileAtomically(join(folder, name), chunks, signal);
  });
}

async function writeWeights(model: TrainedModel, options: ExportRunOptions): Promise<void> {
  const hasStates = model.weights.has('input.state');
  const description = describeModel(model, options.kernelOracleVersion, hasStates, 'int32');
  await writeSafetensors(options.output, model.weights, metadataOf(description));
}

async function requireNoFile(path: string, replace: boolean): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure('write-failed', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  });
  if (found === null || (replace && found.isFile())) return;
  const what = found.isDirectory()
    ? 'is a folder: name a file.'
    : 'exists: name another file, or let it be replaced (on the command line: --force).';
  throw new Failure('write-failed', `${path} ${what}`);
}

async function isTfjsExport(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.includes('model.json') && names.every((name) => TFJS_FILES.includes(name));
}

async function written(path: string): Promise<WrittenFile> {
  return { path, sizeBytes: (await stat(path)).size };
}
