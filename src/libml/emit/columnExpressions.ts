/** Columns as C reads them in a kernel: programs of eBPF, modules and patched kernels share these. */

/**
 * What a column is in kernel/sched/fair.c at the end of a call of can_migrate_task(p, env); `started` is the time of the call. ENUMERATOR(type, name) and
 * this_cpu() are of whoever compiles it.
 */
export const COLUMN_EXPRESSIONS: Readonly<Record<string, string>> = {
  pid: 'p->pid',
  ts: '(int64_t)started',
  task_load_avg: '(int64_t)p->se.avg.load_avg',
  task_util_avg: '(int64_t)p->se.avg.util_avg',
  task_vruntime: '(int64_t)p->se.vruntime',
  task_nr_migrations: '(int64_t)p->se.nr_migrations',
  start_runtime: '(int64_t)p->se.exec_start',
  dst_rq_load: '(int64_t)env->dst_rq->cfs.load.weight',
  dst_rq_load_avg: '(int64_t)env->dst_rq->cfs.avg.load_avg',
  dst_rq_nr_running: 'env->dst_rq->nr_running',
  dst_rq_util_avg: '(int64_t)env->dst_rq->cfs.avg.util_avg',
  src_rq_load: '(int64_t)env->src_rq->cfs.load.weight',
  src_rq_load_avg: '(int64_t)env->src_rq->cfs.avg.load_avg',
  src_rq_nr_running: 'env->src_rq->nr_running',
  src_rq_util_avg: '(int64_t)env->src_rq->cfs.avg.util_avg',
  imbalance: 'env->imbalance',
  sd_cache_nice_tries: 'env->sd->cache_nice_tries',
  cpu_idle: 'env->idle == ENUMERATOR(enum cpu_idle_type, CPU_IDLE)',
  cpu_newly_idle: 'env->idle == ENUMERATOR(enum cpu_idle_type, CPU_NEWLY_IDLE)',
  sd_nr_balance_failed: 'env->sd->nr_balance_failed',
  delta: '(int64_t)(env->src_rq->clock_task - p->se.exec_start)',
  cpu: 'this_cpu()',
  src_cpu: 'env->src_cpu',
  dst_cpu: 'env->dst_cpu',
  migration_type: 'env->migration_type',
  lb_flags: 'env->flags',
  loop: 'env->loop',
  sd_flags: 'env->sd->flags',
};

/** Whether it can be read in a kernel at the end of a call. */
export function isReadable(column: string): boolean {
  return column in COLUMN_EXPRESSIONS;
}
