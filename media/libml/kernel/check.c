// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* check FILE: asks the model of a model.swap, as a kernel will, about the rows that are in it. Ends with 0, or with 1 and a reason. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "slot.h"

static uint8_t file[KERNEL_ORACLE_SWAP_MOST + 1];
static struct kernel_oracle_slot slot;
static struct kernel_oracle_work work;

int main(int argc, char **argv)
{
	FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t size;
	int row;

	if (!in) {
		fprintf(stderr, "check FILE: %s\n", argc == 2 ? strerror(errno) : "name a model.swap");
		return 1;
	}
	size = fread(file, 1, sizeof(file), in);
	fclose(in);
	if (size > KERNEL_ORACLE_SWAP_MOST || kernel_oracle_slot_fill(&slot, file, (uint32_t)size)) {
		fprintf(stderr, "%s is no model.swap, or of a model of another shape.\n", argv[1]);
		return 1;
	}
	row = kernel_oracle_slot_test(&slot, &work);
	if (row) {
		fprintf(stderr, "row %d: the model does not say what it should\n", row);
		return 1;
	}
	printf("%u rows: as expected\n", (unsigned int)slot.rows);
	return 0;
}
