/** Running other programs: always with argument arrays, with their output kept in a file where it would only be noise. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ScriptError } from './terminal.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] replaces the environment, as in `spawn`
 * @property {string} [log] a file that the output is appended to; without it the output is shown
 */

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>} the exit code; 127 if the program could not be started, 128 if a signal ended it
 */
export async function run(command, args, options = {}) {
  const log =
    options.log === undefined ? undefined : openLog(options.log, `$ ${[command, ...args].join(' ')}\n`);
  try {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: log === undefined ? ['ignore', 'inherit', 'inherit'] : ['ignore', log, log],
    });
    const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
    return code ?? 128;
  } catch (error) {
    if (log !== undefined) writeSync(log, `${String(error)}\n`);
    return 127;
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/**
 * Like `run`, but a failure is an error that shows the end of the log and says what to do.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions & { doing: string, remedy: string }} options `doing` completes "Failed: …"
 */
export async function mustRun(command, args, options) {
  const code = await run(command, args, options);
  if (code === 0) return;
  const shown =
    options.log === undefined ? '' : `\n${tail(options.log, 25)}\n(the whole log: ${options.log})`;
  throw new ScriptError(
    `Failed: ${options.doing} (exit code ${code}).${shown}\nWhat to do: ${options.remedy}`,
  );
}

/** @param {string} path @param {string} firstLine @returns {number} a file descriptor to append to */
function openLog(path, firstLine) {
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(path, 'a');
  writeSync(descriptor, firstLine);
  return descriptor;
}

/** @param {string} path @param {number} lines */
export function tail(path, lines) {
  if (!existsSync(path)) return '';
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

/** @param {string} name @returns {string | undefined} the program's path, if PATH has it */
export function which(name) {
  const names = process.platform === 'win32' ? [`${name}.cmd`, `${name}.exe`, name] : [name];
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((each) => join(folder, each)))
    .find((path) => existsSync(path));
}

/**
 * npm as a program and its first arguments. Inside `npm run …` npm tells where its own script is; running that
 * with our Node avoids npm.cmd, which Windows starts only through a shell.
 * @returns {[string, ...string[]]}
 */
export function npm() {
  const own = process.env['npm_execpath'];
  return own !== undefined && /npm-cli\.c?js$/.test(own) ? [process.execPath, own] : ['npm'];
}

/**
 * The environment for an npm of our own inside `npm start -- …`: the outer npm's notes about its package and its
 * command line (`npm start --port=1` makes an npm_config_port) would otherwise be taken for this one's settings.
 * @param {NodeJS.ProcessEnv} [more]
 * @returns {NodeJS.ProcessEnv}
 */
export function npmEnvironment(more = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(package|lifecycle|command|config_(local_prefix|port|open|user_agent|nodedir))/.test(name),
  );
  return { ...Object.fromEntries(kept), ...more };
}

/**
 * Ends a process that was started as the leader of its own group (`detached`), with all that it started.
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} [patienceMs] how long it may take before it is killed
 */
export async function endGroup(child, patienceMs = 5000) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  signalGroup(child.pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(/** @type {number} */ (child.pid), 'SIGKILL'), patienceMs);
  await closed;
  clearTimeout(timer);
}

/** @param {number} pid @param {NodeJS.Signals} signal */
export function signalGroup(pid, signal) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Already gone.
  }
}
