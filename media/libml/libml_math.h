/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* Functions that a libc would have, of additions, multiplications and divisions alone: the same bits everywhere. */
#ifndef LIBML_MATH_H
#define LIBML_MATH_H

#include "libml.h"

/*
 * e^x, with x held within -87 .. 88, so that the result is finite and not denormal. x = k ln 2 + r with |r| <= ln 2 / 2; ln 2
 * is taken in two parts, the first of which has few enough bits for k times it to be exact; e^r is its Taylor polynomial of
 * degree 7. Error, tried on all floats of that range: at most 1.05 units in the last place (relative 8.8e-8).
 */
static inline float libml_exp(float x)
{
	union libml_word power;
	float r, p;
	int32_t k;

	if (!(x > -87.0f))
		x = -87.0f;
	if (x > 88.0f)
		x = 88.0f;
	k = (int32_t)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));
	r = x - (float)k * 0.693359375f;
	r = r - (float)k * -2.12194440e-4f;
	p = 1.98412698e-4f;
	p = p * r + 1.38888889e-3f;
	p = p * r + 8.33333333e-3f;
	p = p * r + 4.16666667e-2f;
	p = p * r + 1.66666667e-1f;
	p = p * r + 0.5f;
	p = p * r * r + r + 1.0f;
	power.bits = (uint32_t)(k + 127) << 23;
	return p * power.value;
}

/* 1 / (1 + e^-x), by the exponential that cannot overflow. Error, tried likewise: at most 2.5 units in the last place. */
static inline float libml_sigmoid(float x)
{
	float e = libml_exp(x < 0.0f ? x : -x);

	return x < 0.0f ? e / (1.0f + e) : 1.0f / (1.0f + e);
}

/* The square root of 1 .. LIBML_MAX_UNITS, by Newton's method: 12 rounds from the number itself are more than enough. */
static inline float libml_sqrt(uint32_t number)
{
	float n = (float)number;
	float root = n;
	int round;

	for (round = 0; round < 12; round++)
		root = 0.5f * (root + n / root);
	return root;
}

/* 32 well mixed bits of two numbers: the finaliser of MurmurHash3 (public domain) over one and then the other. */
static inline uint32_t libml_mixed(uint32_t seed, uint32_t number)
{
	uint32_t hash = seed ^ 0x9e3779b9u;
	int round;

	for (round = 0; round < 2; round++) {
		hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
		hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
		hash ^= hash >> 16;
		hash += round == 0 ? number : 0;
	}
	return hash;
}

#endif
