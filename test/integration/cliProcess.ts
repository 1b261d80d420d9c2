import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { commandLine, commonJs } from '../../scripts/lib/cli-build.mjs';
import { root } from '../../scripts/lib/paths.mjs';

export const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory that other users may read, too: one test runs the program as another user. */
export async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kernel-oracle-cli-'));
  await chmod(directory, 0o755);
  return directory;
}

/**
 * Builds the command line, and beside it the program of its threads, as scripts/build.mjs does, but elsewhere; returns the
 * path of the program.
 */
export async function buildCli(directory: string): Promise<string> {
  const outdir = join(directory, 'dist');
  const logLevel = 'warning' as const;
  await build({
    ...commonJs,
    logLevel,
    entryPoints: [join(root, 'src/workers/sliceWorker.ts')],
    outdir,
  });
  await build({ ...commandLine, logLevel, outdir, outExtension: { '.js': '.mjs' } });
  await symlink(join(root, 'media'), join(directory, 'media'));
  return join(outdir, 'cli.mjs');
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[]): Promise<Outcome> {
  return finished(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
}

export function finished(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}
