/**
 * `npm start`: installs what is missing, builds, and opens the extension on samples/ in a real VS Code: the desktop's if
 * there is one, else code-server in the browser. Options after `--`:
 *
 *   --port N        the port of code-server; without it 8080 or the next free one
 *   --no-open       only print the address
 *   --code-server   code-server even where there is a desktop VS Code
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { ensureCodeServer } from './lib/code-server.mjs';
import { findDesktopCode, runDesktop } from './lib/desktop.mjs';
import {
  freePort,
  installExtension,
  startServer,
  workbenchAddress,
  writeUserSettings,
} from './lib/editor-server.mjs';
import { cacheDir, root, samplesDir } from './lib/paths.mjs';
import { mustRun, tail, which } from './lib/processes.mjs';
import { bold, runMain, say, ScriptError, warn } from './lib/terminal.mjs';
import { vsixToInstall } from './lib/vsix.mjs';

const firstPort = 8080;

await runMain(async () => {
  const options = readOptions();
  await bootstrap();
  const folder = existsSync(samplesDir) ? samplesDir : root;
  if (folder !== samplesDir)
    warn('There is no samples/ folder in this checkout: the editor opens on the checkout itself.');
  const file = largestRecording(folder);
  const desktop = options.codeServer ? { missing: '--code-server was given' } : findDesktopCode();
  if (typeof desktop !== 'string') {
    say(`No desktop VS Code (${desktop.missing}): starting code-server.`);
    return startInBrowser(options, folder, file);
  }
  await mustRun(process.execPath, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    doing: 'building the extension',
    remedy: 'correct what the build reports above.',
  });
  say(
    `Opening ${folder} in VS Code. \`npm run watch\` rebuilds on every change; reload the window to see it.`,
  );
  await runDesktop(desktop, folder, file);
  return 0;
});

/** @typedef {{ port: number | undefined, open: boolean, codeServer: boolean }} Options */

/** @returns {Options} */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        'no-open': { type: 'boolean' },
        'code-server': { type: 'boolean' },
      },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
      throw new ScriptError(`--port wants a number from 1 to 65535, not ${values.port ?? ''}.`);
    }
    return { port, open: values['no-open'] !== true, codeServer: values['code-server'] === true };
  } catch (error) {
    if (error instanceof ScriptError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ScriptError(`${message}\nOptions: npm start -- [--port N] [--no-open] [--code-server]`);
  }
}

/**
 * The recording to begin with: the largest of those that our editor opens by their name.
 * @param {string} folder
 */
function largestRecording(folder) {
  const manifest =
    /** @type {{ contributes?: { customEditors?: { priority?: string, selector: { filenamePattern: string }[] }[] } }} */ (
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    );
  const patterns = (manifest.contributes?.customEditors ?? [])
    .filter((editor) => editor.priority !== 'option')
    .flatMap((editor) => editor.selector.map((each) => each.filenamePattern));
  return readdirSync(folder)
    .filter((name) => patterns.some((pattern) => matches(name, pattern)))
    .map((name) => ({ name, sizeBytes: statSync(join(folder, name)).size }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes)[0]?.name;
}

/** @param {string} name @param {string} pattern only what our manifest uses: `*` and fixed text */
function matches(name, pattern) {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 'i').test(name);
}

/**
 * @param {Options} options @param {string} folder @param {string | undefined} file relative to the folder
 * @returns {Promise<number>} when the server has ended
 */
async function startInBrowser(options, folder, file) {
  const port = await choosePort(options.port);
  const codeServer = await ensureCodeServer();
  say('Building and packing the extension…');
  const vsixPath = await vsixToInstall();

  const stateDir = join(cacheDir, `start-${port}`);
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(join(stateDir, 'extensions'), { recursive: true });
  cpSync(
    join(root, 'scripts', 'opener'),
    join(stateDir, 'extensions', 'kernel-oracle-development.kernel-oracle-opener-0.0.1'),
    { recursive: true },
  );
  writeUserSettings(stateDir, {});
  await installExtension(codeServer, stateDir, vsixPath);
  const server = await startServer({
    codeServer,
    stateDir,
    port,
    environment: { KERNEL_ORACLE_OPEN: file ?? '' },
  });

  const ending = { wanted: false };
  const end = () => {
    if (ending.wanted) return;
    ending.wanted = true;
    say('\nEnding code-server…');
    void server.stop();
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, end);
  process.once('exit', () => server.stopNow());

  const address = workbenchAddress(server, folder);
  say(
    `\nKernelOracle in VS Code (code-server ${codeServer.version}):\n\n  ${bold(address)}\n\nCtrl+C ends it. After a change, start again.`,
  );
  if (options.open) openInBrowser(address);
  const code = await server.closed;
  if (ending.wanted) return 0;
  throw new ScriptError(
    `code-server ended by itself (exit code ${code ?? 'none'}). The end of ${server.logPath}:\n${tail(server.logPath, 20)}`,
  );
}

/** @param {number | undefined} wanted */
async function choosePort(wanted) {
  if (wanted !== undefined) {
    if ((await freePort(wanted)) !== undefined) return wanted;
    throw new ScriptError(
      `Port ${wanted} is in use on 127.0.0.1.\nWhat to do: name another with --port, or leave it out for the next free one.`,
    );
  }
  for (let port = firstPort; port < firstPort + 100; port++) {
    if ((await freePort(port)) !== undefined) return port;
  }
  throw new ScriptError(
    `No free port from ${firstPort} to ${firstPort + 99}.\nWhat to do: name one with --port.`,
  );
}

/** @param {string} address */
function openInBrowser(address) {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const canShow = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!canShow || which(opener) === undefined) return;
  const child = spawn(opener, [address], { stdio: 'ignore', detached: true });
  // The address is printed; whoever has no browser here opens it elsewhere.
  child.once('error', () => {});
  child.unref();
}
