import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
  readdirSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messageOf } from '../../../src/base/errors.js';
import type { Connection } from '../../../src/remote/connection.js';
import type { Check } from '../../../src/remote/preflight/check.js';
import { installMissing, type InstallPlan } from '../../../src/remote/preflight/install.js';
import { runPreflight, type PreflightReport } from '../../../src/remote/preflight/preflight.js';
import { RemotePrograms } from '../../../src/remote/remotePrograms.js';
import { outputOf } from '../../../src/remote/runCommand.js';
import { shellProgram } from '../../../src/remote/shellCommand.js';
import { connectSsh2 } from '../../support/connectSsh2.js';
import { noSshServer, SshServer } from '../../support/sshServer.js';

const missing = noSshServer();
if (missing !== undefined) console.warn(`Preflight over SSH is not tested: ${missing}.`);

const context = {
  programs: new RemotePrograms('media/remote'),
  version: '0.0.0-test',
  now: () => new Date(),
};
const TRACING = '/sys/kernel/tracing';

async function connect(server: SshServer): Promise<Connection> {
  return connectSsh2(`${server.user}@localhost`, {
    host: '127.0.0.1',
    port: server.port,
    username: server.user,
    privateKey: readFileSync(server.clientKey),
  });
}

function found(report: PreflightReport, id: string): Check {
  return report.checks.find((check) => check.id === id)!;
}

