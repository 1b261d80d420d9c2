/**
 * A model for a program of eBPF in the shadow of can_migrate_task(). What is the same for all models is in media/libml/ebpf; these are the
 * two headers that differ: one for the program, whose shape is constant so that the verifier can follow it, one for its loader.
 */
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { unpackFixed } from '../fixedModel.js';
import type { CarriedModel } from './carriedModel.js';
import { blockComment, inputName, members, wordLiteral } from './cText.js';
import { columnText } from './columnTexts.js';
import { inputTexts, whatItIs } from './describeRun.js';

export const WORDS_HEADER = 'kernel_oracle_words.h';
/** Of media/libml/ebpf. */
export const EBPF_FILES = ['kernel.h', 'loader.c', 'shadow.bpf.c', 'stats.h'] as const;

/** A tree that takes the place of this one may be as large as one of four questions. */
const TREE = { nodes: 31, depth: 4 } as const;

/** What a column is in kernel/sched/fair.c; `started` is the time of the call. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  pid: 'p->pid',
  ts: '(int64_t)started',
  task_load_avg: '(int64_t)p->se.avg.load_avg',
  task_util_avg: '(int64_t)p->se.avg.util_avg',
  task_vruntime: '(int64_t)p->se.vruntime',
  task_nr_migrations: '(int64_t)p->se.nr_migrations',
  start_runtime: '(int64_t)p->se.exec_start',
  dst_rq_load: '(int64_t)env->dst_rq->cfs.load.weight',
  dst_rq_load_avg: '(int64_t)env->dst_rq->cfs.avg.load_avg',
  dst_rq_nr_running: 'env->dst_rq->nr_running',
  dst_rq_util_avg: '(int64_t)env->dst_rq->cfs.avg.util_avg',
  src_rq_load: '(int64_t)env->src_rq->cfs.load.weight',
  src_rq_load_avg: '(int64_t)env->src_rq->cfs.avg.load_avg',
  src_rq_nr_running: 'env->src_rq->nr_running',
  src_rq_util_avg: '(int64_t)env->src_rq->cfs.avg.util_avg',
  imbalance: 'env->imbalance',
  sd_cache_nice_tries: 'env->sd->cache_nice_tries',
  cpu_idle: 'env->idle == ENUMERATOR(enum cpu_idle_type, CPU_IDLE)',
  cpu_newly_idle: 'env->idle == ENUMERATOR(enum cpu_idle_type, CPU_NEWLY_IDLE)',
  sd_nr_balance_failed: 'env->sd->nr_balance_failed',
  delta: '(int64_t)(env->src_rq->clock_task - p->se.exec_start)',
  cpu: 'this_cpu()',
  src_cpu: 'env->src_cpu',
  dst_cpu: 'env->dst_cpu',
  migration_type: 'env->migration_type',
  lb_flags: 'env->flags',
  loop: 'env->loop',
  sd_flags: 'env->sd->flags',
};

/** Whether eBPF can read this column at the end of a call. */
export function isReadable(column: string): boolean {
  return column in EXPRESSIONS;
}

/** How a model is run whose sizes are constants, and how one is told that may take its place. */
interface Shape {
  readonly header: string;
  readonly words: number;
  readonly state: string;
  readonly run: string;
  readonly check: string;
  /** Words that another model must share. */
  readonly fits: readonly string[];
}

function shapeOf({ form, arrays }: CarriedModel): Shape {
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
export function ebpfHeader(run: TrainedRun, carried: CarriedModel, name: string): string {
  const { header, words, state, run: body } = shapeOf(carried);
  const { features } = run.model;
  const inputs = features.map(({ name: column }, at) => `\t${inputName(column)} = ${at},`);
  const reads = features.map(
    ({ name: column }) =>
      `\t/* ${columnText(column).unit} */\n\tvalues[${inputName(column)}] = ${EXPRESSIONS[column]!};`,
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

/** For the loader: the model itself, and which others may take its place. */
export function wordsHeader(run: TrainedRun, carried: CarriedModel, name: string): string {
  const { header, words, check, fits } = shapeOf(carried);
  const own = carried.arrays[0]!.words;
  return `/* SPDX-License-Identifier: MIT */
${blockComment([`The numbers of the model, from the run ${name}. The headers of LibML say what each word is.`])}
#ifndef KERNEL_ORACLE_WORDS_H
#define KERNEL_ORACLE_WORDS_H

#include "${header}"

#define KERNEL_ORACLE_INPUTS ${run.model.features.length}
#define KERNEL_ORACLE_WORDS ${words}

static const uint32_t kernel_oracle_words[KERNEL_ORACLE_WORDS] = {
${members(Array.from(own, wordLiteral))}
};

/* Whether these KERNEL_ORACLE_WORDS words are a model that the program can run: its sizes are constants there. */
static inline int kernel_oracle_fits(const uint32_t *words)
{
	return words[2] <= KERNEL_ORACLE_WORDS && !${check}(words, words[2]) && ${fits.join(' && ')};
}

#endif
`;
}

/** Words as a file, little-endian: what \`loader swap\` takes. */
export function wordBytes(words: Uint32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * words.length));
  for (const [at, word] of words.entries()) bytes.setUint32(4 * at, word, true);
  return new Uint8Array(bytes.buffer);
}

export function ebpfMakefile({ form }: CarriedModel): string {
  const source = form === 'tree' ? 'tree.c' : 'fixed.c';
  return `# make check: builds the program of eBPF and its loader, and asks the program, in the kernel, about the rows of the self-test.
# Needs clang 14 or later, libbpf with its headers (libbpf-dev), and root for what talks to the kernel.
CC ?= cc
CLANG ?= clang
CFLAGS ?= -O2
WARNINGS = -Wall -Wextra -Werror
LIBRARY = $(wildcard libml/*.h)

check: loader shadow.bpf.o
	./loader check

build: loader shadow.bpf.o

shadow.bpf.o: shadow.bpf.c kernel.h stats.h kernel_oracle_model.h $(LIBRARY)
	$(CLANG) -target bpf -mcpu=v3 -O2 -g $(WARNINGS) -Ilibml -c shadow.bpf.c -o $@

loader: loader.c stats.h ${WORDS_HEADER} kernel_oracle_samples.h libml/${source} $(LIBRARY)
	$(CC) -std=gnu11 $(WARNINGS) $(CFLAGS) -Ilibml -o $@ loader.c libml/${source} -lbpf

clean:
	rm -f loader shadow.bpf.o

.PHONY: check build clean
`;
}
