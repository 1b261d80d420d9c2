/** A folder that `emitRun` wrote, as what is carried to a machine. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import * as v from 'valibot';
import { Failure, messageOf } from '../../base/errors.js';
import type { DeployedModel, DeployedWay } from '../../protocol/deployment.js';

export interface CarriedFile {
  /** In the folder, parts separated by `/`. */
  readonly path: string;
  readonly content: Buffer;
}

export interface EmittedForKernel {
  readonly folder: string;
  readonly target: string;
  readonly files: readonly CarriedFile[];
  /** What stands in `emitted.json`; `at` is when it was read. */
  readonly model: DeployedModel;
}

const MANIFEST = 'emitted.json';
export const SWAP_FILE = 'model.swap';
/** Sources of LibML and a model of 4 KB, with samples, take a tenth. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_FOLDER_BYTES = 16 * 1024 * 1024;
/** The contract of model.swap. */
export const MAX_SWAP_BYTES = 64 * 1024;

const manifestSchema = v.object({
  format: v.literal('kernel-oracle-emitted'),
  target: v.string(),
  form: v.picklist(['float', 'fixed', 'tree']),
  bits: v.nullable(v.picklist([8, 16, 32])),
  run: v.object({ name: v.pipe(v.string(), v.maxLength(300)) }),
  experiment: v.picklist([1, 2, 3]),
  features: v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(64)),
  wordsSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  files: v.pipe(v.array(v.pipe(v.string(), v.regex(/^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/))), v.maxLength(500)),
});

/**
 * @param now for `model.at`
 * Failures: `bad-input` (no emitted folder, or not one for a kernel), `read-failed`, `too-large`.
 */
export async function readEmitted(folder: string, now: Date): Promise<EmittedForKernel> {
  const told = await readManifest(folder);
  const files: CarriedFile[] = [];
  let bytes = 0;
  for (const path of told.files) {
    const content = await readBounded(join(folder, path), MAX_FILE_BYTES);
    bytes += content.length;
    if (bytes > MAX_FOLDER_BYTES) {
      throw new Failure(
        'too-large',
        `${folder} holds more than ${MAX_FOLDER_BYTES} bytes: it is no emitted model.`,
      );
    }
    files.push({ path, content });
  }
  if (!told.files.includes('control')) {
    throw new Failure(
      'bad-input',
      `${folder} is not for a kernel: it was emitted for the target ${told.target}. Emit the run for ebpf or module.`,
    );
  }
  return { folder, target: told.target, files, model: modelOf(told, now) };
}

/** What a swap needs of such a folder. Failures: as those of `readEmitted`; `bad-input` when it has no `model.swap`. */
export async function readSwap(
  folder: string,
  now: Date,
): Promise<{ readonly swapFile: string; readonly target: string; readonly model: DeployedModel }> {
  const told = await readManifest(folder);
  if (!told.files.includes(SWAP_FILE)) {
    throw new Failure('bad-input', `${folder} has no ${SWAP_FILE}: emit the run for ebpf or module.`);
  }
  return { swapFile: join(folder, SWAP_FILE), target: told.target, model: modelOf(told, now) };
}

/** The targets whose folder is for that way: a patched kernel speaks as the module does. */
export function isFor(target: string, way: DeployedWay): boolean {
  return target === way || (way === 'patched' && target === 'module');
}

/** One archive (tar) of the files, and last one more that tells that all of it arrived. */
export async function archiveOf(files: readonly CarriedFile[], id: string): Promise<Buffer> {
  const archive = pack();
  const folders = new Set(files.flatMap(({ path }) => parents(path)));
  for (const name of [...folders].sort()) archive.entry({ name, type: 'directory', mode: 0o700 });
  for (const { path, content } of files) {
    archive.entry({ name: path, mode: path === 'control' ? 0o700 : 0o600 }, content);
  }
  archive.entry({ name: 'deployment.id', mode: 0o600 }, id);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Reads a file of at most so many bytes. */
export async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  let content: Buffer;
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new Failure('too-large', `${path} has more than ${maxBytes} bytes.`);
    content = await readFile(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return content;
}

type Manifest = v.InferOutput<typeof manifestSchema>;

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  const text = (await readBounded(path, MAX_FILE_BYTES)).toString('utf8');
  try {
    return v.parse(manifestSchema, JSON.parse(text));
  } catch (error) {
    throw new Failure('bad-input', `${path} does not tell of an emitted model: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function modelOf(told: Manifest, now: Date): DeployedModel {
  return {
    run: told.run.name,
    experiment: told.experiment,
    features: told.features,
    wordsSha256: told.wordsSha256,
    bits: told.form === 'tree' ? null : told.form === 'float' ? 32 : (told.bits ?? 16),
    at: now.toISOString(),
  };
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}/`);
}
