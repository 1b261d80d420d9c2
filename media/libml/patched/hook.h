/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * A model inside can_migrate_task(), for kernel/sched/fair.c: what the function calls when it begins, and where it has
 * decided about a task that nothing but its hotness may hold back. Without the option both are nothing; with it, in mode
 * off, each is a jump that is patched out.
 */
#ifndef KERNEL_ORACLE_HOOK_H
#define KERNEL_ORACLE_HOOK_H

#ifdef CONFIG_ML_FORCE_MIGRATIONS
#include <linux/jump_label.h>
#include <linux/smp.h>
#include "core.h"

#define ENUMERATOR(type, name) name
#define this_cpu() raw_smp_processor_id()
#include "kernel_oracle_inputs.h"
#undef ENUMERATOR
#undef this_cpu

DECLARE_STATIC_KEY_FALSE(ml_is_asked);

static __always_inline u64 ml_migration_begins(void)
{
	return static_branch_unlikely(&ml_is_asked) ? kernel_oracle_now() : 0;
}

/* Apart, so that nothing of it lies in the way of a kernel that does not ask. */
static noinline bool ml_ask(struct task_struct *p, struct lb_env *env, u64 started, bool hot,
			    bool allowed)
{
	struct kernel_oracle_call call = {
		.started = started,
		.decided = kernel_oracle_now(),
		.outcome = !allowed ? KERNEL_ORACLE_REFUSED : hot ? KERNEL_ORACLE_FORCED : KERNEL_ORACLE_ALLOWED,
		/* Whatever else forbids it ended the function before. */
		.refused_hot = !allowed,
	};

	kernel_oracle_inputs(p, env, started, kernel_oracle_values());
	return kernel_oracle_decide(&call);
}

static __always_inline bool ml_migration_decided(struct task_struct *p, struct lb_env *env, u64 started,
						 bool hot, bool allowed)
{
	/* Switched on since the function began: this call is not asked about. */
	if (!static_branch_unlikely(&ml_is_asked) || !started)
		return allowed;
	return ml_ask(p, env, started, hot, allowed);
}

#define ML_MIGRATION_BEGINS const u64 ml_begun = ml_migration_begins()
#define ML_MIGRATION_DECIDED(p, env, hot, allowed) ml_migration_decided(p, env, ml_begun, hot, allowed)
#else
#define ML_MIGRATION_BEGINS do { } while (0)
#define ML_MIGRATION_DECIDED(p, env, hot, allowed) (allowed)
#endif

#endif
