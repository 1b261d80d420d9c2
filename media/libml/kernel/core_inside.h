/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* What the core and its interface in sysfs know of each other. */
#ifndef KERNEL_ORACLE_CORE_INSIDE_H
#define KERNEL_ORACLE_CORE_INSIDE_H

#include <linux/types.h>
#include "core.h"

enum kernel_oracle_mode { KERNEL_ORACLE_OFF, KERNEL_ORACLE_SHADOW, KERNEL_ORACLE_ACTIVE };

/* Of one model, on one CPU or on all of them. */
struct kernel_oracle_counts {
	/* [enum kernel_oracle_outcome][what the model said] */
	u64 said[3][2];
	u64 to_refused;
	u64 to_allowed;
	u64 vetoed;
	u64 not_asked;
	u64 model_ns;
	u64 call_ns;
};

struct kernel_oracle_told {
	enum kernel_oracle_mode mode;
	const struct kernel_oracle_hook *hook;
	unsigned int slot;
	unsigned int swaps;
	unsigned int model_bytes;
	unsigned int state_bytes;
	bool failed;
	struct kernel_oracle_counts counts;
};

/* All of these may sleep; errors are below 0. */
enum kernel_oracle_mode kernel_oracle_mode(void);
/* -EBADMSG: the model that decides fails its self-test, and the mode is off now. */
int kernel_oracle_set_mode(enum kernel_oracle_mode mode);
/* Takes the file, which is of kvmalloc(), whatever becomes of it: -EINVAL no model of this shape, -EBADMSG it fails its rows. */
int kernel_oracle_swap(const u8 *file, u32 size);
/* Tests the model that decides now; where it fails it is switched off. 0 or -EBADMSG. */
int kernel_oracle_test(void);
void kernel_oracle_tell(struct kernel_oracle_told *told);

int kernel_oracle_open_interface(void);
/* When it returns nobody is in the interface any more. */
void kernel_oracle_close_interface(void);

#endif
