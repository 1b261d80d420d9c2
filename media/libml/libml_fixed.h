/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * LibML in whole numbers: networks with rectified linear hidden layers, and linear models, which are networks of one layer. No
 * float, no division, no allocation, no recursion, no pointer that is kept; every loop has a bound. All of it is in this header,
 * so that user space, WebAssembly, a kernel module and an eBPF program run the same lines.
 *
 * One rule of rounding everywhere: a shift to the right by s gives floor(v / 2^s + 1/2). One rule for what does not fit: it
 * becomes the nearest number that does.
 */
#ifndef LIBML_FIXED_H
#define LIBML_FIXED_H

#include "libml_whole.h"

/*
 * A model is one array of 32-bit words, little-endian where it leaves the machine; 64-bit numbers are two words, the low one
 * first, in two's complement:
 *
 *   0              LIBML_FIXED_MAGIC, the bytes "LMX1"
 *   1              LIBML_FIXED_VERSION
 *   2              words in all, at most LIBML_FIXED_MAX_WORDS
 *   3              layers, L: 1 .. LIBML_FIXED_MAX_LAYERS
 *   4              inputs, 1 .. LIBML_FIXED_MAX_INPUTS
 *   5              bits of a weight: 8 or 16
 *   6, 7           threshold: the decision is 1 above it
 *   8              what 1 of the last sum is in log-odds, a float: for people, never read here
 *   9 + 2l         units of layer l: hidden 1 .. LIBML_FIXED_MAX_UNITS, the last layer 1
 *   10 + 2l        shift of its sums: hidden 0 .. LIBML_FIXED_MAX_SHIFT, the last layer 0
 *   9 + 2L ..      a scale of 4 words for each input:
 *                    0, 1  offset
 *                    2     multiplier, 1 .. LIBML_FIXED_MAX_MULTIPLIER
 *                    3     shift before (0 .. 63), and in bits 8 to 15 shift after (0 .. LIBML_FIXED_MAX_SHIFT)
 *   then           of one layer behind the other: weights [units][inputs of the layer], signed, each unit's beginning at a whole
 *                  word, the first of a word lowest, filled up with 0; then biases [units], 64 bits each
 *
 * A raw value v of an input becomes, each step saturating:
 *   d = v - offset (64 bits), e = d shifted by `before` (32 bits), x = e * multiplier shifted by `after` (16 bits).
 * A hidden unit gives (bias + sum of weight * x) shifted by the shift of its layer, between 0 and 32767. The last unit gives
 * bias + sum of weight * x, which is compared with the threshold.
 *
 * The bounds of check keep every sum and product within 2^53: no sum can overflow, and a double holds each.
 */
#define LIBML_FIXED_MAGIC 0x31584d4cu
#define LIBML_FIXED_VERSION 1u
#define LIBML_FIXED_MAX_LAYERS 4u
#define LIBML_FIXED_MAX_INPUTS 32u
#define LIBML_FIXED_MAX_UNITS 64u
#define LIBML_FIXED_MAX_SHIFT 50u
#define LIBML_FIXED_MAX_MULTIPLIER 0x200000u
/* Of biases and threshold, without sign. */
#define LIBML_FIXED_MAX_SUM ((int64_t)1 << 51)
/* With the state 4 KB. */
#define LIBML_FIXED_MAX_WORDS 960u

#define LIBML_FIXED_WORDS 2
#define LIBML_FIXED_LAYERS 3
#define LIBML_FIXED_INPUTS 4
#define LIBML_FIXED_BITS 5
#define LIBML_FIXED_THRESHOLD 6
#define LIBML_FIXED_LOGIT_SCALE 8
#define LIBML_FIXED_FIRST_LAYER 9
#define LIBML_FIXED_SCALE_WORDS 4u

/* The memory that deciding needs, the caller's; nothing in it needs to be set. */
struct libml_fixed_state {
	int16_t activations[2][LIBML_FIXED_MAX_UNITS];
};

/* Whether these words are a model that the other functions can be given: enum libml_error. Believes no size. (fixed.c) */
int libml_fixed_check(const uint32_t *model, uint32_t words);

