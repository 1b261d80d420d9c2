import { describe, expect, test } from 'vitest';
import {
  applied,
  FAIR_SOURCE,
  kernelEdits,
  OPTIONS_FILE,
  reverted,
  SCHED_MAKEFILE,
  type FileEdit,
  type KernelTexts,
} from '../../../../src/libml/patched/kernelEdits.js';
import { fairSource, kernelSourceFiles, type KernelSourceShape } from '../../../support/kernelSource.js';

function textsOf(shape: KernelSourceShape = {}): KernelTexts {
  const files = kernelSourceFiles(shape);
  return { options: files[OPTIONS_FILE]!, makefile: files[SCHED_MAKEFILE]!, fair: files[FAIR_SOURCE]! };
}

function editOf(path: string, shape?: KernelSourceShape): FileEdit {
  return kernelEdits(textsOf(shape)).find((edit) => edit.path === path)!;
}

describe('places in the source of a kernel', () => {
  test('the model is asked with the condition of the kernel itself', () => {
    const text = applied(fairSource(), editOf(FAIR_SOURCE));
    expect(text).toContain(
      '#include "ml/hook.h"\n\n/*\n * Whether it may.\n */\nstatic\nint can_migrate_task',
    );
    expect(text).toContain(
      '\n\tML_MIGRATION_BEGINS;\n\tlockdep_assert_rq_held(env->src_rq);\n\tif (is_pinned',
    );
    expect(text).toContain(
      '\tif (ML_MIGRATION_DECIDED(p, env, tsk_cache_hot > 0, tsk_cache_hot <= 0 ||\n\t    env->sd->nr_balance_failed > env->sd->cache_nice_tries)) {\n\t\tif (tsk_cache_hot == 1)',
    );
  });

  test('where newer kernels keep what is hot in a variable', () => {
    const text = applied(fairSource({ isNewer: true }), editOf(FAIR_SOURCE, { isNewer: true }));
    expect(text).toContain(
      '\tif (ML_MIGRATION_DECIDED(p, env, hot, !hot || env->sd->nr_balance_failed > env->sd->cache_nice_tries)) {\n\t\tif (hot)',
    );
  });

  test('the option is in the menu of the scheduler, and the folder is built with it', () => {
    const { options, makefile } = textsOf();
    expect(applied(options, editOf(OPTIONS_FILE))).toContain(
      'menu "Scheduler features"\n\nsource "kernel/sched/ml/Kconfig"\n\nconfig TWO',
    );
    expect(applied(makefile, editOf(SCHED_MAKEFILE))).toMatch(
      /obj-y \+= fair\.o\nobj-\$\(CONFIG_ML_FORCE_MIGRATIONS\) \+= ml\/\nifdef/,
    );
    const onOneLine = 'obj-y += idle.o fair.o rt.o\n';
    const edit = kernelEdits({ ...textsOf(), makefile: onOneLine })[1]!;
    expect(applied(onOneLine, edit)).toMatch(/^obj-y \+= idle\.o fair\.o rt\.o\nobj-\$/);
  });

  test.each([{}, { isNewer: true }])('what was edited goes back, to the byte: %j', (shape) => {
    const files = kernelSourceFiles(shape);
    for (const edit of kernelEdits(textsOf(shape))) {
      const before = files[edit.path]!;
      expect(reverted(applied(before, edit), edit)).toBe(before);
      // Work that was cut off may have left a file as it was.
      expect(reverted(before, edit)).toBe(before);
    }
  });

  test('other changes of the same files stay', () => {
    const edit = editOf(FAIR_SOURCE);
    const changed = applied(fairSource(), edit).replace('/* A stand-in. */', '/* Mine. */');
    expect(reverted(changed, edit)).toBe(fairSource().replace('/* A stand-in. */', '/* Mine. */'));
  });

  test.each<[string, (texts: KernelTexts) => Partial<KernelTexts>, RegExp]>([
    [
      'no menu',
      () => ({ options: 'config ONE\n' }),
      /init\/Kconfig .* the menu "Scheduler features" was not/,
    ],
    ['no fair.o', () => ({ makefile: 'obj-y += core.o\n' }), /sched\/Makefile .* fair\.o was not found/],
    [
      'fair.o twice',
      ({ makefile }) => ({ makefile: makefile + 'obj-y += fair.o\n' }),
      /fair\.o is there 2 times/,
    ],
    ['no function', () => ({ fair: 'int x;\n' }), /can_migrate_task\(p, env\) was not found/],
    [
      'two of them',
      ({ fair }) => ({ fair: fair + fair.slice(fair.indexOf('/*\n * Whether')) }),
      /can_migrate_task\(p, env\) is there 2 times/,
    ],
    ['no lb_env', ({ fair }) => ({ fair: fair.replace('struct lb_env {', 'struct env {') }), /struct lb_env/],
    [
      'another condition',
      ({ fair }) => ({ fair: fair.replace('tsk_cache_hot <= 0 ||', 'tsk_cache_hot < 0 ||') }),
      /decision about a hot task in can_migrate_task\(\) was not found/,
    ],
    [
      'another end',
      ({ fair }) => ({ fair: fair.replace('nr_failed_migrations_hot);\n\treturn 0', 'x);\n\treturn 0') }),
      /decision about a hot task/,
    ],
    [
      'a statement before the assertion',
      ({ fair }) => ({ fair: fair.replace('tsk_cache_hot;\n', 'tsk_cache_hot;\n\n\tf();\n') }),
      /an assertion of the lock right behind the declarations/,
    ],
    [
      'no assertion',
      ({ fair }) => ({ fair: fair.replace('held(env->src_rq);\n\tif', 'x();\n\tif') }),
      /the assertion of the lock of the source run queue/,
    ],
    [
      'edited by hand',
      ({ fair }) => ({ fair: applied(fair, editOf(FAIR_SOURCE)) }),
      /is not as in any kernel/,
    ],
  ])('refused: %s', (_, change, message) => {
    const texts = textsOf();
    expect(() => kernelEdits({ ...texts, ...change(texts) })).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message) as string }),
    );
  });

  test('what was changed since is not taken back', () => {
    const edit = editOf(FAIR_SOURCE);
    const broken = applied(fairSource(), edit).replace(
      'ML_MIGRATION_BEGINS;',
      'ML_MIGRATION_BEGINS; /* ? */',
    );
    expect(() => reverted(broken, edit)).toThrow(/fair\.c is not as it was left: .*Nothing was changed/);
  });
});
