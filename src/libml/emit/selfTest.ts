/** Rows of the test and what the reference says of them, and a program that asks the model in C. */
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { exactRows } from '../wholeRows.js';
import { logitType, MODEL_HEADER } from './modelSources.js';
import type { CarriedModel } from './carriedModel.js';
import { blockComment, longLiteral, members, wordLiteral } from './cText.js';

export const SAMPLES_HEADER = 'kernel_oracle_samples.h';
export const SELF_TEST = 'selftest.c';

export function samplesHeader({ samples, model }: TrainedRun, carried: CarriedModel, name: string): string {
  const width = model.features.length;
  const { values } = exactRows(samples);
  const { logits, decisions } = carried.answers(samples);
  const rows = Array.from({ length: samples.rows }, (_, row) => {
    const texts = Array.from(values.subarray(row * width, (row + 1) * width), longLiteral);
    return `\t{ ${texts.join(', ')} },`;
  });
  return `/* SPDX-License-Identifier: MIT */
${blockComment([`Calls of the test of the run ${name}, and what the model says of each, by the reference interpreter of KernelOracle. The order of the inputs is that of ${MODEL_HEADER}.`])}
#ifndef KERNEL_ORACLE_SAMPLES_H
#define KERNEL_ORACLE_SAMPLES_H

#include "libml_types.h"

#define KERNEL_ORACLE_SAMPLES ${samples.rows}

static const int64_t kernel_oracle_samples[KERNEL_ORACLE_SAMPLES][${width}] = {
${rows.join('\n')}
};

static const uint8_t kernel_oracle_decisions[KERNEL_ORACLE_SAMPLES] = {
${members(Array.from(decisions, String))}
};

${logitsArray(carried, logits)}

#endif
`;
}

/** Floats by their bits: no decimal text comes between. */
function logitsArray(carried: CarriedModel, logits: Float64Array): string {
  if (carried.form === 'float') {
    const bits = new Uint32Array(Float32Array.from(logits).buffer);
    return `/* Bits of floats. */
static const uint32_t kernel_oracle_logits[KERNEL_ORACLE_SAMPLES] = {
${members(Array.from(bits, wordLiteral))}
};`;
  }
  return `static const int64_t kernel_oracle_logits[KERNEL_ORACLE_SAMPLES] = {
${members(Array.from(logits, (logit) => longLiteral(BigInt(logit))))}
};`;
}

export function selfTest(carried: CarriedModel): string {
  const isFloat = carried.form === 'float';
  const [declared, asked] = isFloat
    ? ['\tunion {\n\t\tfloat value;\n\t\tuint32_t bits;\n\t} logit;', ['&logit.value', 'logit.bits']]
    : [`\t${logitType(carried)} logit;`, ['&logit', 'logit']];
  const format = isFloat ? '0x%08" PRIx32 "' : '%" PRId64 "';
  return `/* SPDX-License-Identifier: MIT */
/* Whether the model says here, to the bit, what it said where it was made: ends with 1 at the first row of which it does not. */
#include <inttypes.h>
#include <stdio.h>
#include "${MODEL_HEADER}"
#include "${SAMPLES_HEADER}"

int main(void)
{
	int error = kernel_oracle_check();
${declared}
	int row, decision;

	if (error) {
		fprintf(stderr, "the numbers are no model: error %d of libml_types.h\\n", error);
		return 1;
	}
	for (row = 0; row < KERNEL_ORACLE_SAMPLES; row++) {
		decision = kernel_oracle_decide(kernel_oracle_samples[row], ${asked[0]!});
		if (decision != kernel_oracle_decisions[row]) {
			fprintf(stderr, "row %d: the decision is %d, expected %d\\n", row, decision,
				kernel_oracle_decisions[row]);
			return 1;
		}
		if (${asked[1]!} != kernel_oracle_logits[row]) {
			fprintf(stderr, "row %d: the logit is ${format}, expected ${format}\\n", row, ${asked[1]!},
				kernel_oracle_logits[row]);
			return 1;
		}
	}
	printf("%d rows: as expected\\n", KERNEL_ORACLE_SAMPLES);
	return 0;
}
`;
}
