/** What the inputs are, for whoever has to give them: the columns of the records that are known before the decision. */
export interface ColumnText {
  readonly unit: string;
  /** In the terms of kernel/sched/fair.c, of `can_migrate_task(p, env)`. */
  readonly text: string;
}

const TEXTS: Readonly<Record<string, ColumnText>> = {
  pid: { unit: 'number', text: 'p->pid' },
  ts: { unit: 'ns', text: 'monotonic clock at the call' },
  task_load_avg: { unit: 'load', text: 'p->se.avg.load_avg' },
  task_util_avg: { unit: '1/1024 of a CPU', text: 'p->se.avg.util_avg' },
  task_vruntime: { unit: 'ns, weighted', text: 'p->se.vruntime' },
  task_nr_migrations: { unit: 'count', text: 'p->se.nr_migrations' },
  start_runtime: { unit: 'ns', text: 'p->se.exec_start, on the run queue clock' },
  dst_rq_load: { unit: 'weight, 1,048,576 for a task of nice 0', text: 'env->dst_rq->cfs.load.weight' },
  dst_rq_load_avg: { unit: 'load', text: 'env->dst_rq->cfs.avg.load_avg' },
  dst_rq_nr_running: { unit: 'tasks', text: 'env->dst_rq->nr_running' },
  dst_rq_util_avg: { unit: '1/1024 of a CPU', text: 'env->dst_rq->cfs.avg.util_avg' },
  src_rq_load: { unit: 'weight, 1,048,576 for a task of nice 0', text: 'env->src_rq->cfs.load.weight' },
  src_rq_load_avg: { unit: 'load', text: 'env->src_rq->cfs.avg.load_avg' },
  src_rq_nr_running: { unit: 'tasks', text: 'env->src_rq->nr_running' },
  src_rq_util_avg: { unit: '1/1024 of a CPU', text: 'env->src_rq->cfs.avg.util_avg' },
  imbalance: { unit: 'that of migration_type', text: 'env->imbalance, signed' },
  sd_cache_nice_tries: { unit: 'count', text: 'env->sd->cache_nice_tries' },
  cpu_idle: { unit: '0 or 1', text: 'env->idle == CPU_IDLE' },
  cpu_newly_idle: { unit: '0 or 1', text: 'env->idle == CPU_NEWLY_IDLE' },
  sd_nr_balance_failed: { unit: 'count', text: 'env->sd->nr_balance_failed' },
  delta: { unit: 'ns', text: 'env->src_rq->clock_task - p->se.exec_start, signed' },
  cpu: { unit: 'number', text: 'CPU that runs the balancer' },
  src_cpu: { unit: 'number', text: 'env->src_cpu' },
  dst_cpu: { unit: 'number', text: 'env->dst_cpu' },
  migration_type: { unit: 'enum migration_type', text: 'env->migration_type' },
  lb_flags: { unit: 'bits', text: 'env->flags' },
  loop: { unit: 'tasks', text: 'env->loop' },
  sd_flags: { unit: 'bits', text: 'env->sd->flags' },
};

/** Columns that nobody told us about are named by themselves. */
export function columnText(name: string): ColumnText {
  return TEXTS[name] ?? { unit: 'as recorded', text: name };
}
