/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* What the program of eBPF counts on each CPU, and what its loader adds up. */
#ifndef KERNEL_ORACLE_STATS_H
#define KERNEL_ORACLE_STATS_H

struct kernel_oracle_stats {
	/* [what the kernel did][what the model says]: allowed or not, and forced (allowed although hot) or not */
	uint64_t allowed[2][2];
	uint64_t forced[2][2];
	/* Of the model with reading its inputs, and of can_migrate_task() with what probes add. */
	uint64_t model_ns;
	uint64_t call_ns;
	/* enum kernel_oracle_forced_by, 0 as long as there was no call */
	uint64_t forced_by;
};

/* How the kernel at hand tells forced migrations: a bit of the task, or a counter of it, which counts with kernel.sched_schedstats on. */
enum kernel_oracle_forced_by { FORCED_BY_NOTHING = 0, FORCED_BY_TASK = 1, FORCED_BY_COUNTER = 2 };

#endif
