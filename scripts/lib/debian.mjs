/** Programs that come from the distribution, installed with apt-get where that is possible, asked for where not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.mjs';
import { run, which } from './processes.mjs';
import { say, ScriptError, warn } from './terminal.mjs';

/**
 * @typedef {object} Need
 * @property {string} debianPackage
 * @property {() => boolean} present whether what the package would bring is there already, from wherever
 * @property {string} why completes "needed for …"
 * @property {boolean} [optional] its absence is said loudly, and the work goes on without it
 * @property {boolean} [startsService] installing it starts a server; where systemd runs (someone's own machine) that is left to them
 */

const log = join(cacheDir, 'logs', 'apt-get.log');

/**
 * A need for a program on PATH; the package has the program's name unless told otherwise.
 * @param {string} program @param {string} why @param {{ debianPackage?: string, optional?: boolean, startsService?: boolean }} [more]
 * @returns {Need}
 */
export function needsProgram(program, why, more = {}) {
  return { debianPackage: program, present: () => which(program) !== undefined, why, ...more };
}

/**
 * Installs what is missing. An absent optional package is a warning; an absent needed one is an error naming the command.
 * @param {Need[]} needs
 */
export async function ensureDebianPackages(needs) {
  const missing = needs.filter((need) => !need.present());
  if (missing.length === 0) return;
  const names = missing.filter(mayInstall).map((need) => need.debianPackage);
  if (names.length > 0 && aptGet() !== undefined) {
    say(`Installing Debian packages: ${names.join(' ')}…`);
    // Together it is faster; one by one if that fails, so that one unknown name does not take the others with it.
    if (!(await installed(names))) for (const name of names) await installed([name]);
  }
  const still = missing.filter((need) => !need.present());
  for (const need of still.filter((each) => each.optional === true)) {
    warn(`${need.debianPackage} is not installed: ${need.why} cannot be done here.\n${advice([need])}`);
  }
  const needed = still.filter((each) => each.optional !== true);
  if (needed.length === 0) return;
  throw new ScriptError(
    `Missing: ${needed.map((need) => `${need.debianPackage} (needed for ${need.why})`).join(', ')}.\nWhat to do: ${advice(needed)}`,
  );
}

/** @param {Need} need */
function mayInstall(need) {
  return need.startsService !== true || !existsSync('/run/systemd/system');
}

/** @param {Need[]} needs */
function advice(needs) {
  const names = needs.map((need) => need.debianPackage).join(' ');
  return which('apt-get') === undefined
    ? `install with your package manager what Debian calls ${names}`
    : `sudo apt-get install ${names}   (what apt-get said: ${log})`;
}

/** @returns {[string, ...string[]] | undefined} apt-get as a command that works without asking for a password */
function aptGet() {
  if (process.platform !== 'linux' || which('apt-get') === undefined) return undefined;
  if (process.getuid?.() === 0) return ['apt-get'];
  // `sudo -n` fails instead of asking; whoever has to type a password gets the command shown.
  return which('sudo') === undefined
    ? undefined
    : ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
}

let listsUpdated = false;

/** @param {string[]} names */
async function installed(names) {
  const [command, ...first] = /** @type {[string, ...string[]]} */ (aptGet());
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (!listsUpdated) {
    listsUpdated = true;
    await run(command, [...first, 'update', '-q'], { env, log });
  }
  const args = ['install', '-y', '-q', '--no-install-recommends', ...names];
  return (await run(command, [...first, ...args], { env, log })) === 0;
}
