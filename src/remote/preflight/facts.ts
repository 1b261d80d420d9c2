import type { Rights } from '../shellCommand.js';
import { parseOsRelease, type Distribution } from './distribution.js';
import type { FactLines } from './factLines.js';
import { TOOLS } from './packages.js';

/** Something that was tried there. */
export interface Attempt {
  readonly succeeded: boolean;
  /** What the machine said when it did not; printable. */
  readonly reason: string;
}

export interface CpuFacts {
  readonly model: string | null;
  readonly online: number | null;
  readonly present: number | null;
  readonly sockets: number | null;
  readonly cores: number | null;
  readonly numaNodes: number | null;
  readonly smtActive: boolean | null;
  /** Distinct ones; empty where the machine has no frequency scaling that Linux controls. */
  readonly governors: readonly string[];
  readonly boost: boolean | null;
}

export interface TracingFacts {
  readonly lockdown: string | null;
  /** Where the machine's table of mounts has it. */
  readonly mountedAt: readonly string[];
  /** The one that root's program used. */
  readonly folder: string | null;
  readonly writable: Attempt | null;
  /** By name without the group. */
  readonly events: Readonly<Record<string, boolean>>;
  readonly instances: boolean | null;
  /** Instances of ours that an earlier run left. */
  readonly leftInstances: readonly string[];
  readonly subBufferBytes: number | null;
  readonly clocks: readonly string[];
  readonly currentTracer: string | null;
  /** As `events/enable` says: `0`, `1`, or `X` for some. */
  readonly eventsEnabled: string | null;
  readonly functionTracer: boolean | null;
  /** `available_filter_functions`, which function tracing starts from. Null: not looked at. */
  readonly functionList: Attempt | null;
  readonly kprobeFile: boolean | null;
  /** Setting a kprobe on can_migrate_task. */
  readonly kprobe: Attempt | null;
  readonly kprobesEnabled: boolean | null;
  /** As in /proc/kallsyms: `can_migrate_task`, `can_migrate_task.isra.0`. Null: could not be looked up. */
  readonly canMigrateTask: readonly string[] | null;
  readonly schedstats: { readonly isBuiltIn: boolean; readonly isOn: boolean | null } | null;
  /** How `media/remote/forced-migrations.sh` says that a recording will know which migrations were forced. Null: not asked. */
  readonly forcedMigrations: ForcedMigrations | null;
  readonly btf: boolean | null;
  /** `CONFIG_KPROBES` → `y`, `n`, `m`, a value; empty where the machine does not show its kernel's configuration. */
  readonly config: Readonly<Record<string, string>>;
}

/** By the bit of the task, by its counter (`stats`: whether it counts), by nothing; unknown without BTF. */
export type ForcedMigrations =
  | { readonly by: 'task' | 'nothing' | 'unknown' }
  | { readonly by: 'counter'; readonly stats: 'on' | 'off' | 'locked' };

export interface ToolFacts {
  readonly path: string;
  /** Null: not asked, or it does not say. */
  readonly version: string | null;
  /** Why it does not even tell its version: a wrapper without the program. */
  readonly brokenBecause: string | null;
}

export interface SpaceFacts {
  readonly folder: string;
  readonly totalKb: number;
  readonly freeKb: number;
}

/** Ours against the machine's. */
export interface ClockFacts {
  /** Above 0: the machine's clock is ahead. */
  readonly differenceMs: number;
  /** The true difference is within plus or minus this. */
  readonly uncertaintyMs: number;
}

/** What is known about a machine. Null: it could not be found out. All text is printable. */
export interface MachineFacts {
  readonly kernel: Readonly<Record<'name' | 'release' | 'version' | 'machine', string | null>>;
  readonly distribution: Distribution | null;
  readonly user: { readonly id: number | null; readonly name: string | null };
  /** How a program gets root's rights. Null: it does not. */
  readonly rights: Rights | null;
  readonly rightsRefusal: string | null;
  readonly cpus: CpuFacts;
  readonly memoryKb: number | null;
  readonly virtualisation: string | null;
  /** Over 1, 5 and 15 minutes, before we did anything. */
  readonly loadAverages: readonly number[] | null;
  readonly clockSource: string | null;
  readonly clock: ClockFacts | null;
  readonly tracing: TracingFacts;
  readonly perfEventParanoid: number | null;
  /** Recording sched_switch as root. */
  readonly perfRecording: Attempt | null;
  readonly bpftraceRunning: Attempt | null;
  /** Attaching bpftrace to can_migrate_task; a kprobe is tried only where fentry was refused. */
  readonly bpftraceProbes: Readonly<Record<'fentry' | 'kprobe', Attempt | null>>;
  readonly temporaryFolder: Attempt | null;
  readonly temporarySpace: SpaceFacts | null;
  readonly rootSpace: SpaceFacts | null;
  /** Only those that were found. Null: not looked for. */
  readonly tools: Readonly<Record<string, ToolFacts>> | null;
  readonly phoronixTests: readonly string[];
  readonly isComplete: boolean;
  readonly foreignLines: number;
}

