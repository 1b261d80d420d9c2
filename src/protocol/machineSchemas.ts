import * as v from 'valibot';
import type { MachineRequests } from './machineMessages.js';
import type { WorkRequests } from './machineWorkMessages.js';

/** Parameters of requests of the views of machines and of work on them, checked when they arrive. */

const nothing = v.strictObject({});
const text = v.pipe(v.string(), v.maxLength(10_000));

type Schemas<T extends { [K in keyof T]: { params: unknown } }> = {
  readonly [K in keyof T]: v.GenericSchema<unknown, T[K]['params']>;
};

export const MACHINE_PARAMS: Schemas<MachineRequests> = {
  machineState: nothing,
  checkMachine: nothing,
  installMissing: nothing,
  collect: nothing,
  showLog: nothing,
  copyCommand: v.object({ command: text }),
};

export const WORK_PARAMS: Schemas<WorkRequests> = {
  workState: nothing,
  stopWork: nothing,
  cancelWork: nothing,
  openArtifact: v.object({ path: text }),
  showWorkLog: nothing,
};

/** The parameters of a request, or an error that names what is wrong with them. */
export function parseParams<T extends { [K in keyof T]: { params: unknown } }, K extends keyof T & string>(
  schemas: Schemas<T>,
  method: K,
  params: unknown,
): T[K]['params'] {
  const parsed = v.safeParse(schemas[method], params);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(
    `The request "${method}" is malformed at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
  );
}

const count = v.nullable(v.number());

const machineViewSchema = v.object({
  name: v.string(),
  state: v.object({
    kind: v.picklist(['disconnected', 'connecting', 'ready', 'busy', 'lost']),
    text: v.string(),
  }),
  facts: v.array(v.object({ label: v.string(), value: v.string() })),
  checks: v.nullable(
    v.array(
      v.object({
        id: v.string(),
        title: v.string(),
        status: v.picklist(['passed', 'warning', 'failed', 'unknown']),
        detail: v.string(),
        remedy: v.nullable(v.object({ text: v.string(), command: v.nullable(v.string()) })),
      }),
    ),
  ),
  checkedAtMs: count,
  isChecking: v.boolean(),
  failure: v.nullable(v.string()),
  install: v.nullable(v.object({ packages: v.array(v.string()), command: v.string() })),
});

const laneSchema = v.object({
  machine: v.string(),
  phase: v.picklist([
    'waiting',
    'preparing',
    'collecting',
    'finishing',
    'verifying',
    'measuring',
    'done',
    'failed',
    'cancelled',
  ]),
  doing: v.nullable(v.string()),
  counters: v.nullable(
    v.object({
      elapsedMs: v.number(),
      events: count,
      eventsPerSecond: count,
      lostEvents: count,
      classes: v.nullable(v.array(v.object({ name: v.string(), events: v.number() }))),
      receivedBytes: v.number(),
    }),
  ),
  failure: v.nullable(v.string()),
});

const workViewSchema = v.object({
  kind: v.picklist(['collection', 'plan', 'benchmarks']),
  title: v.string(),
  description: v.string(),
  status: v.picklist(['running', 'stopping', 'cancelling', 'done', 'failed', 'cancelled']),
  share: count,
  lanes: v.array(laneSchema),
  cells: v.array(
    v.object({
      row: v.string(),
      column: v.string(),
      state: v.picklist(['waiting', 'running', 'done', 'failed', 'cancelled']),
      note: v.nullable(v.string()),
    }),
  ),
  artifacts: v.array(
    v.object({
      path: v.string(),
      name: v.string(),
      kind: v.picklist(['recording', 'results']),
      machine: v.string(),
      workload: v.nullable(v.string()),
      sizeBytes: v.number(),
      events: count,
      lostEvents: count,
      sha256: v.nullable(v.string()),
    }),
  ),
  remarks: v.array(
    v.object({
      severity: v.picklist(['error', 'warning', 'info']),
      machine: v.nullable(v.string()),
      text: v.string(),
    }),
  ),
});

/** The machine as the extension sent it, or null when it is none. */
export function readMachineView(value: unknown): v.InferOutput<typeof machineViewSchema> | null {
  return v.is(machineViewSchema, value) ? value : null;
}

/** The work as the extension sent it, or null when it is none. */
export function readWorkView(value: unknown): v.InferOutput<typeof workViewSchema> | null {
  return v.is(workViewSchema, value) ? value : null;
}
