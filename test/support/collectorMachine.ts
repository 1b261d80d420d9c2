/** A connection to a real sshd here, with what collectors need, and what they must leave as it was. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { CollectorTarget } from '../../src/remote/collect/collectorRun.js';
import type { Connection } from '../../src/remote/connection.js';
import type { RemoteContext } from '../../src/remote/remoteContext.js';
import { RemotePrograms } from '../../src/remote/remotePrograms.js';
import { connectSsh2 } from './connectSsh2.js';
import { noSshServer, SshServer } from './sshServer.js';

export const PROGRAMS = new RemotePrograms(new URL('../../media/remote/', import.meta.url).pathname);

export const CONTEXT: RemoteContext = { programs: PROGRAMS, version: '0.0.0-test', now: () => new Date() };

/** Why nothing can be collected here; undefined: it can. */
export function nothingToCollectWith(...tools: readonly string[]): string | undefined {
  const noServer = noSshServer();
  if (noServer !== undefined) return noServer;
  if (process.getuid?.() !== 0) return 'the tests are not run as root';
  const missing = tools.filter((tool) => spawnSync('which', [tool]).status !== 0);
  if (missing.length > 0) return `${missing.join(', ')} is not installed`;
  return existsSync('/sys/kernel/tracing/events/sched') ? undefined : 'tracefs is not mounted';
}

export class CollectorMachine {
  readonly connections: Connection[] = [];

  private constructor(
    readonly server: SshServer,
    /** For recordings. */
    readonly folder: string,
    /** TMPDIR of what runs there. */
    readonly temporary: string,
  ) {}

  static async start(config: readonly string[] = []): Promise<CollectorMachine> {
    const root = mkdtempSync(join(tmpdir(), 'kernel-oracle-collect-'));
    const folder = join(root, 'recordings');
    const temporary = join(root, 'tmp');
    mkdirSync(folder);
    mkdirSync(temporary);
    const server = await SshServer.start({ config: [`SetEnv TMPDIR=${temporary}`, ...config] });
    return new CollectorMachine(server, folder, temporary);
  }

  async connect(): Promise<Connection> {
    const { server } = this;
    const connection = await connectSsh2(`${server.user}@localhost:${server.port}`, {
      host: '127.0.0.1',
      port: server.port,
      username: server.user,
      privateKey: readFileSync(server.clientKey),
    });
    this.connections.push(connection);
    return connection;
  }

  /** A target of its own for a collector. */
  target(): CollectorTarget {
    const folder = mkdtempSync(join(this.folder, 'target-'));
    return { folder, path: join(folder, 'recording') };
  }

  /** Everything in a folder, with what is hidden. */
  names(folder = this.folder): string[] {
    return readdirSync(folder).sort();
  }

  dispose(): void {
    for (const connection of this.connections) connection.dispose();
    this.server.dispose();
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }

  /** What guards and collectors have made there and not removed. */
  leftovers(): string[] {
    const onDisk = readdirSync('/var/tmp').filter((name) => name.startsWith('kernel-oracle-'));
    return [...readdirSync(this.temporary), ...onDisk, ...processesOf(this.temporary)];
  }
}

/** What runs with this TMPDIR was started over our sshd. */
function processesOf(temporary: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (!environment.includes(`TMPDIR=${temporary}`)) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
      found.push(`${pid} ${command.map((word) => word.slice(0, 40)).join(' ')}`);
    } catch {
      // It has just ended.
    }
  }
  return found;
}
