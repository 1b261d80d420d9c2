/**
 * A download of 1 GB over a loopback sshd, against `ssh HOST cat > file` in the same run; ours is checked by SHA-256 here
 * and there, theirs is not. The target is 80 % of their rate.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadFile } from '../../src/remote/artifacts/download.js';
import { RemotePrograms } from '../../src/remote/remotePrograms.js';
import type { Prompter } from '../../src/remote/prompter.js';
import { openConnection } from '../../src/remote/ssh/openConnection.js';
import { noSshServer, SshServer } from '../support/sshServer.js';
import { cannotMeasure, figure, heading, median, megabytes, seconds } from './report.js';

const FILE_BYTES = Number(process.env['BENCH_DOWNLOAD_BYTES'] ?? 1e9);
const RUNS = 3;
const HOST = 'benchmark';
const CONSENTING: Prompter = {
  password: () => Promise.resolve(undefined),
  passphrase: () => Promise.resolve(undefined),
  answers: () => Promise.resolve(undefined),
  acceptHostKey: () => Promise.resolve(true),
};
/** The benchmark runs bundled, two folders below the project's. */
const PROGRAMS = new RemotePrograms(fileURLToPath(new URL('../../media/remote', import.meta.url)));

const missing = noSshServer();
if (missing === undefined) await measure();
else cannotMeasure('downloads', missing);

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));
  const server = await SshServer.start();
  try {
    heading(`download of ${megabytes(FILE_BYTES)} over a loopback sshd, ${RUNS} runs each, in turn`);
    const remote = join(folder, 'remote');
    const config = join(folder, 'config');
    makeFile(remote);
    writeConfig(config, server);
    const ours: number[] = [];
    const theirs: number[] = [];
    // Once unmeasured: the file is in the page cache then, for both.
    sshCat(config, remote, join(folder, 'warm-up'));
    for (let run = 0; run < RUNS; run += 1) {
      theirs.push(timed(() => sshCat(config, remote, join(folder, `cat-${run}`))));
      ours.push(await download(config, remote, join(folder, `ours-${run}`)));
    }
    report('ssh cat', theirs);
    report('ours, verified by SHA-256', ours);
    const ratio = median(theirs) / median(ours);
    figure('rate against ssh cat', ratio.toFixed(2), 'target: at least 0.80');
  } finally {
    server.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(what: string, elapsedMs: readonly number[]): void {
  const middle = median(elapsedMs);
  figure(what, seconds(middle), `${(FILE_BYTES / middle / 1000).toFixed(0)} MB/s`);
}

/** As the editor connects and downloads. */
async function download(config: string, remote: string, local: string): Promise<number> {
  const start = performance.now();
  const connection = await openConnection(HOST, { configFile: config, prompter: CONSENTING });
  await downloadFile(connection, remote, local, { programs: PROGRAMS });
  connection.dispose();
  const elapsedMs = performance.now() - start;
  rmSync(local);
  return elapsedMs;
}

function sshCat(config: string, remote: string, local: string): void {
  const file = openSync(local, 'w');
  const options = ['-F', config, '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR'];
  const { status } = spawnSync('ssh', [...options, HOST, `cat '${remote}'`], {
    stdio: ['ignore', file, 'inherit'],
  });
  closeSync(file);
  if (status !== 0 || statSync(local).size !== FILE_BYTES) throw new Error('ssh cat failed.');
  rmSync(local);
}

function writeConfig(path: string, server: SshServer): void {
  const lines = [
    `Host ${HOST}`,
    'HostName 127.0.0.1',
    `Port ${server.port}`,
    `User ${server.user}`,
    `IdentityFile ${server.clientKey}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${path}.known_hosts`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
}

/** Random bytes: nothing on the way can compress them. */
function makeFile(path: string): void {
  const { status } = spawnSync('sh', [
    '-c',
    'head -c "$2" /dev/urandom >"$1"',
    'sh',
    path,
    String(FILE_BYTES),
  ]);
  if (status !== 0) throw new Error('The file cannot be made.');
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
