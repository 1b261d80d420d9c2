/** Runs code-server: its own user data, its own extensions, on a loopback port. Used by `npm start` and by the end-to-end tests. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { endGroup, mustRun, signalGroup, tail } from './processes.mjs';
import { ScriptError } from './terminal.mjs';

/** @typedef {import('./code-server.mjs').CodeServer} CodeServer */

/**
 * @typedef {object} ServerOptions
 * @property {CodeServer} codeServer
 * @property {string} stateDir holds user data, extensions, configuration and log; made if need be
 * @property {number} port
 * @property {number} [idleTimeoutSeconds] ends the server when no browser was connected for so long
 * @property {boolean} [offline] never asks the extension gallery
 * @property {boolean} [asksForTrust] workspaces may be untrusted, as the settings say; otherwise all are trusted
 * @property {Record<string, string>} [environment] for the server and the extensions in it
 */

/**
 * @typedef {object} EditorServer
 * @property {string} address without a slash at the end
 * @property {number} port
 * @property {string} userDataDir
 * @property {string} logPath
 * @property {Promise<number | null>} closed settles when the server ended, whoever ended it
 * @property {() => Promise<void>} stop
 * @property {() => void} stopNow for exit handlers, which cannot wait
 */

/** Settings of every editor that is started here: nothing that asks, fetches or covers what is to be seen. */
export const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'window.commandCenter': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
};

/** @param {string} stateDir */
const userDataDirOf = (stateDir) => join(stateDir, 'user-data');

/**
 * User settings, read by each window when it opens.
 * @param {string} stateDir @param {Record<string, unknown>} settings
 */
export function writeUserSettings(stateDir, settings) {
  const folder = join(userDataDirOf(stateDir), 'User');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'settings.json'),
    `${JSON.stringify({ ...quietSettings, ...settings }, undefined, 2)}\n`,
  );
}

/**
 * Settings of the scope "machine", which count only there: those that no workspace and no synchronisation may set.
 * @param {string} stateDir @param {Record<string, unknown>} settings
 */
export function writeMachineSettings(stateDir, settings) {
  const folder = join(userDataDirOf(stateDir), 'Machine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), `${JSON.stringify(settings, undefined, 2)}\n`);
}

/** @param {string} stateDir */
function commonArgs(stateDir) {
  return [
    // Without it a file in the user's home would be written.
    ...['--config', join(stateDir, 'config.yaml')],
    ...['--user-data-dir', userDataDirOf(stateDir)],
    ...['--extensions-dir', join(stateDir, 'extensions')],
    '--disable-telemetry',
    '--disable-update-check',
  ];
}

/** An editor started inside an editor's terminal must not take itself for a window of that one. */
function serverEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|(NODE_OPTIONS|NODE_ENV|TEST|PORT)$|npm_|VITEST)/.test(name),
  );
  return Object.fromEntries(kept);
}

/**
 * @param {CodeServer} codeServer @param {string} stateDir @param {string} vsixPath
 */
export async function installExtension(codeServer, stateDir, vsixPath) {
  await mustRun(
    codeServer.node,
    [codeServer.entry, ...commonArgs(stateDir), '--install-extension', vsixPath, '--force'],
    {
      env: serverEnvironment(),
      log: join(stateDir, 'install-extension.log'),
      doing: `installing ${vsixPath} into code-server`,
      remedy: 'see what code-server reports above.',
    },
  );
}

/**
 * Starts the server and waits until it answers.
 * @param {ServerOptions} options
 * @returns {Promise<EditorServer>}
 */
export async function startServer(options) {
  const { codeServer, stateDir, port, idleTimeoutSeconds, offline = false, environment = {} } = options;
  const { asksForTrust = false } = options;
  mkdirSync(stateDir, { recursive: true });
  const logPath = join(stateDir, 'code-server.log');
  const log = openSync(logPath, 'w');
  const args = [
    ...commonArgs(stateDir),
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
    ...(asksForTrust ? [] : ['--disable-workspace-trust']),
    '--disable-getting-started-override',
    ...(idleTimeoutSeconds === undefined ? [] : ['--idle-timeout-seconds', String(idleTimeoutSeconds)]),
  ];
  // A group of its own: the extension host and the file watcher end with it, and Ctrl+C reaches only us.
  const child = spawn(codeServer.node, [codeServer.entry, ...args], {
    cwd: stateDir,
    env: {
      ...serverEnvironment(),
      ...(offline ? { EXTENSIONS_GALLERY: '{"serviceUrl":""}' } : {}),
      ...environment,
    },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  /** @type {Promise<number | null>} */
  const closed = new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code));
  });
  const server = {
    address: `http://127.0.0.1:${port}`,
    port,
    userDataDir: userDataDirOf(stateDir),
    logPath,
    closed,
    stop: () => endGroup(child),
    stopNow: () => {
      if (child.pid !== undefined && child.exitCode === null) signalGroup(child.pid, 'SIGTERM');
    },
  };
  await untilAnswering(server);
  return server;
}

/** @param {EditorServer} server @param {number} [timeoutMs] */
async function untilAnswering(server, timeoutMs = 60_000) {
  const deadline = performance.now() + timeoutMs;
  const state = { ended: false };
  void server.closed.then(() => (state.ended = true));
  while (!state.ended && performance.now() < deadline) {
    try {
      const answer = await fetch(`${server.address}/healthz`, { signal: AbortSignal.timeout(2000) });
      if (answer.ok) return;
    } catch {
      // Not yet listening.
    }
    await wait(100);
  }
  await server.stop();
  throw new ScriptError(
    `code-server ${state.ended ? 'ended at once' : `did not answer within ${timeoutMs / 1000} s`} on ${server.address}. The end of ${server.logPath}:\n` +
      tail(server.logPath, 20),
  );
}

/**
 * @param {number} port 0 for any
 * @returns {Promise<number | undefined>} the port if it is free on 127.0.0.1, nothing if it is taken
 */
export function freePort(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

/**
 * The address of a folder in the editor, with a file opened in its default editor.
 * @param {{ address: string }} server @param {string} folder @param {string} [file] both absolute paths
 */
export function workbenchAddress({ address }, folder, file) {
  const query = new URLSearchParams({ folder });
  if (file !== undefined) {
    const { host } = new URL(address);
    query.set('payload', JSON.stringify([['openFile', `vscode-remote://${host}${encodeURI(file)}`]]));
  }
  // Slashes stay readable: this address is printed for people.
  return `${address}/?${query.toString().replaceAll('%2F', '/')}`;
}
