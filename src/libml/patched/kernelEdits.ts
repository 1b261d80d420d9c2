/** The places of a kernel's source where a model is asked: recognised by what they do, not by their line. */
import { Failure } from '../../base/errors.js';

export const FAIR_SOURCE = 'kernel/sched/fair.c';
export const SCHED_MAKEFILE = 'kernel/sched/Makefile';
export const OPTIONS_FILE = 'init/Kconfig';
/** Folder of what is added. */
export const ADDED_FOLDER = 'kernel/sched/ml';

/** Of a file: a text that is there once, and what takes its place. Undone by the other way round. */
export interface Replacement {
  readonly before: string;
  readonly after: string;
}

export interface FileEdit {
  /** From the folder of the source. */
  readonly path: string;
  readonly replacements: readonly Replacement[];
}

export interface KernelTexts {
  readonly fair: string;
  readonly makefile: string;
  readonly options: string;
}

const INCLUDE = '#include "ml/hook.h"';

/**
 * What is to be edited, in the order of the files.
 * Failures: `bad-input` (a place is not as it is known; says which).
 */
export function kernelEdits({ fair, makefile, options }: KernelTexts): FileEdit[] {
  return [
    { path: OPTIONS_FILE, replacements: [optionsReplacement(options)] },
    { path: SCHED_MAKEFILE, replacements: [makefileReplacement(makefile)] },
    { path: FAIR_SOURCE, replacements: fairReplacements(fair) },
  ];
}

/** Failure `bad-input` when a text to be replaced is not there exactly once. */
export function applied(text: string, { path, replacements }: FileEdit): string {
  return replacements.reduce(
    (changed, { before, after }) => replacedOnce(changed, before, after, path),
    text,
  );
}

/**
 * The other way round; what was not done yet, since the work was cut off, is left. Failure `bad-input` when neither is there.
 */
export function reverted(text: string, { path, replacements }: FileEdit): string {
  return replacements.reduceRight((changed, { before, after }) => {
    const isUndone = !changed.includes(after) && countOf(changed, before) === 1;
    return isUndone ? changed : replacedOnce(changed, after, before, path);
  }, text);
}

function replacedOnce(text: string, from: string, to: string, path: string): string {
  const count = countOf(text, from);
  if (count !== 1) {
    throw new Failure(
      'bad-input',
      `${path} is not as it was left: "${firstLine(from)}" and what follows it ${count === 0 ? 'is not there any more' : `is there ${count} times`}. Nothing was changed. Put the file back as it was, or take the edits back by hand; kernel-oracle/kernel-oracle.patch has them.`,
    );
  }
  return text.split(from).join(to);
}

function firstLine(text: string): string {
  return text
    .split('\n')
    .find((line) => line.trim() !== '')!
    .trim();
}

function optionsReplacement(text: string): Replacement {
  const before = 'menu "Scheduler features"\n';
  requireOnce(countOf(text, before), OPTIONS_FILE, 'the menu "Scheduler features"');
  return { before, after: `${before}\nsource "${ADDED_FOLDER}/Kconfig"\n` };
}

function makefileReplacement(text: string): Replacement {
  const lines = text.match(/^obj-y[ \t]*\+=[ \t](?:.*[ \t])?fair\.o(?:[ \t].*)?\n/gm) ?? [];
  requireOnce(lines.length, SCHED_MAKEFILE, 'the line that compiles fair.o');
  const before = lines[0]!;
  return {
    before,
    after: `${before}obj-$(CONFIG_ML_FORCE_MIGRATIONS) += ml/\nifdef CONFIG_ML_FORCE_MIGRATIONS\ninclude $(srctree)/${ADDED_FOLDER}/flags.make\nendif\n`,
  };
}

const DEFINITION =
  /^(?:static[ \t\n]+)?(?:noinline[ \t\n]+)?int can_migrate_task\(struct task_struct \*p, struct lb_env \*env\)\n\{\n/gm;
const DECLARATIONS = /^(?:\t(?:int|long|bool|unsigned int) [\w ,]+;\n)+\n$/;
const LOCKED = /^\tlockdep_assert_(?:rq_held\(env->src_rq\)|held\(&env->src_rq->(?:__)?lock\));\n/gm;
/** `if (tsk_cache_hot <= 0 || …` until Linux 6.14, then `if (!hot || …`. */
const DECISION =
  /^\tif \((tsk_cache_hot <= 0|!hot) \|\|[ \t\n]+env->sd->nr_balance_failed > env->sd->cache_nice_tries\) \{\n(?:\t\t.*\n)+?\t\treturn 1;\n\t\}\n\n\tschedstat_inc\(p->(?:se\.statistics|stats)\.nr_failed_migrations_hot\);\n\treturn 0;\n$/gm;

/** Of the file: the hook's header before the function; in it, when it begins and where it has decided about a hot task. */
function fairReplacements(text: string): Replacement[] {
  const definitions = [...text.matchAll(DEFINITION)];
  requireOnce(definitions.length, FAIR_SOURCE, 'can_migrate_task(p, env)');
  const definition = definitions[0]!;
  const bodyAt = definition.index + definition[0].length;
  const body = text.slice(bodyAt, text.indexOf('\n}\n', bodyAt) + 1);
  const environment = text.indexOf('\nstruct lb_env {');
  if (environment < 0 || environment > definition.index) throw unknownPlace('struct lb_env', FAIR_SOURCE, 0);
  return [headerReplacement(text, definition, body), decisionReplacement(body)];
}

/** One text from the comment to the assertion, so that it is there once: the assertion is made elsewhere, too. */
function headerReplacement(text: string, definition: RegExpExecArray, body: string): Replacement {
  const locked = [...body.matchAll(LOCKED)];
  requireOnce(locked.length, FAIR_SOURCE, 'the assertion of the lock of the source run queue');
  const lockedAt = locked[0]!.index;
  if (!DECLARATIONS.test(body.slice(0, lockedAt))) {
    throw unknownPlace('an assertion of the lock right behind the declarations', FAIR_SOURCE, 0);
  }
  const begins = text.slice(0, definition.index).endsWith(' */\n')
    ? text.lastIndexOf('/*', definition.index)
    : definition.index;
  const head = text.slice(begins, definition.index + definition[0].length) + body.slice(0, lockedAt);
  const assertion = locked[0]![0];
  return {
    before: head + assertion,
    after: `${INCLUDE}\n\n${head}\tML_MIGRATION_BEGINS;\n${assertion}`,
  };
}

function decisionReplacement(body: string): Replacement {
  const decisions = [...body.matchAll(DECISION)];
  requireOnce(decisions.length, FAIR_SOURCE, 'the decision about a hot task in can_migrate_task()');
  const [whole, cold] = decisions[0]!;
  const before = whole.slice(0, whole.indexOf(') {\n') + 4);
  const hot = cold === '!hot' ? 'hot' : 'tsk_cache_hot > 0';
  const condition = before.slice('\tif ('.length, -') {\n'.length);
  return { before, after: `\tif (ML_MIGRATION_DECIDED(p, env, ${hot}, ${condition})) {\n` };
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

function requireOnce(count: number, path: string, what: string): void {
  if (count !== 1) throw unknownPlace(what, path, count);
}

function unknownPlace(what: string, path: string, count: number): Failure {
  return new Failure(
    'bad-input',
    `${path} is not as in any kernel that is known: ${what} ${count === 0 ? 'was not found' : `is there ${count} times`}. Nothing was changed. Patch a kernel as it was published, Linux 5.14 or later (6.1 and 6.12 were tried), or carry the model there as a module.`,
  );
}
