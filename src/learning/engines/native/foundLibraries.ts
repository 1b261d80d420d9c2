/** What a folder of the user's has of TensorFlow. */
import { existsSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** Of an installation of ours, from its folder. */
export const ADDON = join('lib', 'tfjs_binding.node');

const PLACES = ['', 'node_modules/@tensorflow/tfjs-node', '@tensorflow/tfjs-node', 'tfjs-node'];

/** The addon of an installed `@tensorflow/tfjs-node` (of the newest N-API that it has), absolute; or `null`. */
export async function addonWithin(folder: string): Promise<string | null> {
  for (const place of PLACES) {
    const lib = join(folder, place, 'lib');
    const versions = (await readdir(lib).catch(() => []))
      .map((name) => ({ name, version: Number(/^napi-v(\d+)$/.exec(name)?.[1] ?? NaN) }))
      .filter(({ version }) => !Number.isNaN(version))
      .sort((a, b) => b.version - a.version);
    const addons = versions.map(({ name }) => join(lib, name, 'tfjs_binding.node'));
    const found = addons.find((addon) => existsSync(addon));
    if (found !== undefined) return realpath(found);
  }
  return null;
}

export interface LibTensorFlow {
  readonly include: string;
  /** To link with. */
  readonly libraries: readonly string[];
  /** Where they are. */
  readonly folder: string;
}

/** libtensorflow as it is published for C, or as the parts of a Python installation. */
export async function libTensorFlowWithin(path: string): Promise<LibTensorFlow | null> {
  const folder = await realpath(path);
  const include = join(folder, 'include');
  if (!existsSync(join(include, 'tensorflow', 'c', 'c_api.h'))) return null;
  const framework = 'libtensorflow_framework.so.2';
  for (const place of [join(folder, 'lib'), folder]) {
    for (const library of ['libtensorflow.so.2', 'libtensorflow_cc.so.2']) {
      const libraries = [library, framework].map((name) => join(place, name));
      if (libraries.every((each) => existsSync(each))) return { include, libraries, folder: place };
    }
  }
  return null;
}
