/** Folders that look like the source of a kernel where it is looked at: excerpts of our own making, none compiles. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface KernelSourceShape {
  /** `hot` in a variable of its own, as from Linux 6.15 on. */
  readonly isNewer?: boolean;
}

const OLDER_DECISION = `	if (tsk_cache_hot <= 0 ||
	    env->sd->nr_balance_failed > env->sd->cache_nice_tries) {
		if (tsk_cache_hot == 1)
			count_it(p);
		return 1;
	}
`;
const NEWER_DECISION = `	if (!hot || env->sd->nr_balance_failed > env->sd->cache_nice_tries) {
		if (hot)
			count_it(p);
		return 1;
	}
`;

export function fairSource({ isNewer = false }: KernelSourceShape = {}): string {
  return `/* A stand-in. */
struct lb_env {
	struct sched_domain *sd;
};

static int hotness(void)
{
	return 1;
}

/*
 * Whether it may.
 */
static
int can_migrate_task(struct task_struct *p, struct lb_env *env)
{
	${isNewer ? 'long degrades, hot;' : 'int tsk_cache_hot;'}

	lockdep_assert_rq_held(env->src_rq);
	if (is_pinned(p)) {
		return 0;
	}

${isNewer ? NEWER_DECISION : OLDER_DECISION}
	schedstat_inc(p->stats.nr_failed_migrations_hot);
	return 0;
}

static void detach(struct task_struct *p, struct lb_env *env)
{
	lockdep_assert_rq_held(env->src_rq);
}
`;
}

/** By path, what a source has at least. */
export function kernelSourceFiles(shape: KernelSourceShape = {}): Record<string, string> {
  return {
    Makefile: 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 99\nEXTRAVERSION = -rc1\nNAME = Stand In\n',
    'init/Kconfig': 'config ONE\n\tbool\n\nmenu "Scheduler features"\n\nconfig TWO\n\tbool\n\nendmenu\n',
    'kernel/sched/Makefile': '# what is built\nobj-y += core.o\nobj-y += fair.o\nobj-y += other.o\n',
    'kernel/sched/fair.c': fairSource(shape),
  };
}

export async function writeKernelSource(folder: string, files = kernelSourceFiles()): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
