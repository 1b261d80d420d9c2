/** The scheduler events of the model. The values are stored in a byte column: append only. */
export enum EventType {
  Switch = 0,
  Wakeup = 1,
  WakeupNew = 2,
  Waking = 3,
  Migrate = 4,
  StatRuntime = 5,
  Fork = 6,
  Exit = 7,
  Exec = 8,
}

/** The kernel's name of each event, by `EventType`. */
export const EVENT_NAMES = [
  'sched_switch',
  'sched_wakeup',
  'sched_wakeup_new',
  'sched_waking',
  'sched_migrate_task',
  'sched_stat_runtime',
  'sched_process_fork',
  'sched_process_exit',
  'sched_process_exec',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

const TYPES: ReadonlyMap<string, EventType> = new Map([
  ['sched_switch', EventType.Switch],
  ['sched_wakeup', EventType.Wakeup],
  ['sched_wakeup_new', EventType.WakeupNew],
  ['sched_waking', EventType.Waking],
  ['sched_migrate_task', EventType.Migrate],
  ['sched_stat_runtime', EventType.StatRuntime],
  ['sched_process_fork', EventType.Fork],
  ['sched_process_exit', EventType.Exit],
  ['sched_process_exec', EventType.Exec],
] satisfies [EventName, EventType][]);

/** Type of the kernel event of this name; undefined when the model has no place for it. */
export function eventTypeOf(name: string): EventType | undefined {
  return TYPES.get(name);
}
