/**
 * A model for a kernel module. What is the same for all models is in media/libml/kernel, and a patched kernel is built of it, too;
 * these are the files that differ: how the model is run, how its inputs are read, the model itself as it would be swapped in.
 */
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { scratchFloats, type CarriedModel } from './carriedModel.js';
import { COLUMN_EXPRESSIONS } from './columnExpressions.js';
import { blockComment, inputName, members, wordLiteral } from './cText.js';
import { columnText } from './columnTexts.js';
import { inputTexts, whatItIs } from './describeRun.js';
import { shapeOf } from './ebpfSources.js';
import { LIBRARY_FILES, MODEL_HEADER, MODEL_SOURCE } from './modelSources.js';
import type { NamedFile } from './namedFile.js';
import { swapFile } from './swapFile.js';

const INPUTS_HEADER = 'kernel_oracle_inputs.h';
const SWAP_HEADER = 'kernel_oracle_swap.h';

/** Of those, what a patched kernel is built of, too. */
export const CORE_LIBRARY_FILES: readonly string[] = [
  ...['core.c', 'core.h', 'core_inside.h', 'interface.c', 'slot.c', 'slot.h'],
].map((name) => `kernel/${name}`);

/** Paths below media/libml; each goes to the emitted folder by its last name. */
export const MODULE_LIBRARY_FILES: readonly string[] = [
  ...CORE_LIBRARY_FILES,
  ...['check.c', 'control', 'hook.c', 'offsets.c'].map((name) => `kernel/${name}`),
];

/** What building leaves in the folder, by name or by what a name ends in. */
export const MODULE_BUILT = {
  names: [
    ...['check', 'offsets', 'kernel_oracle_offsets.h', 'built.for', 'build.log', 'insmod.log'],
    ...['Module.symvers', 'modules.order'],
  ],
  ends: ['.o', '.ko', '.cmd', '.mod', '.mod.c'],
} as const;

/** How the model is run, and which others may take its place. */
interface Runner {
  /** The library's, for the header and for the source. */
  readonly header: string;
  readonly source: string;
  /** Words that there is room for. */
  readonly words: number;
  readonly state: string;
  readonly fits: readonly string[];
  /** Lines of kernel_oracle_run(). */
  readonly run: string;
}

/** @param name of the run */
export function moduleFiles(run: TrainedRun, carried: CarriedModel, name: string): NamedFile[] {
  return [
    ...coreFiles(run, carried, name),
    ['Kbuild', kbuild(carried)],
    ['Makefile', moduleMakefile(carried)],
  ];
}

/** What the core is compiled with: the model, its inputs, and what it is at first. A patched kernel has the same. */
export function coreFiles(run: TrainedRun, carried: CarriedModel, name: string): NamedFile[] {
  const runner = carried.form === 'float' ? floatRunner(run, carried) : wholeRunner(carried);
  return [
    [MODEL_HEADER, kernelModelHeader(run, carried, name, runner)],
    [MODEL_SOURCE, kernelModelSource(name, runner)],
    [INPUTS_HEADER, inputsHeader(run)],
    [SWAP_HEADER, swapHeader(run, carried, name)],
  ];
}

function wholeRunner(carried: CarriedModel): Runner {
  const { header, words, state, run, check, fits } = shapeOf(carried);
  return {
    ...{ header, source: header, words, state, run },
    fits: ['words[2] == count', `!${check}(words, count)`, ...fits],
  };
}

