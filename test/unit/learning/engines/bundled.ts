import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '../../../..');

/** Bundles a program as the product is and runs it in a process of its own. @param source imports as from the root */
export function runBundled(
  source: string,
  nodeOptions: readonly string[] = [],
): { status: number | null; stdout: string; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-engine-'));
  try {
    const outfile = join(folder, 'bundle.mjs');
    buildSync({
      stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
      ...{ outfile, bundle: true, minify: true, platform: 'node', format: 'esm', target: 'node20' },
    });
    const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, outfile], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    return { status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