export interface FactSources {
  readonly own: FactLines;
  /** Null: nothing could be run with root's rights. */
  readonly root: FactLines | null;
  readonly rights: Rights | null;
  readonly rightsRefusal: string | null;
  readonly clock: ClockFacts | null;
}

export function machineFacts({ own, root, rights, rightsRefusal, clock }: FactSources): MachineFacts {
  const known = new KnownFacts([own, ...(root === null ? [] : [root])]);
  return {
    kernel: {
      name: known.text('kernel.name'),
      release: known.text('kernel.release'),
      version: known.text('kernel.version'),
      machine: known.text('kernel.machine'),
    },
    distribution: parseOsRelease(known.text('os-release') ?? ''),
    user: { id: known.count('user.id'), name: known.text('user.name') },
    rights,
    rightsRefusal,
    cpus: cpuFacts(known),
    memoryKb: known.count('memory.kb'),
    virtualisation: known.text('virtualisation'),
    loadAverages: loadAverages(known.text('load')),
    clockSource: known.text('clock.source'),
    clock,
    tracing: tracingFacts(known),
    perfEventParanoid: known.integer('sysctl.perf_event_paranoid'),
    perfRecording: known.attempt('perf.try'),
    bpftraceRunning: known.attempt('bpftrace.try'),
    bpftraceProbes: { fentry: known.attempt('bpftrace.fentry'), kprobe: known.attempt('bpftrace.kprobe') },
    temporaryFolder: known.attempt('space.temporary.writable'),
    temporarySpace: space(known.text('space.temporary'), known.text('space.temporary.folder') ?? '/tmp'),
    rootSpace: space(known.text('space.root'), '/'),
    tools: own.isComplete ? tools(known) : null,
    phoronixTests: known.lines('phoronix.tests'),
    isComplete: own.isComplete && (root?.isComplete ?? true),
    foreignLines: own.foreignLines + (root?.foreignLines ?? 0),
  };
}

class KnownFacts {
  constructor(private readonly sources: readonly FactLines[]) {}

  /** Null where it was not said, or nothing was. */
  text(name: string): string | null {
    for (const { facts } of this.sources) {
      const value = facts.get(name);
      if (value !== undefined && value !== '') return value;
    }
    return null;
  }

  isSaid(name: string): boolean {
    return this.sources.some(({ facts }) => facts.has(name));
  }

  lines(name: string): readonly string[] {
    return this.text(name)?.split('\n').filter(Boolean) ?? [];
  }

  words(name: string): readonly string[] {
    return this.text(name)?.split(/\s+/).filter(Boolean) ?? [];
  }

  integer(name: string): number | null {
    const text = this.text(name);
    return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : null;
  }

  count(name: string): number | null {
    const value = this.integer(name);
    return value !== null && value >= 0 ? value : null;
  }

  /** Of two words or of the digits 1 and 0. */
  either(name: string, yes: string, no: string): boolean | null {
    const text = this.text(name);
    return text === yes ? true : text === no ? false : null;
  }

  attempt(name: string): Attempt | null {
    if (this.text(name) === 'yes') return { succeeded: true, reason: '' };
    const reason = this.error(name);
    return reason === null ? null : { succeeded: false, reason: reason === '' ? 'no reason given' : reason };
  }

  error(name: string): string | null {
    for (const { errors } of this.sources) {
      const value = errors.get(name);
      if (value !== undefined) return value;
    }
    return null;
  }
}

function cpuFacts(known: KnownFacts): CpuFacts {
  const places = known.words('cpu.topology').filter((word) => /^-?\d+:-?\d+$/.test(word));
  const isTold = places.length > 0;
  const noTurbo = known.either('cpu.no-turbo', '1', '0');
  return {
    model: known.text('cpu.model'),
    online: listLength(known.text('cpu.online')),
    present: listLength(known.text('cpu.present')),
    sockets: isTold ? new Set(places.map((place) => place.split(':')[0])).size : null,
    cores: isTold ? new Set(places).size : null,
    numaNodes: listLength(known.text('numa.online')),
    smtActive: known.either('smt.active', '1', '0'),
    governors: known.words('cpu.governors'),
    boost: known.either('cpu.boost', '1', '0') ?? (noTurbo === null ? null : !noTurbo),
  };
}

