/**
 * One decision of LibML in user space: `npm run bench -- libml`. A network of 7-10-1 and a tree of four questions on raw values, by
 * the machine's C compiler with -O2, one thread. In turns, each the best of many rounds over the same 4,096 rows. What a decision
 * costs in a kernel has to be measured there.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployableModel, RawRows } from '../../src/learning/migrations/deployableModel.js';
import type { WeightBits } from '../../src/libml/fixedModel.js';
import { packFloat } from '../../src/libml/floatReference.js';
import { quantise } from '../../src/libml/quantise.js';
import { packTree } from '../../src/libml/treeModel.js';
import { exactRows } from '../../src/libml/wholeRows.js';
import { randomNetwork, randomTree } from '../support/randomLibmlModels.js';
import { randomNumbers } from '../support/randomNumbers.js';
import { cannotMeasure, figure, heading } from './report.js';

const SOURCES = join('media', 'libml');
const ROWS = 4096;
const INPUTS = 7;
const ROUNDS = 400;

const random = randomNumbers(7);
const model = randomNetwork(random, INPUTS, [10, 1]);
const rows = rowsAround(model);
const quantised = (bits: WeightBits) => quantise(model, rows, { bits }).words;
const WORDS = {
  fixed16: quantised(16),
  fixed8: quantised(8),
  tree: packTree(randomTree(() => 3, INPUTS, 4)),
  ...packFloat(model),
};

/** Values up to two deviations from the mean; one in a hundred is far away, as in records. */
function rowsAround({ features }: DeployableModel): RawRows {
  const values = Float64Array.from({ length: ROWS * INPUTS }, (_, at) => {
    const { mean, deviation } = features[at % INPUTS]!;
    const deviations = (random(2 ** 20) / 2 ** 18 - 2) * (random(100) === 0 ? 100 : 1);
    return Math.round(mean + deviations * deviation);
  });
  return { rows: ROWS, values };
}

const longs = (values: BigInt64Array) =>
  Array.from(values, (value) => `${BigInt.asUintN(64, value)}u`).join(',');

const PROGRAM = `
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <time.h>
#include "libml_fixed.h"
#include "libml_scaling.h"
#include "libml_tree.h"

${Object.entries(WORDS)
  .map(
    ([name, words]) =>
      `static const uint32_t ${name}[] = {${[...words].map((word) => `${word}u`).join(',')}};`,
  )
  .join('\n')}
static const uint64_t values[] = {${longs(exactRows(rows).values)}};
static uint8_t decisions[${ROWS}];
static float scaled[${ROWS * INPUTS}];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static void run(int kind)
{
	const int64_t *rows = (const int64_t *)values;
	const union libml_word *floats = (const union libml_word *)network;
	struct libml_fixed_state state;
	float scratch[64];
	int64_t logit;
	uint32_t row;

	if (kind == 0)
		libml_fixed_score(fixed16, rows, ${ROWS}, 0, decisions);
	if (kind == 1)
		libml_fixed_score(fixed8, rows, ${ROWS}, 0, decisions);
	if (kind == 2)
		libml_scaled_score((const union libml_word *)scaling, floats, rows, ${ROWS}, scratch, 0, decisions);
	for (row = 0; kind == 3 && row < ${ROWS}; row++)
		decisions[row] = (uint8_t)libml_mlp_decide(floats, scaled + ${INPUTS} * row, scratch);
	if (kind == 4)
		libml_tree_score(tree, rows, ${ROWS}, 0, decisions);
	for (row = 0; kind == 5 && row < ${ROWS}; row++)
		decisions[row] = (uint8_t)libml_fixed_run_shape(fixed16, 16, ${INPUTS}, 10, 0, 0, rows + ${INPUTS} * row, &state, &logit);
}

int main(void)
{
	double best[6] = { 1e18, 1e18, 1e18, 1e18, 1e18, 1e18 }, from, took;
	unsigned sum = 0;
	int round, kind, row;

	libml_scale((const union libml_word *)scaling, (const int64_t *)values, ${ROWS}, scaled);
	for (round = 0; round < ${ROUNDS}; round++) {
		for (kind = 0; kind < 6; kind++) {
			from = now();
			run(kind);
			took = now() - from;
			if (took < best[kind])
				best[kind] = took;
			for (row = 0; row < ${ROWS}; row++)
				sum += decisions[row];
		}
	}
	for (kind = 0; kind < 6; kind++)
		printf("%.2f ", best[kind] / ${ROWS});
	/* Decisions that nobody reads need not be made. */
	printf("%u\\n", sum);
	return 0;
}
`;

function measure(compiler: string, folder: string): void {
  const source = join(folder, 'bench.c');
  const binary = join(folder, 'bench');
  writeFileSync(source, PROGRAM);
  const files = ['mlp.c', 'scaling.c', 'fixed.c', 'tree.c'].map((name) => join(SOURCES, name));
  const options = ['-std=c99', '-O2', '-ffp-contract=off', '-I', SOURCES];
  execFileSync(compiler, [...options, source, ...files, '-o', binary]);
  const version = execFileSync(compiler, ['--version'], { encoding: 'utf8' }).split('\n')[0]!;
  const told = execFileSync(binary, { encoding: 'utf8' }).trim().split(' ').map(Number);
  const [fixed16, fixed8, float] = told as [number, number, number];
  const [alone, tree, known] = told.slice(3) as [number, number, number];
  heading(`One decision from raw values, ${version} -O2`);
  const ns = (each: number) => `${each.toFixed(1)} ns`;
  const ratio = (each: number) => `${(each / float).toFixed(2)} × the float one`;
  const goal = (each: number) => `${ratio(each)}; goal 100 ns: ${each <= 100 ? 'met' : 'MISSED'}`;
  figure('7-10-1, whole numbers of 16 bits', ns(fixed16), goal(fixed16));
  figure('7-10-1, whole numbers of 8 bits', ns(fixed8), goal(fixed8));
  figure('  of 16 bits, the shape known to the compiler, as in eBPF', ns(known), goal(known));
  figure('7-10-1, float, with its scaling', ns(float));
  figure('7-10-1, float, of inputs that are scaled already', ns(alone), ratio(alone));
  figure(`Tree, ${(WORDS.tree.length - 6) / 4} nodes`, ns(tree), ratio(tree));
}

const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));
try {
  for (const compiler of ['gcc', 'clang']) {
    try {
      execFileSync(compiler, ['--version'], { stdio: 'ignore' });
    } catch {
      cannotMeasure(`LibML by ${compiler}`, 'it is not here');
      continue;
    }
    measure(compiler, folder);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
