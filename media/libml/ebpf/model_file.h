/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* model.swap: a model, and rows by which it is known whether it says what it should. Little-endian. */
#ifndef KERNEL_ORACLE_MODEL_FILE_H
#define KERNEL_ORACLE_MODEL_FILE_H

#include "kernel_oracle_shape.h"
#include "maps.h"

/* Of the eight words at its beginning. */
enum { SWAP_MAGIC = 0, SWAP_VERSION = 1, SWAP_WORDS = 2, SWAP_INPUTS = 3, SWAP_ROWS = 4, SWAP_HEADER = 8 };

struct model_file {
	/* As it was read, the rest 0. */
	uint32_t bytes[KERNEL_ORACLE_GIVEN_BYTES / 4];
	uint32_t rows;
	/* Of the model, filled up with 0. */
	uint32_t words[KERNEL_ORACLE_WORDS];
};

/* Reads a file, and believes none of its sizes. 0, or 1 with a reason on the error output. */
int model_file_read(struct model_file *model, const char *path);

/* Takes bytes that are there already. `name` is what a reason calls them; `size`: how many are a file, 0: as many as it says. */
int model_file_parse(struct model_file *model, size_t size, const char *name);

int64_t model_file_value(const struct model_file *model, uint32_t row, uint32_t input);
int64_t model_file_logit(const struct model_file *model, uint32_t row);
int model_file_decision(const struct model_file *model, uint32_t row);

#endif
