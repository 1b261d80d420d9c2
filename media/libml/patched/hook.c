// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * The model that a patched kernel has built in. When the kernel has booted its mode is off; /sys/kernel/kernel_oracle changes
 * it.
 */
#define pr_fmt(fmt) "kernel_oracle: " fmt
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include "core.h"

DEFINE_STATIC_KEY_FALSE(ml_is_asked);

static int attach(void)
{
	static_branch_enable(&ml_is_asked);
	return 0;
}

static void detach(void)
{
	static_branch_disable(&ml_is_asked);
	/* Calls have interrupts off: when this returns, none is in the hook any more. */
	synchronize_rcu();
}

static const struct kernel_oracle_hook hook = {
	.way = "patched",
	/* The hook stands where the kernel itself knows it of the task. */
	.forced_by = "task",
	.attach = attach,
	.detach = detach,
};

static int __init begin(void)
{
	int error = kernel_oracle_start(&hook);

	if (error)
		pr_err("the model is not there: error %d\n", error);
	return error;
}
late_initcall(begin);
