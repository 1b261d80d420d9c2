// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* Raw values as floats for a network. */
#include "libml_scaling.h"
#include "libml_whole.h"
#include "mlp.h"

/*
 * The float next to a whole number, of two the even one: by whole numbers alone, as 32-bit machines have no instruction for it
 * and would call a library.
 */
static float float_of(int64_t value)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint32_t sign = value < 0 ? 0x80000000u : 0;
	union libml_word word;
	uint32_t highest = 0;
	uint32_t step, shift;
	uint64_t rest, half;

	word.bits = 0;
	if (magnitude == 0)
		return word.value;
	for (step = 32; step > 0; step >>= 1) {
		if (magnitude >> highest >> step)
			highest += step;
	}
	if (highest <= 23) {
		word.bits = (uint32_t)magnitude << (23 - highest);
	} else {
		shift = highest - 23;
		rest = magnitude & (((uint64_t)1 << shift) - 1);
		half = (uint64_t)1 << (shift - 1);
		word.bits = (uint32_t)(magnitude >> shift);
		word.bits += rest > half || (rest == half && (word.bits & 1u));
	}
	/* The leading bit adds 1 to the exponent; one that was rounded up to the next power of two adds another. */
	word.bits = sign | (((highest + 126) << 23) + word.bits);
	return word.value;
}

int libml_scaling_check(const union libml_word *scaling, uint32_t words)
{
	uint32_t inputs, at;

	if (words < LIBML_SCALING_FIRST || scaling[0].bits != LIBML_SCALING_MAGIC || scaling[1].bits != LIBML_SCALING_VERSION)
		return LIBML_UNKNOWN;
	inputs = scaling[LIBML_SCALING_INPUTS].bits;
	if (scaling[LIBML_SCALING_WORDS].bits != words || inputs < 1 || inputs > LIBML_MAX_UNITS ||
	    LIBML_SCALING_FIRST + LIBML_SCALING_INPUT_WORDS * inputs != words)
		return LIBML_BAD_SIZE;
	for (at = LIBML_SCALING_FIRST; at < words; at += LIBML_SCALING_INPUT_WORDS) {
		/* Not denormal either: some processors are set to take that for 0. */
		if (!libml_is_finite(scaling[at + 2]) || !libml_is_finite(scaling[at + 3]) ||
		    scaling[at + 3].bits < 0x00800000u || scaling[at + 3].bits >> 31)
			return LIBML_BAD_WEIGHT;
	}
	return LIBML_OK;
}

void libml_scale(const union libml_word *scaling, const int64_t *values, uint32_t rows, float *scaled)
{
	uint32_t inputs = scaling[LIBML_SCALING_INPUTS].bits;
	const union libml_word *input;
	uint32_t row, i;
	float less;

	for (row = 0; row < rows; row++) {
		input = scaling + LIBML_SCALING_FIRST;
		for (i = 0; i < inputs; i++, input += LIBML_SCALING_INPUT_WORDS) {
			less = float_of(libml_less(*values++, libml_long_of(input[0].bits, input[1].bits)));
			*scaled++ = (less - input[2].value) / input[3].value;
		}
	}
}

void libml_scaled_score(const union libml_word *scaling, const union libml_word *model, const int64_t *values, uint32_t rows,
			float *scratch, float *logits, uint8_t *decisions)
{
	uint32_t inputs = scaling[LIBML_SCALING_INPUTS].bits;
	float *scaled = scratch + libml_mlp_scratch(model);
	uint32_t row;
	float logit;

	for (row = 0; row < rows; row++) {
		libml_scale(scaling, values + row * inputs, 1, scaled);
		logit = *libml_mlp_logits(model, scaled, scratch);
		decisions[row] = logit > model[LIBML_THRESHOLD].value;
		if (logits)
			logits[row] = logit;
	}
}
