/**
 * The fields of the scheduler's events as CTF writers name them. Sources: LTTng's
 * include/instrumentation/events/sched.h, and tools/perf/util/data-convert-bt.c, which takes the names of the kernel's
 * own event formats.
 *
 *     LTTng  sched_switch        _prev_comm[16] _prev_tid _prev_prio _prev_state _next_comm[16] _next_tid _next_prio
 *     perf   sched:sched_switch  perf_tid perf_pid common_pid … prev_comm prev_pid prev_prio prev_state next_comm …
 */
import { EventType, eventTypeOf } from '../../model/eventType.js';

/** Fields of the events' contexts are kept under their names with this before them. */
export const CONTEXT_PREFIX = 'context.';

/**
 * Who ran, as LTTng's contexts `tid`, `pid` and `procname` tell. Not `vtid`: in a container it is another number than
 * the one in the events.
 */
export const WANTED_CONTEXT: ReadonlySet<string> = new Set(['tid', 'pid', 'procname']);

/** Who ran, as perf's samples and the kernel's records tell. */
const PERF = ['perf_tid', 'perf_pid', 'common_pid', 'common_flags', 'common_preempt_count'];
const ONE_TASK = [...PERF, 'comm', 'tid', 'pid'];

const FIELDS: Readonly<Record<EventType, ReadonlySet<string>>> = {
  [EventType.Switch]: new Set([
    ...PERF,
    ...['comm', 'tid', 'pid', 'prio', 'state'].map((name) => `prev_${name}`),
    ...['comm', 'tid', 'pid', 'prio'].map((name) => `next_${name}`),
  ]),
  [EventType.Wakeup]: new Set([...ONE_TASK, 'prio', 'success', 'target_cpu', 'cpu']),
  [EventType.WakeupNew]: new Set([...ONE_TASK, 'prio', 'success', 'target_cpu', 'cpu']),
  [EventType.Waking]: new Set([...ONE_TASK, 'prio', 'success', 'target_cpu', 'cpu']),
  [EventType.Migrate]: new Set([...ONE_TASK, 'prio', 'orig_cpu', 'dest_cpu']),
  [EventType.StatRuntime]: new Set([...ONE_TASK, 'runtime', 'vruntime']),
  [EventType.Fork]: new Set([
    ...PERF,
    ...['comm', 'tid', 'pid'].flatMap((name) => [`parent_${name}`, `child_${name}`]),
  ]),
  [EventType.Exit]: new Set([...ONE_TASK, 'prio']),
  [EventType.Exec]: new Set([...PERF, 'filename', 'tid', 'pid', 'old_tid', 'old_pid']),
};

export function wantedFields(type: EventType): ReadonlySet<string> {
  return FIELDS[type];
}

/** perf names an event with its system: `sched:sched_switch`. */
export function schedEventType(name: string): EventType | undefined {
  return eventTypeOf(name.startsWith('sched:') ? name.slice('sched:'.length) : name);
}
