import type { SchedulingModel } from './schedulingModel.js';
import type { TimeWindow } from './timeWindow.js';

/** Calls back for each sched_migrate_task of a window: the thread and where it goes. */
export function forEachMigration(
  model: SchedulingModel,
  window: TimeWindow,
  visit: (thread: number, toCpu: number) => void,
): void {
  const { store, migrations } = model;
  const { timeNs, subject, arg } = store;
  const { threads } = store.tasks;
  let low = 0;
  let high = migrations.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeNs[migrations.values[middle]!]! < window.startNs) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < migrations.length; i += 1) {
    const row = migrations.values[i]!;
    if (timeNs[row]! >= window.eventsBeforeNs) return;
    const thread = threads[subject[row]!];
    if (thread !== undefined) visit(thread, arg[row]! % 65536);
  }
}

/** Whether this recording has migration events at all: without any, numbers of migrations are unknown. */
export function hasMigrations(model: SchedulingModel): boolean {
  return model.migrations.length > 0;
}
