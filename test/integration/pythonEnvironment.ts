import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run } from './cliProcess.js';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));

const LONGEST_MS = 600_000;

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
  // Test files run at the same time, and several may want the same one.
  const lock = `${folder}.making`;
  mkdirSync(dirname(folder), { recursive: true });
  while (!existsSync(done) && !isTaken(lock)) await setTimeout(200);
  if (existsSync(done)) return { python };
  try {
    return await made(folder, python, done, packages);
  } finally {
    rmSync(lock, { recursive: true });
  }
}

/** Whether the lock is ours now; one that is older than any installation was left behind. */
function isTaken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false });
    if (made !== undefined && Date.now() - made.mtimeMs > LONGEST_MS)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

async function made(
  folder: string,
  python: string,
  done: string,
  packages: readonly string[],
): Promise<PythonEnvironment> {
  rmSync(folder, { recursive: true, force: true });
  // Compiling all of a package takes longer than fetching it; what is imported is compiled then.
  const pip = ['install', '--quiet', '--no-compile', '--retries', '0', '--timeout', '20'];
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', folder]],
    [python, ['-m', 'pip', ...pip, ...packages]],
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
