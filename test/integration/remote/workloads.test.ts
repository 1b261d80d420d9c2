import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/remote/connection.js';
import { startGuarded, type GuardedEnd, type GuardStatus } from '../../../src/remote/guard/guardedRun.js';
import { nginxWorkload, WORKLOADS } from '../../../src/remote/workloads/catalogue.js';
import { GuardedMachine, until } from '../../support/guardedMachine.js';
import { noSshServer } from '../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`No workloads are tested: ${missing}.`);

interface Ran extends GuardedEnd {
  readonly output: string;
  readonly complaints: string;
  readonly statuses: readonly GuardStatus[];
  readonly durationMs: number;
}

describe.skipIf(missing !== undefined)('workloads over SSH', () => {
  let machine: GuardedMachine;
  let connection: Connection;
  beforeAll(async () => {
    machine = await GuardedMachine.start();
    connection = await machine.connect();
  });
  afterAll(() => {
    machine.dispose();
  });

  async function run(program: string, args: readonly (string | number)[]): Promise<Ran> {
    const start = performance.now();
    const guarded = await startGuarded(connection, machine.programs, {
      what: `Running ${program}`,
      rights: 'own',
      program,
      args: args.map(String),
    });
    const statuses: GuardStatus[] = [];
    guarded.onStatus((status) => statuses.push(status));
    const [output, end] = await Promise.all([text(guarded.output), guarded.ended]);
    const durationMs = performance.now() - start;
    return { ...end, output, complaints: guarded.complaints, statuses, durationMs };
  }

  function said(ran: Ran, kind: string): Record<string, string> | undefined {
    const status = ran.statuses.find((each) => each.kind === kind);
    return status === undefined ? undefined : Object.fromEntries(status.values);
  }

  function expectNothingLeft(ran: Ran): void {
    expect(ran.leftBehind).toEqual([]);
    expect(machine.processes()).toEqual([]);
    expect(readdirSync(machine.temporary)).toEqual([]);
  }

  test('every built-in workload has its program', () => {
    for (const { program } of WORKLOADS) expect(existsSync(`media/remote/${program.name}.sh`)).toBe(true);
  });

  test.each([
    ['workload-cpu', [2, 1], 'awk'],
    ['workload-io', [2, 2, 1], 'dd'],
    ['workload-io', [1, 1, 1, 'repeated'], 'dd'],
    ['workload-messages', [2, 1], 'sh'],
    ['workload-forks', [2, 1], 'sh'],
  ] as const)('%s %j runs for its time with nothing installed', async (program, args, tool) => {
    const ran = await run(program, args);
    expect(ran).toMatchObject({ code: 0, signal: null });
    expect(said(ran, 'tool')).toMatchObject({ name: tool });
    expect(ran.durationMs).toBeGreaterThan(1000);
    expectNothingLeft(ran);
  });

  test('workloads without tools run under busybox alone, too', async (context) => {
    if (!existsSync('/usr/bin/busybox')) context.skip('busybox is not installed');
    const tools = mkdtempSync(join(tmpdir(), 'ko-busybox-'));
    const applets =
      'sh awk cat date dd df env grep kill mkdir mkfifo mktemp od rm rmdir sed setsid sha256sum sleep tee timeout tr wc';
    for (const applet of applets.split(' ')) symlinkSync('/usr/bin/busybox', join(tools, applet));
    const bare = await GuardedMachine.start({}, { environment: `PATH=${tools}` });
    try {
      const other = await bare.connect();
      for (const [program, ...args] of [
        ['workload-cpu', '2', '1'],
        ['workload-io', '1', '1', '1', ''],
        ['workload-messages', '2', '1'],
        ['workload-forks', '2', '1'],
      ] as const) {
        const guarded = await startGuarded(other, bare.programs, {
          what: 'Testing',
          rights: 'own',
          program,
          args,
        });
        guarded.output.resume();
        expect(await guarded.ended, `${program}: ${guarded.complaints}`).toMatchObject({
          code: 0,
          leftBehind: [],
        });
      }
      expect(bare.processes()).toEqual([]);
      expect(readdirSync(bare.temporary)).toEqual([]);
    } finally {
      bare.dispose();
      rmSync(tools, { recursive: true });
    }
  });

  test('files are written where a disk is, not in memory, and go away', async (context) => {
    if (!existsSync('/dev/shm')) context.skip('there is no /dev/shm');
    const temporary = mkdtempSync('/dev/shm/ko-io-');
    const inMemory = await GuardedMachine.start({}, { temporary });
    try {
      const guarded = await startGuarded(await inMemory.connect(), inMemory.programs, {
        what: 'Testing',
        rights: 'own',
        program: 'workload-io',
        args: ['1', '1', '1', ''],
      });
      guarded.output.resume();
      const folder = (await guarded.untilStatus('tool', 10_000)).values.get('folder')!;
      expect(folder).toMatch(/^\/var\/tmp\/kernel-oracle-[0-9a-f]{16}$/);
      await until(() => existsSync(join(folder, 'written.1')), 5000, 'something is written');
      expect(await guarded.ended).toMatchObject({ code: 0, leftBehind: [] });
      expect(existsSync(folder)).toBe(false);
    } finally {
      inMemory.dispose();
      rmSync(temporary, { recursive: true });
    }
  });

  test('shells hand messages to and fro, and start programs', async () => {
    const switches = () => Number(/^ctxt (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))![1]);
    const forks = () => Number(/^processes (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))![1]);
    const switchesBefore = switches();
    await run('workload-messages', [1, 1]);
    expect(switches() - switchesBefore).toBeGreaterThan(5000);
    const forksBefore = forks();
    await run('workload-forks', [1, 1]);
    expect(forks() - forksBefore).toBeGreaterThan(100);
  });

  test('hackbench runs, and where it is missing perf takes its place with the same parameters', async () => {
    const own = await run('workload-hackbench', ['pipe', 1, 50]);
    expect(own).toMatchObject({ code: 0 });
    expect(said(own, 'tool')).toEqual({ name: 'hackbench' });
    expect(own.output).toMatch(
      /^ran: hackbench -p -g 1 -l 50\nRunning in process mode with 1 groups using 40 file descriptors/,
    );
    expectNothingLeft(own);

    const tools = mkdtempSync(join(tmpdir(), 'ko-tools-'));
    for (const name of readdirSync('/usr/bin')) {
      if (name !== 'hackbench') symlinkSync(join('/usr/bin', name), join(tools, name));
    }
    const without = await GuardedMachine.start({}, { environment: `PATH=${tools}` });
    try {
      const other = await without.connect();
      const guarded = await startGuarded(other, without.programs, {
        what: 'Testing',
        rights: 'own',
        program: 'workload-hackbench',
        args: ['socket', '1', '50'],
      });
      const tool = await guarded.untilStatus('tool', 10_000);
      expect(tool.values.get('name')).toBe('perf bench sched messaging');
      expect(await text(guarded.output)).toMatch(/1 groups == 40 processes run/);
      expect(await guarded.ended).toMatchObject({ code: 0, leftBehind: [] });
    } finally {
      without.dispose();
      rmSync(tools, { recursive: true });
    }
  });

  test.each([
    [['sysbench', 'threads', '--threads=2', '--time=1', 'run'], /total number of events/],
    [['stress-ng', '--pipe', '1', '--futex', '1', '--timeout', '1s'], /successful run completed/],
  ] as const)('%j', async (argv, expected) => {
    const ran = await run('workload-tool', argv);
    expect(ran, ran.complaints).toMatchObject({ code: 0 });
    expect(ran.output + ran.complaints).toMatch(expected);
    expectNothingLeft(ran);
  });

  test('what is not installed is told', async () => {
    const ran = await run('workload-tool', ['no-such-tool', '--version']);
    expect(ran).toMatchObject({ code: 1 });
    expect(said(ran, 'failed')).toEqual({ why: 'no-such-tool is not installed on this machine.' });
    const phoronix = await run('workload-phoronix', ['pts/compress-zstd']);
    expect(said(phoronix, 'failed')?.['why']).toMatch(/phoronix-test-suite is not installed/);
  });

  test("a user's command and text run where one lands after logging in, with their exit status", async () => {
    const ran = await run('workload-command', ['sh', '-c', 'pwd; echo "$1"; exit 7', 'sh', "it's $HOME"]);
    expect(ran).toMatchObject({ code: 7, output: `${process.env['HOME'] ?? '/root'}\nit's $HOME\n` });
    const shell = await run('workload-shell', ['echo a | tr a b; exit 3']);
    expect(shell).toMatchObject({ code: 3, output: 'b\n' });
  });

  describe('nginx under ab', () => {
    const nginx = () =>
      spawnSync('pgrep', ['-f', 'nginx: |nginx .*-c '], { encoding: 'utf8' }).stdout.split('\n').sort();

    test('goes up, answers every request, and is gone afterwards', async () => {
      const { program } = nginxWorkload(3000);
      const running = nginx();
      const ran = await run(program.name, program.args);
      expect(ran, ran.complaints).toMatchObject({ code: 0, signal: null });
      expect(said(ran, 'result')).toMatchObject({ complete: '3000', failed: '0' });
      expect(ran.output).toMatch(/Concurrency Level: {6}5\n/);
      expect(ran.output).toMatch(/Server Software: {8}nginx/);
      expect(nginx()).toEqual(running);
      expect(listening(Number(said(ran, 'tool')!['port']))).toBe(false);
      expectNothingLeft(ran);
    });

    test.each(['stop', 'abort'] as const)('is taken down by %s in the middle', async (how) => {
      const running = nginx();
      const guarded = await startGuarded(connection, machine.programs, {
        what: 'Testing',
        rights: 'own',
        program: 'workload-nginx',
        args: ['10000000', '5'],
      });
      guarded.output.resume();
      const tool = await guarded.untilStatus('tool', 20_000);
      const port = Number(tool.values.get('port'));
      expect(listening(port)).toBe(true);
      guarded[how]();
      expect((await guarded.ended).leftBehind).toEqual([]);
      expect(listening(port)).toBe(false);
      expect(nginx()).toEqual(running);
      expect(readdirSync(machine.temporary)).toEqual([]);
    });

    test('two at once do not get into each other’s way', async () => {
      const both = await Promise.all([run('workload-nginx', [500, 2]), run('workload-nginx', [500, 2])]);
      expect(both.map((each) => said(each, 'result'))).toMatchObject([
        { complete: '500', failed: '0' },
        { complete: '500', failed: '0' },
      ]);
      await until(() => readdirSync(machine.temporary).length === 0, 5000, 'no folder is left');
    });

    function listening(port: number): boolean {
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      const table = readFileSync('/proc/net/tcp', 'utf8');
      return new RegExp(`:${hex} [0-9A-F]+:[0-9A-F]{4} 0A`).test(table);
    }
  });
});
