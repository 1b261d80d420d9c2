import { createHash } from 'node:crypto';
import { access, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candidateColumns } from '../../../../src/dataset/migrations/experimentColumns.js';
import type { MigrationSet } from '../../../../src/dataset/migrations/migrationSet.js';
import type { TrainedRun } from '../../../../src/learning/migrations/runs/neuralCfsRun.js';
import { carriedAgreement, isEnough } from '../../../../src/libml/emit/agreement.js';
import { agreementTexts, shareText } from '../../../../src/libml/emit/buildTexts.js';
import { carriedModel, type CarriedModel } from '../../../../src/libml/emit/carriedModel.js';
import { columnText } from '../../../../src/libml/emit/columnTexts.js';
import { isReadable } from '../../../../src/libml/emit/columnExpressions.js';
import { emitRun, type EmitOptions } from '../../../../src/libml/emit/emitRun.js';
import { drawnCalls, newRun } from '../../../support/trainedRuns.js';
import { setOf } from '../../dataset/migrations/setBuilder.js';

const LIBRARY = fileURLToPath(new URL('../../../../media/libml', import.meta.url));

let set: MigrationSet;
let folder: string;

beforeAll(async () => {
  set = await setOf({ smp4_alpha: drawnCalls(1000) });
  folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-emit-'));
});

afterAll(() => rm(folder, { recursive: true }));

const runs = new Map<string, Promise<TrainedRun>>();

/** Trained once. */
function runOf(model: string): Promise<TrainedRun> {
  const found = runs.get(model) ?? trainedRun(model);
  runs.set(model, found);
  return found;
}

async function trainedRun(model: string): Promise<TrainedRun> {
  const { info, ...rest } = await newRun(set, model);
  const sha256 = 'a'.repeat(64);
  return {
    info: { ...info, files: { model: sha256, calibration: sha256, test: sha256, samples: sha256 } },
    ...rest,
  };
}

function emitted(run: TrainedRun, name: string, options: Partial<EmitOptions> = {}) {
  return emitRun(run, {
    ...{ name, output: join(folder, name), replace: false, library: LIBRARY, target: 'c-fixed' },
    kernelOracleVersion: '1.2.3',
    ...options,
  });
}

