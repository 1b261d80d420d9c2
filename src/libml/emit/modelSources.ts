/** The model in C: a header that says what it is, and a source with its numbers. */
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import type { CarriedModel } from './carriedModel.js';
import { scratchFloats } from './carriedModel.js';
import { blockComment, inputName, members, wordLiteral } from './cText.js';
import { columnText } from './columnTexts.js';
import { inputTexts, whatItIs } from './describeRun.js';

export const MODEL_HEADER = 'kernel_oracle_model.h';
export const MODEL_SOURCE = 'kernel_oracle_model.c';

/** Headers of the library, and what is compiled of it, by what runs the model. */
export const LIBRARY_FILES: Readonly<
  Record<CarriedModel['form'], { readonly headers: readonly string[]; readonly sources: readonly string[] }>
> = {
  float: {
    headers: ['libml.h', 'libml_math.h', 'libml_scaling.h', 'libml_types.h', 'libml_whole.h', 'mlp.h'],
    sources: ['mlp.c', 'scaling.c'],
  },
  fixed: { headers: ['libml_fixed.h', 'libml_types.h', 'libml_whole.h'], sources: ['fixed.c'] },
  tree: { headers: ['libml_tree.h', 'libml_types.h', 'libml_whole.h'], sources: ['tree.c'] },
};

export function logitType({ form }: CarriedModel): 'float' | 'int64_t' {
  return form === 'float' ? 'float' : 'int64_t';
}

/** @param name of the run */
export function modelHeader(run: TrainedRun, carried: CarriedModel, name: string): string {
  const { features } = run.model;
  const inputs = features.map(
    ({ name: column }, at) =>
      `\t/* ${columnText(column).unit}: ${columnText(column).text} */\n\t${inputName(column)} = ${at},`,
  );
  const logit = logitType(carried);
  return `/* SPDX-License-Identifier: MIT */
${blockComment([...whatItIs(run, carried, name), '', 'Inputs, in their order:', '', ...inputTexts(run)])}
#ifndef KERNEL_ORACLE_MODEL_H
#define KERNEL_ORACLE_MODEL_H

#include "libml_types.h"

#define KERNEL_ORACLE_INPUTS ${features.length}

/* Places of the inputs. Each is a whole number of 64 bits, as the kernel has it. */
enum kernel_oracle_input {
${inputs.join('\n')}
};

/* Whether the numbers in ${MODEL_SOURCE} are a model: enum libml_error, 0 when they are. To be asked once, before all else. */
int kernel_oracle_check(void);

/*
 * 1: positive. The logit is what was compared with the threshold${carried.form === 'float' ? ', in log-odds' : `; times ${carried.logitScale.toPrecision(9)} it is log-odds`}.${
   carried.form === 'float'
     ? '\n * It computes with floats: in a kernel it may be called between kernel_fpu_begin() and kernel_fpu_end() only.'
     : '\n * It computes with whole numbers alone.'
 }
 */
int kernel_oracle_decide(const int64_t *values, ${logit} *logit);

#endif
`;
}

export function modelSource(run: TrainedRun, carried: CarriedModel, name: string): string {
  const isFloat = carried.form === 'float';
  const type = isFloat ? 'union libml_word' : 'uint32_t';
  const arrays = carried.arrays.map(({ name: array, words }) => {
    const texts = Array.from(words, (word) => (isFloat ? `{ ${wordLiteral(word)} }` : wordLiteral(word)));
    return `static const ${type} ${array}[${words.length}] = {\n${members(texts)}\n};`;
  });
  const header = { float: 'libml_scaling.h', fixed: 'libml_fixed.h', tree: 'libml_tree.h' }[carried.form];
  return `/* SPDX-License-Identifier: MIT */
${blockComment([`The numbers of the model of ${MODEL_HEADER}, from the run ${name}. The headers of LibML say what each word is.`])}
#include "${header}"
#include "${MODEL_HEADER}"

${arrays.join('\n\n')}

${functions(run, carried)}`;
}

function functions({ model }: TrainedRun, { form, arrays }: CarriedModel): string {
  const counts = new Map(arrays.map(({ name, words }) => [name, words.length]));
  switch (form) {
    case 'float':
      return `int kernel_oracle_check(void)
{
	int error = libml_scaling_check(scaling, ${counts.get('scaling')!});

	return error ? error : libml_mlp_check(network, ${counts.get('network')!});
}

int kernel_oracle_decide(const int64_t *values, float *logit)
{
	float scratch[${scratchFloats(model)}];
	uint8_t decision;

	libml_scaled_score(scaling, network, values, 1, scratch, logit, &decision);
	return decision;
}
`;
    case 'fixed':
      return `int kernel_oracle_check(void)
{
	return libml_fixed_check(model, ${counts.get('model')!});
}

int kernel_oracle_decide(const int64_t *values, int64_t *logit)
{
	struct libml_fixed_state state;

	return libml_fixed_run(model, values, &state, logit);
}
`;
    case 'tree':
      return `int kernel_oracle_check(void)
{
	return libml_tree_check(model, ${counts.get('model')!});
}

int kernel_oracle_decide(const int64_t *values, int64_t *logit)
{
	return libml_tree_run(model, values, logit);
}
`;
  }
}
