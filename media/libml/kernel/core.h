/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * A model in a kernel, whatever hangs it on can_migrate_task(): a module does, and so does a patched kernel. The core keeps two
 * places for models, of which one decides, the mode, and what is counted; /sys/kernel/kernel_oracle is its interface. What
 * hangs it there is the hook: it tells what the kernel decided and does what the core says.
 *
 * What is of the model at hand stands in headers that are written for it: kernel_oracle_model.h (its shape, how it is run),
 * kernel_oracle_inputs.h (kernel_oracle_inputs(): reads them from a task and a struct lb_env) and kernel_oracle_swap.h.
 */
#ifndef KERNEL_ORACLE_CORE_H
#define KERNEL_ORACLE_CORE_H

#include <linux/types.h>

/* What the kernel decided of its own. */
enum kernel_oracle_outcome {
	KERNEL_ORACLE_REFUSED,
	/* The task is cold, or it is better off where it goes. */
	KERNEL_ORACLE_ALLOWED,
	/* Although the task is hot. */
	KERNEL_ORACLE_FORCED,
};

struct kernel_oracle_call {
	/* By kernel_oracle_now(): when can_migrate_task() began, and when it had decided and inputs began to be read. */
	u64 started;
	u64 decided;
	enum kernel_oracle_outcome outcome;
	/* Refused for nothing but being hot: the one refusal that a model may overrule. */
	bool refused_hot;
};

struct kernel_oracle_hook {
	/* As DeployedStats has them: "module" or "patched"; "task", "counter" or "nothing". */
	const char *way;
	const char *forced_by;
	/* Hangs it on can_migrate_task(): 0 or an error below 0. Not called in mode off. May sleep, as detach() may. */
	int (*attach)(void);
	/* Takes it off, and returns when no call is in the hook any more. */
	void (*detach)(void);
};

/*
 * Puts the model that was built in to its place, tests it and makes the interface; the mode is off. Returns 0 or an error
 * below 0: -EBADMSG where the model does not say of its rows what it should. The hook stays until kernel_oracle_stop().
 */
int kernel_oracle_start(const struct kernel_oracle_hook *hook);

/* Detaches the hook and takes the interface away; when it returns nothing of the core runs any more. */
void kernel_oracle_stop(void);

/* Nanoseconds; also the clock of the column `ts`. */
u64 kernel_oracle_now(void);

/* This CPU's place for the inputs of a call, KERNEL_ORACLE_INPUTS of them. Interrupts are off until kernel_oracle_decide(). */
int64_t *kernel_oracle_values(void);

/*
 * Asks the model about the inputs there and counts it. Returns what can_migrate_task() shall return, 0 or 1: the kernel's own
 * decision unless the mode is active and the safety rule lets the model have its way. Interrupts are off; sleeps nowhere.
 */
int kernel_oracle_decide(const struct kernel_oracle_call *call);

#endif
