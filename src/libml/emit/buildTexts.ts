/** How what was emitted is built and checked. */
import type { TrainedRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { isEnough, type CarriedAgreement, type DecisionCounts } from './agreement.js';
import type { CarriedModel, EmitTarget } from './carriedModel.js';
import { plainText } from './cText.js';
import { inputTexts, whatItIs } from './describeRun.js';
import { LIBRARY_FILES, MODEL_HEADER, MODEL_SOURCE } from './modelSources.js';
import { SAMPLES_HEADER, SELF_TEST } from './selfTest.js';

export const DIFFERING_FILE = 'differing-rows.csv';

export function makefile({ form }: CarriedModel): string {
  const { headers, sources } = LIBRARY_FILES[form];
  const own = [SELF_TEST, MODEL_SOURCE, ...sources.map((name) => `libml/${name}`)];
  const read = [MODEL_HEADER, SAMPLES_HEADER, ...headers.map((name) => `libml/${name}`)];
  return `# make check: builds the self-test and runs it.
CC ?= cc
CFLAGS ?= -O2
# Products and sums are rounded apart: floats have the same bits everywhere.
REQUIRED = -std=c99 -Wall -Wextra -pedantic -Werror -ffp-contract=off -Ilibml
SOURCES = ${own.join(' ')}
HEADERS = ${read.join(' ')}

check: selftest
	./selftest

selftest: $(SOURCES) $(HEADERS)
	$(CC) $(REQUIRED) $(CFLAGS) -o $@ $(SOURCES)

clean:
	rm -f selftest

.PHONY: check clean
`;
}

export function readmeText(
  run: TrainedRun,
  carried: CarriedModel,
  agreement: CarriedAgreement,
  { name, target }: { readonly name: string; readonly target: EmitTarget },
): string {
  return plainText(
    [
      ...whatItIs(run, carried, name),
      '',
      'Inputs, in their order, each a whole number of 64 bits:',
      '',
      ...inputTexts(run),
      '',
      ...agreementTexts(agreement),
      '',
      ...(target === 'ebpf' ? EBPF_TEXTS : target === 'module' ? MODULE_TEXTS : cTexts(carried)),
      '',
      'libml/ is LibML as it is in KernelOracle. Everything here is under the MIT licence.',
    ].map(printableText),
  );
}

function cTexts({ form }: CarriedModel): string[] {
  const { sources } = LIBRARY_FILES[form];
  return [
    'To check it on this machine, with any C compiler:',
    '',
    '    make check',
    '',
    'or without make:',
    '',
    `    cc -std=c99 -O2 -ffp-contract=off -Ilibml ${[SELF_TEST, MODEL_SOURCE].join(' ')} ${sources.map((each) => `libml/${each}`).join(' ')} -o selftest && ./selftest`,
    '',
    `To use it: compile ${MODEL_SOURCE} and ${sources.map((each) => `libml/${each}`).join(', ')}, include ${MODEL_HEADER}, ask kernel_oracle_check() once, then kernel_oracle_decide() of each call. Nothing needs a libc; ${SELF_TEST} does.`,
  ];
}

const EBPF_TEXTS: readonly string[] = [
  'A program of eBPF asks the model about every call of can_migrate_task() and counts what it says beside what the kernel did. It changes nothing. Where the fields lie that it reads, the kernel tells when it is loaded (BTF).',
  '',
  'Needs clang 14 or later, a C compiler, make, and libbpf with its headers (libbpf-dev) to be built; Linux 5.14 or later with BTF, and root, to be run:',
  ...controlTexts('off, or shadow: it is asked of every call, and counted'),
  '',
  'What is in the kernel is kept under names in /sys/fs/bpf/kernel-oracle. Where the kernel has no bit in the task that tells a forced migration, a counter does, which needs kernel.sched_schedstats=1.',
];

const MODULE_TEXTS: readonly string[] = [
  'A kernel module asks the model about every call of can_migrate_task(): in shadow it counts what the model says beside what the kernel did, active it decides, within a rule of safety: what the kernel has refused for another reason than a hot task is never allowed. That needs kernel.sched_schedstats=1.',
  '',
  'Needs the headers of the running kernel, the compiler that it was built with, and make to be built; a kernel with BTF, and root, to be run. For machines that may crash:',
  ...controlTexts('off; shadow: it is asked of every call, and counted; active: it decides'),
];

/** @param modes a line for the word `mode` */
function controlTexts(modes: string): string[] {
  return [
    '',
    '    sh control needs          a line for each thing that is missing here',
    '    sh control build',
    '    sh control check          asks the model, in the kernel, about the rows of model.swap; leaves nothing there',
    '    sh control start shadow',
    '    sh control stats          what was counted, a line of JSON',
    '    sh control swap FILE      model.swap of another model of the same shape takes the place of this one; counts begin anew',
    `    sh control mode MODE      ${modes}`,
    '    sh control remove',
  ];
}

/** What is to be known of the decisions, in sentences. */
export function agreementTexts({ withFloat, asTrained }: CarriedAgreement): string[] {
  const texts: string[] = [];
  if (withFloat !== null) {
    texts.push(
      `It decides as float32 does on ${shareText(withFloat)} recorded calls (calibration and test).`,
    );
    if (!isEnough(withFloat)) {
      texts.push(
        `WARNING: that is fewer than 99.9 %. ${DIFFERING_FILE} has the others. Take weights of 16 bits or the target c, or train it again.`,
      );
    } else if (withFloat.agreeing < withFloat.rows) texts.push(`${DIFFERING_FILE} has the others.`);
  }
  texts.push(`It decides as it did where it was trained on ${shareText(asTrained)} sample calls.`);
  return texts;
}

/** `7,913 of 7,914 (99.99 %)`, never rounded up to all of them. */
export function shareText({ rows, agreeing }: DecisionCounts): string {
  const n = (count: number) => count.toLocaleString('en-US');
  const percent = rows === 0 ? 100 : Math.floor((10_000 * agreeing) / rows) / 100;
  return `${n(agreeing)} of ${n(rows)} (${percent.toFixed(2)} %)`;
}

/** In one line: a name may have any character. */
function printableText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '.');
}
