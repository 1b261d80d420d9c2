// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* Models in whole numbers: whether words are one, and what it says of many rows. */
#include "libml_fixed.h"

static int is_sum(const uint32_t *words)
{
	int64_t value = libml_long_at(words);

	return value >= -LIBML_FIXED_MAX_SUM && value <= LIBML_FIXED_MAX_SUM;
}

static int is_scale(const uint32_t *scale)
{
	return scale[2] >= 1 && scale[2] <= LIBML_FIXED_MAX_MULTIPLIER && (scale[3] & 255u) <= 63u &&
	       scale[3] >> 8 <= LIBML_FIXED_MAX_SHIFT;
}

/* Words that its sizes ask for, all of which are within `words`; 0 where sizes are out of bounds. */
static uint32_t words_of(const uint32_t *model, uint32_t words)
{
	uint32_t layers = model[LIBML_FIXED_LAYERS];
	uint32_t width = model[LIBML_FIXED_INPUTS];
	uint32_t bits = model[LIBML_FIXED_BITS];
	uint32_t needed, l, units;

	if (layers < 1 || layers > LIBML_FIXED_MAX_LAYERS || words < LIBML_FIXED_FIRST_LAYER + 2 * layers)
		return 0;
	if (width < 1 || width > LIBML_FIXED_MAX_INPUTS || (bits != 8 && bits != 16))
		return 0;
	needed = LIBML_FIXED_FIRST_LAYER + 2 * layers + LIBML_FIXED_SCALE_WORDS * width;
	for (l = 0; l < layers; l++) {
		units = model[LIBML_FIXED_FIRST_LAYER + 2 * l];
		if (units < 1 || units > (l + 1 < layers ? LIBML_FIXED_MAX_UNITS : 1u))
			return 0;
		needed += libml_fixed_layer_words(units, width, bits);
		width = units;
	}
	return needed;
}

int libml_fixed_check(const uint32_t *model, uint32_t words)
{
	uint32_t layers, width, bits, l, u, i, units, at;

	if (words < LIBML_FIXED_FIRST_LAYER || model[0] != LIBML_FIXED_MAGIC || model[1] != LIBML_FIXED_VERSION)
		return LIBML_UNKNOWN;
	if (words > LIBML_FIXED_MAX_WORDS || model[LIBML_FIXED_WORDS] != words || words_of(model, words) != words)
		return LIBML_BAD_SIZE;
	if (!is_sum(model + LIBML_FIXED_THRESHOLD) || (model[LIBML_FIXED_LOGIT_SCALE] & 0x7f800000u) == 0x7f800000u)
		return LIBML_BAD_WEIGHT;
	layers = model[LIBML_FIXED_LAYERS];
	width = model[LIBML_FIXED_INPUTS];
	bits = model[LIBML_FIXED_BITS];
	at = LIBML_FIXED_FIRST_LAYER + 2 * layers;
	for (i = 0; i < width; i++, at += LIBML_FIXED_SCALE_WORDS) {
		if (!is_scale(model + at))
			return LIBML_BAD_WEIGHT;
	}
	for (l = 0; l < layers; l++) {
		units = model[LIBML_FIXED_FIRST_LAYER + 2 * l];
		if (libml_fixed_shift_of(model, l) > (l + 1 < layers ? LIBML_FIXED_MAX_SHIFT : 0u))
			return LIBML_BAD_WEIGHT;
		at += units * libml_fixed_row_words(width, bits);
		for (u = 0; u < units; u++, at += 2) {
			if (!is_sum(model + at))
				return LIBML_BAD_WEIGHT;
		}
		width = units;
	}
	return LIBML_OK;
}

void libml_fixed_score(const uint32_t *model, const int64_t *values, uint32_t rows, int64_t *logits, uint8_t *decisions)
{
	uint32_t inputs = model[LIBML_FIXED_INPUTS];
	struct libml_fixed_state state;
	int64_t logit;
	uint32_t row;

	for (row = 0; row < rows; row++) {
		decisions[row] = (uint8_t)libml_fixed_run(model, values + row * inputs, &state, &logit);
		if (logits)
			logits[row] = logit;
	}
}
