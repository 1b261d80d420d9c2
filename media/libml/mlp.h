/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* Where things stand in the words of a model: for the library's own files. */
#ifndef LIBML_MLP_H
#define LIBML_MLP_H

#include "libml.h"

static inline uint32_t libml_units(const union libml_word *model, uint32_t layer)
{
	return model[LIBML_FIRST_LAYER + 2 * layer].bits;
}

static inline uint32_t libml_activation_of(const union libml_word *model, uint32_t layer)
{
	return model[LIBML_FIRST_LAYER + 2 * layer + 1].bits;
}

static inline const union libml_word *libml_first_weights(const union libml_word *model)
{
	return model + LIBML_FIRST_LAYER + 2 * model[LIBML_LAYERS].bits;
}

static inline int libml_is_finite(union libml_word word)
{
	return (word.bits & 0x7f800000u) != 0x7f800000u;
}

/*
 * Activations of all hidden layers into scratch, one behind the other, and behind them what goes into those of the last
 * layer; returns the place of that.
 */
float *libml_mlp_logits(const union libml_word *model, const float *inputs, float *scratch);

#endif
