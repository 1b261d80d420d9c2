import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './cliProcess.js';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** A Python that has these packages: its path, or why there is none. */
export type PythonEnvironment = { readonly python: string } | { readonly missing: string };

/**
 * A virtual environment under `.cache/`, made once: pip installs what is asked for. Without Python, or without a
 * package index in reach, the tests that need it say so and are skipped.
 */
export async function pythonWith(name: string, packages: readonly string[]): Promise<PythonEnvironment> {
  const folder = join(CACHE, name);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'installed.txt');
  if (existsSync(done)) return { python };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', '--retries', '0', '--timeout', '20', ...packages]],
  ];
  for (const [command, args] of steps) {
    const { status, stderr } = await run(command, args).catch(() => ({
      status: -1,
      stderr: `${command} is not installed`,
    }));
    if (status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    const lines = stderr.trim().split('\n');
    return { missing: lines.find((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? 'no reason given' };
  }
  writeFileSync(done, packages.join('\n'));
  return { python };
}
