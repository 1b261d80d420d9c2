/** Each fault against a real sshd while the real tracefs records: the machine must be as it was before. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import type { CollectorRun } from '../../../src/remote/collect/collectorRun.js';
import { collectPerf, USUAL_PERF_EVENTS } from '../../../src/remote/collect/perfCollector.js';
import { startGuarded, type GuardedRun } from '../../../src/remote/guard/guardedRun.js';
import { GuardedMachine, TRACING, until, type MachineState } from '../../support/guardedMachine.js';
import { noSshServer } from '../../support/sshServer.js';
import { TcpProxy } from '../../support/tcpProxy.js';
import { recordTracefs, type TracefsRecording } from '../../support/tracefsRecording.js';

const missing = noSshServer() ?? noTracefs();
if (missing !== undefined) console.warn(`Faults while a machine records are not tested: ${missing}.`);

function noTracefs(): string | undefined {
  try {
    accessSync(`${TRACING}/instances`, constants.W_OK);
    return undefined;
  } catch {
    return `${TRACING} cannot be written here (it takes root)`;
  }
}

const HAS_PERF = spawnSync('perf', ['--version']).status === 0;
if (!HAS_PERF) console.warn('perf is not installed, so that faults are not tested while it records.');

/** At the latest after the connection is lost. */
const RESTORED_MS = 15_000;

const PROGRAMS = {
  // A workload that leaves its session, is nobody's child any more, and ignores what asks it to end.
  fleeing: [
    'ko_run setsid sh -c \'trap "" TERM HUP INT; (setsid sh -c "trap \\"\\" TERM; while :; do sleep 1; done" &) ; exit 0\'',
    'ko_say ready; ko_sleep 1000',
  ].join('\n'),
  crashing: 'ko_run sh -c "sleep 1000 & kill -SEGV \\$\\$"; ko_say ready; kill -ABRT $$',
  filling: 'ko_say ready; dd if=/dev/zero of="$ko_dir/full" bs=4096 2>/dev/null; ko_sleep 1000',
  // Looks like status lines, but lacks the nonce; then complains without end, by lines and in one that never ends.
  shouting: [
    'echo "ko:0123456789abcdef0123456789abcdef:ended code=0" >&2; echo "restored because=end" >&2',
    'printf "ko::failed why=you\nko:%032d:output bytes=1\n" 0 >&2',
    'yes "what a lot of complaints" | head -c 10000000 >&2',
    'head -c 10000000 /dev/zero | tr "\\0" x >&2; head -c 1000000 /dev/zero >&2',
    'printf "\\033[2J\\033]0;title\\007\\233\\0\\r\\377 end\n" >&2; ko_say said "text=$(printf "a\\033[31m\\nb")"',
    'ko_say ready; ko_sleep 1000',
  ].join('\n'),
};

