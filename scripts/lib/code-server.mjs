/**
 * Sets up the pinned code-server in test/e2e/code-server: a real VS Code workbench with a real extension host,
 * served to a browser. npm has it, and the Node 24 that it runs on, as packages.
 *
 * code-server's own install script insists on being installed by Node 24 and compiles modules that need a dozen
 * system libraries. Its steps are done here one by one instead, without its script, and only the modules that the
 * server loads while it runs our extension are compiled, against the headers in the Node 24 package.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ensureDebianPackages, needsProgram } from './debian.mjs';
import { cacheDir, editorDir } from './paths.mjs';
import { mustRun, npm, npmEnvironment, run, tail } from './processes.mjs';
import { say, ScriptError, secondsSince, warn } from './terminal.mjs';

/** Raise it when the steps below change, so that every checkout does them again. */
const setupVersion = 1;

const modules = join(editorDir, 'node_modules');
const vscodeDir = join(modules, 'code-server', 'lib', 'vscode');
const entryPath = join(modules, 'code-server', 'out', 'node', 'entry.js');
const stampPath = join(modules, '.kernel-oracle-stamp');
const log = join(cacheDir, 'logs', 'code-server-install.log');
const lockPath = join(cacheDir, 'code-server-install.lock');

/**
 * What is compiled, and what is lost without it. The others that VS Code lists (kerberos, sqlite3, deviceid, …)
 * serve features that no part of this project touches; the terminal and the file watcher bring binaries along.
 */
const nativeModules = [
  {
    name: '@vscode/spdlog',
    binary: 'spdlog.node',
    loss: "the Output view stays empty, the extension's log among it",
  },
  {
    name: '@vscode/native-watchdog',
    binary: 'watchdog.node',
    loss: 'an extension host may outlive its server',
  },
];

/** @typedef {{ node: string, entry: string, version: string }} CodeServer paths of its Node and of its main script */

/**
 * @returns {Promise<CodeServer>} ready to be started
 */
export async function ensureCodeServer() {
  const nodeDir = join(modules, `node-linux-${process.arch}`);
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new ScriptError(
      `code-server can be set up here for Linux on x64 and arm64 only; this is ${process.platform} on ${process.arch}.\n` +
        "What to do: install VS Code and make its `code` command available on PATH (in VS Code: Shell Command: Install 'code' command in PATH).",
    );
  }
  const stamp = wantedStamp();
  if (!hasStamp(stamp)) {
    await withLock(async () => {
      if (!hasStamp(stamp)) await install(nodeDir, stamp);
    });
  }
  return { node: join(nodeDir, 'bin', 'node'), entry: entryPath, version: lockedVersion() };
}

/** @param {string} stamp */
function hasStamp(stamp) {
  return existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp;
}

function wantedStamp() {
  const hash = createHash('sha256').update(readFileSync(join(editorDir, 'package-lock.json')));
  return `${setupVersion} ${process.platform}-${process.arch} ${hash.digest('hex')}\n`;
}

function lockedVersion() {
  const { dependencies } = /** @type {{ dependencies: Record<string, string> }} */ (
    JSON.parse(readFileSync(join(editorDir, 'package.json'), 'utf8'))
  );
  return dependencies['code-server'] ?? 'unknown';
}

/** @param {string} nodeDir @param {string} stamp */
async function install(nodeDir, stamp) {
  const begun = performance.now();
  say(`Setting up code-server ${lockedVersion()}, once; this takes about a minute (log: ${log})…`);
  rmSync(log, { force: true });
  rmSync(stampPath, { force: true });
  await ensureDebianPackages([
    needsProgram('python3', 'compiling native modules of the editor', { optional: true }),
    needsProgram('make', 'compiling native modules of the editor', { optional: true }),
    needsProgram('g++', 'compiling native modules of the editor', { optional: true }),
  ]);

  // The shrinkwraps inside code-server pin VS Code's packages; npm ci rejects them for one floating package.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false'];
  const nested = ['install', '--omit=dev', '--no-save', '--package-lock=true', ...quiet];
  await npmStep(editorDir, ['ci', ...quiet]);
  await npmStep(vscodeDir, nested);
  await npmStep(join(vscodeDir, 'extensions'), nested);
  linkScript(join(vscodeDir, 'bin', 'remote-cli'), 'code-linux.sh', 'code-server');
  linkScript(join(vscodeDir, 'bin', 'helpers'), 'browser-linux.sh', 'browser.sh');
  for (const module of nativeModules) await compile(module, nodeDir);

  await mustRun(
    join(nodeDir, 'bin', 'node'),
    [entryPath, '--config', join(cacheDir, 'code-server.yaml'), '--version'],
    {
      log,
      doing: 'starting the new code-server',
      remedy: `remove ${modules} and try again.`,
    },
  );
  writeFileSync(stampPath, stamp);
  say(`Set up code-server in ${secondsSince(begun)}.`);
}

/** @param {string} cwd @param {string[]} args */
async function npmStep(cwd, args) {
  const [command, ...first] = npm();
  await mustRun(command, [...first, ...args], {
    cwd,
    env: npmEnvironment(),
    log,
    doing: `npm ${args[0] ?? ''} for code-server`,
    remedy:
      'check that the npm registry can be reached and that 1.5 GB are free, then try again; it starts afresh.',
  });
}

/** @param {string} folder @param {string} target @param {string} link */
function linkScript(folder, target, link) {
  rmSync(join(folder, link), { force: true });
  symlinkSync(target, join(folder, link));
}

/**
 * A module that cannot be compiled costs a feature, not the editor: said loudly, not fatal.
 * @param {(typeof nativeModules)[number]} module @param {string} nodeDir
 */
async function compile({ name, binary, loss }, nodeDir) {
  const [command, ...first] = npm();
  await run(command, [...first, 'rebuild', '--foreground-scripts', name], {
    cwd: vscodeDir,
    // node-gyp would download headers; these are the ones of the very Node that will load the module.
    env: npmEnvironment({ npm_config_nodedir: nodeDir }),
    log,
  });
  if (existsSync(join(vscodeDir, 'node_modules', name, 'build', 'Release', binary))) return;
  warn(
    `${name} could not be compiled: ${loss}. The end of ${log}:\n${tail(log, 8)}\n` +
      `What to do: install python3, make and g++, remove ${modules} and try again.`,
  );
}

/**
 * `npm start` and `npm test` may be begun at the same time in one checkout; the second waits for the first.
 * @param {() => Promise<void>} action
 */
async function withLock(action) {
  mkdirSync(cacheDir, { recursive: true });
  let said = false;
  while (!takeLock()) {
    if (!said) say('Waiting for another process that is setting up code-server…');
    said = true;
    await wait(500);
  }
  try {
    await action();
  } finally {
    rmSync(lockPath, { force: true });
  }
}

/** The file is made with its owner's process id in it; one whose owner is gone does not count. */
function takeLock() {
  try {
    writeFileSync(lockPath, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const owner = Number(existsSync(lockPath) ? readFileSync(lockPath, 'utf8') : '');
    if (owner > 0 && !isAlive(owner)) rmSync(lockPath, { force: true });
    return false;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
