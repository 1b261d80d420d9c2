/**
 * Compiles the decoder of binary records from C to WebAssembly: `node scripts/build-decoder.mjs`. Does nothing when it has not
 * changed.
 */
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { buildFromC, runBuildOf } from './lib/wasm-from-c.mjs';

const folder = join(root, 'src', 'trace', 'compiled');

/** @type {import('./lib/wasm-from-c.mjs').Library} */
const decoder = {
  name: 'the decoder of binary records',
  script: import.meta.url,
  sourcesDir: folder,
  outputPath: join(folder, 'generated', 'decoderBytes.ts'),
  constant: 'DECODER',
  exported: [
    ...[
      'scan_samples',
      'read_samples',
      '__heap_base',
      'plans',
      'recent_tasks',
      'flag_numbers',
      'state_numbers',
    ],
    ...['running_pids', 'running_tasks', 'block', 'last_ns', 'row_time_ns', 'row_actor', 'row_subject'],
    ...['row_line', 'row_arg', 'row_cpu', 'row_wide_cpu', 'row_state', 'row_flags', 'row_actor_prio'],
    ...['row_subject_prio', 'row_type', 'row_vruntime', 'samples', 'attrs', 'queue', 'chunk_bases'],
    ...[
      'chunk_waiting',
      'id_highs',
      'id_lows',
      'id_attrs',
      'read_rings',
      'rings',
      'ring_order',
      'event_kinds',
    ],
  ],
};

export async function buildDecoder() {
  await buildFromC(decoder);
}

await runBuildOf(decoder);
