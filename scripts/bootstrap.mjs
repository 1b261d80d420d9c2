/**
 * Makes node_modules agree with package-lock.json: `node scripts/bootstrap.mjs`. Does nothing when it already does. Then
 * compiles the kernels of the embedded engine, LibML and the decoder of binary records when their sources have changed:
 * everything else imports them.
 * `npm start` and `npm test` begin with it, so it must run before any package is there: Node's own modules only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './lib/paths.mjs';
import { mustRun, npm, npmEnvironment } from './lib/processes.mjs';
import { runMain, say, ScriptError, secondsSince } from './lib/terminal.mjs';

const minimumNode = [20, 19];

export async function bootstrap() {
  checkNode();
  await installPackages();
  // It needs a package, so it is read only now.
  const { buildKernels } = await import('./build-kernels.mjs');
  await buildKernels();
  const { buildLibml } = await import('./build-libml.mjs');
  await buildLibml();
  const { buildDecoder } = await import('./build-decoder.mjs');
  await buildDecoder();
}

async function installPackages() {
  const reason = staleBecause();
  if (reason === undefined) return;
  const begun = performance.now();
  say(`Installing npm packages (${reason})…`);
  const [command, ...first] = npm();
  const verb = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
  await mustRun(command, [...first, verb, '--no-audit', '--no-fund'], {
    cwd: root,
    env: npmEnvironment(),
    log: join(root, '.cache', 'logs', 'npm-install.log'),
    doing: `npm ${verb}`,
    remedy:
      'check that the npm registry can be reached and, if package.json was edited by hand, run `npm install` once to bring package-lock.json up to date.',
  });
  say(`Installed npm packages in ${secondsSince(begun)}.`);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = minimumNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new ScriptError(
    `KernelOracle is developed with Node ${minimumNode.join('.')} or later; this is ${process.versions.node}.\n` +
      'What to do: install a current Node (for example with nvm or from your distribution) and try again.',
  );
}

/**
 * npm notes what it really installed in node_modules/.package-lock.json, last of all; so comparing that with the
 * lock file finds a missing, an outdated and a half-finished installation, whoever made it.
 * @returns {string | undefined} why an installation is needed
 */
function staleBecause() {
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(join(root, 'node_modules'))) return 'there is no node_modules yet';
  if (!existsSync(installedPath)) return 'node_modules is incomplete';
  const lockPath = join(root, 'package-lock.json');
  if (!existsSync(lockPath)) return 'there is no package-lock.json yet';
  const wanted = packagesOf(lockPath);
  const installed = packagesOf(installedPath);
  for (const [path, entry] of Object.entries(wanted)) {
    // '' is the project itself. Optional packages of other platforms are rightly absent.
    const mayBeAbsent = entry.optional === true || entry.devOptional === true;
    if (path === '' || (mayBeAbsent && installed[path] === undefined)) continue;
    if (installed[path]?.version !== entry.version)
      return `${path.replace(/^.*node_modules\//, '')} differs from package-lock.json`;
  }
  return undefined;
}

/** @param {string} lockPath @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} */
function packagesOf(lockPath) {
  try {
    const lock =
      /** @type {{ packages?: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} */ (
        JSON.parse(readFileSync(lockPath, 'utf8'))
      );
    return lock.packages ?? {};
  } catch (cause) {
    throw new ScriptError(
      `${lockPath} is not readable as JSON.\nWhat to do: restore it from git, then try again.`,
      { cause },
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runMain(bootstrap);
