/** The editor under test: code-server with the packaged extension, and nothing from this machine's users. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCodeServer } from '../../../scripts/lib/code-server.mjs';
import {
  freePort,
  installExtension,
  startServer,
  writeUserSettings,
} from '../../../scripts/lib/editor-server.mjs';
import { vsixToInstall } from '../../../scripts/lib/vsix.mjs';

/** What a test process has to know about the running editor; plain data, as it is handed to other processes. */
export interface Editor {
  /** `http://127.0.0.1:PORT` */
  address: string;
  /** Holds user data, extensions and logs of this run. */
  stateDir: string;
}

export interface RunningEditor extends Editor {
  stop(): Promise<void>;
}

/**
 * Starts an editor with the extension installed.
 * @param vsixPath the package to test; without it, KERNEL_ORACLE_VSIX or else a package built now
 */
export async function startEditor(
  vsixPath?: string,
  { asksForTrust = false }: { readonly asksForTrust?: boolean } = {},
): Promise<RunningEditor> {
  const codeServer = await ensureCodeServer();
  const vsix = vsixPath ?? (await vsixToInstall());
  // Not in the checkout: the server's sockets lie in there, and a socket's path may have 107 bytes only.
  const stateDir = mkdtempSync(join(tmpdir(), 'kernel-oracle-e2e-'));
  try {
    writeSettings({ stateDir }, {});
    await installExtension(codeServer, stateDir, vsix);
    const port = (await freePort(0)) ?? 0;
    // Should this process be killed, the server must not stay behind for ever.
    const server = await startServer({
      codeServer,
      stateDir,
      port,
      idleTimeoutSeconds: 600,
      offline: true,
      asksForTrust,
    });
    const stopNow = (): void => server.stopNow();
    process.once('exit', stopNow);
    return {
      address: server.address,
      stateDir,
      stop: async () => {
        process.off('exit', stopNow);
        await server.stop();
        rmSync(stateDir, { recursive: true, force: true, maxRetries: 3 });
      },
    };
  } catch (error) {
    rmSync(stateDir, { recursive: true, force: true });
    throw error;
  }
}

/** Replaces the user settings; a window reads them when it opens. */
export function writeSettings(
  { stateDir }: Pick<Editor, 'stateDir'>,
  settings: Record<string, unknown>,
): void {
  writeUserSettings(stateDir, settings);
}

/** Everything the extension wrote to its log channels in this run, newest window last. */
export function extensionLog(editor: Editor): string {
  return logFiles(editor)
    .filter((path) => /exthost.*kernel-oracle/.test(path))
    .map((path) => readFileSync(path, 'utf8'))
    .join('');
}

/** Keeps the editor's own logs, for a failed run. */
export function saveLogs(editor: Editor, folder: string): void {
  const logs = join(editor.stateDir, 'user-data', 'logs');
  if (existsSync(logs)) cpSync(logs, join(folder, 'editor-logs'), { recursive: true });
  cpSync(join(editor.stateDir, 'code-server.log'), join(folder, 'code-server.log'));
}

function logFiles(editor: Editor): string[] {
  const logs = join(editor.stateDir, 'user-data', 'logs');
  if (!existsSync(logs)) return [];
  return readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(logs, name));
}
