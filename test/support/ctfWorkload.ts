/** The events of `schedWorkload.ts` as LTTng and perf record them in CTF. Fields: as in `schedFields.ts`. */
import type { CtfEvent, CtfEventKind, CtfFields, CtfValue } from './ctfText.js';
import { schedWorkload } from './schedWorkload.js';
import type { RawEvent } from './ringBufferWriter.js';

export interface CtfWorkloadOptions {
  readonly dialect: 'lttng' | 'perf';
  readonly seed: number;
  readonly events: number;
  readonly cpus?: number;
  readonly startCycles?: bigint;
  /** Events have who ran as context (LTTng). */
  readonly hasContext?: boolean;
}

export interface CtfWorkload {
  readonly kinds: readonly CtfEventKind[];
  readonly events: readonly CtfEvent[];
  readonly context: CtfFields | undefined;
}

const ONE_TASK = { comm: 'text16', tid: 's32' } as const;
const WAKEUP = { ...ONE_TASK, prio: 's32', target_cpu: 's32' } as const;

/** Numbers above 30 need the extended form of LTTng's compact header. */
const LTTNG_KINDS: readonly CtfEventKind[] = [
  {
    name: 'sched_switch',
    id: 2,
    fields: {
      prev_comm: 'text16',
      prev_tid: 's32',
      prev_prio: 's32',
      prev_state: 's64',
      next_comm: 'text16',
      next_tid: 's32',
      next_prio: 's32',
    },
  },
  { name: 'sched_waking', id: 0, fields: WAKEUP },
  { name: 'sched_wakeup', id: 1, fields: WAKEUP },
  { name: 'sched_wakeup_new', id: 30, fields: WAKEUP },
  {
    name: 'sched_migrate_task',
    id: 31,
    fields: { ...ONE_TASK, prio: 's32', orig_cpu: 's32', dest_cpu: 's32' },
  },
  { name: 'sched_stat_runtime', id: 32, fields: { ...ONE_TASK, runtime: 'u64', vruntime: 'u64' } },
  { name: 'sched_process_exit', id: 66000, fields: { ...ONE_TASK, prio: 's32' } },
  {
    name: 'sched_process_fork',
    id: 7,
    fields: {
      parent_comm: 'text16',
      parent_tid: 's32',
      parent_pid: 's32',
      parent_ns_inum: 'u32',
      child_comm: 'text16',
      child_tid: 's32',
      vtids: 'pids',
      child_pid: 's32',
      child_ns_inum: 'u32',
    },
  },
  { name: 'sched_process_exec', id: 8, fields: { filename: 'string', tid: 's32', old_tid: 's32' } },
  { name: 'irq_handler_exit', id: 9, fields: { irq: 's32', ret: 's32', odd: 'odd', after: 'u16' } },
];

const SAMPLE = {
  perf_ip: 'u64',
  perf_tid: 's32',
  perf_pid: 's32',
  perf_id: 'u64',
  perf_period: 'u64',
} as const;
const COMMON = {
  common_type: 'u32',
  common_flags: 'u32',
  common_preempt_count: 'u32',
  common_pid: 's32',
} as const;

/** perf keeps the kernel's names, makes all integers 32 or 64 bits wide and texts strings. */
const PERF_KINDS: readonly CtfEventKind[] = LTTNG_KINDS.map(({ name, fields }, id) => ({
  name: name.startsWith('sched_') ? `sched:${name}` : `irq:${name}`,
  id,
  fields: {
    ...SAMPLE,
    ...COMMON,
    ...Object.fromEntries(
      Object.entries(fields)
        .filter(([field]) => !/ns_inum|vtids|(?:parent|child)_pid|odd|after/.test(field))
        .map(
          ([field, kind]) =>
            [field.replace(/tid$/, 'pid'), kind.startsWith('text') ? 'string' : kind] as const,
        ),
    ),
  },
}));

export function ctfWorkload({
  dialect,
  seed,
  events: wanted,
  cpus = 3,
  startCycles = 5_000_000_000n,
  hasContext = false,
}: CtfWorkloadOptions): CtfWorkload {
  const byCpu = schedWorkload({
    seed,
    cpus,
    tasks: 12,
    events: wanted,
    startTime: startCycles,
    isVaried: true,
  });
  const events = byCpu.flatMap((own, cpu) =>
    own.map((event, i) => (dialect === 'perf' ? perfEvent(event, cpu) : lttngEvent(event, cpu, i))),
  );
  return {
    kinds: dialect === 'perf' ? PERF_KINDS : LTTNG_KINDS,
    events,
    context:
      hasContext && dialect === 'lttng'
        ? { tid: 's32', vtid: 's32', pid: 's32', procname: 'text17' }
        : undefined,
  };
}

function perfEvent({ time, name, fields }: RawEvent, cpu: number): CtfEvent {
  const system = name.startsWith('sched_') ? 'sched' : 'irq';
  const pid = fields['common_pid'] as number;
  const values = {
    ...(fields as CtfEvent['values']),
    perf_tid: pid,
    perf_pid: pid - (pid % 2),
    perf_period: 1,
  };
  return { cpu, cycles: time, name: `${system}:${name}`, values };
}

function lttngEvent({ time, name, fields, lost }: RawEvent, cpu: number, index: number): CtfEvent {
  const values: Record<string, CtfValue> = {
    odd: index,
    after: index % 65536,
    parent_ns_inum: 4026531836,
    vtids: [],
  };
  for (const [field, value] of Object.entries(fields)) {
    const known = value;
    if (/(?:^|_)prio$/.test(field)) values[field] = Number(known) - 100;
    else if (/^(?:parent|child)_pid$/.test(field)) {
      values[field.replace('pid', 'tid')] = known;
      values[field] = 100;
    } else values[field.replace(/pid$/, 'tid')] = known;
  }
  if (name === 'sched_process_fork')
    values['vtids'] = [Number(fields['child_pid']), 1].slice(0, 1 + (index % 2));
  const pid = fields['common_pid'] as number;
  return {
    cpu,
    cycles: time,
    name,
    values,
    context: {
      tid: pid,
      vtid: pid % 100,
      pid: pid - (pid % 2),
      procname: pid === 0 ? `swapper/${cpu}` : `ctx-${pid}`,
    },
    ...(typeof lost === 'number' ? { lostBefore: lost } : {}),
  };
}
