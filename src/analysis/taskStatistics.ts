import type { TaskRow, TaskSortKey } from '../protocol/traceMessages.js';
import { IDLE_THREAD } from '../trace/model/taskTable.js';
import { forEachMigration, hasMigrations } from './migrations.js';
import type { SchedulingModel } from './schedulingModel.js';
import { ThreadActivity } from './threadActivity.js';
import { threadName } from './threadNames.js';
import type { TimeWindow } from './timeWindow.js';

/**
 * The task table of a window, in order of thread number: all threads for the whole recording, else those that did
 * something in it. Idle is no task.
 */
export function taskRows(model: SchedulingModel, window: TimeWindow): TaskRow[] {
  const migrations = new Uint32Array(model.threads.length);
  forEachMigration(model, window, (thread) => (migrations[thread]! += 1));
  const activity = new ThreadActivity();
  const rows: TaskRow[] = [];
  for (let thread = IDLE_THREAD + 1; thread < model.threads.length; thread += 1) {
    activity.clear();
    activity.addThread(model, thread, window);
    const { runtimeNs, switches, wakeups } = activity;
    const isActive = runtimeNs > 0 || switches > 0 || wakeups > 0 || migrations[thread]! > 0;
    if (window.isWhole || isActive) rows.push(taskRow(model, thread, activity, migrations[thread]!));
  }
  return rows;
}

function taskRow(
  model: SchedulingModel,
  thread: number,
  activity: ThreadActivity,
  migrations: number,
): TaskRow {
  const latency = activity.wakeupLatencies.statistics();
  const wait = activity.preemptionWaits.statistics();
  return {
    ...threadName(model, thread),
    runtimeNs: activity.runtimeNs,
    switches: activity.switches,
    wakeups: model.store.hasWakeups ? activity.wakeups : null,
    migrations: hasMigrations(model) ? migrations : null,
    wakeupLatencyMeanNs: latency.meanNs,
    wakeupLatencyP50Ns: latency.p50Ns,
    wakeupLatencyP90Ns: latency.p90Ns,
    wakeupLatencyP99Ns: latency.p99Ns,
    wakeupLatencyMaxNs: latency.maxNs,
    wakeupLatencyMaxAtNs: latency.maxAtNs,
    preemptionWaitTotalNs: model.hasPrevStates ? wait.totalNs : null,
    preemptionWaitMeanNs: wait.meanNs,
    preemptionWaitP50Ns: wait.p50Ns,
    preemptionWaitP90Ns: wait.p90Ns,
    preemptionWaitP99Ns: wait.p99Ns,
    preemptionWaitMaxNs: wait.maxNs,
    preemptionWaitMaxAtNs: wait.maxAtNs,
  };
}

/** Sorts a copy. What is unknown comes last in both directions; equals stay in order of pid. */
export function sortedTasks(rows: readonly TaskRow[], key: TaskSortKey, descending: boolean): TaskRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const left = a[key];
    const right = b[key];
    if (left === right) return a.pid - b.pid;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -sign : sign;
  });
}
