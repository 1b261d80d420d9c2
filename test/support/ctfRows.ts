/** What the rows of a store should be by what babeltrace2 prints, spelt out by hand for the two dialects. */
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { EVENT_NAMES } from '../../src/trace/model/eventType.js';
import { IDLE_TASK, NO_TASK } from '../../src/trace/model/taskTable.js';
import type { PrintedEvent } from './babeltrace.js';

/** States of kernels since 4.14. */
const LETTERS = ['S', 'D', 'T', 't', 'X', 'Z', 'P', 'I'];

export function isSched({ name }: PrintedEvent): boolean {
  return EVENT_NAMES.some((known) => name === known || name === `sched:${known}`);
}

/** The row that a printed event should have become. */
export function expectedRow({ ns, name, cpu, fields }: PrintedEvent): string {
  const isLttng = [...fields.keys()].some((field) => field.endsWith('tid') && !field.startsWith('perf_'));
  const plain = name.replace('sched:', '');
  const pid = isLttng ? 'tid' : 'pid';
  const text = (field: string) => fields.get(field) ?? '';
  const task = (side: string) =>
    text(`${side}${pid}`) === '0' ? 'idle' : `${text(`${side}comm`)}:${text(`${side}${pid}`)}`;
  const prio = (field: string) => String(Number(text(field)) + (isLttng ? 100 : 0));
  const start = `${ns} cpu${cpu} ${plain}`;
  switch (plain) {
    case 'sched_switch':
      return `${start} ${task('prev_')} ${prio('prev_prio')} ${stateText(Number(text('prev_state')))} ${task('next_')} ${prio('next_prio')}`;
    case 'sched_migrate_task':
      return `${start} ${task('')} ${prio('prio')} ${text('orig_cpu')}>${text('dest_cpu')}`;
    case 'sched_stat_runtime':
      return `${start} ${task('')} ${text('runtime')} ${text('vruntime')}`;
    case 'sched_process_fork':
      return `${start} ${task('parent_')} ${task('child_')}`;
    case 'sched_process_exec':
      return `${start} ${text(pid)} ${text(`old_${pid}`)} ${text('filename')}`;
    case 'sched_process_exit':
      return `${start} ${task('')} ${prio('prio')}`;
    default:
      return `${start} ${task('')} ${prio('prio')} ${text('target_cpu')}`;
  }
}

function stateText(state: number): string {
  const letters = LETTERS.filter((_, bit) => (state & (1 << bit)) !== 0);
  return `${letters.length === 0 ? 'R' : letters.join('|')}${(state & 0x100) === 0 ? '' : '+'}`;
}

/** A row of the store, spelt as `expectedRow` spells it. */
export function storedRow(store: EventStore, row: number): string {
  const name = EVENT_NAMES[store.type[row]!]!;
  const { pids, comms } = store.tasks;
  const task = (index: number) =>
    index === IDLE_TASK ? 'idle' : index === NO_TASK ? '?' : `${comms[index]!}:${pids[index]!}`;
  const actor = task(store.actor[row]!);
  const subject = task(store.subject[row]!);
  const prio = store.subjectPrio[row]!;
  const arg = store.arg[row]!;
  const start = `${store.absoluteNs(row)} cpu${store.cpu[row]!} ${name}`;
  switch (name) {
    case 'sched_switch':
      return `${start} ${actor} ${store.actorPrio[row]!} ${store.states.get(store.state[row]!)} ${subject} ${prio}`;
    case 'sched_migrate_task':
      return `${start} ${subject} ${prio} ${Math.floor(arg / 65536)}>${arg % 65536}`;
    case 'sched_stat_runtime':
      return `${start} ${subject} ${arg} ${store.vruntimeNs![row]!}`;
    case 'sched_process_fork':
      return `${start} ${actor} ${subject}`;
    case 'sched_process_exec':
      return `${start} ${pids[store.subject[row]!]!} ${arg} ${store.execFiles.get(store.line[row]!)!}`;
    case 'sched_process_exit':
      return `${start} ${subject} ${prio}`;
    default:
      return `${start} ${subject} ${prio} ${arg}`;
  }
}
