/**
 * LibML by compilers of this machine: a program that answers for models of all kinds, and tries whether checks believe what they
 * should not.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PackedFloat } from '../../src/libml/floatReference.js';
import type { Answers } from '../../src/libml/wholeRows.js';

export const LIBML_SOURCES = fileURLToPath(new URL('../../media/libml/', import.meta.url));
const FILES = ['mlp.c', 'scaling.c', 'fixed.c', 'tree.c'].map((name) => join(LIBML_SOURCES, name));
export const LIBML_FLAGS = ['-std=c99', '-ffp-contract=off', '-Wall', '-Wextra', '-pedantic', '-Werror'];

/** A model of any kind. */
export type LibmlJob = WholeJob | FloatJob;

interface WholeJob {
  readonly kind: 'fixed' | 'tree';
  readonly words: Uint32Array;
}

interface FloatJob extends PackedFloat {
  readonly kind: 'float';
}

const KINDS = { fixed: 0, tree: 1, float: 2 } as const;

/**
 * `answers VALUES JOBS OUT`: of each job decisions, then logits, of as many rows as there are values for, at most 100,000.
 * `fuzz JOBS ROUNDS`: changes words of each job's model by chance, cuts it short, and runs what the check lets through.
 */
const PROGRAM = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "libml_fixed.h"
#include "libml_scaling.h"
#include "libml_tree.h"

#define MOST_ROWS 100000u

static void *read_all(const char *name, size_t *bytes)
{
	FILE *file = fopen(name, "rb");
	void *all;

	if (!file || fseek(file, 0, SEEK_END))
		exit(1);
	*bytes = (size_t)ftell(file);
	rewind(file);
	all = malloc(*bytes);
	if (fread(all, 1, *bytes, file) != *bytes)
		exit(1);
	fclose(file);
	return all;
}

static int check(uint32_t kind, const uint32_t *model, uint32_t words, const uint32_t *scaling, uint32_t scaling_words)
{
	if (kind == 0)
		return libml_fixed_check(model, words);
	if (kind == 1)
		return libml_tree_check(model, words);
	if (libml_scaling_check((const union libml_word *)scaling, scaling_words))
		return 1;
	return libml_mlp_check((const union libml_word *)model, words);
}

static void score(uint32_t kind, const uint32_t *model, const uint32_t *scaling, const int64_t *values, uint32_t rows,
		  void *logits, uint8_t *decisions)
{
	const union libml_word *network = (const union libml_word *)model;
	float *scratch;

	if (kind == 0) {
		libml_fixed_score(model, values, rows, logits, decisions);
	} else if (kind == 1) {
		libml_tree_score(model, values, rows, logits, decisions);
	} else {
		scratch = malloc(sizeof(float) * (libml_mlp_scratch(network) + model[4]));
		libml_scaled_score((const union libml_word *)scaling, network, values, rows, scratch, logits, decisions);
		free(scratch);
	}
}

static int answers(char **names)
{
	size_t value_bytes, job_bytes, at = 0;
	int64_t *values = read_all(names[0], &value_bytes);
	uint32_t *jobs = read_all(names[1], &job_bytes);
	uint8_t *decisions = malloc(MOST_ROWS);
	int64_t *logits = malloc(8 * MOST_ROWS);
	FILE *out = fopen(names[2], "wb");
	uint32_t *model, *scaling;
	uint32_t rows;

	while (4 * at < job_bytes) {
		model = jobs + at + 3;
		scaling = model + jobs[at + 1];
		if (check(jobs[at], model, jobs[at + 1], scaling, jobs[at + 2]))
			return 2;
		rows = (uint32_t)(value_bytes / 8 / model[4]);
		rows = rows > MOST_ROWS ? MOST_ROWS : rows;
		score(jobs[at], model, scaling, values, rows, logits, decisions);
		fwrite(decisions, 1, rows, out);
		fwrite(logits, jobs[at] == 2 ? 4 : 8, rows, out);
		at += 3 + jobs[at + 1] + jobs[at + 2];
	}
	return fclose(out) ? 3 : 0;
}

static uint32_t state = 1;

static uint32_t chance(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	return state ^= state << 5;
}

/* Small numbers, numbers next to those that were there, and any. */
static uint32_t changed(uint32_t word)
{
	switch (chance() % 4) {
	case 0:
		return chance() % 70;
	case 1:
		return word + chance() % 5 - 2;
	case 2:
		return word ^ 1u << chance() % 32;
	default:
		return chance();
	}
}

static int fuzz(char **names)
{
	size_t job_bytes, at;
	uint32_t *jobs = read_all(names[0], &job_bytes);
	uint32_t rounds = (uint32_t)atoi(names[1]);
	uint32_t round, words, first, i, changes, *model, *scaling;
	unsigned long let = 0, refused = 0;
	int64_t values[2 * 32], logits[2];
	uint8_t decisions[2];

	for (round = 0; round < rounds; round++) {
		for (at = 0; 4 * at < job_bytes; at += 3 + jobs[at + 1] + jobs[at + 2]) {
			/* Of its very size, so that reading beyond it is noticed. */
			words = chance() % 4 ? jobs[at + 1] : chance() % (jobs[at + 1] + 1);
			model = malloc(4 * words + 1);
			memcpy(model, jobs + at + 3, 4 * words);
			first = chance() % 2 ? 2 : 0;
			changes = chance() % 4;
			for (i = 0; i < changes && words > first; i++) {
				uint32_t place = first + chance() % (chance() % 2 ? (words - first < 60 ? words - first : 60) : words - first);

				model[place] = changed(model[place]);
			}
			scaling = jobs + at + 3 + jobs[at + 1];
			for (i = 0; i < 2 * 32; i++)
				values[i] = (int64_t)((uint64_t)chance() << 32 | chance()) >> chance() % 64;
			if (check(jobs[at], model, words, scaling, jobs[at + 2])) {
				refused++;
			} else {
				let++;
				/* A scaling of other inputs is its caller's mistake. */
				if (jobs[at] != 2 || model[4] == scaling[3])
					score(jobs[at], model, scaling, values, 2, logits, decisions);
			}
			free(model);
		}
	}
	free(jobs);
	printf("%lu %lu\\n", let, refused);
	return 0;
}

int main(int count, char **names)
{
	if (count == 5 && strcmp(names[1], "answers") == 0)
		return answers(names + 2);
	if (count == 4 && strcmp(names[1], "fuzz") == 0)
		return fuzz(names + 2);
	return 4;
}
`;

/** What a compiler is to be given to make the program. */
export function programArguments(folder: string, binary: string, options: readonly string[]): string[] {
  mkdirSync(folder, { recursive: true });
  const source = join(folder, 'answers.c');
  writeFileSync(source, PROGRAM);
  return [...LIBML_FLAGS, ...options, '-I', LIBML_SOURCES, source, ...FILES, '-o', binary];
}

/** The bytes that the program reads. */
export function jobBytes(jobs: readonly LibmlJob[]): Uint8Array {
  const words = jobs.flatMap((job) => {
    const [model, scaling] =
      job.kind === 'float' ? [job.network, job.scaling] : [job.words, new Uint32Array(0)];
    return [KINDS[job.kind], model.length, scaling.length, ...model, ...scaling];
  });
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** The bytes that the program writes for answers. */
export function answerBytes({ kind }: LibmlJob, { logits, decisions }: Answers): Uint8Array {
  const ofLogits =
    kind === 'float' ? Float32Array.from(logits) : BigInt64Array.from(logits, (logit) => BigInt(logit));
  return Buffer.concat([decisions, new Uint8Array(ofLogits.buffer)]);
}
