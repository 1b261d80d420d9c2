import { parseFactLines, type FactLines } from '../../../../src/remote/preflight/factLines.js';
import {
  machineFacts,
  SCHED_EVENTS,
  SCHEDSTAT_EVENTS,
  type FactSources,
  type MachineFacts,
} from '../../../../src/remote/preflight/facts.js';
import { GUARD_TOOLS } from '../../../../src/remote/preflight/packages.js';

export type Values = Readonly<Record<string, string>>;

/** What the programs would print for these. */
export function printed(facts: Values, errors: Values = {}, end = 'end'): string {
  const lines = [
    ...Object.entries(facts).map(([name, value]) => `fact\t${name}\t${encoded(value)}`),
    ...Object.entries(errors).map(([name, value]) => `error\t${name}\t${encoded(value)}`),
  ];
  return [...lines, `fact\t${end}\t${lines.length}`, ''].join('\n');
}

function encoded(value: string): string {
  if (/^[A-Za-z0-9_.,:/=+@ -]*$/.test(value)) return value;
  return [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

export interface MadeUp {
  readonly own?: Values;
  readonly ownErrors?: Values;
  readonly root?: Values;
  readonly rootErrors?: Values;
  /** Facts that this machine does not tell. */
  readonly without?: readonly string[];
  readonly more?: Partial<FactSources>;
}

const OWN: Values = {
  load: '0.02 0.05 0.01 1/92 196',
  'kernel.name': 'Linux',
  'kernel.release': '6.1.0-18-amd64',
  'kernel.version': '#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1',
  'kernel.machine': 'x86_64',
  'os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
  'user.id': '1000',
  'user.name': 'lab',
  'cpu.online': '0-7',
  'cpu.present': '0-7',
  'cpu.possible': '0-15',
  'cpu.topology': '0:0 0:0 0:1 0:1 0:2 0:2 0:3 0:3',
  'cpu.model': 'Intel(R) Core(TM) i5-1035G1',
  'numa.online': '0',
  'smt.active': '0',
  'cpu.governors': 'performance',
  'cpu.no-turbo': '1',
  'memory.kb': '16000000',
  'clock.source': 'tsc',
  virtualisation: 'none',
  'tracefs.mounts': '/sys/kernel/tracing rw,nosuid',
  'sysctl.perf_event_paranoid': '1',
  'sysctl.sched_schedstats': '1',
  schedstat: 'present',
  btf: 'present',
  'symbols.can_migrate_task': '0000000000000000 t can_migrate_task',
  config: 'CONFIG_KPROBES=y\nCONFIG_FUNCTION_TRACER=y\nCONFIG_SCHEDSTATS=y\n# CONFIG_HZ_1000 is not set',
  'space.temporary.folder': '/tmp',
  'space.temporary': '100000000 50000000',
  'space.root': '100000000 50000000',
  'space.temporary.writable': 'yes',
  ...Object.fromEntries(GUARD_TOOLS.map(({ name }) => [`tool.${name}`, `/usr/bin/${name}`])),
  'tool.perf': '/usr/bin/perf',
  'version.perf': 'perf version 6.1.76',
  'tool.bpftrace': '/usr/bin/bpftrace',
  'version.bpftrace': 'bpftrace v0.17.0',
};

const ROOT: Values = {
  'root.user.id': '0',
  'tracefs.folder': '/sys/kernel/tracing',
  'tracefs.writable': 'yes',
  ...Object.fromEntries([...SCHED_EVENTS, ...SCHEDSTAT_EVENTS].map((name) => [`event.${name}`, 'present'])),
  'tracefs.instances': 'present',
  'tracefs.left-instances': '',
  'tracefs.header-page': '\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;',
  'tracefs.clocks': '[local] global mono',
  'tracefs.tracers': 'function_graph function nop',
  'tracefs.current-tracer': 'nop',
  'tracefs.events-enabled': '0',
  'functions.readable': 'yes',
  'functions.can_migrate_task': 'can_migrate_task',
  'kprobes.file': 'present',
  'kprobes.try': 'yes',
  'kprobes.enabled': '1',
  'root.symbols.can_migrate_task': 'ffffffff813b25b0 t can_migrate_task',
  'perf.try': 'yes',
  'bpftrace.try': 'yes',
  'bpftrace.fentry': 'yes',
  'forced.by': 'task',
  'forced.stats': '',
};

/** A Debian machine in which everything is fine, changed as asked. */
export function madeUp(change: MadeUp = {}): MachineFacts {
  const lines = (values: Values, errors: Values, end: string): FactLines => {
    const kept = Object.entries(values).filter(([name]) => !change.without?.includes(name));
    const unreadable = new Set(Object.keys(errors));
    return parseFactLines(
      printed(Object.fromEntries(kept.filter(([name]) => !unreadable.has(name))), errors, end),
    );
  };
  return machineFacts({
    own: lines({ ...OWN, ...change.own }, change.ownErrors ?? {}, 'end'),
    root: lines({ ...ROOT, ...change.root }, change.rootErrors ?? {}, 'root.end'),
    rights: 'sudo',
    rightsRefusal: null,
    clock: { differenceMs: 12.5, uncertaintyMs: 1 },
    ...change.more,
  });
}

export const NO_ROOT: Partial<FactSources> = {
  root: null,
  rights: null,
  rightsRefusal: 'lab@host gives no root rights: sudo: a password is required.',
};

/** What bpftrace says where it cannot attach to can_migrate_task. */
export const PROBES_REFUSED = {
  'bpftrace.fentry': 'kfunc/kretfunc not available',
  'bpftrace.kprobe': 'Invalid argument',
};