function tracingFacts(known: KnownFacts): TracingFacts {
  const builtIn = known.either('schedstat', 'present', 'missing');
  return {
    lockdown: /\[(\w+)\]/.exec(known.text('root.lockdown') ?? known.text('lockdown') ?? '')?.[1] ?? null,
    mountedAt: known.lines('tracefs.mounts').map((line) => line.split(' ')[0]!),
    folder: known.text('tracefs.folder'),
    writable: known.attempt('tracefs.writable'),
    events: namedFacts(known),
    instances: known.either('tracefs.instances', 'present', 'missing'),
    leftInstances: known.lines('tracefs.left-instances'),
    subBufferBytes: subBufferBytes(known),
    clocks: known.words('tracefs.clocks').map((word) => word.replace(/^\[(.*)\]$/, '$1')),
    currentTracer: known.text('tracefs.current-tracer'),
    eventsEnabled: known.text('tracefs.events-enabled'),
    functionTracer: known.isSaid('tracefs.tracers')
      ? known.words('tracefs.tracers').includes('function')
      : null,
    functionList:
      known.text('functions.readable') === 'missing'
        ? { succeeded: false, reason: 'the kernel has no available_filter_functions' }
        : known.attempt('functions.readable'),
    kprobeFile: known.either('kprobes.file', 'present', 'missing'),
    kprobe: known.attempt('kprobes.try'),
    kprobesEnabled: known.either('kprobes.enabled', '1', '0'),
    canMigrateTask: symbols(known),
    schedstats:
      builtIn === null
        ? null
        : { isBuiltIn: builtIn, isOn: known.either('sysctl.sched_schedstats', '1', '0') },
    forcedMigrations: forcedMigrations(known.text('forced.by'), known.text('forced.stats')),
    btf: known.either('btf', 'present', 'missing'),
    config: configuration(known.lines('config')),
  };
}

function forcedMigrations(by: string | null, stats: string | null): ForcedMigrations | null {
  if (by === 'task' || by === 'nothing' || by === 'unknown') return { by };
  return by === 'counter' && (stats === 'on' || stats === 'off' || stats === 'locked') ? { by, stats } : null;
}

/** Which scheduler events are there, by name. */
function namedFacts(known: KnownFacts): Record<string, boolean> {
  const events: Record<string, boolean> = {};
  for (const name of [...SCHED_EVENTS, ...SCHEDSTAT_EVENTS]) {
    const isThere = known.either(`event.${name}`, 'present', 'missing');
    if (isThere !== null) events[name] = isThere;
  }
  return events;
}

/** What is asked of a machine: the first four make a recording, the rest add to it. */
export const REQUIRED_EVENTS = ['sched_switch', 'sched_wakeup', 'sched_wakeup_new', 'sched_migrate_task'];
export const SCHED_EVENTS = [
  ...REQUIRED_EVENTS,
  'sched_waking',
  'sched_stat_runtime',
  'sched_process_fork',
  'sched_process_exec',
  'sched_process_exit',
  'sched_process_free',
];
/** Only there with CONFIG_SCHEDSTATS. */
export const SCHEDSTAT_EVENTS = [
  'sched_stat_wait',
  'sched_stat_sleep',
  'sched_stat_blocked',
  'sched_stat_iowait',
];

function symbols(known: KnownFacts): readonly string[] | null {
  const name = known.isSaid('root.symbols.can_migrate_task')
    ? 'root.symbols.can_migrate_task'
    : 'symbols.can_migrate_task';
  if (!known.isSaid(name)) return null;
  // ffffffff813b25b0 t can_migrate_task
  return known
    .lines(name)
    .map((line) => line.split(' ')[2] ?? '')
    .filter((symbol) => symbol.startsWith('can_migrate_task'));
}

/** From buffer_subbuf_size_kb (Linux 6.8), else the header page: a page's data begin after its head. */
function subBufferBytes(known: KnownFacts): number | null {
  const kb = known.count('tracefs.subbuffer-kb');
  if (kb !== null) return kb * 1024;
  const data = /field: char data;\s*offset:(\d{1,9});\s*size:(\d{1,9});/.exec(
    known.text('tracefs.header-page') ?? '',
  );
  return data === null ? null : Number(data[1]) + Number(data[2]);
}

function configuration(lines: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of lines) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line);
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
    if (set !== null) values[set[1]!] = set[2]!;
    else if (unset !== null) values[unset[1]!] = 'n';
  }
  return values;
}

function tools(known: KnownFacts): Record<string, ToolFacts> {
  const found: Record<string, ToolFacts> = {};
  for (const { name } of TOOLS) {
    const path = known.text(`tool.${name}`);
    if (path === null) continue;
    found[name] = {
      path,
      version: known.text(`version.${name}`),
      brokenBecause: known.error(`version.${name}`),
    };
  }
  return found;
}

function space(text: string | null, folder: string): SpaceFacts | null {
  const match = /^(\d{1,15}) (\d{1,15})$/.exec(text ?? '');
  return match === null ? null : { folder, totalKb: Number(match[1]), freeKb: Number(match[2]) };
}

function loadAverages(text: string | null): readonly number[] | null {
  const match = /^([\d.]{1,10}) ([\d.]{1,10}) ([\d.]{1,10}) /.exec(text ?? '');
  const numbers = match?.slice(1).map(Number) ?? [];
  return numbers.length === 3 && numbers.every(Number.isFinite) ? numbers : null;
}

/** How many a list of the kernel has: `0-3,8` are 5. Null for what is none. */
export function listLength(text: string | null): number | null {
  if (text === null || !/^\d{1,6}(-\d{1,6})?(,\d{1,6}(-\d{1,6})?)*$/.test(text)) return null;
  let count = 0;
  for (const part of text.split(',')) {
    const [first, last = first] = part.split('-').map(Number) as [number, number | undefined];
    if (last < first) return null;
    count += last - first + 1;
  }
  return count;
}
