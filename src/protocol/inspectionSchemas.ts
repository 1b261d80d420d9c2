import * as v from 'valibot';
import type { InspectedRuns, InspectionMemory, InspectionRequests } from './inspectionMessages.js';

/** A table of schemas for a table of requests. */
export type ParamsOf<R> = {
  readonly [K in keyof R]: v.GenericSchema<unknown, R[K] extends { params: infer P } ? P : never>;
};

const MOST_RUNS = 50;
const MAX_FILE_CHARACTERS = 128 * 1024 * 1024;

const nothing = v.strictObject({});
const run = v.strictObject({ run: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_RUNS)) });
const text = v.pipe(v.string(), v.maxLength(MAX_FILE_CHARACTERS));

/** Parameters of requests that every inspection panel answers, checked when they arrive. */
export const INSPECTION_PARAMS: ParamsOf<InspectionRequests> = {
  inspectedRuns: nothing,
  saveFile: v.strictObject({
    // A name, not a way out of the folder that is proposed.
    name: v.pipe(v.string(), v.regex(/^[^/\\\0]{1,120}\.(csv|png)$/)),
    content: v.variant('kind', [
      v.strictObject({ kind: v.literal('csv'), text }),
      v.strictObject({ kind: v.literal('png'), base64: v.pipe(text, v.base64()) }),
    ]),
  }),
  evaluateRun: run,
  auditRun: run,
  openRun: run,
};

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const runsSchema: v.GenericSchema<unknown, InspectedRuns> = v.object({
  folders: v.pipe(v.array(path), v.minLength(1), v.maxLength(MOST_RUNS)),
});

/** What `setState` of an earlier window kept; `null` for what is none of ours. */
export function readInspectionMemory(value: unknown): InspectionMemory | null {
  return readInspectedRuns(value);
}

export function readInspectedRuns(value: unknown): InspectedRuns | null {
  const parsed = v.safeParse(runsSchema, value);
  return parsed.success ? parsed.output : null;
}
