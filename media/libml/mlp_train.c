// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* Training of multi-layer perceptrons, a row at a time: for user space. */
#include "libml.h"
#include "libml_math.h"
#include "mlp.h"

/* Slope of an activation, told by what it gave. */
static float slope_of(uint32_t activation, float output)
{
	if (activation == LIBML_RELU)
		return output > 0.0f ? 1.0f : 0.0f;
	if (activation == LIBML_SIGMOID)
		return output * (1.0f - output);
	return 1.0f;
}

/*
 * Goes back through one layer: from the slopes of the loss for what goes into its activation to those for what goes into
 * that of the layer below (`below` NULL: there is none), and then a step down.
 */
static void step_back(union libml_word *weights, uint32_t units, uint32_t width, const float *from, const float *slopes,
		      float *below, uint32_t activation_below, float rate)
{
	union libml_word *biases = weights + units * width;
	uint32_t u, i;
	float sum, step;

	if (below) {
		for (i = 0; i < width; i++) {
			sum = 0.0f;
			for (u = 0; u < units; u++)
				sum += slopes[u] * weights[u * width + i].value;
			below[i] = sum * slope_of(activation_below, from[i]);
		}
	}
	for (u = 0; u < units; u++) {
		step = rate * slopes[u];
		for (i = 0; i < width; i++)
			weights[u * width + i].value -= step * from[i];
		biases[u].value -= step;
	}
}

static void train_row(union libml_word *model, const float *inputs, float label, float rate, float *scratch)
{
	uint32_t layers = model[LIBML_LAYERS].bits;
	float *output = libml_mlp_logits(model, inputs, scratch);
	float *activations = output;
	float *slopes = scratch + libml_mlp_scratch(model);
	union libml_word *end = model + model[LIBML_WORDS].bits;
	uint32_t l, units, width;

	/* The slope of the cross entropy of a sigmoid. */
	slopes[0] = libml_sigmoid(*output) - label;
	for (l = layers; l-- > 0;) {
		units = libml_units(model, l);
		width = l > 0 ? libml_units(model, l - 1) : model[LIBML_INPUTS].bits;
		end -= units * (width + 1);
		if (l == 0) {
			step_back(end, units, width, inputs, slopes, 0, LIBML_IDENTITY, rate);
			break;
		}
		activations -= width;
		step_back(end, units, width, activations, slopes, slopes + units, libml_activation_of(model, l - 1), rate);
		slopes += units;
	}
}

int libml_mlp_train(union libml_word *model, const float *inputs, const uint8_t *labels, const uint32_t *order,
		    uint32_t steps, const float *learning_rate, float *scratch)
{
	uint32_t width = model[LIBML_INPUTS].bits;
	uint32_t last = model[LIBML_LAYERS].bits - 1;
	uint32_t step;

	if (libml_activation_of(model, last) != LIBML_SIGMOID || libml_units(model, last) != 1)
		return LIBML_BAD_ACTIVATION;
	for (step = 0; step < steps; step++)
		train_row(model, inputs + order[step] * width, labels[order[step]] ? 1.0f : 0.0f, *learning_rate, scratch);
	return LIBML_OK;
}
