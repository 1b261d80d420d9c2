/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * A place for a model, and the file that fills it, model.swap. The same lines run in a kernel and in the program `check`.
 *
 * The file, little-endian: eight words of 32 bits (magic, version, words of the model W, inputs I, rows S, three that are 0), W words, S rows of
 * I values of 64 bits, S logits of 64 bits (of floats their bits), S decisions, a byte each.
 */
#ifndef KERNEL_ORACLE_SLOT_H
#define KERNEL_ORACLE_SLOT_H

#include "libml_types.h"
#include "kernel_oracle_model.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "model.swap is read as it stands in memory: this is for little-endian machines."
#endif

#define KERNEL_ORACLE_SWAP_MAGIC 0x31534f4bu
#define KERNEL_ORACLE_SWAP_VERSION 1u
#define KERNEL_ORACLE_SWAP_HEADER 32u
#define KERNEL_ORACLE_SWAP_MOST 65536u

struct kernel_oracle_slot {
	uint32_t words[KERNEL_ORACLE_WORDS];
	/* Words that the model takes, and a sum of them by which one that changed is noticed; 0: nothing is here. */
	uint32_t count;
	uint32_t checksum;
	uint32_t rows;
	/* The file, which the rows are read from. Whoever filled the slot owns it. */
	const uint8_t *file;
};

/* What deciding about a row needs beside the model: too large for a kernel's stack. */
struct kernel_oracle_work {
	int64_t values[KERNEL_ORACLE_INPUTS];
	struct kernel_oracle_state state;
};

/* Bytes that the whole file must have, by its first KERNEL_ORACLE_SWAP_HEADER; 0: it is no such file, or for another shape. */
uint32_t kernel_oracle_swap_size(const uint8_t *header);

/* Fills a slot. Returns 0, or 1 where the file has another size, or its words are no model of this shape. */
int kernel_oracle_slot_fill(struct kernel_oracle_slot *slot, const uint8_t *file, uint32_t size);

/*
 * Whether the model there says of all its rows, to the bit, what it should: 0, or the number of the first row of which it does
 * not, counted from 1; -1 where its words changed since they were put there. Needs the FPU where the model does.
 */
int kernel_oracle_slot_test(const struct kernel_oracle_slot *slot, struct kernel_oracle_work *work);

#endif
