/** Which columns models of the thesis (chapter 5) are given, and which there are to choose from. */
import type { RecordColumnName } from '../../trace/migrations/recordColumns.js';
import type { Experiment, MigrationSet } from './migrationSet.js';

const INPUTS: Readonly<Record<Experiment, readonly RecordColumnName[]>> = {
  1: [
    'task_util_avg',
    'delta',
    'task_nr_migrations',
    'pid',
    'sd_nr_balance_failed',
    'task_vruntime',
    'cpu_idle',
  ],
  2: [
    'cpu_idle',
    'task_nr_migrations',
    'cpu_newly_idle',
    'ts',
    'delta',
    'sd_cache_nice_tries',
    'start_runtime',
    'src_rq_nr_running',
    'task_util_avg',
    'sd_nr_balance_failed',
  ],
  3: [
    'cpu_idle',
    'cpu_newly_idle',
    'task_util_avg',
    'sd_nr_balance_failed',
    'sd_cache_nice_tries',
    'delta',
    'dst_cpu',
  ],
};

/** What is known before `can_migrate_task` decides: all columns but the decision and how long it took. */
const CANDIDATES: readonly RecordColumnName[] = [
  'pid',
  'ts',
  'task_load_avg',
  'task_util_avg',
  'task_vruntime',
  'task_nr_migrations',
  'start_runtime',
  'dst_rq_load',
  'dst_rq_load_avg',
  'dst_rq_nr_running',
  'dst_rq_util_avg',
  'src_rq_load',
  'src_rq_load_avg',
  'src_rq_nr_running',
  'src_rq_util_avg',
  'imbalance',
  'sd_cache_nice_tries',
  'cpu_idle',
  'cpu_newly_idle',
  'sd_nr_balance_failed',
  'delta',
  'cpu',
  'src_cpu',
  'dst_cpu',
  'migration_type',
  'lb_flags',
  'loop',
  'sd_flags',
];

/** The inputs of an experiment in the thesis, in its order: 7, 10 and 7. */
export function experimentColumns(experiment: Experiment): readonly RecordColumnName[] {
  return INPUTS[experiment];
}

/** The columns of a set that a model could be given. */
export function candidateColumns(set: MigrationSet): readonly RecordColumnName[] {
  return CANDIDATES.filter((name) => set.columns.has(name));
}
