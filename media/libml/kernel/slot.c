// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif
#include "slot.h"

enum header_word { MAGIC, VERSION, WORDS, INPUTS, ROWS, HEADER_WORDS = 8 };

/* Any one word that changes changes it: each step can be undone. */
static uint32_t checksum_of(const uint32_t *words, uint32_t count)
{
	uint32_t sum = 0x811c9dc5u;
	uint32_t at;

	for (at = 0; at < count; at++)
		sum = (sum ^ words[at]) * 0x01000193u;
	return sum;
}

uint32_t kernel_oracle_swap_size(const uint8_t *header)
{
	uint32_t words[HEADER_WORDS];
	uint32_t size;

	memcpy(words, header, sizeof(words));
	if (words[MAGIC] != KERNEL_ORACLE_SWAP_MAGIC || words[VERSION] != KERNEL_ORACLE_SWAP_VERSION)
		return 0;
	if (words[5] != 0 || words[6] != 0 || words[7] != 0)
		return 0;
	/* Bounds come first, so that nothing below overflows. */
	if (words[WORDS] < 1 || words[WORDS] > KERNEL_ORACLE_WORDS || words[INPUTS] != KERNEL_ORACLE_INPUTS)
		return 0;
	if (words[ROWS] < 1 || words[ROWS] > KERNEL_ORACLE_SWAP_MOST)
		return 0;
	size = KERNEL_ORACLE_SWAP_HEADER + 4 * words[WORDS] + words[ROWS] * (8 * KERNEL_ORACLE_INPUTS + 8 + 1);
	return size <= KERNEL_ORACLE_SWAP_MOST ? size : 0;
}

int kernel_oracle_slot_fill(struct kernel_oracle_slot *slot, const uint8_t *file, uint32_t size)
{
	uint32_t header[HEADER_WORDS];

	if (size < KERNEL_ORACLE_SWAP_HEADER || size != kernel_oracle_swap_size(file))
		return 1;
	memcpy(header, file, sizeof(header));
	memset(slot, 0, sizeof(*slot));
	memcpy(slot->words, file + KERNEL_ORACLE_SWAP_HEADER, 4 * header[WORDS]);
	if (!kernel_oracle_fits(slot->words, header[WORDS]))
		return 1;
	slot->count = header[WORDS];
	slot->checksum = checksum_of(slot->words, slot->count);
	slot->rows = header[ROWS];
	slot->file = file;
	return 0;
}

int kernel_oracle_slot_test(const struct kernel_oracle_slot *slot, struct kernel_oracle_work *work)
{
	const uint8_t *values = slot->file + KERNEL_ORACLE_SWAP_HEADER + 4 * slot->count;
	const uint8_t *logits = values + slot->rows * sizeof(work->values);
	const uint8_t *decisions = logits + 8 * slot->rows;
	int64_t expected, logit;
	uint32_t row;

	if (slot->count == 0 || checksum_of(slot->words, slot->count) != slot->checksum)
		return -1;
	for (row = 0; row < slot->rows; row++) {
		/* What follows an odd number of words is not aligned. */
		memcpy(work->values, values + row * sizeof(work->values), sizeof(work->values));
		memcpy(&expected, logits + 8 * row, 8);
		if (kernel_oracle_run(slot->words, work->values, &work->state, &logit) != decisions[row] ||
		    logit != expected)
			return (int)row + 1;
	}
	return 0;
}