/*
 * Of each row the last sum and the decision: values [rows][inputs], logits [rows] (NULL: not wanted), decisions [rows], 0 or 1.
 * The model was checked. (fixed.c)
 */
void libml_fixed_score(const uint32_t *model, const int64_t *values, uint32_t rows, int64_t *logits, uint8_t *decisions);

/* Words of the weights of a unit that has `width` inputs. */
LIBML_INLINE uint32_t libml_fixed_row_words(uint32_t width, uint32_t bits)
{
	return bits == 8 ? (width + 3) >> 2 : (width + 1) >> 1;
}

/* Words of a layer: weights and biases. */
LIBML_INLINE uint32_t libml_fixed_layer_words(uint32_t units, uint32_t width, uint32_t bits)
{
	return units * (libml_fixed_row_words(width, bits) + 2);
}

/* Sets to 0 what fills the last word of weights up. */
LIBML_INLINE void libml_fixed_fill(int16_t *activations, uint32_t count, uint32_t bits)
{
	uint32_t end = libml_fixed_row_words(count, bits) << (bits == 8 ? 2 : 1);
	uint32_t at;

	for (at = count; at < end; at++)
		activations[at] = 0;
}

/* What an input's raw value becomes; `scale` is its 4 words. */
LIBML_INLINE int16_t libml_fixed_input(const uint32_t *scale, int64_t value)
{
	int64_t scaled = libml_less(value, libml_long_at(scale));

	scaled = libml_held(libml_shifted(scaled, scale[3] & 63u), -2147483647 - 1, 2147483647);
	scaled = libml_shifted(scaled * (int64_t)scale[2], (scale[3] >> 8) & 63u);
	return (int16_t)libml_held(scaled, -32768, 32767);
}

/* bias + sum of weight * x of one unit; `row` its weights. */
LIBML_INLINE int64_t libml_fixed_sum(const uint32_t *row, const uint32_t *bias, uint32_t width, uint32_t bits,
				     const int16_t *from)
{
	int64_t sum = libml_long_at(bias);
	uint32_t words = libml_fixed_row_words(width, bits);
	uint32_t at, word;

	if (bits == 8) {
		for (at = 0; at < words; at++) {
			word = row[at];
			sum += (int32_t)(int8_t)word * from[4 * at] + (int32_t)(int8_t)(word >> 8) * from[4 * at + 1] +
			       (int32_t)(int8_t)(word >> 16) * from[4 * at + 2] +
			       (int32_t)(int8_t)(word >> 24) * from[4 * at + 3];
		}
	} else {
		for (at = 0; at < words; at++) {
			word = row[at];
			sum += (int64_t)(int16_t)word * from[2 * at];
			sum += (int64_t)(int16_t)(word >> 16) * from[2 * at + 1];
		}
	}
	return sum;
}

/* A hidden layer, `layer` its words. `from` is filled up as libml_fixed_fill() does, and so is `to` afterwards. */
LIBML_INLINE void libml_fixed_hidden(const uint32_t *layer, uint32_t units, uint32_t width, uint32_t bits, uint32_t shift,
				     const int16_t *from, int16_t *to)
{
	uint32_t row_words = libml_fixed_row_words(width, bits);
	const uint32_t *biases = layer + units * row_words;
	int64_t sum;
	uint32_t u;

	for (u = 0; u < units; u++) {
		sum = libml_fixed_sum(layer + u * row_words, biases + 2 * u, width, bits, from);
		to[u] = (int16_t)libml_held(libml_shifted(sum, shift & 63u), 0, 32767);
	}
	libml_fixed_fill(to, units, bits);
}

LIBML_INLINE uint32_t libml_fixed_shift_of(const uint32_t *model, uint32_t layer)
{
	return model[LIBML_FIXED_FIRST_LAYER + 2 * layer + 1];
}

