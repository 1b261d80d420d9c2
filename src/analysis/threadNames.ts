import type { ThreadName } from '../protocol/traceMessages.js';
import { IDLE_THREAD } from '../trace/model/taskTable.js';
import type { SchedulingModel } from './schedulingModel.js';

/** Names that tracers print when they do not know a comm: no former name of anybody. */
const PLACEHOLDERS = new Set(['<...>', '', ':-1']);

export function threadName(model: SchedulingModel, thread: number): ThreadName {
  const { tasks } = model.store;
  const comm = tasks.threadComm(thread);
  const tgid = tasks.threadTgids[thread]!;
  return {
    thread,
    pid: tasks.threadPids[thread]!,
    tgid: tgid < 0 ? null : tgid,
    comm,
    formerComms: tasks.threadComms(thread).filter((name) => name !== comm && !PLACEHOLDERS.has(name)),
  };
}

export function isThread(model: SchedulingModel, thread: number): boolean {
  return Number.isInteger(thread) && thread >= 0 && thread < model.store.tasks.threadCount;
}

/** A filter of tasks: part of the comm, whatever its case, or the whole pid. Empty: all. */
export function taskFilter(
  filter: string,
): (task: { readonly comm: string; readonly pid: number }) => boolean {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return () => true;
  return ({ comm, pid }) => comm.toLowerCase().includes(wanted) || String(pid) === wanted;
}

/** Running time by thread up to the end of what has been analysed, ns. */
export function threadRuntimes(model: SchedulingModel): Float64Array {
  const runtimesNs = model.endedRuntimeNs.slice(0, model.threads.length);
  for (const { timeline } of model.cpuRecords()) {
    const last = timeline.segmentCount - 1;
    const thread = timeline.threadOf(last);
    if (thread > IDLE_THREAD) runtimesNs[thread]! += model.endNs - timeline.startOf(last);
  }
  return runtimesNs;
}

/** Threads without idle, most run time first, then by pid. */
export function threadsByRuntime(model: SchedulingModel): number[] {
  const { threadPids } = model.store.tasks;
  const runtimesNs = threadRuntimes(model);
  return [...runtimesNs.keys()]
    .filter((thread) => thread !== IDLE_THREAD)
    .sort((a, b) => runtimesNs[b]! - runtimesNs[a]! || threadPids[a]! - threadPids[b]!);
}
