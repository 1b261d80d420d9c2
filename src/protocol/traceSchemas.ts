import * as v from 'valibot';
import { MigrationKind } from './timelineMigrations.js';
import type { TraceRequests } from './traceMessages.js';

/** Parameters of trace requests, checked when they arrive: the types hold only inside one process. */

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const range = v.object({ startNs: finite, endNs: finite });
const optionalRange = v.nullable(range);
const filter = v.pipe(v.string(), v.maxLength(1000));
const thread = count;

const lane = v.variant('kind', [
  v.object({ kind: v.literal('cpu'), cpu: count }),
  v.object({ kind: v.literal('depth'), cpu: count }),
  v.object({ kind: v.literal('thread'), thread }),
]);

const migrationKind = v.enum(MigrationKind);

const sortKeys = [
  'comm',
  'pid',
  'runtimeNs',
  'switches',
  'wakeups',
  'migrations',
  'wakeupLatencyMeanNs',
  'wakeupLatencyP50Ns',
  'wakeupLatencyP99Ns',
  'wakeupLatencyMaxNs',
  'preemptionWaitTotalNs',
  'preemptionWaitMaxNs',
] as const;

type Schemas = {
  readonly [K in keyof TraceRequests]: v.GenericSchema<unknown, TraceRequests[K]['params']>;
};

export const TRACE_PARAMS: Schemas = {
  summary: v.object({}),
  viewport: v.object({
    range,
    widthPx: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65536)),
    lanes: v.pipe(v.array(lane), v.maxLength(2000)),
  }),
  threads: v.object({ filter, offset: count, limit: count }),
  threadNames: v.object({ threads: v.pipe(v.array(thread), v.maxLength(10_000)) }),
  tasks: v.object({
    range: optionalRange,
    filter,
    sort: v.picklist(sortKeys),
    descending: v.boolean(),
    offset: count,
    limit: count,
  }),
  cpus: v.object({ range: optionalRange }),
  histogram: v.object({ range: optionalRange, thread: v.nullable(thread) }),
  wakers: v.object({ range: optionalRange, thread: v.nullable(thread), limit: count }),
  sliceAt: v.object({ lane, atNs: finite }),
  step: v.object({ thread, fromNs: finite, direction: v.picklist([1, -1]) }),
  showLine: v.object({ line: count, source: count }),
  rangeSelected: v.object({ range: optionalRange }),
  cursorMoved: v.object({ cursor: v.nullable(v.object({ cpu: v.nullable(count), atNs: finite })) }),
  exportRange: v.object({ range }),
  copyText: v.object({ text: v.string(), what: v.pipe(v.string(), v.maxLength(200)) }),
  tasksCsv: v.object({ range: optionalRange, filter }),
  migrations: v.object({}),
  migrationMarks: v.object({
    range,
    columns: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65536)),
    cpus: v.pipe(v.array(count), v.maxLength(2000)),
    kinds: v.pipe(v.array(migrationKind), v.maxLength(4)),
  }),
  migration: v.object({ kind: migrationKind, item: count }),
  stepMigration: v.object({
    kind: migrationKind,
    fromNs: finite,
    item: v.nullable(count),
    direction: v.picklist([1, -1]),
  }),
  addMigrationRecords: v.object({}),
};

export type TraceMethod = keyof TraceRequests;

export function isTraceMethod(method: string): method is TraceMethod {
  return Object.hasOwn(TRACE_PARAMS, method);
}

/** The parameters of a request, or an error that names what is wrong with them. */
export function parseTraceParams<K extends TraceMethod>(
  method: K,
  params: unknown,
): TraceRequests[K]['params'] {
  const parsed = v.safeParse(TRACE_PARAMS[method], params);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new Error(
    `The request "${method}" is malformed at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
  );
}
