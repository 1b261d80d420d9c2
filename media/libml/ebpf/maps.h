/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* What lies in maps and is asked of programs: known to the programs of eBPF and to their loader. */
#ifndef KERNEL_ORACLE_MAPS_H
#define KERNEL_ORACLE_MAPS_H

/* The model that decides; one beside it, so that one can be written and tested while the other decides. */
struct kernel_oracle_place {
	/* 0 or 1 */
	uint32_t slot;
	uint32_t swaps;
	/* Whether it was switched off because it did not say any more what it should. */
	uint32_t failed;
	uint32_t unused;
};

/* How the kernel at hand tells forced migrations: a bit of the task, or a counter of it, which counts with kernel.sched_schedstats on. */
enum kernel_oracle_forced_by { FORCED_BY_NOTHING = 0, FORCED_BY_TASK = 1, FORCED_BY_COUNTER = 2 };

/* Of one slot, on one CPU. */
struct kernel_oracle_stats {
	/* By what the model says, 0 or 1. Allowed: a cold task, or one that belongs there; forced: allowed although it is hot. */
	uint64_t refused[2];
	uint64_t allowed[2];
	uint64_t forced[2];
	/* Calls that had begun when the program was attached. */
	uint64_t not_asked;
	/* Of the model with reading its inputs, and of can_migrate_task() with what probes add. */
	uint64_t model_ns;
	uint64_t call_ns;
	/* enum kernel_oracle_forced_by, FORCED_BY_NOTHING as long as there was no call */
	uint64_t forced_by;
};

/* A row that the program `ask` is given, and what it says of it. */
struct kernel_oracle_question {
	int64_t values[KERNEL_ORACLE_INPUTS];
	int64_t logit;
	uint32_t slot;
	int32_t decision;
};

/* A model and its rows as model.swap has them, kept for each slot: who asks later whether the model is still right needs no file. */
#define KERNEL_ORACLE_GIVEN_BYTES 65536

#endif
