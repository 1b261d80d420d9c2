import type { Distribution, PackageFamily } from './distribution.js';

export interface Tool {
  readonly name: string;
  /** What cannot be done without it. */
  readonly usedFor: string;
  /** Missing: no package of that family brings it. `RELEASE` stands for the kernel's release. */
  readonly packages: Partial<Record<PackageFamily, readonly string[]>>;
}

function everywhere(name: string): Record<PackageFamily, readonly string[]> {
  return { debian: [name], ubuntu: [name], fedora: [name], arch: [name] };
}

const COREUTILS = everywhere('coreutils');

/** What the guard and the collectors call; a machine has nearly all of it from the start. */
export const GUARD_TOOLS: readonly Tool[] = [
  { name: 'setsid', packages: everywhere('util-linux') },
  ...[
    ...['timeout', 'mktemp', 'tee', 'mkfifo', 'sha256sum', 'dd', 'od', 'head'],
    ...['tr', 'cat', 'rm', 'wc', 'sleep', 'df'],
  ].map((name) => ({
    name,
    packages: COREUTILS,
  })),
  { name: 'awk', packages: { debian: ['mawk'], ubuntu: ['mawk'], fedora: ['gawk'], arch: ['gawk'] } },
  { name: 'sed', packages: everywhere('sed') },
  { name: 'grep', packages: everywhere('grep') },
].map((tool) => ({ ...tool, usedFor: 'collecting of any kind' }));

/**
 * Names as of Debian 12, Ubuntu 24.04, Fedora 42 and Arch in 2026. None of them has the Phoronix Test Suite for certain: it
 * comes from its own site.
 */
export const OPTIONAL_TOOLS: readonly Tool[] = [
  {
    name: 'perf',
    usedFor: 'collecting by perf, and message passing where hackbench is missing',
    packages: {
      debian: ['linux-perf'],
      ubuntu: ['linux-tools-common', 'linux-tools-RELEASE'],
      fedora: ['perf'],
      arch: ['perf'],
    },
  },
  { name: 'bpftrace', usedFor: 'collecting by bpftrace', packages: everywhere('bpftrace') },
  {
    name: 'hackbench',
    usedFor: 'the hackbench workloads',
    packages: { debian: ['rt-tests'], ubuntu: ['rt-tests'], fedora: ['realtime-tests'], arch: ['rt-tests'] },
  },
  { name: 'sysbench', usedFor: 'the sysbench workloads', packages: everywhere('sysbench') },
  { name: 'stress-ng', usedFor: 'the stress-ng workloads', packages: everywhere('stress-ng') },
  { name: 'nginx', usedFor: 'the workload nginx_ab', packages: everywhere('nginx') },
  {
    name: 'ab',
    usedFor: 'the workload nginx_ab',
    packages: {
      debian: ['apache2-utils'],
      ubuntu: ['apache2-utils'],
      fedora: ['httpd-tools'],
      arch: ['apache'],
    },
  },
  { name: 'zstd', usedFor: 'the benchmark compress-zstd', packages: everywhere('zstd') },
  { name: 'phoronix-test-suite', usedFor: 'the Phoronix workloads and benchmarks', packages: {} },
];

export const TOOLS: readonly Tool[] = [...GUARD_TOOLS, ...OPTIONAL_TOOLS];

/**
 * The packages that bring a tool to this machine; null where that is not known.
 * @param kernelRelease as `uname -r` prints it; Ubuntu has a perf for each
 */
export function packagesFor(
  tool: Tool,
  distribution: Distribution | null,
  kernelRelease: string | null,
): readonly string[] | null {
  const family = distribution?.family ?? null;
  const names = family === null ? undefined : tool.packages[family];
  if (names === undefined) return null;
  const release = kernelRelease !== null && /^[\w.+~-]{1,80}$/.test(kernelRelease) ? kernelRelease : null;
  if (release === null && names.some((name) => name.includes('RELEASE'))) return null;
  return names.map((name) => name.replace('RELEASE', release ?? ''));
}

/** For a remedy where the machine's distribution is not one whose packages we know. */
export function packagesElsewhere(tool: Tool): string {
  const { debian, fedora, arch } = tool.packages;
  const places = [
    ['Debian', debian],
    ['Fedora', fedora],
    ['Arch', arch],
  ] as const;
  return places
    .filter((place) => place[1] !== undefined)
    .map(([name, packages]) => `${packages!.join(' ')} on ${name}`)
    .join(', ');
}
