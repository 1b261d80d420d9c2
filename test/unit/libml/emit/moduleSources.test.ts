import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainedRun } from '../../../../src/learning/migrations/runs/neuralCfsRun.js';
import { carriedModel, type CarriedBits } from '../../../../src/libml/emit/carriedModel.js';
import { COLUMN_EXPRESSIONS } from '../../../../src/libml/emit/columnExpressions.js';
import { inputName } from '../../../../src/libml/emit/cText.js';
import { coreFiles, MODULE_LIBRARY_FILES, moduleFiles } from '../../../../src/libml/emit/moduleSources.js';
import { swapFile } from '../../../../src/libml/emit/swapFile.js';
import { drawnCalls, newRun } from '../../../support/trainedRuns.js';
import { setOf } from '../../dataset/migrations/setBuilder.js';

let run: TrainedRun;

beforeAll(async () => {
  const { info, ...rest } = await newRun(await setOf({ smp4_alpha: drawnCalls(700) }), 'logistic');
  const sha256 = 'a'.repeat(64);
  run = {
    info: { ...info, files: { model: sha256, calibration: sha256, test: sha256, samples: sha256 } },
    ...rest,
  };
});

function filesOf(bits: CarriedBits): Map<string, string> {
  const carried = carriedModel(run.model, run.calibration, { target: 'module', bits });
  return new Map(moduleFiles(run, carried, 'some run').map(([name, content]) => [name, String(content)]));
}

describe('sources of a module', () => {
  test('what is the same for all models lies in media/libml', async () => {
    const there = await readdir(fileURLToPath(new URL('../../../../media/libml/kernel', import.meta.url)));
    expect(MODULE_LIBRARY_FILES.map((path) => path.replace('kernel/', '')).sort()).toEqual(
      there.filter((name) => name !== 'README.md').sort(),
    );
  });

  test('each input is read as its column is in a kernel', () => {
    const header = filesOf(16).get('kernel_oracle_inputs.h')!;
    const { features } = run.model;
    expect(features.length).toBeGreaterThan(0);
    for (const [at, { name }] of features.entries()) {
      expect(header).toContain(`\t${inputName(name)} = ${at},`);
      expect(header).toContain(`values[${inputName(name)}] = ${COLUMN_EXPRESSIONS[name]!};`);
    }
  });

  test('the model that is built in is model.swap, whatever its length', () => {
    const carried = carriedModel(run.model, run.calibration, { target: 'module', bits: 16 });
    const bytes = swapFile(carried, run.model.features.length, run.samples);
    const header = filesOf(16).get('kernel_oracle_swap.h')!;
    expect(header).toContain(`#define KERNEL_ORACLE_SWAP_BYTES ${bytes.length}\n`);
    const words = Array.from(header.matchAll(/0x([0-9a-f]{8})u/g), ([, word]) => parseInt(word!, 16));
    const built = Buffer.from(Uint32Array.from(words).buffer);
    expect(built.length).toBe(4 * Math.ceil(bytes.length / 4));
    expect(built.subarray(0, bytes.length).equals(bytes)).toBe(true);
  });

  test('only what computes with floats is compiled for the FPU', () => {
    const [fixed, float] = [filesOf(16), filesOf(32)];
    expect(fixed.get('kernel_oracle_model.h')).toContain('#define KERNEL_ORACLE_NEEDS_FPU 0');
    expect(fixed.get('Kbuild')).not.toMatch(/sse|FPU/);
    expect(float.get('kernel_oracle_model.h')).toContain('#define KERNEL_ORACLE_NEEDS_FPU 1');
    const kbuild = float.get('Kbuild')!;
    const objects = Array.from(kbuild.matchAll(/^CFLAGS_(\S+) /gm), ([, name]) => name!);
    expect(objects).toEqual(
      ['REMOVE_kernel_oracle_model.o', 'REMOVE_libml/mlp.o', 'REMOVE_libml/scaling.o'].flatMap((name) => [
        name.replace('REMOVE_', ''),
        name,
      ]),
    );
    for (const own of ['core.o', 'hook.o', 'interface.o', 'slot.o']) {
      expect(kbuild).toContain(` ${own} `);
      expect(kbuild).not.toContain(`CFLAGS_${own}`);
    }
  });

  test('a patched kernel is built of the same, without what builds a module', () => {
    const carried = carriedModel(run.model, run.calibration, { target: 'module', bits: 16 });
    const core = coreFiles(run, carried, 'some run').map(([name]) => name);
    expect([...filesOf(16).keys()]).toEqual([...core, 'Kbuild', 'Makefile']);
  });
});
