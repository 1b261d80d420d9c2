/** What `trace-cmd report` prints of a recording, and the same from our model. */
import { execFileSync, spawnSync } from 'node:child_process';
import { EVENT_NAMES, eventTypeOf } from '../../src/trace/model/eventType.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';

export function hasTraceCmd(): boolean {
  // Asked for its version it prints that and its usage, and fails.
  return spawnSync('trace-cmd', ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** `-N`: the kernel's own text of the events, not that of plugins; `-t`: nanoseconds. */
export function traceCmdReport(path: string, ...options: readonly string[]): string {
  const all = ['report', '-t', ...options, path];
  const report = () =>
    execFileSync('trace-cmd', all, {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  // Seen once on a busy machine: a report without any event, and with all of them when it was asked for again.
  const first = report();
  return first.split('\n').some((line) => LINE.test(line)) ? first : report();
}

export interface Told {
  /** `100 [000] 1000.000000001: sched_waking: comm=…`, in order. */
  readonly events: string[];
  /** CPU, number of events lost (undefined: not told), and the time of the CPU's next event. */
  readonly losses: [cpu: number, count: number | undefined, before: string | undefined][];
}

// buffer:   comm-pid [cpu] time: event: payload
const LINE = /^(?:\S+: +)?.*?-(\d+) +\[(\d+)\] +(\d+\.\d+): +(\w+): +(.*)$/;
const DROPPED = /^(?:\S+: +)?CPU:(\d+) \[(?:(\d+) )?EVENTS DROPPED\]$/;

/** The scheduler events of a report. */
export function toldByReport(report: string): Told {
  const events: string[] = [];
  const losses: Told['losses'] = [];
  for (const line of report.split('\n')) {
    const dropped = DROPPED.exec(line);
    if (dropped !== null) {
      const [, cpu, count] = dropped;
      losses.push([Number(cpu), count === undefined ? undefined : Number(count), undefined]);
    }
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, pid = '', cpu = '', time = '', event = '', payload = ''] = match;
    if (eventTypeOf(event) === undefined) continue;
    // Newer kernels add what the model has no place for.
    const known = payload.replace(/ group_dead=\w+$/, '').trimEnd();
    events.push(`${pid} [${cpu}] ${time}: ${event}: ${known}`);
    for (const loss of losses) if (loss[0] === Number(cpu)) loss[2] ??= time;
  }
  return { events, losses };
}

export function toldByStore(store: EventStore): Told {
  const events = Array.from({ length: store.length }, (_, row) => {
    const cpu = String(store.cpu[row]!).padStart(3, '0');
    const pid = store.tasks.pids[store.actor[row]!]!;
    return `${pid} [${cpu}] ${timeText(store, store.timeNs[row]!)}: ${EVENT_NAMES[store.type[row]!]!}: ${payloadOf(store, row)}`;
  });
  const losses = store.losses.map(({ cpu, count, beforeNs }): Told['losses'][number] => [
    cpu,
    count,
    beforeNs === undefined ? undefined : timeText(store, beforeNs),
  ]);
  return { events, losses };
}

function timeText(store: EventStore, offsetNs: number): string {
  const ns = store.baseNs + BigInt(offsetNs);
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}

/** As the kernel's `print fmt` has it. */
function payloadOf(store: EventStore, row: number): string {
  const { tasks } = store;
  const actor = store.actor[row]!;
  const subject = store.subject[row]!;
  const arg = store.arg[row]!;
  const subjectText = `comm=${commOf(store, row, subject)} pid=${tasks.pids[subject]!}`;
  const prio = `prio=${store.subjectPrio[row]!}`;
  switch (EVENT_NAMES[store.type[row]!]!) {
    case 'sched_switch':
      return `prev_comm=${commOf(store, row, actor)} prev_pid=${tasks.pids[actor]!} prev_prio=${store.actorPrio[row]!} prev_state=${store.states.get(store.state[row]!)} ==> next_comm=${commOf(store, row, subject)} next_pid=${tasks.pids[subject]!} next_prio=${store.subjectPrio[row]!}`;
    case 'sched_wakeup':
    case 'sched_wakeup_new':
    case 'sched_waking':
      return `${subjectText} ${prio} target_cpu=${String(arg).padStart(3, '0')}`;
    case 'sched_migrate_task':
      return `${subjectText} ${prio} orig_cpu=${Math.floor(arg / 65536)} dest_cpu=${arg % 65536}`;
    case 'sched_stat_runtime': {
      const vruntime = store.vruntimeNs === undefined ? '' : ` vruntime=${store.vruntimeNs[row]!} [ns]`;
      return `${subjectText} runtime=${arg} [ns]${vruntime}`;
    }
    case 'sched_process_fork':
      return `comm=${commOf(store, row, actor)} pid=${tasks.pids[actor]!} child_comm=${commOf(store, row, subject)} child_pid=${tasks.pids[subject]!}`;
    case 'sched_process_exit':
      return `${subjectText} ${prio}`;
    case 'sched_process_exec':
      return `filename=${store.execFiles.get(store.line[row]!)!} pid=${tasks.pids[subject]!} old_pid=${arg}`;
  }
}

/** In the model all idle threads are one task. */
function commOf(store: EventStore, row: number, task: number): string {
  const isIdle = store.tasks.pids[task] === 0;
  return isIdle ? `swapper/${store.cpu[row]!}` : store.tasks.comms[task]!;
}
