import * as v from 'valibot';
import {
  RECORD_SORT_KEYS,
  type MigrationEvents,
  type MigrationViewState,
  type RecordsState,
} from '../../../src/protocol/migrationMessages.js';
import { recordFilterSchema } from '../../../src/protocol/migrationSchemas.js';

const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema);
const counts = { calls: v.number(), migrated: v.number(), forced: nullable(v.number()) };
const severity = v.picklist(['error', 'warning', 'info']);
const decimal = v.pipe(v.string(), v.regex(/^-?\d+$/));

const latencySchema = v.object({
  count: v.number(),
  p50Ns: v.number(),
  p90Ns: v.number(),
  p99Ns: v.number(),
  maxNs: v.number(),
  maxRow: v.number(),
  density: v.object({ ns: v.array(v.number()), density: v.array(v.number()) }),
});

const summarySchema = v.looseObject({
  name: v.string(),
  rows: v.number(),
  migrated: v.number(),
  refused: v.number(),
  forced: nullable(v.number()),
  neverRan: v.number(),
  tasks: v.number(),
  startNs: decimal,
  endNs: decimal,
  durationNs: v.number(),
  byType: nullable(v.array(v.object({ type: v.number(), name: v.string(), ...counts }))),
  byIdle: v.array(v.object({ idle: v.picklist(['busy', 'idle', 'newly idle']), ...counts })),
  byPair: nullable(v.array(v.object({ srcCpu: v.number(), dstCpu: v.number(), ...counts }))),
  latency: nullable(latencySchema),
  malformed: v.object({
    count: v.number(),
    lines: v.array(v.object({ line: v.number(), reason: v.string(), excerpt: v.string() })),
  }),
  lostRecords: v.number(),
  cautions: v.array(
    v.looseObject({ severity: v.picklist(['warning', 'info']), title: v.string(), text: v.string() }),
  ),
  remarks: v.array(v.object({ severity, message: v.string(), line: nullable(v.number()) })),
  hasComms: v.boolean(),
  missingColumns: v.array(v.string()),
  unknownColumns: v.array(v.string()),
});

const stateSchema = v.variant('kind', [
  v.looseObject({
    kind: v.literal('reading'),
    progress: v.object({
      name: v.string(),
      rows: v.number(),
      doneBytes: v.number(),
      totalBytes: nullable(v.number()),
    }),
  }),
  v.looseObject({ kind: v.literal('ready'), summary: summarySchema }),
]);

const failedSchema = v.object({ message: v.string() });

const viewStateSchema = v.object({
  filter: recordFilterSchema,
  sort: v.picklist(RECORD_SORT_KEYS),
  descending: v.boolean(),
});

/** The state as the host sent it, or null when it is not one. */
export function readRecordsState(value: unknown): RecordsState | null {
  return v.is(stateSchema, value) ? (value as RecordsState) : null;
}

export function readFailure(value: unknown): MigrationEvents['failed'] {
  return v.is(failedSchema, value)
    ? value
    : { message: 'The records cannot be shown; the reason did not arrive.' };
}

/** The state of an earlier life of this view; null when there is none or it is of another version. */
export function readViewState(value: unknown): MigrationViewState | null {
  return v.is(viewStateSchema, value) ? value : null;
}
