import { describe, expect, test } from 'vitest';
import { obstacles, type Check } from '../../../../src/remote/preflight/check.js';
import type { MachineFacts } from '../../../../src/remote/preflight/facts.js';
import { SCHED_EVENTS } from '../../../../src/remote/preflight/facts.js';
import { installPlan, installText } from '../../../../src/remote/preflight/install.js';
import { allChecks, unreachableReport } from '../../../../src/remote/preflight/preflight.js';
import { Failure } from '../../../../src/base/errors.js';
import { RemotePrograms } from '../../../../src/remote/remotePrograms.js';
import { madeUp, NO_ROOT, PROBES_REFUSED } from './madeUpMachines.js';

function statuses(facts: MachineFacts): Record<string, string> {
  return Object.fromEntries(allChecks(facts).map(({ id, status }) => [id, status]));
}

function check(facts: MachineFacts, id: string): Check {
  const found = allChecks(facts).find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no check ${id}`);
  return found;
}

/** All but these. */
function others(facts: MachineFacts, status: string): string[] {
  return Object.entries(statuses(facts))
    .filter((each) => each[1] !== status)
    .map(([id, other]) => `${id} ${other}`);
}

function reportOf(facts: MachineFacts) {
  return { machine: 'lab@host', checkedAt: '2026-02-03T04:05:06.789Z', facts, checks: allChecks(facts) };
}

describe('checks', () => {
  test('a machine in which everything is fine lacks only workload tools', () => {
    expect(others(madeUp(), 'passed')).toEqual([
      ...['tool-hackbench warning', 'tool-sysbench warning', 'tool-stress-ng warning', 'tool-nginx warning'],
      ...['tool-ab warning', 'tool-zstd warning', 'tool-phoronix-test-suite warning'],
    ]);
    expect(check(madeUp(), 'cpus').detail).toBe(
      '8 CPUs, 1 socket, 4 cores, 1 NUMA node, Intel(R) Core(TM) i5-1035G1',
    );
    expect(check(madeUp(), 'sub-buffer').detail).toBe('4096 bytes');
    expect(check(madeUp(), 'clock').detail).toBe('13 ms ahead of ours, ± 1.0 ms; clock source tsc');
    expect(check(madeUp(), 'sched-events').detail).toBe(SCHED_EVENTS.join(', '));
    expect(check(madeUp(), 'tool-hackbench').detail).toMatch(/perf bench sched messaging/);
  });

  test('every check that did not pass says what to do, or has nothing to be done', () => {
    const bad = allChecks(madeUp({ more: NO_ROOT, own: { 'tracefs.mounts': '' } }));
    for (const each of bad.filter(({ status }) => status === 'failed' || status === 'warning')) {
      expect(each.remedy?.text, each.id).toMatch(/.{10}/);
    }
    expect(new Set(bad.map(({ id }) => id)).size).toBe(bad.length);
  });

  test('what cannot be known is unknown, never passed', () => {
    const nothing = unreachableReport(
      'host',
      { programs: new RemotePrograms('media/remote'), version: '1', now: () => new Date(0) },
      new Failure('connection-failed', 'host cannot be reached: no route.'),
    );
    expect(nothing.checks[0]).toMatchObject({ id: 'reachable', status: 'failed' });
    expect(nothing.checks.slice(1).every(({ status }) => status === 'unknown')).toBe(true);
    expect(others(nothing.facts, 'unknown')).toEqual(['answers failed', 'root failed']);

    const refused = unreachableReport(
      'host',
      { programs: new RemotePrograms('media/remote'), version: '1', now: () => new Date(0) },
      new Failure('authentication-failed', 'host accepts none of the keys.'),
    );
    expect(refused.checks.slice(0, 3)).toMatchObject([
      { id: 'reachable', status: 'passed' },
      { id: 'authenticated', status: 'failed' },
      { id: 'answers', status: 'unknown' },
    ]);
  });

  test('without root rights, what only root can look at is unknown', () => {
    const facts = madeUp({ more: NO_ROOT });
    expect(statuses(facts)).toMatchObject({
      root: 'failed',
      'tracefs-mounted': 'passed',
      'tracefs-writable': 'unknown',
      'sched-events': 'unknown',
      instances: 'unknown',
      'left-instances': 'unknown',
      'tracing-idle': 'unknown',
      'sub-buffer': 'unknown',
      'trace-clocks': 'unknown',
      kprobes: 'unknown',
      'function-tracing': 'unknown',
      'tool-perf': 'unknown',
      'tool-bpftrace': 'unknown',
      'migration-probe': 'unknown',
      'forced-migrations': 'unknown',
    });
    expect(check(facts, 'root')).toMatchObject({
      detail: 'lab@host gives no root rights: sudo: a password is required.',
    });
    expect(check(facts, 'root').remedy!.text).toMatch(/NOPASSWD/);
    expect(obstacles(allChecks(facts), 'tracefs').map(({ id }) => id)).toEqual(['root']);
  });

  test('a container without tracefs', () => {
    const facts = madeUp({
      own: { 'tracefs.mounts': '', virtualisation: 'docker' },
      without: [
        ...['tracefs.folder', 'tracefs.writable', 'tracefs.instances', 'tracefs.header-page'],
        ...['tracefs.clocks', 'tracefs.tracers', 'tracefs.current-tracer', 'tracefs.events-enabled'],
        ...['functions.readable', 'kprobes.file', 'kprobes.try', 'kprobes.enabled', 'perf.try'],
        ...SCHED_EVENTS.map((name) => `event.${name}`),
      ],
      rootErrors: { 'perf.try': 'No permission to enable sched:sched_switch event.' },
    });
    expect(statuses(facts)).toMatchObject({
      'tracefs-mounted': 'failed',
      'tracefs-writable': 'unknown',
      'sched-events': 'unknown',
      instances: 'unknown',
      kprobes: 'unknown',
      'function-tracing': 'unknown',
      'tool-perf': 'failed',
      architecture: 'passed',
    });
    expect(check(facts, 'tracefs-mounted').remedy!.text).toMatch(
      /mount -t tracefs nodev \/sys\/kernel\/tracing/,
    );
    expect(check(facts, 'tool-perf').detail).toMatch(/No permission to enable/);
    // Somebody without root's rights cannot even tell that.
    expect(check(madeUp({ own: { 'tracefs.mounts': '' }, more: NO_ROOT }), 'tracefs-mounted').status).toBe(
      'unknown',
    );
  });

  test('a locked-down kernel', () => {
    const facts = madeUp({
      own: { lockdown: 'none integrity [confidentiality]' },
      rootErrors: {
        'tracefs.writable': 'Operation not permitted',
        'kprobes.try': 'Operation not permitted',
        'functions.readable': 'Operation not permitted',
        'bpftrace.try': 'ERROR: Error creating map: Operation not permitted',
      },
    });
    for (const id of ['tracefs-writable', 'kprobes', 'function-tracing']) {
      expect(check(facts, id), id).toMatchObject({ status: 'failed' });
      expect(check(facts, id).remedy!.text, id).toMatch(
        /locked down \(mode “confidentiality”\).*Secure Boot/,
      );
    }
    expect(check(facts, 'tool-bpftrace').status).toBe('failed');
  });

  test('a kernel without kprobes, function tracing and statistics says so', () => {
    const facts = madeUp({
      own: {
        config: '# CONFIG_KPROBES is not set\nCONFIG_FUNCTION_TRACER=y\n# CONFIG_SCHEDSTATS is not set',
        schedstat: 'missing',
      },
      root: { 'kprobes.file': 'missing', 'event.sched_stat_wait': 'missing' },
      rootErrors: { 'functions.readable': 'Operation not permitted', ...PROBES_REFUSED },
      without: ['kprobes.try', 'kprobes.enabled'],
    });
    expect(check(facts, 'kprobes')).toMatchObject({
      status: 'failed',
      detail: 'the kernel was built without kprobes (CONFIG_KPROBES is not set)',
    });
    expect(check(facts, 'function-tracing')).toMatchObject({
      status: 'failed',
      detail: 'available_filter_functions cannot be read: Operation not permitted',
    });
    expect(check(facts, 'schedstats')).toMatchObject({ status: 'warning' });
    expect(check(facts, 'schedstats').detail).toMatch(/no \/proc\/schedstat, and no sched_stat_wait$/);
    expect(obstacles(allChecks(facts), 'bpftrace').map(({ id }) => id)).toEqual([
      'kprobes',
      'function-tracing',
      'migration-probe',
    ]);
    expect(obstacles(allChecks(facts), 'tracefs')).toEqual([]);
  });

  test.each<[string, Parameters<typeof madeUp>[0], Partial<Check>]>([
    [
      'kprobes',
      { root: { 'kprobes.enabled': '0' } },
      { status: 'failed', detail: 'kprobes are switched off' },
    ],
    [
      'kprobes',
      { rootErrors: { 'kprobes.try': 'Invalid argument' } },
      { status: 'failed', detail: 'a probe on can_migrate_task was refused: Invalid argument' },
    ],
    [
      'can-migrate-task',
      { root: { 'root.symbols.can_migrate_task': 'ffffffff8 t can_migrate_task.isra.0' } },
      { status: 'warning' },
    ],
    ['can-migrate-task', { root: { 'root.symbols.can_migrate_task': '' } }, { status: 'failed' }],
    [
      'schedstats',
      { own: { 'sysctl.sched_schedstats': '0' } },
      { status: 'warning', detail: 'built in, but switched off' },
    ],
    ['sched-events', { root: { 'event.sched_waking': 'missing' } }, { status: 'warning' }],
    [
      'sched-events',
      { root: { 'event.sched_wakeup': 'missing' } },
      { status: 'failed', detail: 'missing: sched_wakeup' },
    ],
    ['left-instances', { root: { 'tracefs.left-instances': 'kernel-oracle-0123' } }, { status: 'warning' }],
    [
      'tracing-idle',
      { root: { 'tracefs.events-enabled': 'X', 'tracefs.current-tracer': 'function' } },
      { status: 'warning', detail: 'outside of our instances: tracer function, events are switched on' },
    ],
    ['sub-buffer', { root: { 'tracefs.subbuffer-kb': '64' } }, { status: 'passed', detail: '65536 bytes' }],
    ['btf', { own: { btf: 'missing' } }, { status: 'failed' }],
    ['cpus', { own: { 'cpu.online': '0-5' } }, { status: 'warning' }],
    ['cpus', { own: { 'cpu.online': '5-0' } }, { status: 'unknown' }],
    ['kernel-version', { own: { 'kernel.release': '3.10.0-1160.el7' } }, { status: 'warning' }],
    ['kernel-version', { own: { 'kernel.release': 'nonsense' } }, { status: 'unknown' }],
    ['linux', { own: { 'kernel.name': 'FreeBSD' } }, { status: 'failed', detail: 'This is FreeBSD' }],
    [
      'space-temporary',
      { own: { 'space.temporary': '100000 10000' } },
      { status: 'failed', detail: '/tmp: 9 MiB of 97 MiB are free' },
    ],
    ['space-temporary', { own: { 'space.temporary': '100000000 100000' } }, { status: 'warning' }],
    [
      'space-temporary',
      { ownErrors: { 'space.temporary.writable': 'Read-only file system' } },
      { status: 'failed' },
    ],
    [
      'clock',
      { more: { clock: { differenceMs: -90_000, uncertaintyMs: 5 } } },
      { status: 'warning', detail: '90.0 s behind ours, ± 5.0 ms; clock source tsc' },
    ],
    ['clock', { more: { clock: { differenceMs: 1500, uncertaintyMs: 600 } } }, { status: 'passed' }],
    ['load', { own: { load: '3.50 1.00 0.50 1/92 196' } }, { status: 'warning' }],
    ['governor', { own: { 'cpu.governors': 'performance powersave' } }, { status: 'warning' }],
    ['governor', { without: ['cpu.governors'] }, { status: 'unknown' }],
    ['boost', { own: { 'cpu.no-turbo': '0' } }, { status: 'warning' }],
    ['smt', { own: { 'smt.active': '1' } }, { status: 'warning' }],
    [
      'perf-events',
      { own: { 'sysctl.perf_event_paranoid': '4' } },
      { status: 'warning', detail: '4: users may measure nothing' },
    ],
    [
      'tool-perf',
      { ownErrors: { 'version.perf': 'E: linux-perf-6.1 is not installed.' } },
      {
        status: 'failed',
        detail: '/usr/bin/perf is there but does not work: E: linux-perf-6.1 is not installed.',
      },
    ],
    [
      'tool-phoronix-test-suite',
      { own: { 'tool.phoronix-test-suite': '/usr/bin/phoronix-test-suite' } },
      { status: 'warning' },
    ],
    [
      'guard-tools',
      { without: ['tool.setsid', 'tool.awk'] },
      { status: 'failed', detail: 'missing: setsid, awk' },
    ],
  ])('%s of %j', (id, change, expected) => {
    expect(check(madeUp(change), id)).toMatchObject(expected);
  });
});

const DISTRIBUTIONS = {
  debian: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian',
  raspbian: 'NAME=Raspbian\nID=raspbian\nID_LIKE=debian',
  ubuntu: 'PRETTY_NAME="Ubuntu 24.04 LTS"\nID=ubuntu\nID_LIKE=debian',
  mint: 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"',
  fedora: 'PRETTY_NAME="Fedora Linux 42 (Server Edition)"\nID=fedora',
  rocky: 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"',
  arch: 'NAME="Arch Linux"\nID=arch',
  manjaro: 'NAME="Manjaro Linux"\nID=manjaro\nID_LIKE=arch',
  alpine: 'PRETTY_NAME="Alpine Linux v3.22"\nID=alpine',
};

describe('packages', () => {
  const bare = { without: ['tool.perf', 'tool.bpftrace', 'version.perf', 'version.bpftrace'] };
  const planOn = (osRelease: string, release = '6.8.0-45-generic') => {
    const facts = madeUp({ ...bare, own: { 'os-release': osRelease, 'kernel.release': release } });
    return installPlan(reportOf(facts), allChecks(facts));
  };

  test.each([
    [
      'debian',
      ['linux-perf', 'bpftrace', 'rt-tests', 'sysbench', 'stress-ng', 'nginx', 'apache2-utils', 'zstd'],
    ],
    [
      'raspbian',
      ['linux-perf', 'bpftrace', 'rt-tests', 'sysbench', 'stress-ng', 'nginx', 'apache2-utils', 'zstd'],
    ],
    [
      'ubuntu',
      [
        'linux-tools-common',
        'linux-tools-6.8.0-45-generic',
        'bpftrace',
        'rt-tests',
        'sysbench',
        'stress-ng',
        'nginx',
        'apache2-utils',
        'zstd',
      ],
    ],
    [
      'mint',
      [
        'linux-tools-common',
        'linux-tools-6.8.0-45-generic',
        'bpftrace',
        'rt-tests',
        'sysbench',
        'stress-ng',
        'nginx',
        'apache2-utils',
        'zstd',
      ],
    ],
    [
      'fedora',
      ['perf', 'bpftrace', 'realtime-tests', 'sysbench', 'stress-ng', 'nginx', 'httpd-tools', 'zstd'],
    ],
    [
      'rocky',
      ['perf', 'bpftrace', 'realtime-tests', 'sysbench', 'stress-ng', 'nginx', 'httpd-tools', 'zstd'],
    ],
    ['arch', ['perf', 'bpftrace', 'rt-tests', 'sysbench', 'stress-ng', 'nginx', 'apache', 'zstd']],
    ['manjaro', ['perf', 'bpftrace', 'rt-tests', 'sysbench', 'stress-ng', 'nginx', 'apache', 'zstd']],
  ] as const)('of %s', (name, packages) => {
    expect(planOn(DISTRIBUTIONS[name])?.packages).toEqual(packages);
  });

  test('commands are shown as they run', () => {
    const facts = madeUp({
      own: { 'tool.hackbench': '/usr/bin/hackbench', 'tool.nginx': '/usr/sbin/nginx' },
    });
    const chosen = allChecks(facts).filter(({ id }) => id === 'tool-sysbench' || id === 'tool-zstd');
    expect(installText(installPlan(reportOf(facts), chosen)!, 'sudo')).toBe(
      'sudo apt-get update\nsudo env DEBIAN_FRONTEND=noninteractive apt-get install -y sysbench zstd',
    );
    expect(installText(planOn(DISTRIBUTIONS.fedora)!, 'own')).toMatch(/^dnf install -y perf bpftrace /);
    expect(installText(planOn(DISTRIBUTIONS.arch)!, 'sudo')).toMatch(
      /^sudo pacman -S --noconfirm --needed perf bpftrace /,
    );
    expect(planOn(DISTRIBUTIONS.debian)!.remarks[0]).toMatch(/port 80/);
  });

  test('where packages are not known, the remedy names those of others, and nothing can be installed', () => {
    const facts = madeUp({ ...bare, own: { 'os-release': DISTRIBUTIONS.alpine } });
    expect(check(facts, 'distribution').status).toBe('warning');
    expect(check(facts, 'tool-hackbench')).toMatchObject({ status: 'warning' });
    expect(check(facts, 'tool-hackbench').remedy).toEqual({
      text: 'Install by hand: hackbench (package rt-tests on Debian, realtime-tests on Fedora, rt-tests on Arch).',
    });
    expect(planOn(DISTRIBUTIONS.alpine)).toBeUndefined();
  });

  test('a release that is none makes no package name', () => {
    const facts = madeUp({
      ...bare,
      own: { 'os-release': DISTRIBUTIONS.ubuntu, 'kernel.release': '6 -o x' },
    });
    expect(check(facts, 'tool-perf').remedy).not.toHaveProperty('packages');
  });
});
