/** The process that trains models of migrations and carries them over, as the extension starts it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commonJs, nativeAddons } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { settingsOf, USUAL_RUN } from '../../../src/host/neuralCfs/runChoices.js';
import { RunProcesses } from '../../../src/host/neuralCfs/runProcess.js';
import { readNeuralCfsRun } from '../../../src/learning/migrations/runs/runFolder.js';
import type { RunSettings } from '../../../src/workers/neuralCfsTrainerMessages.js';
import { recordsCsv } from '../../support/migrationRecords.js';
import { drawnCalls } from '../../support/trainedRuns.js';
import { makeDirectory } from '../cliProcess.js';

let directory: string;
let processes: RunProcesses;
let settings: RunSettings;

beforeAll(async () => {
  directory = await makeDirectory();
  const outdir = join(directory, 'dist');
  const entryPoints = [join(root, 'src/workers/neuralCfsTrainer.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir, external: nativeAddons });
  processes = new RunProcesses(join(outdir, 'neuralCfsTrainer.cjs'), join(root, 'media/libml'));
  mkdirSync(at('records'));
  writeFileSync(at('records/smp4_alpha.csv'), recordsCsv(drawnCalls(600)));
  settings = { ...USUAL_RUN, experiment: 3, model: 'logistic', paths: [at('records')] };
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => join(directory, name);
const work = (signal = new AbortController().signal) => ({ signal });

test('trains a run, once more from what it says of itself, and never over another', async () => {
  const summary = await processes.train(settings, at('run'), work());
  expect(summary).toMatchObject({
    title: 'Logistic regression',
    inputs: expect.arrayContaining(['delta']) as string[],
  });
  const { info } = await readNeuralCfsRun(at('run'));
  await processes.train({ ...settingsOf(info), paths: settings.paths }, at('run-2'), work());
  const again = await readNeuralCfsRun(at('run-2'));
  expect(again.info.files).toEqual(info.files);
  await expect(processes.train(settings, at('run'), work())).rejects.toMatchObject({ code: 'bad-input' });
}, 60_000);

test('what a model takes has the words that its sources have', async () => {
  const { forms, failures } = await processes.carry(at('run'), work());
  expect(forms.map(({ form, bits }) => [form, bits])).toEqual([
    ...[
      ['fixed', 16],
      ['fixed', 8],
      ['float', 32],
    ],
  ]);
  expect(failures).toEqual([]);
  const emitted = [
    ['ebpf', 16],
    ['module', 8],
    ['module', 32],
  ] as const;
  for (const [target, bits] of emitted) {
    const output = at(`${target}-${bits}`);
    const { modelBytes } = await processes.emit({ run: at('run'), target, bits, output }, work());
    const told = JSON.parse(readFileSync(join(output, 'emitted.json'), 'utf8')) as { wordsSha256: string };
    const form = forms.find((each) => each.bits === bits)!;
    expect([told.wordsSha256, modelBytes]).toEqual([form.wordsSha256, form.modelBytes]);
  }
}, 60_000);

test('one that is cancelled leaves no folder; what cannot be comes back in words', async () => {
  const cancellation = new AbortController();
  const training = processes.train(settings, at('cancelled'), {
    signal: cancellation.signal,
    onProgress: () => cancellation.abort(),
  });
  await expect(training).rejects.toMatchObject({ code: 'cancelled' });
  expect(readdirSync(directory).filter((name) => name.includes('cancelled'))).toEqual([]);
  await expect(processes.carry(at('gone'), work())).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('holds no trained model') as string,
  });
}, 60_000);
