import * as v from 'valibot';
import { RECORD_SORT_KEYS, type MigrationRequests } from './migrationMessages.js';

/** Parameters of requests about migration records, checked when they arrive. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const recordFilterSchema = v.object({
  text: v.pipe(v.string(), v.maxLength(1000)),
  outcome: v.picklist(['any', 'migrated', 'refused', 'forced', 'neverRan']),
  type: v.nullable(count),
  srcCpu: v.nullable(count),
  dstCpu: v.nullable(count),
});

type Schemas = {
  readonly [K in keyof MigrationRequests]: v.GenericSchema<unknown, MigrationRequests[K]['params']>;
};

export const MIGRATION_PARAMS: Schemas = {
  recordsState: v.strictObject({}),
  records: v.object({
    filter: recordFilterSchema,
    sort: v.picklist(RECORD_SORT_KEYS),
    descending: v.boolean(),
    offset: count,
    limit: v.pipe(count, v.maxValue(10_000)),
  }),
  saveRecords: v.object({ filter: recordFilterSchema }),
  showRecordLine: v.object({ line: count }),
};

export type MigrationMethod = keyof MigrationRequests;

/** The parameters of a request, or an error that names what is wrong with them. */
export function parseMigrationParams<K extends MigrationMethod>(
  method: K,
  params: unknown,
): MigrationRequests[K]['params'] {
  const parsed = v.safeParse(MIGRATION_PARAMS[method], params);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new Error(
    `The request "${method}" is malformed at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
  );
}
