/**
 * A model for a program of eBPF in the shadow of can_migrate_task(). What is the same for all models is in media/libml/ebpf; these are the
 * two headers that differ: one for the program, whose shape is constant so that the verifier can follow it, one for its loader. The model
 * itself is in model.swap: what is loaded first and what is swapped in later come the same way.
 */
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { unpackFixed } from '../fixedModel.js';
import type { CarriedModel } from './carriedModel.js';
import { COLUMN_EXPRESSIONS } from './columnExpressions.js';
import { blockComment, inputName } from './cText.js';
import { columnText } from './columnTexts.js';
import { inputTexts, whatItIs } from './describeRun.js';
import { MODEL_HEADER } from './modelSources.js';
import type { NamedFile } from './namedFile.js';

const SHAPE_HEADER = 'kernel_oracle_shape.h';
/** Paths below media/libml. */
export const EBPF_LIBRARY_FILES: readonly string[] = [
  'control',
  'kernel.h',
  'loader.c',
  'maps.h',
  'model_file.c',
  'model_file.h',
  'programs.c',
  'programs.h',
  'shadow.bpf.c',
].map((name) => `ebpf/${name}`);

export const EBPF_BUILT = { names: ['loader', 'shadow.bpf.o'], ends: [] } as const;

/** A tree that takes the place of this one may be as large as one of four questions. */
const TREE = { nodes: 31, depth: 4 } as const;

export { isReadable } from './columnExpressions.js';

/** How a model is run whose sizes are constants, and how one is told that may take its place. */
export interface Shape {
  readonly header: string;
  readonly words: number;
  readonly state: string;
  readonly run: string;
  readonly check: string;
  /** Words that another model must share. */
  readonly fits: readonly string[];
}

export function shapeOf({ form, arrays }: CarriedModel): Shape {
  const { words } = arrays[0]!;
  if (form === 'tree') {
    const [nodes, depth] = [Math.max(TREE.nodes, words[3]!), Math.max(TREE.depth, words[5]!)];
    return {
      header: 'libml_tree.h',
      words: 6 + 4 * nodes,
      state: 'int64_t unused',
      run: `(void)state;\n\treturn libml_tree_run_shape(words, ${nodes}, KERNEL_ORACLE_INPUTS, ${depth}, values, logit);`,
      check: 'libml_tree_check',
      fits: ['words[4] == KERNEL_ORACLE_INPUTS', `words[5] <= ${depth}`],
    };
  }
  const { layers, bits } = unpackFixed(words);
  const hidden = layers.slice(0, -1).map(({ units }) => units);
  const [first, second, third] = [hidden[0] ?? 0, hidden[1] ?? 0, hidden[2] ?? 0];
  return {
    header: 'libml_fixed.h',
    words: words.length,
    state: 'struct libml_fixed_state fixed',
    run: `return libml_fixed_run_shape(words, ${bits}, KERNEL_ORACLE_INPUTS, ${first}, ${second}, ${third}, values, &state->fixed,\n\t\t\t\t     logit);`,
    check: 'libml_fixed_check',
    fits: [
      'words[2] == KERNEL_ORACLE_WORDS',
      `words[3] == ${layers.length}`,
      'words[4] == KERNEL_ORACLE_INPUTS',
      `words[5] == ${bits}`,
      ...hidden.map((units, layer) => `words[${9 + 2 * layer}] == ${units}`),
    ],
  };
}

/** @param name of the run */
export function ebpfFiles(run: TrainedRun, carried: CarriedModel, name: string): NamedFile[] {
  return [
    [MODEL_HEADER, ebpfHeader(run, carried, name)],
    [SHAPE_HEADER, shapeHeader(run, carried)],
    ['Makefile', ebpfMakefile(carried)],
  ];
}

