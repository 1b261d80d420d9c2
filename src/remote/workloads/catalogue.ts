import type { WorkloadCommand } from './workload.js';

/** A workload that KernelOracle knows by name. */
export interface CatalogueWorkload {
  readonly name: string;
  /** What recordings are grouped and split by. */
  readonly category: string;
  readonly description: string;
  /** Programs that have to be on the machine; one of each inner list. Empty: nothing beside `sh` and what every Linux has. */
  readonly requires: readonly (readonly string[])[];
  /** On an ordinary machine; null: it depends on the machine by more than a factor of ten. */
  readonly expectedMs: number | null;
  readonly timeoutMs: number;
  readonly program: WorkloadCommand['program'] & { readonly kind: 'builtIn' };
}

/** The time limit of the TCN paper, in which all of its workloads end. */
export const USUAL_TIMEOUT_MS = 300_000;

type Details = Omit<CatalogueWorkload, 'program' | 'timeoutMs'> & { readonly timeoutMs?: number };

function workload(program: string, args: readonly (string | number)[], details: Details): CatalogueWorkload {
  return {
    timeoutMs: USUAL_TIMEOUT_MS,
    ...details,
    program: { kind: 'builtIn', name: program, args: args.map(String) },
  };
}

function hackbench(way: 'pipe' | 'socket', size: 'small' | 'large'): CatalogueWorkload {
  const [groups, loops] = size === 'small' ? [4, 3000] : [8, 5000];
  const option = way === 'pipe' ? '-p ' : '';
  return workload('workload-hackbench', [way, groups, loops], {
    name: `hackbench_${way}_${size}`,
    category: 'hackbench',
    description: `Messages through ${way}s between ${groups * 40} processes: hackbench ${option}-g ${groups} -l ${loops}, or perf bench sched messaging with the same.`,
    requires: [['hackbench', 'perf']],
    expectedMs: null,
  });
}

const SYSBENCH_TESTS = {
  cpu: 'Prime numbers',
  threads: 'Threads that compete for a few locks',
  memory: 'Writing of memory',
} as const;

function sysbench(test: keyof typeof SYSBENCH_TESTS, threads: number): CatalogueWorkload {
  return workload('workload-tool', ['sysbench', test, `--threads=${threads}`, '--time=10', 'run'], {
    name: `sysbench_${test}_${threads}t`,
    category: `sysbench_${test}`,
    description: `${SYSBENCH_TESTS[test]}, ${threads} threads for 10 s: sysbench ${test} --threads=${threads} --time=10 run.`,
    requires: [['sysbench']],
    expectedMs: 10_000,
  });
}

function cpuBound(processes: number): CatalogueWorkload {
  return workload('workload-cpu', [processes, 10], {
    name: `cpu_bound_${processes}p`,
    category: 'cpu_bound',
    description: `${processes} processes of tight floating point for 10 s.`,
    requires: [],
    expectedMs: 10_000,
  });
}

/** The twelve of the TCN paper (Marcotullio, Cho, Agarwal, Rajesh), with its parameters and categories, in its order. */
export const TCN_WORKLOADS: readonly CatalogueWorkload[] = [
  hackbench('pipe', 'small'),
  hackbench('pipe', 'large'),
  hackbench('socket', 'small'),
  hackbench('socket', 'large'),
  sysbench('cpu', 4),
  sysbench('cpu', 8),
  sysbench('threads', 8),
  sysbench('threads', 16),
  sysbench('memory', 4),
  cpuBound(4),
  cpuBound(8),
  workload('workload-io', [2, 2, 10], {
    name: 'io_mixed',
    category: 'io_mixed',
    description:
      'Two writers, each dd if=/dev/urandom bs=4K count=2500 conv=fdatasync once, beside two CPU burners for 10 s.',
    requires: [],
    expectedMs: 10_000,
  }),
];

