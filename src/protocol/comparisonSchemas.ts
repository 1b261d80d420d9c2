import * as v from 'valibot';
import type { ComparisonRequests } from './comparisonMessages.js';

/** Parameters of requests about comparisons, checked when they arrive. */

const setIndex = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000));

type Schemas = {
  readonly [K in keyof ComparisonRequests]: v.GenericSchema<unknown, ComparisonRequests[K]['params']>;
};

export const COMPARISON_PARAMS: Schemas = {
  comparisonState: v.strictObject({}),
  setBaseline: v.strictObject({ set: setIndex }),
  openResults: v.strictObject({ set: setIndex }),
  saveComparison: v.strictObject({}),
};

export type ComparisonMethod = keyof ComparisonRequests;

/** The parameters of a request, or an error that names what is wrong with them. */
export function parseComparisonParams<K extends ComparisonMethod>(
  method: K,
  params: unknown,
): ComparisonRequests[K]['params'] {
  const parsed = v.safeParse(COMPARISON_PARAMS[method], params);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new Error(
    `The request "${method}" is malformed at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
  );
}
