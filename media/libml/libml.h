/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * LibML: small neural networks for places where there is no libc. The same source is compiled to WebAssembly, for hosts and
 * for the kernel: no allocation, no recursion, no loop without a bound, memory is the caller's.
 *
 * No function takes or returns a float by value: in the kernel they are called by code that was compiled without the FPU,
 * between kernel_fpu_begin() and kernel_fpu_end().
 */
#ifndef LIBML_H
#define LIBML_H

#include "libml_types.h"

/*
 * A multi-layer perceptron is one array of 32-bit words, little-endian where it leaves the machine:
 *
 *   0              LIBML_MAGIC, the bytes "LML1"
 *   1              LIBML_VERSION
 *   2              words in all
 *   3              layers, L: 1 .. LIBML_MAX_LAYERS
 *   4              inputs, 1 .. LIBML_MAX_UNITS
 *   5              threshold, a float: libml_mlp_decide() says 1 above it
 *   6 + 2l         units of layer l, 1 .. LIBML_MAX_UNITS
 *   7 + 2l         its activation, enum libml_activation
 *   6 + 2L ..      of one layer behind the other: weights [units][inputs of the layer], then biases [units], floats
 */
union libml_word {
	uint32_t bits;
	float value;
};

#define LIBML_MAGIC 0x314c4d4cu
#define LIBML_VERSION 1u
#define LIBML_MAX_LAYERS 4u
#define LIBML_MAX_UNITS 256u

#define LIBML_WORDS 2
#define LIBML_LAYERS 3
#define LIBML_INPUTS 4
#define LIBML_THRESHOLD 5
#define LIBML_FIRST_LAYER 6

enum libml_activation {
	LIBML_IDENTITY = 0,
	LIBML_RELU = 1,
	LIBML_SIGMOID = 2,
};

/*
 * Words of a model of that many layers; units[0] is its inputs, units[l + 1] the units of layer l. 0 where sizes are out of
 * bounds.
 */
uint32_t libml_mlp_words(uint32_t layers, const uint32_t *units);

/*
 * Writes a new model: hidden layers with the given activation, the last one with a sigmoid, a threshold of 0 (a probability
 * of one half). Weights and biases are uniform between -1/sqrt(n) and 1/sqrt(n), n being the inputs of the layer, and follow
 * from the seed alone. Returns an enum libml_error; on one the words are as they were.
 */
int libml_mlp_init(union libml_word *model, uint32_t words, uint32_t layers, const uint32_t *units, uint32_t activation,
		   uint32_t seed);

/* Whether these words are a model that the other functions can be given: enum libml_error. Reads no float. */
int libml_mlp_check(const union libml_word *model, uint32_t words);

/* Floats of scratch memory that deciding and scoring need; training needs twice as many. */
uint32_t libml_mlp_scratch(const union libml_word *model);

/* 1 when what goes into the activation of the first output is above the threshold: no exponential function is needed. */
int libml_mlp_decide(const union libml_word *model, const float *inputs, float *scratch);

/* The first output of each row: inputs [rows][inputs] in, scores [rows] out. */
void libml_mlp_score(const union libml_word *model, const float *inputs, uint32_t rows, float *scratch, float *scores);

/*
 * Stochastic gradient descent on the cross entropy of one sigmoid, a step for each row that `order` [steps] names: inputs
 * [rows][inputs], labels [rows] 0 or 1. Returns LIBML_BAD_ACTIVATION where the last layer is anything else.
 */
int libml_mlp_train(union libml_word *model, const float *inputs, const uint8_t *labels, const uint32_t *order,
		    uint32_t steps, const float *learning_rate, float *scratch);

/* What each value becomes by the library's own exp and sigmoid, for tests. */
void libml_exp_of(const float *values, uint32_t count, float *results);
void libml_sigmoid_of(const float *values, uint32_t count, float *results);

#endif