function ebpfHeader(run: TrainedRun, carried: CarriedModel, name: string): string {
  const { header, words, state, run: body } = shapeOf(carried);
  const { features } = run.model;
  const inputs = features.map(({ name: column }, at) => `\t${inputName(column)} = ${at},`);
  const reads = features.map(
    ({ name: column }) =>
      `\t/* ${columnText(column).unit} */\n\tvalues[${inputName(column)}] = ${COLUMN_EXPRESSIONS[column]!};`,
  );
  return `/* SPDX-License-Identifier: MIT */
${blockComment([...whatItIs(run, carried, name), '', 'Inputs, in their order:', '', ...inputTexts(run)])}
#ifndef KERNEL_ORACLE_MODEL_H
#define KERNEL_ORACLE_MODEL_H

#include "${header}"

#define KERNEL_ORACLE_INPUTS ${features.length}
#define KERNEL_ORACLE_WORDS ${words}

enum kernel_oracle_input {
${inputs.join('\n')}
};

struct kernel_oracle_state {
	${state};
};

LIBML_INLINE void kernel_oracle_inputs(struct task_struct *p, struct lb_env *env, uint64_t started, int64_t *values)
{
	(void)started;
${reads.join('\n')}
}

LIBML_INLINE int kernel_oracle_run(const uint32_t *words, const int64_t *values, struct kernel_oracle_state *state,
				   int64_t *logit)
{
	${body}
}

#endif
`;
}

/** For the loader: which models the program can run. */
function shapeHeader(run: TrainedRun, carried: CarriedModel): string {
  const { header, words, check, fits } = shapeOf(carried);
  return `/* SPDX-License-Identifier: MIT */
/* Which models the program can run: their sizes are constants there. */
#ifndef KERNEL_ORACLE_SHAPE_H
#define KERNEL_ORACLE_SHAPE_H

#include "${header}"

#define KERNEL_ORACLE_INPUTS ${run.model.features.length}
#define KERNEL_ORACLE_WORDS ${words}
/* Of memory that a decision takes besides. */
#define KERNEL_ORACLE_STATE_BYTES ${carried.stateBytes}

/* Whether these KERNEL_ORACLE_WORDS words are one of them. */
static inline int kernel_oracle_fits(const uint32_t *words)
{
	return words[2] <= KERNEL_ORACLE_WORDS && !${check}(words, words[2]) &&
	       ${fits.join(' && ')};
}

#endif
`;
}

/** Words as bytes, little-endian. */
export function wordBytes(words: Uint32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * words.length));
  for (const [at, word] of words.entries()) bytes.setUint32(4 * at, word, true);
  return new Uint8Array(bytes.buffer);
}

function ebpfMakefile({ form }: CarriedModel): string {
  const source = form === 'tree' ? 'tree.c' : 'fixed.c';
  return `# Builds the program of eBPF and its loader, and changes nothing else: \`control\` does the rest.
# Needs clang 14 or later and libbpf with its headers (libbpf-dev).
#
# Blocks stay in their order: kernels before 6.8 refuse a loop whose way back is no jump.
CC ?= cc
CLANG ?= clang
CFLAGS ?= -O2
WARNINGS = -Wall -Wextra -Werror
LIBRARY = $(wildcard libml/*.h)
SOURCES = loader.c programs.c model_file.c libml/${source}
HEADERS = programs.h model_file.h maps.h ${SHAPE_HEADER} $(LIBRARY)

build: loader shadow.bpf.o

shadow.bpf.o: shadow.bpf.c kernel.h maps.h ${MODEL_HEADER} $(LIBRARY)
	$(CLANG) -target bpf -mcpu=v3 -O2 -g -mllvm -disable-block-placement $(WARNINGS) -Ilibml -c shadow.bpf.c -o $@

loader: $(SOURCES) $(HEADERS)
	$(CC) -std=gnu11 $(WARNINGS) $(CFLAGS) -Ilibml -o $@ $(SOURCES) -lbpf

clean:
	rm -f loader shadow.bpf.o

.PHONY: build clean
`;
}
