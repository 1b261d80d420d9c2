// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* Multi-layer perceptrons: what a model is, and what it says. */
#include "libml.h"
#include "libml_math.h"
#include "mlp.h"

uint32_t libml_mlp_words(uint32_t layers, const uint32_t *units)
{
	uint32_t words, l;

	if (layers < 1 || layers > LIBML_MAX_LAYERS)
		return 0;
	if (units[0] < 1 || units[0] > LIBML_MAX_UNITS)
		return 0;
	words = LIBML_FIRST_LAYER + 2 * layers;
	for (l = 0; l < layers; l++) {
		if (units[l + 1] < 1 || units[l + 1] > LIBML_MAX_UNITS)
			return 0;
		words += units[l + 1] * (units[l] + 1);
	}
	return words;
}

int libml_mlp_init(union libml_word *model, uint32_t words, uint32_t layers, const uint32_t *units, uint32_t activation,
		   uint32_t seed)
{
	uint32_t needed = libml_mlp_words(layers, units);
	uint32_t at, l, end;
	float bound;

	if (needed == 0 || words != needed)
		return LIBML_BAD_SIZE;
	if (activation > LIBML_SIGMOID)
		return LIBML_BAD_ACTIVATION;
	model[0].bits = LIBML_MAGIC;
	model[1].bits = LIBML_VERSION;
	model[LIBML_WORDS].bits = words;
	model[LIBML_LAYERS].bits = layers;
	model[LIBML_INPUTS].bits = units[0];
	model[LIBML_THRESHOLD].value = 0.0f;
	at = LIBML_FIRST_LAYER;
	for (l = 0; l < layers; l++) {
		model[at++].bits = units[l + 1];
		model[at++].bits = l + 1 < layers ? activation : LIBML_SIGMOID;
	}
	for (l = 0; l < layers; l++) {
		bound = 1.0f / libml_sqrt(units[l]);
		end = at + units[l + 1] * (units[l] + 1);
		/* 24 bits are what a float holds exactly: between -1 and 1. */
		for (; at < end; at++)
			model[at].value = ((float)(libml_mixed(seed, at) >> 8) / 8388608.0f - 1.0f) * bound;
	}
	return LIBML_OK;
}

int libml_mlp_check(const union libml_word *model, uint32_t words)
{
	uint32_t units[LIBML_MAX_LAYERS + 1];
	uint32_t layers, l, at;

	if (words < LIBML_FIRST_LAYER || model[0].bits != LIBML_MAGIC || model[1].bits != LIBML_VERSION)
		return LIBML_UNKNOWN;
	layers = model[LIBML_LAYERS].bits;
	if (layers < 1 || layers > LIBML_MAX_LAYERS || words < LIBML_FIRST_LAYER + 2 * layers)
		return LIBML_BAD_SIZE;
	units[0] = model[LIBML_INPUTS].bits;
	for (l = 0; l < layers; l++)
		units[l + 1] = libml_units(model, l);
	if (model[LIBML_WORDS].bits != words || libml_mlp_words(layers, units) != words)
		return LIBML_BAD_SIZE;
	for (l = 0; l < layers; l++) {
		if (libml_activation_of(model, l) > LIBML_SIGMOID)
			return LIBML_BAD_ACTIVATION;
	}
	if (!libml_is_finite(model[LIBML_THRESHOLD]))
		return LIBML_BAD_WEIGHT;
	for (at = LIBML_FIRST_LAYER + 2 * layers; at < words; at++) {
		if (!libml_is_finite(model[at]))
			return LIBML_BAD_WEIGHT;
	}
	return LIBML_OK;
}

uint32_t libml_mlp_scratch(const union libml_word *model)
{
	uint32_t units = 0;
	uint32_t l;

	for (l = 0; l < model[LIBML_LAYERS].bits; l++)
		units += libml_units(model, l);
	return units;
}

static void activate(float *values, uint32_t count, uint32_t activation)
{
	uint32_t u;

	if (activation == LIBML_RELU) {
		for (u = 0; u < count; u++)
			values[u] = values[u] > 0.0f ? values[u] : 0.0f;
	} else if (activation == LIBML_SIGMOID) {
		for (u = 0; u < count; u++)
			values[u] = libml_sigmoid(values[u]);
	}
}

float *libml_mlp_logits(const union libml_word *model, const float *inputs, float *scratch)
{
	uint32_t layers = model[LIBML_LAYERS].bits;
	uint32_t width = model[LIBML_INPUTS].bits;
	const union libml_word *weights = libml_first_weights(model);
	const union libml_word *biases;
	const float *from = inputs;
	float *to = scratch;
	uint32_t l, u, i, units;
	float sum;

	for (l = 0; l < layers; l++) {
		units = libml_units(model, l);
		biases = weights + units * width;
		for (u = 0; u < units; u++) {
			sum = biases[u].value;
			for (i = 0; i < width; i++)
				sum += weights[u * width + i].value * from[i];
			to[u] = sum;
		}
		if (l + 1 == layers)
			break;
		activate(to, units, libml_activation_of(model, l));
		weights = biases + units;
		width = units;
		from = to;
		to += units;
	}
	return to;
}

int libml_mlp_decide(const union libml_word *model, const float *inputs, float *scratch)
{
	return *libml_mlp_logits(model, inputs, scratch) > model[LIBML_THRESHOLD].value;
}

void libml_mlp_score(const union libml_word *model, const float *inputs, uint32_t rows, float *scratch, float *scores)
{
	uint32_t last = libml_activation_of(model, model[LIBML_LAYERS].bits - 1);
	uint32_t width = model[LIBML_INPUTS].bits;
	uint32_t row;
	float *output;

	for (row = 0; row < rows; row++) {
		output = libml_mlp_logits(model, inputs + row * width, scratch);
		activate(output, 1, last);
		scores[row] = *output;
	}
}

void libml_exp_of(const float *values, uint32_t count, float *results)
{
	uint32_t at;

	for (at = 0; at < count; at++)
		results[at] = libml_exp(values[at]);
}

void libml_sigmoid_of(const float *values, uint32_t count, float *results)
{
	uint32_t at;

	for (at = 0; at < count; at++)
		results[at] = libml_sigmoid(values[at]);
}