describe('emit', () => {
  let run: TrainedRun;
  beforeAll(async () => {
    run = await runOf('logistic');
  });

  test('the folder has what it says, and the sources name the run, inputs and figures', async () => {
    const told = await emitted(run, 'whole');
    const names = await readdir(join(folder, 'whole'), { recursive: true });
    expect(names.filter((name) => name !== 'libml').sort()).toEqual(told.files);
    expect(told).toMatchObject({
      ...{ target: 'c-fixed', form: 'fixed', bits: 16, experiment: 3 },
      features: run.model.features.map(({ name }) => name),
      run: { name: 'whole', made: '1970-01-01T00:00:00.000Z' },
    });
    const header = await readFile(join(folder, 'whole', 'kernel_oracle_model.h'), 'utf8');
    expect(header).toContain('from the run "whole" of');
    expect(header).toMatch(/KERNEL_ORACLE_DELTA = \d/);
    expect(header).toMatch(/\[ns\]: env->src_rq->clock_task - p->se.exec_start, signed; mean \d/);
    expect(header).toContain('Workloads: alpha.');
    const samples = await readFile(join(folder, 'whole', 'kernel_oracle_samples.h'), 'utf8');
    expect(samples).toContain('#define KERNEL_ORACLE_SAMPLES 100');
    const readme = await readFile(join(folder, 'whole', 'README.txt'), 'utf8');
    expect(readme).toMatch(/decides as float32 does on [\d,]+ of [\d,]+ \(/);
    const library = await readFile(join(folder, 'whole', 'libml', 'fixed.c'), 'utf8');
    expect(library).toBe(await readFile(join(LIBRARY, 'fixed.c'), 'utf8'));
  });

  test('the same run gives the same files', async () => {
    await emitted(run, 'once', { name: 'x' });
    await emitted(run, 'twice', { name: 'x' });
    const digest = async (name: string) => {
      const hash = createHash('sha256');
      const { files } = JSON.parse(await readFile(join(folder, name, 'emitted.json'), 'utf8')) as {
        files: string[];
      };
      for (const file of files) hash.update(await readFile(join(folder, name, file)));
      return hash.digest('hex');
    };
    expect(await digest('once')).toBe(await digest('twice'));
  });

  test('only what was emitted is replaced, and what was built of it', async () => {
    await emitted(run, 'again');
    await expect(emitted(run, 'again')).rejects.toMatchObject({ code: 'write-failed' });
    await writeFile(join(folder, 'again', 'selftest'), 'built');
    await emitted(run, 'again', { replace: true, bits: 8 });
    await expect(access(join(folder, 'again', 'selftest'))).rejects.toThrow();
    await cp(join(folder, 'again', 'Makefile'), join(folder, 'again', 'mine.mk'));
    await expect(emitted(run, 'again', { replace: true })).rejects.toMatchObject({
      message: expect.stringContaining('something else than an emitted model') as string,
    });
  });

  test('refused: bits where there are none; a library that is not there', async () => {
    await expect(emitted(run, 'no', { target: 'c', bits: 8 })).rejects.toMatchObject({ code: 'wrong-usage' });
    await expect(emitted(await runOf('tree'), 'no', { bits: 16 })).rejects.toMatchObject({
      code: 'wrong-usage',
    });
    await expect(emitted(run, 'no', { library: join(folder, 'none') })).rejects.toMatchObject({
      code: 'read-failed',
    });
    await expect(access(join(folder, 'no'))).rejects.toThrow();
  });
});

test('rows that fixed point decides otherwise are told', async () => {
  const run = await runOf('logistic');
  const carried = carriedModel(run.model, run.calibration, { target: 'c-fixed' });
  const good = carriedAgreement(run, carried);
  expect(isEnough(good.withFloat!)).toBe(true);
  // One that calls all rows of the test negative.
  const wrong: CarriedModel = {
    ...carried,
    answers: (rows) => {
      const answers = carried.answers(rows);
      return rows === run.test ? { ...answers, decisions: new Uint8Array(rows.rows) } : answers;
    },
  };
  const bad = carriedAgreement(run, wrong);
  const called = carried.answers(run.test).decisions.reduce((sum, each) => sum + each, 0);
  expect(good.withFloat!.agreeing - bad.withFloat!.agreeing).toBe(called);
  expect(isEnough(bad.withFloat!)).toBe(false);
  const [header, first] = bad.differing!.split('\n');
  expect(header).toMatch(/^file,line,.*,float_logit,fixed_logit,float_decision,fixed_decision$/);
  expect(first).toMatch(/^test,\d+,.*,1,0$/);
  expect(bad.differing!.trim().split('\n').length).toBe(1 + called);
  expect(agreementTexts(bad).join('\n')).toMatch(/WARNING: that is fewer than 99.9 %/);
});

test('shares are never rounded up', () => {
  expect(shareText({ rows: 100_000, agreeing: 99_999 })).toBe('99,999 of 100,000 (99.99 %)');
  expect(isEnough({ rows: 1000, agreeing: 999 })).toBe(true);
  expect(isEnough({ rows: 1000, agreeing: 998 })).toBe(false);
});

test('every column that a model could be given is explained', () => {
  const without = candidateColumns(set).filter((name) => columnText(name).unit === 'as recorded');
  expect(without).toEqual([]);
});

describe('for eBPF', () => {
  test('every column that a model could be given can be read', () => {
    expect(candidateColumns(set).filter((name) => !isReadable(name))).toEqual([]);
    expect(['migration', 'forced', 'lat_ns'].filter(isReadable)).toEqual([]);
  });

  test('the shape is constant, and the model is a file that can be swapped in', async () => {
    const run = await runOf('logistic');
    const told = await emitted(run, 'shadow', { target: 'ebpf', bits: 8 });
    expect(told).toMatchObject({ target: 'ebpf', form: 'fixed', bits: 8 });
    const read = (name: string) => readFile(join(folder, 'shadow', name), 'utf8');
    expect(await read('kernel_oracle_model.h')).toContain(
      'libml_fixed_run_shape(words, 8, KERNEL_ORACLE_INPUTS, 0, 0, 0, values',
    );
    expect(await read('kernel_oracle_shape.h')).toContain('words[5] == 8');
    expect(await read('README.txt')).toContain('sh control start shadow');
    const swap = await readFile(join(folder, 'shadow', 'model.swap'));
    expect(swap.subarray(0, 4).toString('latin1')).toBe('KOS1');
    const words = swap.subarray(32, 32 + told.modelBytes);
    expect(createHash('sha256').update(words).digest('hex')).toBe(told.wordsSha256);
    expect((await stat(join(folder, 'shadow', 'control'))).mode & 0o111).toBe(0o111);
    expect(told.files).not.toContain('kernel_oracle_samples.h');
    // What `control build` leaves there does not make it something else.
    for (const name of ['loader', 'shadow.bpf.o']) await writeFile(join(folder, 'shadow', name), 'built');
    await emitted(run, 'shadow', { target: 'ebpf', replace: true });
    await writeFile(join(folder, 'shadow', 'kernel_oracle.ko'), 'of another target');
    await expect(emitted(run, 'shadow', { target: 'ebpf', replace: true })).rejects.toMatchObject({
      code: 'write-failed',
    });
  });

  test('floats are refused: a program of eBPF has none', async () => {
    await expect(emitted(await runOf('logistic'), 'no', { target: 'ebpf', bits: 32 })).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringContaining('The target ebpf has weights in fixed point') as string,
    });
  });

  test('a tree leaves room for one of four questions', async () => {
    const { modelBytes } = await emitted(await runOf('tree'), 'shadow-tree', { target: 'ebpf' });
    const header = await readFile(join(folder, 'shadow-tree', 'kernel_oracle_model.h'), 'utf8');
    expect(header).toContain('#define KERNEL_ORACLE_WORDS 130');
    expect(modelBytes).toBeLessThanOrEqual(4 * 130);
  });
});
