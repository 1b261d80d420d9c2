import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TrainedRun } from '../../../../src/learning/migrations/runs/neuralCfsRun.js';
import { PATCH_FILE, patchKernel, unpatchKernel } from '../../../../src/libml/patched/patchKernel.js';
import { kernelSourceFiles, writeKernelSource } from '../../../support/kernelSource.js';
import { drawnCalls, newRun } from '../../../support/trainedRuns.js';
import { setOf } from '../../dataset/migrations/setBuilder.js';

const LIBRARY = fileURLToPath(new URL('../../../../media/libml', import.meta.url));

let folder: string;
let linear: TrainedRun;
let tree: TrainedRun;
let source: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-patched-'));
  const set = await setOf({ smp4_alpha: drawnCalls(1000) });
  const files = { model: 'a', calibration: 'b', test: 'c', samples: 'd' };
  const trained = async (model: string) => {
    const { info, ...rest } = await newRun(set, model);
    return { info: { ...info, files }, ...rest };
  };
  [linear, tree] = [await trained('logistic'), await trained('tree')];
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  source = join(folder, `source${(count += 1)}`);
  await writeKernelSource(source);
});

const options = { name: 'mine', library: LIBRARY, kernelOracleVersion: '1.2.3' };
const read = (path: string) => readFile(join(source, path), 'utf8');

async function contents(of = source): Promise<Record<string, string>> {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  const paths = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const texts = await Promise.all(
    paths.map(async (path) => [path.slice(of.length + 1), await readFile(path, 'latin1')]),
  );
  return Object.fromEntries(texts.sort()) as Record<string, string>;
}

