/**
 * A download of 1 GB over a loopback sshd, against `ssh HOST cat > file` in the same run; ours is checked by SHA-256 here
 * and there, theirs is not. The target is 80 % of their rate.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadFile } from '../../src/remote/artifacts/download.js';
import { RemotePrograms } from '../../src/remote/remotePrograms.js';
import { connectSsh2 } from '../../src/remote/ssh/ssh2Connection.js';
import { noSshServer, SshServer } from '../support/sshServer.js';
import { cannotMeasure, figure, heading, median, megabytes, seconds } from './report.js';

const FILE_BYTES = Number(process.env['BENCH_DOWNLOAD_BYTES'] ?? 1e9);
const RUNS = 3;
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
    makeFile(remote);
    const ours: number[] = [];
    const theirs: number[] = [];
    // Once unmeasured: the file is in the page cache then, for both.
    sshCat(server, remote, join(folder, 'warm-up'));
    for (let run = 0; run < RUNS; run += 1) {
      theirs.push(timed(() => sshCat(server, remote, join(folder, `cat-${run}`))));
      ours.push(await download(server, remote, join(folder, `ours-${run}`)));
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

async function download(server: SshServer, remote: string, local: string): Promise<number> {
  const start = performance.now();
  const connection = await connectSsh2(`${server.user}@localhost:${server.port}`, {
    host: '127.0.0.1',
    port: server.port,
    username: server.user,
    privateKey: readFileSync(server.clientKey),
  });
  await downloadFile(connection, remote, local, { programs: PROGRAMS });
  connection.dispose();
  const elapsedMs = performance.now() - start;
  rmSync(local);
  return elapsedMs;
}

function sshCat(server: SshServer, remote: string, local: string): void {
  const file = openSync(local, 'w');
  const { status } = spawnSync(
    'ssh',
    [
      ...['-p', String(server.port), '-i', server.clientKey, '-o', 'IdentitiesOnly=yes', '-F', 'none'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
      `${server.user}@127.0.0.1`,
      `cat '${remote}'`,
    ],
    { stdio: ['ignore', file, 'inherit'] },
  );
  closeSync(file);
  if (status !== 0 || statSync(local).size !== FILE_BYTES) throw new Error('ssh cat failed.');
  rmSync(local);
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
