/** Finds a desktop VS Code that can show a window here, and starts it on the sources. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, root } from './paths.mjs';
import { which } from './processes.mjs';
import { ScriptError } from './terminal.mjs';

/** @returns {string | { missing: string }} the program, or why there is none that serves */
export function findDesktopCode() {
  const path = which('code');
  if (path === undefined) return { missing: 'there is no `code` on PATH' };
  const real = realpathSync(path);
  // In a terminal of a remote window, `code` only talks to that window; it can start no other.
  if (process.env['VSCODE_IPC_HOOK_CLI'] !== undefined || /remote-cli|code-server|vscode-server/.test(real)) {
    return { missing: '`code` here belongs to a remote window' };
  }
  if (real.startsWith('/mnt/')) return { missing: '`code` here is that of Windows, outside of this Linux' };
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { missing: 'there is no display for `code`' };
  }
  try {
    const version = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      timeout: 20_000,
      shell: process.platform === 'win32',
    });
    if (/^\d+\.\d+/.test(version)) return path;
    return { missing: '`code --version` prints no version' };
  } catch {
    return { missing: '`code --version` fails' };
  }
}

/**
 * Opens a window with the extension as it is in dist/; returns when the window is closed.
 * @param {string} code @param {string} folder @param {string | undefined} file relative to the folder
 */
export async function runDesktop(code, folder, file) {
  // User data of its own: the window neither sees nor changes what the developer has set up.
  const state = join(cacheDir, 'desktop');
  mkdirSync(state, { recursive: true });
  const args = [
    `--extensionDevelopmentPath=${root}`,
    ...(file === undefined ? [] : [`--extensionDevelopmentPath=${join(root, 'scripts', 'opener')}`]),
    ...[`--user-data-dir=${join(state, 'user-data')}`, `--extensions-dir=${join(state, 'extensions')}`],
    ...['--new-window', '--wait', '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes'],
    // Chromium refuses to run as root inside its sandbox.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    folder,
  ];
  const child = spawn(code, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, KERNEL_ORACLE_OPEN: file ?? '' },
    shell: process.platform === 'win32',
  });
  /** @type {number | null} */
  const exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode !== 0 && exitCode !== null) {
    throw new ScriptError(
      `VS Code ended with exit code ${exitCode}.\nWhat to do: try \`npm start -- --code-server\`.`,
    );
  }
}
