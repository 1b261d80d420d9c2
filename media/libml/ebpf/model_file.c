// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* Reading model.swap, which may be anything: its sizes are looked at before anything is read by them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "model_file.h"

#define MAGIC 0x31534f4bu
#define VERSION 1u

static int refused(const char *name, const char *why)
{
	fprintf(stderr, "%s is refused: %s\n", name, why);
	return 1;
}

static size_t values_at(const struct model_file *model)
{
	return 4 * (SWAP_HEADER + (size_t)model->bytes[SWAP_WORDS]);
}

static size_t logits_at(const struct model_file *model)
{
	return values_at(model) + 8 * (size_t)model->rows * KERNEL_ORACLE_INPUTS;
}

static size_t decisions_at(const struct model_file *model)
{
	return logits_at(model) + 8 * (size_t)model->rows;
}

static int64_t long_at(const struct model_file *model, size_t at)
{
	int64_t value;

	memcpy(&value, (const char *)model->bytes + at, sizeof(value));
	return value;
}

int64_t model_file_value(const struct model_file *model, uint32_t row, uint32_t input)
{
	return long_at(model, values_at(model) + 8 * ((size_t)row * KERNEL_ORACLE_INPUTS + input));
}

int64_t model_file_logit(const struct model_file *model, uint32_t row)
{
	return long_at(model, logits_at(model) + 8 * (size_t)row);
}

int model_file_decision(const struct model_file *model, uint32_t row)
{
	return ((const uint8_t *)model->bytes)[decisions_at(model) + row];
}

int model_file_parse(struct model_file *model, size_t size, const char *name)
{
	const uint32_t *header = model->bytes;
	const uint16_t one = 1;
	size_t wanted;

	if (*(const uint8_t *)&one != 1)
		return refused(name, "this machine is big-endian.");
	if (size != 0 && size < 4 * SWAP_HEADER)
		return refused(name, "it is too short to be a model.swap.");
	if (header[SWAP_MAGIC] != MAGIC || header[SWAP_VERSION] != VERSION || header[5] || header[6] || header[7])
		return refused(name, "it is no model.swap, or one of another version.");
	if (header[SWAP_INPUTS] != KERNEL_ORACLE_INPUTS)
		return refused(name, "the model has another number of inputs. Build and load it anew.");
	if (header[SWAP_WORDS] < 3 || header[SWAP_WORDS] > KERNEL_ORACLE_WORDS)
		return refused(name, "the model has another shape. Build and load it anew.");
	model->rows = header[SWAP_ROWS];
	if (model->rows < 1 || model->rows > KERNEL_ORACLE_GIVEN_BYTES / (8 * (KERNEL_ORACLE_INPUTS + 1) + 1))
		return refused(name, "it has no rows to test the model by, or more than there is room for.");
	wanted = decisions_at(model) + model->rows;
	if (wanted > KERNEL_ORACLE_GIVEN_BYTES || (size != 0 && size != wanted))
		return refused(name, "its size is not that of what it says to hold.");
	memset(model->words, 0, sizeof(model->words));
	memcpy(model->words, header + SWAP_HEADER, 4 * (size_t)header[SWAP_WORDS]);
	if (model->words[2] != header[SWAP_WORDS] || !kernel_oracle_fits(model->words))
		return refused(name, "the model is none, or has another shape. Another shape is built and loaded anew.");
	return 0;
}

int model_file_read(struct model_file *model, const char *path)
{
	FILE *in = fopen(path, "rb");
	size_t size;
	int more;

	if (!in) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	memset(model, 0, sizeof(*model));
	size = fread(model->bytes, 1, sizeof(model->bytes), in);
	more = fgetc(in) != EOF;
	if (ferror(in)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		fclose(in);
		return 1;
	}
	fclose(in);
	if (more)
		return refused(path, "it is larger than any model.swap.");
	/* An empty file has no size that could be believed either. */
	return size == 0 ? refused(path, "it is empty.") : model_file_parse(model, size, path);
}