/*
 * Decides on a row of raw values by a model of that shape: 1 when the last sum, which goes to `logit`, is above the threshold.
 * first .. third: units of its hidden layers, 0 where there is none. Given constants, as an eBPF program does, every index is
 * one that its verifier can follow; then the map's value is as long as libml_fixed_shape_words() says, and whoever writes a
 * model there checks it and its shape before.
 */
LIBML_INLINE int libml_fixed_run_shape(const uint32_t *model, uint32_t bits, uint32_t inputs, uint32_t first, uint32_t second,
				       uint32_t third, const int64_t *values, struct libml_fixed_state *state,
				       int64_t *logit)
{
	uint32_t layers = 1u + (first != 0) + (second != 0) + (third != 0);
	const uint32_t *at = model + LIBML_FIXED_FIRST_LAYER + 2 * layers;
	int16_t *from = state->activations[0];
	int16_t *to = state->activations[1];
	uint32_t width = inputs;
	uint32_t i;

	for (i = 0; i < inputs; i++)
		from[i] = libml_fixed_input(at + LIBML_FIXED_SCALE_WORDS * i, values[i]);
	libml_fixed_fill(from, inputs, bits);
	at += LIBML_FIXED_SCALE_WORDS * inputs;
	if (first != 0) {
		libml_fixed_hidden(at, first, width, bits, libml_fixed_shift_of(model, 0), from, to);
		at += libml_fixed_layer_words(first, width, bits);
		width = first;
		from = state->activations[1];
		to = state->activations[0];
	}
	if (second != 0) {
		libml_fixed_hidden(at, second, width, bits, libml_fixed_shift_of(model, 1), from, to);
		at += libml_fixed_layer_words(second, width, bits);
		width = second;
		from = state->activations[0];
		to = state->activations[1];
	}
	if (third != 0) {
		libml_fixed_hidden(at, third, width, bits, libml_fixed_shift_of(model, 2), from, to);
		at += libml_fixed_layer_words(third, width, bits);
		width = third;
		from = state->activations[1];
	}
	*logit = libml_fixed_sum(at, at + libml_fixed_row_words(width, bits), width, bits, from);
	return *logit > libml_long_at(model + LIBML_FIXED_THRESHOLD);
}

/* Words of a model of that shape; arguments as those of libml_fixed_run_shape(). */
LIBML_INLINE uint32_t libml_fixed_shape_words(uint32_t bits, uint32_t inputs, uint32_t first, uint32_t second, uint32_t third)
{
	uint32_t words = LIBML_FIXED_FIRST_LAYER + 2 + LIBML_FIXED_SCALE_WORDS * inputs;
	uint32_t width = inputs;

	if (first != 0) {
		words += 2 + libml_fixed_layer_words(first, width, bits);
		width = first;
	}
	if (second != 0) {
		words += 2 + libml_fixed_layer_words(second, width, bits);
		width = second;
	}
	if (third != 0) {
		words += 2 + libml_fixed_layer_words(third, width, bits);
		width = third;
	}
	return words + libml_fixed_layer_words(1, width, bits);
}

/* Units of a hidden layer of a checked model; 0 where it has none. */
LIBML_INLINE uint32_t libml_fixed_units_of(const uint32_t *model, uint32_t hidden)
{
	return hidden + 1 < model[LIBML_FIXED_LAYERS] ? model[LIBML_FIXED_FIRST_LAYER + 2 * hidden] : 0;
}

/* Decides on a row of raw values by a checked model of any shape. */
LIBML_INLINE int libml_fixed_run(const uint32_t *model, const int64_t *values, struct libml_fixed_state *state, int64_t *logit)
{
	uint32_t inputs = model[LIBML_FIXED_INPUTS];
	uint32_t first = libml_fixed_units_of(model, 0);
	uint32_t second = libml_fixed_units_of(model, 1);
	uint32_t third = libml_fixed_units_of(model, 2);

	/* Two copies, in each of which the loops know how weights are packed. */
	if (model[LIBML_FIXED_BITS] == 8)
		return libml_fixed_run_shape(model, 8, inputs, first, second, third, values, state, logit);
	return libml_fixed_run_shape(model, 16, inputs, first, second, third, values, state, logit);
}

#endif