describe('a model in the source of a kernel', () => {
  test('is there in both forms, with what runs, builds and asks it', async () => {
    const patched = await patchKernel(source, linear, options);
    expect(patched).toMatchObject({ version: '6.1.99-rc1', run: 'mine', experiment: 3 });
    expect(patched.models.map(({ form, bits }) => [form, bits])).toEqual([
      ['fixed-point', 16],
      ['float', 32],
    ]);
    expect(patched.edited).toEqual(['init/Kconfig', 'kernel/sched/Makefile', 'kernel/sched/fair.c']);
    for (const path of patched.added) await read(path);
    expect(await read('kernel/sched/ml/fixed-point/kernel_oracle_model.h')).toContain(
      'from the run "mine" of',
    );
    expect(await read('kernel/sched/ml/float/kernel_oracle_model.h')).toContain('NEEDS_FPU 1');
    expect((await stat(join(source, 'kernel-oracle/build.sh'))).mode & 0o111).toBe(0o111);
    expect((await stat(join(source, 'kernel-oracle/control'))).mode & 0o111).toBe(0o111);
    expect((await read('kernel-oracle/fixed-point/model.swap')).slice(0, 4)).toBe('KOS1');
    const patch = await read(PATCH_FILE);
    expect(patch).toContain('+++ b/kernel/sched/ml/hook.h');
    expect(patch).not.toMatch(/^\+\+\+ b\/kernel-oracle/m);
  });

  test('a tree has one form, and fewer bits are had on demand', async () => {
    expect((await patchKernel(source, tree, options)).models.map(({ form }) => form)).toEqual([
      'fixed-point',
    ]);
    expect(await readdir(join(source, 'kernel/sched/ml'))).not.toContain('float');
    const patched = await patchKernel(source, linear, { ...options, bits: 8 });
    expect(patched.models[0]).toMatchObject({ bits: 8 });
  });

  test('the same again touches nothing; another one takes the place of all that was there', async () => {
    await patchKernel(source, tree, options);
    const [before, time] = [await contents(), (await stat(join(source, 'kernel/sched/fair.c'))).mtimeMs];
    expect((await patchKernel(source, tree, options)).changed).toBe(0);
    expect(await contents()).toEqual(before);
    expect(before['kernel/sched/ml/tree.c']).toBeDefined();
    await patchKernel(source, linear, options);
    const after = await contents();
    expect(after['kernel/sched/ml/tree.c']).toBeUndefined();
    expect(after['kernel/sched/ml/mlp.c']).toBeDefined();
    expect((await stat(join(source, 'kernel/sched/fair.c'))).mtimeMs).toBe(time);
  });

  test('is taken out with what was compiled of it; what is of others stays', async () => {
    await patchKernel(source, linear, options);
    for (const name of ['core.o', '.core.o.cmd', 'built-in.a', 'float/.kernel_oracle_model.o.cmd']) {
      await writeFile(join(source, 'kernel/sched/ml', name), '');
    }
    await writeFile(join(source, 'kernel/sched/mine.c'), 'mine');
    expect(await unpatchKernel(source)).toBe('6.1.99-rc1');
    expect(await contents()).toEqual({ ...kernelSourceFiles(), 'kernel/sched/mine.c': 'mine' });
    expect(await readdir(join(source, 'kernel/sched'))).toEqual(['Makefile', 'fair.c', 'mine.c']);
    await expect(unpatchKernel(source)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('work that was cut off is gone on with, or taken back', async () => {
    await patchKernel(source, linear, options);
    const whole = await contents();
    const pristine = kernelSourceFiles();
    await writeFile(join(source, 'kernel/sched/fair.c'), pristine['kernel/sched/fair.c']!);
    await rm(join(source, 'kernel/sched/ml/core.c'));
    expect((await patchKernel(source, linear, options)).changed).toBe(2);
    expect(await contents()).toEqual(whole);
    await writeFile(join(source, 'init/Kconfig'), pristine['init/Kconfig']!);
    await unpatchKernel(source);
    expect(await contents()).toEqual(pristine);
  });
});

describe('nothing is half done', () => {
  async function expectUntouched(work: Promise<unknown>, failure: object): Promise<void> {
    await expect(work).rejects.toMatchObject(failure);
  }

  test('where the source is of no kernel that is known', async () => {
    await writeFile(join(source, 'kernel/sched/fair.c'), 'int nothing;\n');
    const before = await contents();
    await expectUntouched(patchKernel(source, linear, options), { code: 'bad-input' });
    expect(await contents()).toEqual(before);
    await rm(join(source, 'init/Kconfig'));
    await expectUntouched(patchKernel(source, linear, options), {
      message: expect.stringContaining('init/Kconfig is not there') as string,
    });
    await expectUntouched(patchKernel(join(source, 'kernel'), linear, options), {
      message: expect.stringContaining('no source of Linux') as string,
    });
  });

  test('where a folder of that name is of someone else', async () => {
    await mkdir(join(source, 'kernel/sched/ml'));
    await writeFile(join(source, 'kernel/sched/ml/theirs.c'), '');
    const before = await contents();
    await expectUntouched(patchKernel(source, linear, options), { code: 'write-failed' });
    expect(await contents()).toEqual(before);
  });

  test('where a file cannot be written, and where it is cancelled', async () => {
    const other = `${source}-copy`;
    await cp(source, other, { recursive: true });
    // When what is not of the kernel was written already.
    await writeFile(join(source, 'kernel/sched/ml'), 'a file');
    await expectUntouched(patchKernel(source, linear, options), {
      code: 'write-failed',
      message: expect.stringContaining('All is as it was') as string,
    });
    await rm(join(source, 'kernel/sched/ml'));
    expect(await contents()).toEqual(await contents(other));
    const signal = AbortSignal.abort();
    await expectUntouched(patchKernel(source, linear, { ...options, signal }), { code: 'cancelled' });
    expect(await contents()).toEqual(await contents(other));
  });

  test('where an edit was changed since, or what was written of it is damaged', async () => {
    await patchKernel(source, linear, options);
    const fair = await read('kernel/sched/fair.c');
    await writeFile(join(source, 'kernel/sched/fair.c'), fair.replace('ML_MIGRATION_BEGINS', 'MINE'));
    const before = await contents();
    await expectUntouched(unpatchKernel(source), { code: 'bad-input' });
    await expectUntouched(patchKernel(source, tree, options), { code: 'bad-input' });
    expect(await contents()).toEqual(before);
    const state = JSON.parse(await read('kernel-oracle/patched.json')) as { files: string[] };
    state.files.push('kernel-oracle/../../../etc/hostname');
    await writeFile(join(source, 'kernel-oracle/patched.json'), JSON.stringify(state));
    await expectUntouched(unpatchKernel(source), {
      message: expect.stringContaining('it is damaged') as string,
    });
  });
});