/** The scaling with the network behind it, as they are one behind the other in model.swap. */
function floatRunner({ model }: TrainedRun, { arrays }: CarriedModel): Runner {
  const [scaling, network] = [arrays[0]!.words, arrays[1]!.words];
  const layers = network[3]!;
  // From the number of layers on to the activation of the last, but for the threshold.
  const shape = Array.from({ length: 2 * layers + 3 }, (_, at) => at + 3).filter((at) => at !== 5);
  const scratch = scratchFloats(model);
  return {
    header: 'libml_types.h',
    source: 'libml_scaling.h',
    words: scaling.length + network.length,
    state: `uint32_t scratch[${scratch}]`,
    fits: [
      'count == KERNEL_ORACLE_WORDS',
      `!libml_scaling_check(scaling, ${scaling.length})`,
      `!libml_mlp_check(network, ${network.length})`,
      `words[3] == KERNEL_ORACLE_INPUTS`,
      ...shape.map((at) => `words[${scaling.length + at}] == ${network[at]!}`),
    ],
    run: `union libml_word said;
	uint8_t decision;

	libml_scaled_score(SCALING(words), NETWORK(words), values, 1, (float *)state->scratch, &said.value, &decision);
	*logit = said.bits;
	return decision;`,
  };
}

function kernelModelHeader(run: TrainedRun, carried: CarriedModel, name: string, runner: Runner): string {
  return `/* SPDX-License-Identifier: MIT */
${blockComment([...whatItIs(run, carried, name), '', 'Inputs, in their order:', '', ...inputTexts(run)])}
#ifndef KERNEL_ORACLE_MODEL_H
#define KERNEL_ORACLE_MODEL_H

#include "${runner.header}"

#define KERNEL_ORACLE_EXPERIMENT ${run.info.experiment}
#define KERNEL_ORACLE_INPUTS ${run.model.features.length}
/* Words that a model takes at most. */
#define KERNEL_ORACLE_WORDS ${runner.words}
/* It computes with floats: all that is declared here is called between kernel_fpu_begin() and kernel_fpu_end() only. */
#define KERNEL_ORACLE_NEEDS_FPU ${carried.form === 'float' ? 1 : 0}

/* The memory that deciding needs; nothing in it needs to be set. */
struct kernel_oracle_state {
	${runner.state};
};

/* Whether so many words, not more than KERNEL_ORACLE_WORDS, are a model that kernel_oracle_run() can be given: 1, or 0. */
int kernel_oracle_fits(const uint32_t *words, uint32_t count);

/* What the model says of a row of raw values, 0 or 1; the logit is what was compared with the threshold, of floats the bits. */
int kernel_oracle_run(const uint32_t *words, const int64_t *values, struct kernel_oracle_state *state, int64_t *logit);

#endif
`;
}

function kernelModelSource(name: string, { header, source, fits, run }: Runner): string {
  const isFloat = header !== source;
  const places = `
#define SCALING(words) ((const union libml_word *)(words))
#define NETWORK(words) (SCALING(words) + 4 + 4 * KERNEL_ORACLE_INPUTS)
`;
  const texts = fits.map((fit) =>
    fit.replace('(scaling,', '(SCALING(words),').replace('(network,', '(NETWORK(words),'),
  );
  return `// SPDX-License-Identifier: MIT
${blockComment([`How a model of the shape of ${MODEL_HEADER} is run, from the run ${name}.`])}
#include "${source}"
#include "${MODEL_HEADER}"
${isFloat ? places : ''}
int kernel_oracle_fits(const uint32_t *words, uint32_t count)
{
	return ${texts.join(' &&\n\t       ')};
}

int kernel_oracle_run(const uint32_t *words, const int64_t *values, struct kernel_oracle_state *state, int64_t *logit)
{
	${run}
}
`;
}

function inputsHeader({ model }: TrainedRun): string {
  const names = model.features.map(({ name }) => name);
  const reads = names.map(
    (name) =>
      `\t/* ${columnText(name).unit} */\n\tvalues[${inputName(name)}] = ${COLUMN_EXPRESSIONS[name]!};`,
  );
  return `/* SPDX-License-Identifier: MIT */
/*
 * Reads the inputs of the model when a call of can_migrate_task() has ended. Whoever includes it knows struct lb_env, and defines
 * ENUMERATOR(type, name), the number of an enumerator in the kernel at hand, and this_cpu().
 */
#ifndef KERNEL_ORACLE_INPUTS_H
#define KERNEL_ORACLE_INPUTS_H

#include "libml_whole.h"

enum kernel_oracle_input {
${names.map((name, at) => `\t${inputName(name)} = ${at},`).join('\n')}
};

LIBML_INLINE void kernel_oracle_inputs(struct task_struct *p, struct lb_env *env, uint64_t started, int64_t *values)
{
	(void)started;
${reads.join('\n')}
}

#endif
`;
}

