/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The KernelOracle authors */
/*
 * LibML's decision trees, on raw values: no float. For whole numbers `value <= cut` and `value <= floor(cut)` are the same, so a
 * tree of whole cuts decides exactly as the one that was grown.
 */
#ifndef LIBML_TREE_H
#define LIBML_TREE_H

#include "libml_whole.h"

/*
 * A tree is one array of 32-bit words, 64-bit numbers as two, the low one first:
 *
 *   0              LIBML_TREE_MAGIC, the bytes "LMT1"
 *   1              LIBML_TREE_VERSION
 *   2              words in all, at most LIBML_TREE_MAX_WORDS
 *   3              nodes, 1 and more; the first is the root
 *   4              inputs, 1 .. LIBML_TREE_MAX_INPUTS
 *   5              depth: the most questions that are asked of a row, 0 .. LIBML_TREE_MAX_DEPTH
 *   6 + 4n         node n:
 *                    0     bits 0 to 15 the input that a question is about, or of a leaf LIBML_TREE_LEAF + decision (0 or 1);
 *                          bits 16 to 31 its level, that of the root being 0
 *                    1     bits 0 to 15 the node to go to when value <= cut, bits 16 to 31 the one for others; of a leaf 0
 *                    2, 3  cut; of a leaf its log-odds times 65536, rounded
 *
 * Children stand behind their parent, a level further down: there is no way in a circle.
 */
#define LIBML_TREE_MAGIC 0x31544d4cu
#define LIBML_TREE_VERSION 1u
#define LIBML_TREE_MAX_WORDS 960u
#define LIBML_TREE_MAX_INPUTS 32u
#define LIBML_TREE_MAX_DEPTH 16u
#define LIBML_TREE_LEAF 0xfffeu

#define LIBML_TREE_WORDS 2
#define LIBML_TREE_NODES 3
#define LIBML_TREE_INPUTS 4
#define LIBML_TREE_DEPTH 5
#define LIBML_TREE_FIRST_NODE 6
#define LIBML_TREE_NODE_WORDS 4u

/* Whether these words are a tree that the other functions can be given: enum libml_error. Believes no size. (tree.c) */
int libml_tree_check(const uint32_t *tree, uint32_t words);

/*
 * Of each row the log-odds of its leaf times 65536 and the decision: values [rows][inputs], logits [rows] (NULL: not wanted),
 * decisions [rows]. The tree was checked. (tree.c)
 */
void libml_tree_score(const uint32_t *tree, const int64_t *values, uint32_t rows, int64_t *logits, uint8_t *decisions);

/*
 * Decides on a row by a checked tree. `nodes`, `inputs` and `depth` are at least those of the tree; given constants, as an eBPF
 * program does, no index leaves 6 + 4 * nodes words and `inputs` values, whatever the words say.
 */
LIBML_INLINE int libml_tree_run_shape(const uint32_t *tree, uint32_t nodes, uint32_t inputs, uint32_t depth,
				      const int64_t *values, int64_t *logit)
{
	uint32_t at = 0;
	uint32_t step, asked, ways;
	const uint32_t *node;

	for (step = 0; step <= depth; step++) {
		if (at >= nodes)
			break;
		node = tree + LIBML_TREE_FIRST_NODE + LIBML_TREE_NODE_WORDS * at;
		asked = node[0] & 0xffffu;
		if (asked >= inputs) {
			*logit = libml_long_at(node + 2);
			return (int)(asked & 1u);
		}
		ways = node[1];
		at = values[asked] <= libml_long_at(node + 2) ? ways & 0xffffu : ways >> 16;
	}
	/* No way here for a checked tree. */
	*logit = 0;
	return 0;
}

LIBML_INLINE int libml_tree_run(const uint32_t *tree, const int64_t *values, int64_t *logit)
{
	return libml_tree_run_shape(tree, tree[LIBML_TREE_NODES], tree[LIBML_TREE_INPUTS], tree[LIBML_TREE_DEPTH], values,
				    logit);
}

#endif
