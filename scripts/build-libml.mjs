/** Compiles LibML from C to WebAssembly: `node scripts/build-libml.mjs`. Does nothing when it has not changed. */
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { buildFromC, runBuildOf } from './lib/wasm-from-c.mjs';

/** @type {import('./lib/wasm-from-c.mjs').Library} */
const libml = {
  name: 'LibML',
  script: import.meta.url,
  sourcesDir: join(root, 'media', 'libml'),
  outputPath: join(root, 'src/learning/migrations/models/libml/generated/libmlBytes.ts'),
  constant: 'LIBML',
  exported: [
    ...['libml_mlp_words', 'libml_mlp_init', 'libml_mlp_check', 'libml_mlp_scratch', 'libml_mlp_score'],
    ...['libml_mlp_decide', 'libml_mlp_train', 'libml_exp_of', 'libml_sigmoid_of'],
    ...['libml_scaling_check', 'libml_scaled_score', 'libml_fixed_check', 'libml_fixed_score'],
    ...['libml_tree_check', 'libml_tree_score'],
  ],
};

export async function buildLibml() {
  await buildFromC(libml);
}

await runBuildOf(libml);
