import type { CpuRow } from '../protocol/traceMessages.js';
import { forEachMigration, hasMigrations } from './migrations.js';
import type { SchedulingModel } from './schedulingModel.js';
import type { TimeWindow } from './timeWindow.js';

/** Utilisation and run queue depth of each CPU in a window. Busy, idle and unknown time add up to the window. */
export function cpuRows(model: SchedulingModel, window: TimeWindow): CpuRow[] {
  const migrationsIn = new Map<number, number>();
  forEachMigration(model, window, (_thread, toCpu) => {
    migrationsIn.set(toCpu, (migrationsIn.get(toCpu) ?? 0) + 1);
  });
  const { hasWakeups } = model.store;
  return model.cpuRecords().map(({ cpu, timeline, depth }) => {
    const depths = depth.statisticsIn(window.startNs, window.endNs);
    return {
      cpu,
      ...timeline.timeIn(window.startNs, window.endNs),
      switches: timeline.switchesIn(window.startNs, window.eventsBeforeNs),
      migrationsIn: hasMigrations(model) ? (migrationsIn.get(cpu) ?? 0) : null,
      depthMean: hasWakeups ? depths.mean : null,
      depthMax: hasWakeups ? depths.max : null,
    };
  });
}