function swapHeader(run: TrainedRun, carried: CarriedModel, name: string): string {
  const bytes = swapFile(carried, run.model.features.length, run.samples);
  const padded = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const words = Array.from({ length: padded.length / 4 }, (_, at) =>
    wordLiteral(view.getUint32(4 * at, true)),
  );
  return `/* SPDX-License-Identifier: MIT */
${blockComment([`model.swap of the run ${name}: the model that decides at first, and rows of its test with what it says of each.`])}
#ifndef KERNEL_ORACLE_SWAP_H
#define KERNEL_ORACLE_SWAP_H

#define KERNEL_ORACLE_SWAP_BYTES ${bytes.length}

static const uint32_t kernel_oracle_swap_words[${words.length}] = {
${members(words)}
};

#endif
`;
}

/** What is compiled of the library and the model, with the FPU's flags where it needs them. */
function kbuild({ form }: CarriedModel): string {
  const sources = LIBRARY_FILES[form].sources.map((name) => `libml/${name.replace('.c', '.o')}`);
  const model = ['kernel_oracle_model.o', ...sources];
  return `# SPDX-License-Identifier: MIT
obj-m := kernel_oracle.o
kernel_oracle-y := hook.o core.o interface.o slot.o ${model.join(' ')}
ccflags-y := -I$(src) -I$(src)/libml
${form === 'float' ? fpuFlags(model) : ''}`;
}

/** Products and sums are rounded apart; kernels from 6.10 on name the flags of the FPU themselves. */
export function fpuFlags(objects: readonly string[]): string {
  const each = objects.map(
    (name) => `CFLAGS_${name} += $(FLOAT_FLAGS)\nCFLAGS_REMOVE_${name} += $(NO_FLOAT_FLAGS)`,
  );
  return `
FLOAT_FLAGS := -ffp-contract=off $(or $(CC_FLAGS_FPU),-msse -msse2 $(if $(CONFIG_CC_IS_GCC),-mhard-float))
NO_FLOAT_FLAGS := $(or $(CC_FLAGS_NO_FPU),-mno-sse -mno-sse2 -msoft-float -mgeneral-regs-only)
${each.join('\n')}
`;
}

function moduleMakefile({ form }: CarriedModel): string {
  const { headers, sources } = LIBRARY_FILES[form];
  const compiled = ['check.c', 'slot.c', MODEL_SOURCE, ...sources.map((each) => `libml/${each}`)];
  const read = ['slot.h', MODEL_HEADER, ...headers.map((each) => `libml/${each}`)];
  return `# make build: the module, for the kernel RELEASE, and the program that asks its model outside of a kernel. Needs the kernel's headers.
CC ?= gcc
CFLAGS ?= -O2
RELEASE ?= $(shell uname -r)
HEADERS ?= /lib/modules/$(RELEASE)/build
BTF ?= /sys/kernel/btf/vmlinux
WARNINGS = -Wall -Wextra -Werror

build: check kernel_oracle_offsets.h
	$(MAKE) -C $(HEADERS) M=$(CURDIR) CC=$(CC) modules

# Products and sums are rounded apart: floats have the same bits everywhere.
check: ${[...compiled, ...read].join(' ')}
	$(CC) -std=gnu11 $(WARNINGS) $(CFLAGS) -ffp-contract=off -I. -Ilibml -o $@ ${compiled.join(' ')}

offsets: offsets.c
	$(CC) -std=gnu11 $(WARNINGS) $(CFLAGS) -o $@ offsets.c

# Anew each time: another kernel has others.
kernel_oracle_offsets.h: offsets FORCE
	./offsets $(BTF) >$@.part
	mv $@.part $@

clean:
	$(MAKE) -C $(HEADERS) M=$(CURDIR) clean
	rm -f check offsets kernel_oracle_offsets.h

FORCE:

.PHONY: build clean FORCE
`;
}
