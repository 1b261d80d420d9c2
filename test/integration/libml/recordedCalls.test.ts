/** Models trained on recorded calls: the same bits by all who run them, and whole numbers that decide as floats do. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMigrationSet } from '../../../src/dataset/migrations/readMigrationSet.js';
import { fixedAnswers } from '../../../src/libml/fixedInterpreter.js';
import { floatAnswers, packFloat } from '../../../src/libml/floatReference.js';
import { wasmFixedAnswers, wasmFloatAnswers, wasmTreeAnswers } from '../../../src/libml/libmlRunner.js';
import { agreementOf, quantise } from '../../../src/libml/quantise.js';
import { packTree, treeAnswers } from '../../../src/libml/treeModel.js';
import { exactRows, type WholeRows } from '../../../src/libml/wholeRows.js';
import { trainedDeployable, type TrainedDeployable } from '../../support/deployableModels.js';
import { answerBytes, jobBytes, programArguments, type LibmlJob } from '../../support/libmlProgram.js';
import { run } from '../cliProcess.js';

const FIXTURE = fileURLToPath(new URL('../../fixtures/migration-records/synthetic.csv', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../../shared/datasets/can_migrate_task/', import.meta.url));

let folder: string;
let program: string | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-recorded-'));
  const binary = join(folder, 'answers');
  const built = await run('cc', programArguments(folder, binary, ['-O2'])).catch(() => undefined);
  expect(built?.stderr ?? '').toBe('');
  if (built !== undefined) program = binary;
  else console.warn('There is no cc here: only WebAssembly is compared with the references.');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a network, a linear model and a tree on the project’s own records', async () => {
  const set = await readMigrationSet([FIXTURE]);
  for (const kind of ['libml', 'logistic']) {
    const trained = await trainedDeployable(set, 2, kind);
    const float = packFloat(trained.model);
    for (const bits of [8, 16] as const) {
      const { words, model, agreement } = quantise(trained.model, trained.training, { bits });
      expect(agreement.share, `${kind} ${bits}`).toBeGreaterThan(bits === 16 ? 0.995 : 0.98);
      for (const rows of [trained.training, trained.test]) {
        await expectSame({ kind: 'fixed', words }, rows, fixedAnswers(model, rows));
      }
    }
    await expectSame({ kind: 'float', ...float }, trained.test, floatAnswers(float, trained.test));
  }
  const tree = await trainedDeployable(set, 2, 'tree');
  const words = packTree(tree.model);
  await expectSame({ kind: 'tree', words }, tree.test, treeAnswers(words, tree.test));
});

test.skipIf(!existsSync(SHARED))(
  'the thesis’s network on the shared records (needs ../shared/datasets/can_migrate_task)',
  async () => {
    const { model, training, test: tested } = await trainedOnShared();
    const packed = packFloat(model);
    const { words, model: fixed, agreement } = quantise(model, training, { bits: 16 });
    expect(agreement.share).toBeGreaterThanOrEqual(0.999);
    const float = floatAnswers(packed, tested);
    const answers = fixedAnswers(fixed, tested);
    expect(agreementOf(float, answers).share).toBeGreaterThanOrEqual(0.999);
    expect(new Set(answers.decisions)).toEqual(new Set([0, 1]));
    await expectSame({ kind: 'fixed', words }, tested, answers);
    await expectSame({ kind: 'fixed', words }, training, fixedAnswers(fixed, training));
    await expectSame({ kind: 'float', ...packed }, tested, float);
  },
  120_000,
);

async function trainedOnShared(): Promise<TrainedDeployable> {
  return trainedDeployable(await readMigrationSet([SHARED]), 2, 'libml');
}

/** WebAssembly and the machine's compiler say what the reference says. */
async function expectSame(job: LibmlJob, rows: WholeRows, reference: ReturnType<typeof fixedAnswers>) {
  const wanted = Buffer.from(answerBytes(job, reference));
  const wasm =
    job.kind === 'float'
      ? wasmFloatAnswers(job, rows)
      : job.kind === 'tree'
        ? wasmTreeAnswers(job.words, rows)
        : wasmFixedAnswers(job.words, rows);
  expect(wanted.equals(answerBytes(job, wasm))).toBe(true);
  if (program === undefined) return;
  const [values, jobs, out] = ['values', 'jobs', 'out'].map((name) => join(folder, name));
  writeFileSync(values!, new Uint8Array(exactRows(rows).values.buffer));
  writeFileSync(jobs!, jobBytes([job]));
  expect(await run(program, ['answers', values!, jobs!, out!])).toMatchObject({ status: 0 });
  expect(readFileSync(out!).equals(wanted)).toBe(true);
}
