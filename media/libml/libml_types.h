/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/* Integer types, from wherever they are to be had, and what is wrong with a model. */
#ifndef LIBML_TYPES_H
#define LIBML_TYPES_H

/* A program of eBPF has them from the vmlinux.h that it includes first. */
#if defined(__KERNEL__)
#include <linux/types.h>
#elif !defined(__VMLINUX_H__)
#include <stdint.h>
#endif

enum libml_error {
	LIBML_OK = 0,
	/* No model, or one of another version. */
	LIBML_UNKNOWN = 1,
	/* Its sizes are out of bounds, or do not add up to the words that there are. */
	LIBML_BAD_SIZE = 2,
	LIBML_BAD_ACTIVATION = 3,
	/* A float is infinite or no number; a whole number or a shift is out of its bounds. */
	LIBML_BAD_WEIGHT = 4,
	/* A node of a tree asks for an input that there is not, or has a child that does not stand behind it on the next level. */
	LIBML_BAD_NODE = 5,
};

#endif
