import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Permutation } from '../../../src/dataset/chance.js';
import {
  LibmlScorer,
  LibmlTrainer,
  newNetwork,
  type LibmlUnits,
} from '../../../src/learning/migrations/models/libml/libmlNetwork.js';
import { randomNumbers } from '../../support/randomNumbers.js';
import { run } from '../cliProcess.js';

// The same sources by the machine's own compiler give the same bits as WebAssembly: what is trained here is what a kernel runs.

const SOURCES = fileURLToPath(new URL('../../../media/libml/', import.meta.url));
const ROWS = 2000;
const EPOCHS = 3;

/** Makes a network, trains it on a file's rows, and writes what it scored before and after, its decisions and its words. */
const PROGRAM = `
#include <stdio.h>
#include <stdlib.h>
#include "libml.h"

int main(int count, char **names)
{
	uint32_t head[4], units[8], words, at, epoch;
	FILE *in = fopen(names[1], "rb"), *out = fopen(names[2], "wb");
	union libml_word *model;
	float *inputs, *scores, *scratch, rate = 0.1f;
	uint8_t *labels, decision;
	uint32_t *order;

	if (count != 3 || !in || !out || fread(head, 4, 4, in) != 4 || fread(units, 4, head[0] + 1, in) != head[0] + 1)
		return 1;
	words = libml_mlp_words(head[0], units);
	model = malloc(4 * words);
	if (libml_mlp_init(model, words, head[0], units, LIBML_RELU, head[1]) || libml_mlp_check(model, words))
		return 2;
	inputs = malloc(4 * head[2] * units[0]);
	labels = malloc(head[2]);
	order = malloc(4 * head[2]);
	scores = malloc(4 * head[2]);
	scratch = malloc(2 * 4 * libml_mlp_scratch(model));
	if (fread(inputs, 4 * units[0], head[2], in) != head[2] || fread(labels, 1, head[2], in) != head[2])
		return 3;
	libml_mlp_score(model, inputs, head[2], scratch, scores);
	fwrite(scores, 4, head[2], out);
	for (epoch = 0; epoch < head[3]; epoch++) {
		if (fread(order, 4, head[2], in) != head[2])
			return 4;
		if (libml_mlp_train(model, inputs, labels, order, head[2], &rate, scratch))
			return 5;
	}
	libml_mlp_score(model, inputs, head[2], scratch, scores);
	fwrite(scores, 4, head[2], out);
	fwrite(model, 4, words, out);
	for (at = 0; at < head[2]; at++) {
		decision = (uint8_t)libml_mlp_decide(model, inputs + at * units[0], scratch);
		fwrite(&decision, 1, 1, out);
	}
	return fclose(out) ? 6 : 0;
}
`;

const FLAGS = ['-std=c99', '-ffp-contract=off', '-Wall', '-Wextra', '-pedantic', '-Werror'];
const FILES = ['mlp.c', 'mlp_train.c'].map((name) => join(SOURCES, name));

let folder: string;
let compiler: string | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-libml-'));
  const isThere = await run('cc', ['--version']).then(
    ({ status }) => status === 0,
    () => false,
  );
  if (isThere) compiler = 'cc';
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('LibML by the compiler of this machine', () => {
  test.for<{ level: string; units: LibmlUnits }>([
    { level: '-O0', units: [7, 9, 1] },
    { level: '-O2', units: [10, 9, 1] },
    { level: '-O3', units: [5, 8, 6, 4, 1] },
  ])('has the bits of WebAssembly with $level: $units', async ({ level, units }, context) => {
    if (compiler === undefined) {
      context.skip('there is no cc here: install a C compiler (gcc or clang)');
      return;
    }
    const { values, labels, orders } = problem(units);
    const [program, input, output] = ['host.c', `in${level}`, `out${level}`].map((name) =>
      join(folder, name),
    );
    const head = Uint32Array.of(units.length - 1, 17, ROWS, EPOCHS);
    const parts = [head, Uint32Array.from(units), values, labels, ...orders];
    writeFileSync(program!, PROGRAM);
    writeFileSync(input!, Buffer.concat(parts.map((each) => Buffer.from(each.buffer))));
    const binary = join(folder, `host${level}`);
    const built = await run(compiler, [...FLAGS, level, '-I', SOURCES, program!, ...FILES, '-o', binary]);
    expect(built.status, built.stderr).toBe(0);
    expect((await run(binary, [input!, output!])).status).toBe(0);

    const network = newNetwork(units, 17);
    const before = new LibmlScorer(network).scores(values);
    const trainer = new LibmlTrainer(network, values, labels, ROWS);
    for (const order of orders) trainer.train(order, 0.1);
    const scorer = new LibmlScorer(trainer.network());
    const after = scorer.scores(values);
    const decisions = Uint8Array.from({ length: ROWS }, (_, row) =>
      Number(scorer.decides(values.subarray(row * units[0], (row + 1) * units[0]))),
    );
    const ours = Buffer.concat(
      [before, after, trainer.network(), decisions].map((each) => Buffer.from(each.buffer)),
    );
    const theirs = readFileSync(output!);
    expect(theirs.length).toBe(ours.length);
    expect(theirs.equals(ours)).toBe(true);
    // It did learn something, and its decisions are both.
    expect(after).not.toEqual(before);
    expect(new Set(decisions).size).toBe(2);
    expect(decisions).toEqual(Uint8Array.from(after, (score) => Number(score > 0.5)));
  });

  test('takes no function of a libc', async (context) => {
    if (compiler === undefined) {
      context.skip('there is no cc here: install a C compiler (gcc or clang)');
      return;
    }
    const object = join(folder, 'libml.o');
    const kernel = ['-ffreestanding', '-fno-stack-protector', '-O2', '-nostdlib', '-r'];
    const built = await run(compiler, [...FLAGS, ...kernel, '-I', SOURCES, ...FILES, '-o', object]);
    expect(built.status, built.stderr).toBe(0);
    const undefinedNames = await run('nm', ['-u', object]);
    expect(undefinedNames.status, undefinedNames.stderr).toBe(0);
    expect(undefinedNames.stdout.replaceAll(/_GLOBAL_OFFSET_TABLE_|\bU\b|\s/g, '')).toBe('');
  });
});

/** Rows whose label is whether a point is outside of a ball, with some that are mislabelled. */
function problem(units: LibmlUnits) {
  const numbers = randomNumbers(5);
  const next = () => numbers(2 ** 24) / 2 ** 24;
  const values = Float32Array.from({ length: ROWS * units[0] }, () => 4 * next() - 2);
  const labels = Uint8Array.from({ length: ROWS }, (_, row) => {
    const own = values.subarray(row * units[0], (row + 1) * units[0]);
    const isOutside = own.reduce((sum, value) => sum + value * value, 0) > (4 / 3) * units[0];
    return Number(next() < 0.05 ? !isOutside : isOutside);
  });
  const orders = Array.from({ length: EPOCHS }, (_, epoch) => {
    const order = new Permutation(ROWS, 3, epoch);
    return Uint32Array.from({ length: ROWS }, (__, place) => order.at(place));
  });
  return { values, labels, orders };
}
