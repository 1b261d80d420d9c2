import * as v from 'valibot';
import type { TimelineMigrations } from '../../../src/protocol/timelineMigrations.js';
import type {
  LaneSegments,
  TraceEvents,
  TraceSummary,
  TraceViewState,
} from '../../../src/protocol/traceMessages.js';

const range = v.object({ startNs: v.number(), endNs: v.number() });
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema);

const summarySchema = v.looseObject({
  name: v.string(),
  format: v.string(),
  sources: v.array(v.string()),
  formatLabel: v.string(),
  baseNs: v.pipe(v.string(), v.regex(/^-?\d+$/)),
  startNs: v.number(),
  endNs: v.number(),
  events: v.number(),
  eventCounts: v.record(v.string(), v.number()),
  cpus: v.array(v.number()),
  threads: v.number(),
  losses: v.array(
    v.object({ cpu: v.number(), startNs: v.number(), endNs: v.number(), count: nullable(v.number()) }),
  ),
  lostEvents: v.number(),
  overwrittenEvents: nullable(v.number()),
  remarks: v.array(
    v.object({
      severity: v.picklist(['error', 'warning', 'info']),
      message: v.string(),
      line: nullable(v.number()),
      source: nullable(v.number()),
    }),
  ),
  hasWakeups: v.boolean(),
  hasPrevStates: v.boolean(),
  hasTextLines: v.boolean(),
  latencyFrom: nullable(v.picklist(['sched_waking', 'sched_wakeup'])),
  complete: v.boolean(),
  doneBytes: v.number(),
  totalBytes: nullable(v.number()),
});

const revealSchema = v.object({
  range: nullable(range),
  thread: nullable(v.number()),
  moment: v.optional(v.object({ cpu: v.number(), atNs: v.number() })),
});
const migrationsSchema = v.object({
  isReady: v.boolean(),
  moves: v.number(),
  files: v.array(
    v.object({
      name: v.string(),
      origin: v.picklist(['beside', 'opened', 'added']),
      calls: v.number(),
      allowed: v.number(),
      forced: nullable(v.number()),
      isDrawn: v.boolean(),
      clock: nullable(
        v.object({
          verdict: v.picklist(['checked', 'unchecked', 'unaligned']),
          offsetNs: v.string(),
          driftPpm: v.number(),
          calls: v.number(),
          matches: v.number(),
          delayNs: nullable(v.number()),
        }),
      ),
      text: v.string(),
    }),
  ),
});
const failedSchema = v.object({ message: v.string() });
const stateSchema = v.object({
  range: nullable(range),
  selection: nullable(range),
  thread: nullable(v.number()),
  filter: v.string(),
  migrations: v.optional(v.string()),
});

/** The summary as the host sent it, or null when it is not one. */
export function readSummary(value: unknown): TraceSummary | null {
  return v.is(summarySchema, value) ? value : null;
}

export function readReveal(value: unknown): TraceEvents['reveal'] | null {
  return v.is(revealSchema, value) ? value : null;
}

export function readMigrations(value: unknown): TimelineMigrations | null {
  return v.is(migrationsSchema, value) ? value : null;
}

export function readFailure(value: unknown): TraceEvents['failed'] {
  return v.is(failedSchema, value)
    ? value
    : { message: 'The trace cannot be shown; the reason did not arrive.' };
}

/** The state of an earlier life of this view; null when there is none or it is of another version. */
export function readViewState(value: unknown): TraceViewState | null {
  return v.is(stateSchema, value) ? value : null;
}

/** Whether the arrays of a lane are there and of one length: drawing code indexes them unchecked. */
export function isLane(lane: LaneSegments): boolean {
  const length = lane.startNs.length;
  return (
    lane.startNs instanceof Float64Array &&
    lane.endNs instanceof Float64Array &&
    lane.value instanceof Uint32Array &&
    lane.state instanceof Uint8Array &&
    lane.fill instanceof Float32Array &&
    lane.count instanceof Uint32Array &&
    [lane.endNs, lane.value, lane.state, lane.fill, lane.count].every((array) => array.length === length)
  );
}
