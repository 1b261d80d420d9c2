/** `kernel-oracle machine` and `collect` as real processes against a real sshd. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nothingToCollectWith } from '../../support/collectorMachine.js';
import { SshServer } from '../../support/sshServer.js';
import { buildCli, finished, makeDirectory, run, type Outcome } from '../cliProcess.js';

const missing = nothingToCollectWith();
if (missing !== undefined) console.warn(`Collecting by the command line is not tested: ${missing}.`);

describe.skipIf(missing !== undefined)('kernel-oracle machine and collect', { timeout: 60_000 }, () => {
  let server: SshServer;
  let folder: string;
  let cli: string;
  const path = (name: string) => join(folder, name);
  const oracle = (...args: string[]): Promise<Outcome> =>
    run(process.execPath, [cli, ...args, '--ssh-config', path('config')]);
  const json = async (...args: string[]): Promise<unknown> => {
    const { status, stdout, stderr } = await oracle(...args, '--json');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    folder = await makeDirectory();
    cli = await buildCli(folder);
    server = await SshServer.start();
    writeFileSync(
      path('config'),
      [
        'Host lab',
        '  HostName 127.0.0.1',
        `  Port ${server.port}`,
        `  User ${server.user}`,
        `  IdentityFile ${server.clientKey}`,
        `  UserKnownHostsFile ${path('known_hosts')}`,
        'Host stranger',
        '  HostName 127.0.0.1',
        `  Port ${server.port}`,
        '  UserKnownHostsFile /dev/null',
        '',
      ].join('\n'),
    );
    writeFileSync(path('known_hosts'), `[127.0.0.1]:${server.port} ${server.hostPublicKey}\n`);
  });
  afterAll(() => {
    server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('lists the machines of the configuration', async () => {
    expect(await json('machine', 'list')).toEqual([
      {
        name: 'lab',
        destination: `${server.user}@127.0.0.1:${server.port}`,
        path: path('config'),
        line: 1,
      },
      expect.objectContaining({ name: 'stranger' }),
    ]);
  });

  test('checks a machine: every check has a status, every failure a remedy', async () => {
    const report = (await json('machine', 'check', 'lab')) as {
      facts: { kernel: { release: string } };
      checks: { id: string; status: string; remedy: { text: string } | null }[];
    };
    const byId = new Map(report.checks.map((each) => [each.id, each]));
    expect(byId.get('reachable')!.status).toBe('passed');
    expect(byId.get('sched-events')?.status ?? byId.get('scheduler-events')?.status).toBe('passed');
    for (const { status, remedy } of report.checks) if (status === 'failed') expect(remedy).not.toBeNull();
  });

  test('a machine that cannot be reached has a report that says so, and exit status 1', async () => {
    const { status, stdout } = await oracle('machine', 'check', `${server.user}@127.0.0.1:1`);
    expect(status).toBe(1);
    expect(stdout).toMatch(/FAILED +Reachable: .*127\.0\.0\.1:1/);
  });

  test('an unknown host key without a terminal is a failure that says what could not be asked', async () => {
    const child = spawn('setsid', [
      ...['--wait', process.execPath, cli, 'machine', 'fetch', 'stranger', '/etc/hostname'],
      ...['-o', path('hostname'), '--ssh-config', path('config')],
    ]);
    const { status, stderr } = await finished(child);
    expect(status).toBe(1);
    expect(stderr).toMatch(/no terminal to ask on: .* is unknown\. Its \S+ key is SHA256:/s);
    expect(existsSync(path('hostname'))).toBe(false);
  });

  test('fetches a file, verified, and replaces none unasked', async () => {
    const bytes = Buffer.alloc(3_000_000, 'kernel');
    writeFileSync(path('there'), bytes);
    const first = await oracle('machine', 'fetch', 'lab', path('there'), '-o', path('here'));
    expect(first).toMatchObject({ status: 0, stderr: expect.stringContaining('3000000 bytes') as string });
    expect(readFileSync(path('here')).equals(bytes)).toBe(true);
    const again = await oracle('machine', 'fetch', 'lab', path('there'), '-o', path('here'));
    expect(again).toMatchObject({ status: 1, stderr: expect.stringMatching(/here .*exists/) as string });
  });

  test('collects for the time of a command of the user; info reads what came of it', async () => {
    const recording = path('command.trace.dat');
    const [result] = (await json(
      ...['collect', 'run', 'lab', '-o', recording, '--command', 'sleep 0.5; exit 3'],
    )) as { sizeBytes: number; counters: { events: number }; remarks: string[] }[];
    expect(result!.remarks.join(' ')).toMatch(/exit status 3/);
    expect((await stat(recording)).size).toBe(result!.sizeBytes);
    const info = await run(process.execPath, [cli, 'info', recording, '--json']);
    const { events } = JSON.parse(info.stdout) as { events: Record<string, number> };
    expect(Object.values(events).reduce((sum, each) => sum + each, 0)).toBe(result!.counters.events);
    const meta = JSON.parse(readFileSync(`${recording}.meta.json`, 'utf8')) as {
      workload: { exitStatus?: number };
    };
    expect(JSON.stringify(meta.workload)).toContain('sleep 0.5; exit 3');
  });

  test('Ctrl+C finishes a recording and keeps it', async () => {
    const recording = path('interrupted.trace.dat');
    const child = spawn(process.execPath, [
      ...[cli, 'collect', 'run', 'lab', '-o', recording, '--ssh-config', path('config')],
    ]);
    const end = finished(child);
    await untilArriving(recording);
    child.kill('SIGINT');
    expect(await end).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('what was collected is kept') as string,
    });
    expect((await stat(recording)).size).toBeGreaterThan(4096);
  });

  test('SIGTERM drops it: nothing is left, here or there', async () => {
    const recording = path('dropped.trace.dat');
    const child = spawn(process.execPath, [
      ...[cli, 'collect', 'run', 'lab', '-o', recording, '--ssh-config', path('config')],
    ]);
    const end = finished(child);
    await untilArriving(recording);
    child.kill('SIGTERM');
    expect((await end).status).toBe(1);
    expect((await readdir(folder)).filter((name) => name.includes('dropped'))).toEqual([]);
  });

  test('makes the recordings of a plan and keeps those that are there', async () => {
    const plan = path('kernel-oracle.collect.yaml');
    writeFileSync(
      plan,
      `machines: [lab]
collectors:
  - collector: tracefs
workloads:
  - { name: nap, category: idle, shell: sleep 0.3 }
runs: 2
output: recordings/{workload}-{run}
`,
    );
    const first = (await json('collect', 'plan', plan)) as { counts: Record<string, number> };
    expect(first.counts).toMatchObject({ recorded: 2, kept: 0, failed: 0 });
    rmSync(path('recordings/nap-2.trace.dat'));
    rmSync(path('recordings/nap-2.trace.dat.meta.json'));
    const second = await oracle('collect', 'plan', plan);
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(second.stdout).toMatch(/nap +tracefs +1 +kept/);
    expect(second.stdout).toMatch(/nap +tracefs +2 +recorded/);
  });

  test.each([
    [
      ['collect', 'run', 'lab', '-o', 'x', '--workload', 'nothing'],
      /There is no workload nothing\. There are: /,
    ],
    [['collect', 'run', 'lab', 'other', '-o', 'x'], /must hold \{machine\}/],
    [['collect', 'run', 'lab', '-o', 'x', '--events', 'a b'], /an event is named/],
    [['collect', 'run', 'lab', '-o', 'x', '--workload', 'cpu_bound_4p', '--command', 'true'], /not both/],
    [['collect', 'run', 'lab', '-o', 'x', '--duration', '-1'], /no number above 0/],
  ])('wrong usage: %s', async (args, message) => {
    const { status, stderr } = await oracle(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});

/** Until what is collected into this file has begun to arrive. */
async function untilArriving(recording: string): Promise<void> {
  const pattern = `*${basename(recording)}*`;
  for (let tries = 0; tries < 300; tries += 1) {
    const found = spawnSync('find', [dirname(recording), '-path', pattern, '-type', 'f', '-size', '+0']);
    if (found.stdout.length > 0) return;
    await wait(100);
  }
  throw new Error('No collection began.');
}
