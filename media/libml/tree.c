// SPDX-License-Identifier: MIT
/* Copyright (c) 2026 The KernelOracle authors */
/* Decision trees: whether words are one, and what it says of many rows. */
#include "libml_tree.h"

static const uint32_t *node_at(const uint32_t *tree, uint32_t node)
{
	return tree + LIBML_TREE_FIRST_NODE + LIBML_TREE_NODE_WORDS * node;
}

static int is_child(const uint32_t *tree, uint32_t parent, uint32_t child)
{
	return child > parent && child < tree[LIBML_TREE_NODES] &&
	       node_at(tree, child)[0] >> 16 == (node_at(tree, parent)[0] >> 16) + 1;
}

static int is_node(const uint32_t *tree, uint32_t node)
{
	const uint32_t *words = node_at(tree, node);
	uint32_t asked = words[0] & 0xffffu;

	if (words[0] >> 16 > tree[LIBML_TREE_DEPTH])
		return 0;
	if (asked >= LIBML_TREE_LEAF)
		return words[1] == 0;
	return asked < tree[LIBML_TREE_INPUTS] && is_child(tree, node, words[1] & 0xffffu) &&
	       is_child(tree, node, words[1] >> 16);
}

int libml_tree_check(const uint32_t *tree, uint32_t words)
{
	uint32_t nodes, node;

	if (words < LIBML_TREE_FIRST_NODE || tree[0] != LIBML_TREE_MAGIC || tree[1] != LIBML_TREE_VERSION)
		return LIBML_UNKNOWN;
	nodes = tree[LIBML_TREE_NODES];
	if (words > LIBML_TREE_MAX_WORDS || tree[LIBML_TREE_WORDS] != words || nodes < 1 || nodes > words ||
	    LIBML_TREE_FIRST_NODE + LIBML_TREE_NODE_WORDS * nodes != words)
		return LIBML_BAD_SIZE;
	if (tree[LIBML_TREE_INPUTS] < 1 || tree[LIBML_TREE_INPUTS] > LIBML_TREE_MAX_INPUTS ||
	    tree[LIBML_TREE_DEPTH] > LIBML_TREE_MAX_DEPTH)
		return LIBML_BAD_SIZE;
	if (tree[LIBML_TREE_FIRST_NODE] >> 16 != 0)
		return LIBML_BAD_NODE;
	for (node = 0; node < nodes; node++) {
		if (!is_node(tree, node))
			return LIBML_BAD_NODE;
	}
	return LIBML_OK;
}

void libml_tree_score(const uint32_t *tree, const int64_t *values, uint32_t rows, int64_t *logits, uint8_t *decisions)
{
	uint32_t inputs = tree[LIBML_TREE_INPUTS];
	int64_t logit;
	uint32_t row;

	for (row = 0; row < rows; row++) {
		decisions[row] = (uint8_t)libml_tree_run(tree, values + row * inputs, &logit);
		if (logits)
			logits[row] = logit;
	}
}
