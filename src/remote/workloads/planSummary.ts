import { relative } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import type { PlanCell } from './cells.js';
import type { CollectionPlan } from './plan.js';

/**
 * What became of a cell: `recorded` now; `kept`, as it was there and whole from an earlier run; `failed`; `dropped`, as the
 * plan was cancelled while it ran; `left`, as the plan ended before its turn.
 */
export const CELL_ENDS = ['recorded', 'kept', 'failed', 'dropped', 'left'] as const;
export type CellEnd = (typeof CELL_ENDS)[number];

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const time = v.nullable(v.pipe(v.string(), v.isoTimestamp()));

/** `kernel-oracle.collect.summary.json` beside the plan: what became of each of its recordings. */
export const planSummarySchema = v.object({
  format: v.literal('kernel-oracle-collection-summary'),
  version: v.literal(1),
  kernelOracleVersion: v.string(),
  startedAt: time,
  endedAt: time,
  /** `complete`: every cell had its turn; `incomplete`: after a failure some were not tried. */
  outcome: v.picklist(['complete', 'incomplete', 'stopped', 'cancelled']),
  counts: v.object({ recorded: count, kept: count, failed: count, dropped: count, left: count }),
  cells: v.array(
    v.object({
      machine: v.string(),
      collector: v.string(),
      workload: v.string(),
      category: v.string(),
      run: count,
      /** Below the folder of the plan. */
      path: v.string(),
      status: v.picklist(CELL_ENDS),
      /** Why it failed, or why it was not tried. */
      reason: v.nullable(v.string()),
      remarks: v.array(v.string()),
      startedAt: time,
      endedAt: time,
      sizeBytes: v.nullable(count),
      sha256: v.nullable(v.string()),
      events: v.nullable(count),
      lostEvents: v.nullable(count),
    }),
  ),
});

export type PlanSummary = v.InferOutput<typeof planSummarySchema>;
export type CellSummary = PlanSummary['cells'][number];

export function emptySummary(plan: CollectionPlan, cell: PlanCell): CellSummary {
  return {
    machine: cell.machine,
    collector: cell.collector.name,
    workload: cell.workload.command.name,
    category: cell.workload.category,
    run: cell.run,
    path: relative(plan.folder, cell.path),
    status: 'left',
    reason: null,
    remarks: [],
    startedAt: null,
    endedAt: null,
    sizeBytes: null,
    sha256: null,
    events: null,
    lostEvents: null,
  };
}

export function countsOf(cells: readonly CellSummary[]): PlanSummary['counts'] {
  const counts = { recorded: 0, kept: 0, failed: 0, dropped: 0, left: 0 };
  for (const { status } of cells) counts[status] += 1;
  return counts;
}

/** Failure: `write-failed`. */
export async function writePlanSummary(path: string, summary: PlanSummary): Promise<void> {
  await writeFileAtomically(path, [`${JSON.stringify(v.parse(planSummarySchema, summary), null, 2)}\n`]);
}
