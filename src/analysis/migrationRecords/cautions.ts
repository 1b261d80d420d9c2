import type { RecordsCaution } from '../../protocol/migrationMessages.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import type { RecordCounts } from './recordCounts.js';
import type { RecordFacts } from './recordFacts.js';

/** With fewer forced migrations than this, shares of them say little. */
const FEW = 50;
/** Outside this range one decision is so frequent that guessing it looks like a good model. */
const BALANCED = { from: 0.2, to: 0.8 };

/** `NICE_0_LOAD` of 64-bit kernels: 1024 << SCHED_FIXEDPOINT_SHIFT (kernel/sched/sched.h). */
const NICE_0_SCALED = 1024 * 1024;

/** What to know before the numbers are used: the traps of these records, each with how often it occurs here. */
export function cautionsOf(
  store: MigrationRecordStore,
  facts: RecordFacts,
  counts: RecordCounts,
): RecordsCaution[] {
  return [
    lostRecords(store),
    contradiction(counts),
    classImbalance(counts),
    neverRan(counts),
    twoClocks(store, facts),
    scaledLoads(store),
    unordered(store),
  ].filter((caution) => caution !== undefined);
}

function lostRecords({ lostRecords: lost }: MigrationRecordStore): RecordsCaution | undefined {
  if (lost === 0) return undefined;
  return {
    kind: 'lost-records',
    severity: 'warning',
    title: 'Records were lost',
    text: `The collector says that it lost ${n(lost)} records: counts are too low by about as many.`,
  };
}

function contradiction({ contradictions }: RecordCounts): RecordsCaution | undefined {
  if (contradictions === 0) return undefined;
  return {
    kind: 'contradiction',
    severity: 'warning',
    title: 'Forced, but refused',
    text: `${n(contradictions)} rows are marked as forced although the task was not allowed to migrate; they do not count as forced here.`,
  };
}

function classImbalance({ all }: RecordCounts): RecordsCaution | undefined {
  const { calls, migrated, forced } = all;
  if (forced === null) return migratedImbalance(calls, migrated);
  if (forced === 0) {
    return {
      kind: 'class-imbalance',
      severity: 'warning',
      title: 'No forced migration',
      text: 'Nothing about forced migrations can be learned from this file or tested with it.',
    };
  }
  const always = `Answering "not forced" each time would be right in ${percent(calls - forced, calls)} of the calls, so accuracy says little; look at precision and recall.`;
  return {
    kind: 'class-imbalance',
    severity: 'warning',
    title: 'Forced migrations are rare',
    text:
      forced < FEW
        ? `Only ${n(forced)} of ${n(calls)} calls: shares of so few are chance to a good part. ${always}`
        : `${n(forced)} of ${n(calls)} calls. ${always}`,
  };
}

function migratedImbalance(calls: number, migrated: number): RecordsCaution | undefined {
  const share = migrated / calls;
  if (share >= BALANCED.from && share <= BALANCED.to) return undefined;
  const common = share > 0.5 ? 'migrated' : 'refused';
  return {
    kind: 'class-imbalance',
    severity: 'warning',
    title: 'One decision prevails',
    text: `Answering "${common}" each time would be right in ${percent(Math.max(migrated, calls - migrated), calls)} of the calls.`,
  };
}

function neverRan({ neverRan: rows, all }: RecordCounts): RecordsCaution | undefined {
  if (rows === 0) return undefined;
  return {
    kind: 'never-ran',
    severity: 'warning',
    title: 'Tasks that never ran',
    text: `In ${n(rows)} of ${n(all.calls)} rows start_runtime is 0: the task had not run since it was forked or moved there. Its delta is then the whole clock and no duration; the table says "never ran" instead.`,
  };
}

function twoClocks(store: MigrationRecordStore, facts: RecordFacts): RecordsCaution {
  const ts = store.required('ts');
  const startRuntime = store.required('start_runtime');
  let later = 0;
  for (let row = 0; row < store.length; row += 1) {
    if (!facts.hasNeverRun(row) && startRuntime.at(row) > ts.at(row)) later += 1;
  }
  const evidence =
    later === 0 ? '' : ` In ${n(later)} rows start_runtime lies after ts, which one clock would not allow.`;
  return {
    kind: 'two-clocks',
    severity: 'info',
    title: 'Two clocks',
    text: `ts is the monotonic clock, start_runtime the run queue's own: do not subtract one from the other.${evidence}`,
  };
}

function scaledLoads(store: MigrationRecordStore): RecordsCaution {
  const load = store.required('src_rq_load');
  let largest = 0;
  for (let row = 0; row < store.length; row += 1) largest = Math.max(largest, load.at(row));
  const text =
    largest < NICE_0_SCALED
      ? 'On 64-bit kernels src_rq_load and dst_rq_load are weights × 1024, one nice-0 task being 1,048,576. No load here is that large, so this kernel may not scale them.'
      : 'src_rq_load and dst_rq_load are weights × 1024, as 64-bit kernels keep them: one nice-0 task is 1,048,576. The averages (load_avg) are not scaled.';
  return { kind: 'scaled-loads', severity: 'info', title: 'Loads scaled by 1024', text };
}

function unordered(store: MigrationRecordStore): RecordsCaution | undefined {
  const ts = store.required('ts');
  let back = 0;
  for (let row = 1; row < store.length; row += 1) if (ts.at(row) < ts.at(row - 1)) back += 1;
  if (back === 0) return undefined;
  return {
    kind: 'unordered',
    severity: 'info',
    title: 'Not in order of time',
    text: `ts goes back ${back === 1 ? 'once' : `${n(back)} times`}: records of several CPUs or recordings stand one behind the other.`,
  };
}

function n(count: number): string {
  return count.toLocaleString('en-US');
}

/** Cut, not rounded: what is not quite all never reads 100 %. */
function percent(part: number, whole: number): string {
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`;
}