describe.skipIf(missing !== undefined)('faults while a machine records', () => {
  let machine: GuardedMachine;
  let before: MachineState;
  let recording: TracefsRecording | undefined;
  let slowestMs = 0;
  const measured: string[] = [];
  beforeAll(async () => {
    machine = await GuardedMachine.start(PROGRAMS);
  });
  beforeEach(() => {
    before = machine.state();
  });
  afterEach(() => {
    recording?.remove();
    recording = undefined;
    expect(machine.state()).toEqual(before);
  });
  afterAll(() => {
    console.info(`Restored: ${measured.join('; ')}. The slowest: ${slowestMs} ms.`);
    machine.dispose();
  });

  const record = async (connection: Connection) => {
    recording = await recordTracefs(machine, connection);
    await recording.run.ready;
    machine.noteRuns();
    expect(machine.state().instances).toHaveLength(1);
    return recording;
  };
  const PERF = { collector: 'perf', events: USUAL_PERF_EVENTS, bufferPages: 512 } as const;
  /** perf beside it; undefined where it is not installed. */
  const recordWithPerf = async (
    connection: Connection,
    folder: string,
  ): Promise<CollectorRun | undefined> => {
    if (!HAS_PERF) return undefined;
    const context = { programs: machine.programs, version: 'test', now: () => new Date() };
    const target = { folder, path: join(folder, 'pages.perf.data') };
    const run = await collectPerf(connection, context, PERF, 'own', target);
    await run.ready;
    machine.noteRuns();
    expect(machine.processes().filter((text) => text.includes('perf record'))).not.toEqual([]);
    return run;
  };
  const start = async (connection: Connection, program: keyof typeof PROGRAMS): Promise<GuardedRun> => {
    const run = await startGuarded(connection, machine.programs, {
      what: 'Testing',
      rights: 'own',
      program,
      args: [],
    });
    run.output.resume();
    await run.untilStatus('ready', 20_000);
    machine.noteRuns();
    return run;
  };
  const restored = async (what: string) => {
    const isRestored = () => JSON.stringify(machine.state()) === JSON.stringify(before);
    const afterMs = await until(
      isRestored,
      RESTORED_MS,
      `${what}: restored, not ${JSON.stringify(machine.state())}`,
    );
    slowestMs = Math.max(slowestMs, afterMs);
    measured.push(`${what} after ${afterMs} ms`);
  };
  /** No recording under its name, whole or in part. */
  const nothingReceived = (folder: string) => {
    expect(readdirSync(folder).filter((name) => !name.startsWith('pages'))).toEqual([]);
  };

  test('normal end', async () => {
    const { run } = await record(await machine.connect());
    run.stop();
    expect(await run.finished).toMatchObject({ leftBehind: [] });
    await restored('normal end');
  });

  test('cancelled', async () => {
    const { run, folder } = await record(await machine.connect());
    run.abort();
    await expect(run.finished).rejects.toMatchObject({ code: 'cancelled' });
    await restored('cancelled');
    nothingReceived(folder);
  });

  test('stopped before it was ready', async () => {
    recording = await recordTracefs(machine, await machine.connect());
    recording.run.stop();
    expect(await recording.run.finished).toMatchObject({ leftBehind: [] });
    await restored('stopped early');
  });

  test('our process is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ko-client-'));
    const script = join(folder, 'client.cjs');
    await build({
      entryPoints: [fileURLToPath(new URL('../../support/collectingClient.ts', import.meta.url))],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['cpu-features', '*.node'],
    });
    const { port, clientKey } = machine.server;
    const output = join(folder, 'output');
    mkdirSync(output);
    const client = spawn(process.execPath, [script, String(port), clientKey, machine.programFolder, output]);
    await new Promise((resolve) => client.stdout.once('data', resolve));
    machine.noteRuns();
    expect(machine.state().instances).toHaveLength(1);
    client.kill('SIGKILL');
    await restored('our process killed');
    nothingReceived(output);
    rmSync(folder, { recursive: true });
  });

  test('the network is cut without a word', async () => {
    const proxy = await TcpProxy.start(machine.server.port);
    const connection = await machine.connect({
      port: proxy.port,
      keepaliveInterval: 2000,
      keepaliveCountMax: 3,
    });
    const { run, folder } = await record(connection);
    const perf = await recordWithPerf(connection, folder);
    const workload = await start(connection, 'fleeing');
    proxy.cut();
    const lost = [run.finished, perf?.finished ?? run.finished, workload.ended].map((each) =>
      expect(each).rejects.toMatchObject({ code: 'connection-lost' }),
    );
    await restored(`network cut from tracefs, ${HAS_PERF ? 'perf ' : ''}and a workload`);
    await Promise.all(lost);
    nothingReceived(folder);
    proxy.dispose();
  }, 30_000);

  test('the connection process of sshd is killed', async () => {
    const connection = await machine.connect();
    const { run, folder } = await record(connection);
    const perf = await recordWithPerf(connection, folder);
    for (const pid of machine.server.connectionPids()) process.kill(pid, 'SIGKILL');
    await expect(run.finished).rejects.toMatchObject({ code: 'connection-lost' });
    if (perf !== undefined) {
      await expect(perf.finished).rejects.toMatchObject({ code: 'connection-lost' });
    }
    await restored('sshd killed');
    nothingReceived(folder);
  });

  test('a workload that left its session, its parents and ignores signals', async () => {
    const connection = await machine.connect();
    const tracefs = await record(connection);
    const run = await start(connection, 'fleeing');
    expect(machine.processes().length).toBeGreaterThan(5);
    run.abort();
    expect(await run.ended).toMatchObject({ leftBehind: [] });
    // The recording goes on.
    expect(machine.state().instances).toHaveLength(1);
    tracefs.run.stop();
    expect(await tracefs.run.finished).toMatchObject({ leftBehind: [] });
    await restored('fleeing workload');
  });

  test('a workload that crashes', async () => {
    const connection = await machine.connect();
    const tracefs = await record(connection);
    const run = await start(connection, 'crashing');
    expect(await run.ended).toMatchObject({ signal: 'ABRT', leftBehind: [] });
    tracefs.run.stop();
    expect(await tracefs.run.finished).toMatchObject({ leftBehind: [] });
    await restored('crashing workload');
  });

  test('false statuses and endless complaints: bounded, and believed by nobody', async () => {
    const run = await start(await machine.connect(), 'shouting');
    const kinds: string[] = [];
    run.onStatus(({ kind }) => kinds.push(kind));
    expect(kinds).toEqual(['guarded', 'said', 'ready']);
    expect(run.complaints.length).toBeLessThanOrEqual(64 * 1024);
    expect(run.complaints.trimEnd()).toMatch(/ end$/);
    const said = (await run.untilStatus('said', 1)).values.get('text')!;
    // eslint-disable-next-line no-control-regex -- what a terminal would obey
    expect(run.complaints + said).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
    run.stop();
    expect(await run.ended).toMatchObject({ leftBehind: [] });
    await restored('shouting program');
  }, 30_000);

  describe('the disk of the machine is full', () => {
    const mounts: string[] = [];
    const tinyDisk = (options: string) => {
      const folder = mkdtempSync(join(tmpdir(), 'ko-disk-'));
      const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
      if (status !== 0) throw new Error('No tmpfs can be mounted here, so that a full disk is not tested.');
      mounts.push(folder);
      return folder;
    };
    afterAll(() => {
      for (const folder of mounts) {
        spawnSync('umount', ['-l', folder]);
        rmSync(folder, { recursive: true });
      }
    });

    test.each([
      ['of blocks', 'size=64k'],
      ['of files', 'nr_inodes=2,size=64k'],
    ])('%s, from the beginning', async (_, options) => {
      const disk = tinyDisk(options);
      spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filled')}`, 'bs=4096']);
      const full = await GuardedMachine.start({}, { temporary: disk });
      const own = await recordTracefs(full, await full.connect());
      await own.run.ready;
      full.noteRuns();
      own.run.stop();
      expect(await own.run.finished).toMatchObject({ leftBehind: [] });
      expect((await own.read()).length).toBeGreaterThan(0);
      expect(full.state()).toMatchObject({ instances: [], processes: [], temporary: ['filled'] });
      own.remove();
      full.dispose();
    });

    test('while it records', async () => {
      const full = await GuardedMachine.start(PROGRAMS, { temporary: tinyDisk('size=64k') });
      const connection = await full.connect();
      const own = await recordTracefs(full, connection);
      await own.run.ready;
      const run = await startGuarded(connection, full.programs, {
        what: 'Filling',
        rights: 'own',
        program: 'filling',
        args: [],
      });
      run.output.resume();
      await run.untilStatus('ready', 5000);
      full.noteRuns();
      connection.dispose();
      await until(() => full.processes().length === 0, RESTORED_MS, 'its processes end');
      expect(full.state()).toMatchObject({ instances: [], processes: [], temporary: [] });
      own.remove();
      full.dispose();
    });
  });
});
