/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * From raw values to what a network of floats is given: (value - mean) / deviation, the same bits everywhere. In the kernel
 * called between kernel_fpu_begin() and kernel_fpu_end(), as all of libml.h.
 */
#ifndef LIBML_SCALING_H
#define LIBML_SCALING_H

#include "libml.h"

/*
 * A scaling is one array of 32-bit words:
 *
 *   0              LIBML_SCALING_MAGIC, the bytes "LMS1"
 *   1              LIBML_SCALING_VERSION
 *   2              words in all
 *   3              inputs, 1 .. LIBML_MAX_UNITS
 *   4 + 4i         input i:
 *                    0, 1  the whole number next to the mean, 64 bits, the low word first
 *                    2     the mean less that number, a float
 *                    3     deviation, a float above 0
 *
 * A value v becomes (float(v - whole) - rest) / deviation: v - whole in whole numbers of 64 bits, saturating; float() to the
 * nearest float, of two the even one; minus and divided by in float32, each rounded so, too.
 */
#define LIBML_SCALING_MAGIC 0x31534d4cu
#define LIBML_SCALING_VERSION 1u

#define LIBML_SCALING_WORDS 2
#define LIBML_SCALING_INPUTS 3
#define LIBML_SCALING_FIRST 4
#define LIBML_SCALING_INPUT_WORDS 4u

/* Whether these words are a scaling that can be used: enum libml_error. Reads no float. */
int libml_scaling_check(const union libml_word *scaling, uint32_t words);

/* Raw values [rows][inputs] to floats [rows][inputs]. */
void libml_scale(const union libml_word *scaling, const int64_t *values, uint32_t rows, float *scaled);

/*
 * libml_scale() and what goes into the last activation of a network of as many inputs, of each row: logits [rows] (NULL: not
 * wanted), decisions [rows], 1 above the threshold. `scratch` are libml_mlp_scratch() floats and behind them one for each input.
 */
void libml_scaled_score(const union libml_word *scaling, const union libml_word *model, const int64_t *values, uint32_t rows,
			float *scratch, float *logits, uint8_t *decisions);

#endif