describe.skipIf(missing !== undefined)('preflight over SSH', () => {
  let server: SshServer;
  let connection: Connection;
  let report: PreflightReport;
  beforeAll(async () => {
    server = await SshServer.start();
    connection = await connect(server);
    report = await runPreflight(connection, context);
  });
  afterAll(() => {
    connection.dispose();
    server.dispose();
  });

  test('tells what this machine is', () => {
    expect(report.facts).toMatchObject({
      kernel: { name: 'Linux', release: release() },
      user: { name: server.user },
      rights: 'own',
      cpus: { online: cpus().length },
      isComplete: true,
      foreignLines: 0,
    });
    expect(report.machine).toBe(`${server.user}@localhost`);
    for (const id of [
      'reachable',
      'authenticated',
      'answers',
      'linux',
      'kernel-version',
      'root',
      'guard-tools',
      'clock',
    ]) {
      expect(found(report, id), id).toMatchObject({ status: 'passed' });
    }
    expect(report.facts.clock!.uncertaintyMs).toBeLessThan(1000);
    expect(Math.abs(report.facts.clock!.differenceMs)).toBeLessThanOrEqual(
      report.facts.clock!.uncertaintyMs + 1,
    );
    expect(report.facts.temporarySpace!.freeKb).toBeGreaterThan(0);
  });

  // Each of these looks at the kernel in another way than the programs do, and expects what that says.
  test('tells what this kernel offers and forbids, exactly', (test) => {
    if (!existsSync(`${TRACING}/events`)) test.skip('tracefs is not mounted here');
    expect(found(report, 'tracefs-mounted').detail).toContain(TRACING);
    expect(found(report, 'tracefs-writable').status).toBe('passed');
    expect(found(report, 'sched-events').status).toBe('passed');
    expect(found(report, 'instances').status).toBe('passed');
    const subBuffer = readOr(`${TRACING}/buffer_subbuf_size_kb`, '4');
    expect(report.facts.tracing.subBufferBytes).toBe(Number(subBuffer) * 1024);

    const config = kernelConfig();
    if (config?.includes('# CONFIG_KPROBES is not set') === true) {
      expect(found(report, 'kprobes')).toMatchObject({
        status: 'failed',
        detail: 'the kernel was built without kprobes (CONFIG_KPROBES is not set)',
      });
    } else {
      expect(found(report, 'kprobes').status).not.toBe('unknown');
    }
    const functions = openingFails(`${TRACING}/available_filter_functions`);
    expect(found(report, 'function-tracing')).toMatchObject(
      functions === undefined
        ? { status: 'passed' }
        : { status: 'failed', detail: `available_filter_functions cannot be read: ${functions}` },
    );
    expect(found(report, 'schedstats').status === 'passed').toBe(
      existsSync('/proc/schedstat') && readOr('/proc/sys/kernel/sched_schedstats', '0') === '1',
    );
    const symbol = / can_migrate_task$/m.test(readFileSync('/proc/kallsyms', 'latin1'));
    expect(found(report, 'can-migrate-task').status === 'passed').toBe(symbol);
    expect(found(report, 'btf').status).toBe(existsSync('/sys/kernel/btf/vmlinux') ? 'passed' : 'failed');
  });

  test('tells which tools are here, by trying those that need the kernel', () => {
    for (const tool of ['hackbench', 'sysbench', 'stress-ng', 'nginx', 'ab', 'perf', 'bpftrace', 'zstd']) {
      const isHere = ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(join(folder, tool)));
      if (isHere) expect(found(report, `tool-${tool}`).status, tool).toBe('passed');
      else expect(found(report, `tool-${tool}`).remedy?.packages, tool).toBeDefined();
    }
    if (existsSync('/usr/bin/perf')) {
      const version = execFileSync('perf', ['--version'], { encoding: 'utf8' }).trim();
      expect(found(report, 'tool-perf').detail).toBe(
        `${version}, records sched_switch on kernel ${release()}`,
      );
    }
  });

  test('leaves nothing', async () => {
    const before = traces();
    await runPreflight(connection, context);
    expect(traces()).toEqual(before);
  });

  test('is stopped by cancelling', async () => {
    const controller = new AbortController();
    const running = runPreflight(connection, context, controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('a kprobe is tried and removed where the kernel has them; a tracefs of our own shows it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ko-tracefs-'));
    mkdirSync(join(folder, 'events/sched/sched_switch'), { recursive: true });
    writeFileSync(join(folder, 'events/sched/sched_switch/format'), '');
    mkdirSync(join(folder, 'instances/kernel-oracle-0123456789abcdef'), { recursive: true });
    for (const name of ['tracing_on', 'available_filter_functions']) writeFileSync(join(folder, name), 'x');
    writeFileSync(join(folder, 'available_tracers'), 'function nop\n');
    writeFileSync(join(folder, 'kprobe_events'), 'p:others/probe do_exit\n');
    try {
      const { facts, checks } = await runPreflight(connection, context, undefined, { tracefsFolder: folder });
      expect(facts.tracing).toMatchObject({
        folder,
        events: { sched_switch: true, sched_wakeup: false },
        leftInstances: ['kernel-oracle-0123456789abcdef'],
        functionTracer: true,
        kprobe: { succeeded: true },
      });
      expect(readFileSync(join(folder, 'kprobe_events'), 'utf8')).toMatch(
        /^p:others\/probe do_exit\np:(ko_preflight_\d+)\/try can_migrate_task\n-:\1\/try\n$/,
      );
      expect(readFileSync(join(folder, 'tracing_on'), 'utf8')).toBe('x');
      expect(checks.find(({ id }) => id === 'sched-events')).toMatchObject({ status: 'failed' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('installing shows and runs the commands, stops at the first that fails, and checks again', async () => {
    const made = join(server.folder, 'installed');
    const shown: string[] = [];
    const plan: InstallPlan = {
      machine: report.machine,
      packages: [],
      commands: [
        ['sh', '-c', 'printf "\\033[31mgetting\\033[0m %s\\n" "$1"; echo to error output >&2', 'sh', "a 'b"],
        ['touch', made],
      ],
      remarks: [],
    };
    const again = await installMissing(connection, context, plan, { onOutput: (text) => shown.push(text) });
    expect(shown.join('')).toContain("getting a 'b\n");
    expect(shown.join('')).toContain('to error output\n');
    expect(shown.join('')).not.toContain('\u001b');
    expect(existsSync(made)).toBe(true);
    expect(again.checks.map(({ id }) => id)).toEqual(report.checks.map(({ id }) => id));

    rmSync(made);
    const failing: InstallPlan = {
      ...plan,
      commands: [
        ['sh', '-c', 'exit 100'],
        ['touch', made],
      ],
    };
    await expect(
      installMissing(connection, context, failing, { onOutput: () => undefined }),
    ).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(/`sh -c 'exit 100'` failed on .*exit status 100/) as string,
    });
    expect(existsSync(made)).toBe(false);
    const slow: InstallPlan = { ...plan, commands: [['sleep', '30']] };
    await expect(
      installMissing(connection, context, slow, { onOutput: () => undefined, timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'timed-out' });
  });
});

describe.skipIf(missing !== undefined)('preflight of odd machines', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ko-odd-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** @param more what `sh` is there, before the real one runs */
  async function checkedWith(path: string): Promise<PreflightReport> {
    const server = await SshServer.start({ config: [`SetEnv PATH=${path}`] });
    try {
      const connection = await connect(server);
      const report = await runPreflight(connection, context);
      connection.dispose();
      return report;
    } finally {
      server.dispose();
    }
  }

  test('one with busybox and nothing else', async (context) => {
    if (!existsSync('/usr/bin/busybox')) context.skip('busybox is not installed');
    const tools = join(folder, 'busybox');
    mkdirSync(tools);
    const applets =
      'sh awk cat cut date dd df env false grep gzip head id ls mkdir mkfifo mktemp od rm rmdir sed setsid sha256sum sleep sort tail tee timeout tr true uname wc';
    for (const applet of applets.split(' ')) symlinkSync('/usr/bin/busybox', join(tools, applet));
    const report = await checkedWith(tools);
    expect(report.facts).toMatchObject({
      isComplete: true,
      kernel: { release: release() },
      cpus: { online: cpus().length },
    });
    expect(found(report, 'clock').status).toBe('passed');
    expect(found(report, 'tool-hackbench').remedy?.text).toMatch(/^Install /);
  });

  test('one whose perf is a wrapper without the program', async () => {
    const tools = join(folder, 'wrapper');
    mkdirSync(tools);
    writeFileSync(
      join(tools, 'perf'),
      '#!/bin/sh\necho "E: linux-perf-6.18 is not installed." >&2\nexit 1\n',
    );
    chmodSync(join(tools, 'perf'), 0o755);
    const report = await checkedWith(`${tools}:/usr/bin:/bin`);
    expect(found(report, 'tool-perf')).toMatchObject({
      status: 'failed',
      detail: `${tools}/perf is there but does not work: E: linux-perf-6.18 is not installed.`,
    });
    expect(found(report, 'tool-perf').remedy?.packages?.[0]).toMatch(
      /^(linux-perf|linux-tools-common|perf)$/,
    );
  });

  test('one whose tools print garbage, without end, or terminal sequences', async () => {
    const tools = join(folder, 'garbage');
    mkdirSync(tools);
    const fake = (name: string, text: string) => {
      writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(tools, name), 0o755);
    };
    fake('perf', 'head -c 3000000 /dev/urandom');
    fake('bpftrace', 'yes "fact\tkernel.name\tEvil" | head -c 30000000');
    fake('sysbench', String.raw`printf '\033]0;title\007\033[2Jv1.0\r\n'`);
    fake('uname', String.raw`printf 'fact\tuser.id\t0\nfact\tend\t1\n'`);
    const report = await checkedWith(`${tools}:/usr/bin:/bin`);
    const text = JSON.stringify(report);
    expect(text).not.toMatch(/\\u001b|\\u0007|\\u009b/);
    expect(text.length).toBeLessThan(200_000);
    // What a tool prints stays the value of its own fact.
    expect(report.facts.kernel.name).toBe('fact\tuser.id\t0\nfact\tend\t1');
    expect(report.facts.isComplete).toBe(true);
    expect(found(report, 'linux').status).toBe('failed');
    expect(found(report, 'tool-sysbench').detail).toBe('v1.0');
  });

  test('one whose login shell talks, and one that runs nothing', async () => {
    const server = await SshServer.start({
      config: ['ForceCommand echo Welcome; eval "$SSH_ORIGINAL_COMMAND"'],
    });
    const nothing = await SshServer.start({ config: ['ForceCommand echo This account is not available.'] });
    try {
      const talking = await connect(server);
      const report = await runPreflight(talking, context).catch((error: unknown) => messageOf(error));
      talking.dispose();
      expect(report).toMatchObject({ facts: { isComplete: true } });
      expect(found(report as PreflightReport, 'answers')).toMatchObject({ status: 'warning' });
      const silent = await connect(nothing);
      const other = await runPreflight(silent, context);
      silent.dispose();
      expect(found(other, 'answers').status).toBe('failed');
      expect(found(other, 'linux').status).toBe('unknown');
      expect(found(other, 'root')).toMatchObject({ status: 'failed' });
      expect(other.checks.filter(({ status }) => status === 'passed').map(({ id }) => id)).toEqual([
        'reachable',
        'authenticated',
      ]);
    } finally {
      server.dispose();
      nothing.dispose();
    }
  });

  test('one that prints without end is left', async () => {
    const endless = await SshServer.start({ config: ['ForceCommand yes'] });
    try {
      const connection = await connect(endless);
      await expect(runPreflight(connection, context)).rejects.toMatchObject({ code: 'too-large' });
      await outputOf(connection, 'Printing', shellProgram('true'), { timeoutMs: 200 }).catch(() => undefined);
      connection.dispose();
    } finally {
      endless.dispose();
    }
  });
});

/** Where preflight could leave something. */
function traces(): unknown {
  const instances = `${TRACING}/instances`;
  return [
    existsSync(instances) ? readdirSync(instances).filter((name) => name.includes('preflight')) : [],
    readdirSync(tmpdir())
      .filter((name) => name.startsWith('tmp.'))
      .sort(),
    readOr(`${TRACING}/kprobe_events`, ''),
    readOr(`${TRACING}/set_event`, ''),
    statSync('/root', { throwIfNoEntry: false })?.mtimeMs,
  ];
}

function readOr(path: string, otherwise: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : otherwise;
}

function kernelConfig(): string | undefined {
  if (existsSync('/proc/config.gz')) return gunzipSync(readFileSync('/proc/config.gz')).toString('latin1');
  const path = `/boot/config-${release()}`;
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined;
}

/** As the C library says it; undefined: it can be read. */
function openingFails(path: string): string | undefined {
  try {
    readFileSync(path);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') return 'Operation not permitted';
    return code === 'EACCES' ? 'Permission denied' : messageOf(error);
  }
}
