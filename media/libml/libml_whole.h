/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * Whole numbers of 64 bits: what fixed-point models, trees and scalings share. A shift of a negative number to the right keeps
 * its sign: C leaves that to the compiler, all that we know do so, and a test looks.
 */
#ifndef LIBML_WHOLE_H
#define LIBML_WHOLE_H

#include "libml_types.h"

/* Into every caller: a program of eBPF has no other way to share code between object files, and constants reach the loops. */
#define LIBML_INLINE static inline __attribute__((__always_inline__))

#define LIBML_LONG_MAX ((int64_t)0x7fffffffffffffff)

LIBML_INLINE int64_t libml_long_of(uint32_t low, uint32_t high)
{
	return (int64_t)((uint64_t)low | (uint64_t)high << 32);
}

/* Two words, the low one first. */
LIBML_INLINE int64_t libml_long_at(const uint32_t *words)
{
	return libml_long_of(words[0], words[1]);
}

/* Without branches, here and below, as values of calls are hard to foretell. */
LIBML_INLINE int64_t libml_held(int64_t value, int64_t least, int64_t most)
{
	value = value < least ? least : value;
	return value > most ? most : value;
}

/* a - b, or the nearest number that 64 bits hold. */
LIBML_INLINE int64_t libml_less(int64_t a, int64_t b)
{
	int64_t difference = (int64_t)((uint64_t)a - (uint64_t)b);
	int64_t limit = (a >> 63) ^ LIBML_LONG_MAX;

	/* It overflowed when the signs of a and b differ, and those of a and the difference, too. */
	return ((a ^ b) & (a ^ difference)) < 0 ? limit : difference;
}

/* floor(value / 2^shift + 1/2), shift 0 .. 63: adds the highest bit that is lost, as adding a half before could overflow. */
LIBML_INLINE int64_t libml_shifted(int64_t value, uint32_t shift)
{
	return (value >> shift) + (int64_t)((((uint64_t)value << 1) >> shift) & 1);
}

#endif
