import type { Progress } from '../base/progress.js';
import type { Loss, SourceRemark, TraceSummary } from '../protocol/traceMessages.js';
import { FORMATS } from '../trace/formats.js';
import { EventType } from '../trace/model/eventType.js';
import { shortNames } from '../trace/recording/partNames.js';
import type { SchedulingModel } from './schedulingModel.js';

/** What the analysis cannot know about the trace. */
export interface TraceStatus {
  readonly name: string;
  readonly complete: boolean;
  readonly progress: Progress;
}

export function traceSummary(model: SchedulingModel, status: TraceStatus): TraceSummary {
  const { store } = model;
  const { metadata } = store;
  return {
    name: status.name,
    sources: store.sources.length > 1 ? shortNames(store.sources) : [],
    format: metadata.format,
    formatLabel: FORMATS.find(({ name }) => name === metadata.format)?.label ?? metadata.format,
    baseNs: String(store.baseNs),
    startNs: model.startNs,
    endNs: model.endNs,
    events: store.length,
    eventCounts: store.eventCounts(),
    cpus: model.cpuRecords().map(({ cpu }) => cpu),
    threads: store.tasks.threadCount - 1,
    losses: lossesOf(model),
    lostEvents: store.lostEventCount(),
    overwrittenEvents: metadata.overwrittenEvents ?? null,
    remarks: remarksOf(model),
    hasWakeups: store.hasWakeups,
    hasPrevStates: model.hasPrevStates,
    hasTextLines: metadata.capabilities.textLines,
    latencyFrom: latencyFrom(model),
    complete: status.complete,
    doneBytes: status.progress.doneBytes,
    totalBytes: status.progress.totalBytes ?? null,
  };
}

/** Share of switches up to which missing ones are a remark rather than a warning. */
const FEW_GAPS = 0.01;

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function remarksOf(model: SchedulingModel): SourceRemark[] {
  const { diagnostics, sources } = model.store;
  const remarks: SourceRemark[] = diagnostics.map(({ severity, message, line, source }) => ({
    severity,
    message,
    line: line ?? null,
    source: source === undefined ? null : sources.indexOf(source),
  }));
  const gaps = model.cpuRecords().reduce((sum, { unreportedGaps }) => sum + unreportedGaps, 0);
  if (gaps > 0) {
    const switches = model.store.countOf(EventType.Switch);
    const message = `${count(gaps)} of ${count(switches)} switches lead away from another task than their CPU had switched to: events are missing that no loss report tells of, as when only some tasks are traced. What ran in between is shown as unknown.`;
    // Some kernels leave out a switch now and then: worth a remark, but no alarm.
    remarks.push({
      severity: gaps < FEW_GAPS * switches ? 'info' : 'warning',
      message,
      line: null,
      source: null,
    });
  }
  return remarks;
}

/** A loss before a CPU's first event starts with the recording; one that nothing followed lasts to its end. */
function lossesOf(model: SchedulingModel): Loss[] {
  return model.store.losses.map(({ cpu, afterNs, beforeNs, count }) => ({
    cpu,
    startNs: afterNs ?? model.startNs,
    endNs: beforeNs ?? model.endNs,
    count: count ?? null,
  }));
}

function latencyFrom({ store }: SchedulingModel): TraceSummary['latencyFrom'] {
  if (!store.hasWakeups) return null;
  return store.countOf(EventType.Waking) > 0 ? 'sched_waking' : 'sched_wakeup';
}