/** Ours; a bare machine can run them. */
const BARE_WORKLOADS: readonly CatalogueWorkload[] = [
  workload('workload-messages', [8, 10], {
    name: 'messages_8p',
    category: 'messages',
    description: 'Eight pairs of shells hand a line to and fro through pipes for 10 s.',
    requires: [],
    expectedMs: 10_000,
  }),
  workload('workload-forks', [4, 10], {
    name: 'forks_4p',
    category: 'forks',
    description: 'Four shells start one short program after the other for 10 s.',
    requires: [],
    expectedMs: 10_000,
  }),
  workload('workload-io', [2, 2, 10, 'repeated'], {
    name: 'io_repeated',
    category: 'io_repeated',
    description: 'As io_mixed, but the writers begin again until the 10 s are over.',
    requires: [],
    expectedMs: 10_000,
  }),
];

/** As in the KernelOracle paper; `requests` is a parameter for tests. */
export function nginxWorkload(requests = 1_000_000): CatalogueWorkload {
  return workload('workload-nginx', [requests, 5], {
    name: 'nginx_ab',
    category: 'nginx',
    description: `An nginx of our own on loopback under ab -n ${requests} -c 5; taken down afterwards.`,
    requires: [['nginx'], ['ab']],
    expectedMs: null,
    timeoutMs: 600_000,
  });
}

function stress(name: string, description: string, args: readonly string[]): CatalogueWorkload {
  return workload('workload-tool', ['stress-ng', ...args, '--timeout', '10s'], {
    name: `stress_${name}`,
    category: `stress_${name}`,
    description: `${description}: stress-ng ${args.join(' ')} --timeout 10s.`,
    requires: [['stress-ng']],
    expectedMs: 10_000,
  });
}

const STRESS_WORKLOADS: readonly CatalogueWorkload[] = [
  stress('cpu_switch', 'Computing beside pairs that switch to each other', ['--cpu', '2', '--switch', '2']),
  stress('pipe', 'Bulk data through pipes', ['--pipe', '4']),
  stress('futex', 'Waiting and waking by futexes', ['--futex', '4']),
  stress('mixed', 'Computing, memory, timers, polling and short-lived processes at once', [
    ...['--cpu', '2', '--vm', '1', '--vm-bytes', '64M'],
    ...['--timer', '1', '--poll', '1', '--fork', '1'],
  ]),
];

/** The four of the NeuralCFS thesis that Phoronix has beside hackbench, and hackbench. */
const PHORONIX_TESTS = ['compress-zstd', 'hackbench', 'cassandra', 'arrayfire', 'askap'] as const;

const PHORONIX_WORKLOADS = PHORONIX_TESTS.map((test) =>
  workload('workload-phoronix', [`pts/${test}`], {
    name: `phoronix_${test.replaceAll('-', '_')}`,
    category: `phoronix_${test.replaceAll('-', '_')}`,
    description: `pts/${test} of the Phoronix Test Suite, where that test is installed.`,
    requires: [['phoronix-test-suite']],
    expectedMs: null,
    timeoutMs: 3_600_000,
  }),
);

/** All, in the order in which they are offered. */
export const WORKLOADS: readonly CatalogueWorkload[] = [
  ...TCN_WORKLOADS,
  ...BARE_WORKLOADS,
  nginxWorkload(),
  ...STRESS_WORKLOADS,
  ...PHORONIX_WORKLOADS,
];

/** Names by which a plan may mean several: `tcn` are the twelve of the paper. */
export const WORKLOAD_SETS: Readonly<Record<string, readonly CatalogueWorkload[]>> = {
  tcn: TCN_WORKLOADS,
  bare: WORKLOADS.filter(({ requires }) => requires.length === 0),
};

export function findWorkload(name: string): CatalogueWorkload | undefined {
  return WORKLOADS.find((each) => each.name === name);
}

/** As it is run. */
export function commandOf({ name, program, timeoutMs }: CatalogueWorkload): WorkloadCommand {
  return { name, program, timeoutMs };
}

/** Which tools a machine lacks for it, each as its alternatives. @param has whether the machine has a tool */
export function missingTools(
  { requires }: CatalogueWorkload,
  has: (tool: string) => boolean,
): readonly (readonly string[])[] {
  return requires.filter((alternatives) => !alternatives.some(has));
}
