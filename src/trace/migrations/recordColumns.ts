/**
 * The columns of migration records: one row a call of `can_migrate_task(p, env)` in the kernel's load balancer
 * (kernel/sched/fair.c). The first 22 are the attributes of the NeuralCFS thesis, table 5.3; the others are what later
 * collectors add. A sample, shortened:
 *
 *     pid,ts,cpu,task_load_avg,…,imbalance,…,delta,src_cpu,dst_cpu,migration_type,…,lat_ns,forced,migration
 *     1401,417688989618,1,1024,…,1,…,417696315123,2,1,2,…,27160,0,1
 */

export interface RecordColumnSpec {
  readonly required: boolean;
  /**
   * Bytes a value takes as long as the values fit: 1, 2 or 4 for non-negative numbers, widened when one does not.
   * 8: 64 bits, exact, values from 2^63 on are negative ones that were printed as unsigned.
   */
  readonly bytes: 1 | 2 | 4 | 8;
}

export const RECORD_COLUMNS = {
  pid: { required: true, bytes: 4 },
  /** Monotonic clock, ns. */
  ts: { required: true, bytes: 8 },
  task_load_avg: { required: true, bytes: 2 },
  task_util_avg: { required: true, bytes: 2 },
  task_vruntime: { required: true, bytes: 8 },
  task_nr_migrations: { required: true, bytes: 2 },
  /** The task's `exec_start` on the run queue's own clock, ns: not comparable with `ts`. 0: it has not run yet. */
  start_runtime: { required: true, bytes: 8 },
  /** Load weights in 1/1024 (64-bit kernels): a runnable nice-0 task counts 1,048,576. */
  dst_rq_load: { required: true, bytes: 4 },
  dst_rq_load_avg: { required: true, bytes: 4 },
  dst_rq_nr_running: { required: true, bytes: 1 },
  dst_rq_util_avg: { required: true, bytes: 2 },
  src_rq_load: { required: true, bytes: 4 },
  src_rq_load_avg: { required: true, bytes: 4 },
  src_rq_nr_running: { required: true, bytes: 1 },
  src_rq_util_avg: { required: true, bytes: 2 },
  imbalance: { required: true, bytes: 8 },
  sd_cache_nice_tries: { required: true, bytes: 1 },
  cpu_idle: { required: true, bytes: 1 },
  cpu_newly_idle: { required: true, bytes: 1 },
  sd_nr_balance_failed: { required: true, bytes: 1 },
  /** Run queue clock less `start_runtime`, ns: the whole clock for a task that has not run. */
  delta: { required: true, bytes: 8 },
  /** 0 refused, 1 allowed; 2 allowed although cache-hot, where the thesis's patched kernel recorded. */
  migration: { required: true, bytes: 1 },
  cpu: { required: false, bytes: 1 },
  src_cpu: { required: false, bytes: 1 },
  dst_cpu: { required: false, bytes: 1 },
  /** `enum migration_type`: 0 load, 1 util, 2 task, 3 misfit. */
  migration_type: { required: false, bytes: 1 },
  lb_flags: { required: false, bytes: 1 },
  loop: { required: false, bytes: 1 },
  sd_flags: { required: false, bytes: 2 },
  /** Duration of the call, ns, with what the probe adds. */
  lat_ns: { required: false, bytes: 4 },
  /** 1: allowed although cache-hot. */
  forced: { required: false, bytes: 1 },
} as const satisfies Readonly<Record<string, RecordColumnSpec>>;

export type RecordColumnName = keyof typeof RECORD_COLUMNS;

export const RECORD_COLUMN_NAMES = Object.keys(RECORD_COLUMNS) as RecordColumnName[];

export const REQUIRED_COLUMNS: readonly RecordColumnName[] = RECORD_COLUMN_NAMES.filter(
  (name) => RECORD_COLUMNS[name].required,
);

/** The name of the task, where a collector records it: the only column that is text. */
export const COMM_COLUMN = 'comm';

/** `enum migration_type` of kernel/sched/fair.c, Linux 5.5 and later. */
export const MIGRATION_TYPES = ['load', 'util', 'task', 'misfit'] as const;
