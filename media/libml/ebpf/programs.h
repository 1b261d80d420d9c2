/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* The programs of eBPF in the kernel: loaded, asked, attached, kept under names in a folder of a BPF file system, removed. */
#ifndef KERNEL_ORACLE_PROGRAMS_H
#define KERNEL_ORACLE_PROGRAMS_H

#include "model_file.h"

/*
 * What is needed to ask a model. It is in the kernel as long as it is open somewhere, or kept in a folder.
 * All functions below end with 0, or with 1 and a reason on the error output, unless they say otherwise.
 */
struct programs {
	int ask;
	int models;
	int given;
	int place;
	int stats;
};

/* Prints a reason, and what errno says of it: 1. */
int failed(const char *what);

/* Puts what is needed to ask a model into the kernel. */
int programs_load(struct programs *programs);

/* Keeps it in a folder that is there, where programs_open() finds it. */
int programs_keep(const struct programs *programs, const char *folder);
int programs_open(struct programs *programs, const char *folder);

/* What one row is answered: the decision, or -1 with a reason. */
int programs_ask(const struct programs *programs, uint32_t slot, const int64_t *values, int64_t *logit);

/* Whether a model is in its slot and says of all its rows what it should. */
int programs_test(const struct programs *programs, uint32_t slot, const struct model_file *model);

/* Writes a model into a slot, with what it was given as, and tests it. Nobody may be asked by that slot. */
int programs_write(const struct programs *programs, uint32_t slot, const struct model_file *model);

/* Attaches a model to can_migrate_task(), or takes it away and waits until it is gone. Both change nothing when it is so already. */
int programs_attach(const struct programs *programs, const char *folder);
int programs_detach(const char *folder);
int programs_attached(const char *folder);

/* Removes a folder with all that is kept in it, and waits until the kernel has let go of it. Not an error when there is none. */
int programs_remove(const char *folder);

/* Waits until every program that runs now has ended. */
void programs_wait(void);

#endif
