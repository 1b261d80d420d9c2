import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSafetensors } from '../../../src/learning/files/safetensors.js';
import { buildCli, makeDirectory, run, SAMPLES } from '../cliProcess.js';

const SAMPLE = join(SAMPLES, 'mixed-io-and-cpu.ftrace.gz');

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  await done([
    'dataset',
    'build',
    SAMPLE,
    '--split',
    'walk-forward',
    '-o',
    join(directory, 'data'),
    '--quiet',
  ]);
  const config = (more: string) =>
    [
      'dataset: data',
      'windows: { length: 16, stride: 16 }',
      'batchSize: 16',
      'engine: { name: embedded, threads: 1 }',
      more,
    ].join('\n');
  const tcn = 'model: { name: tcn, settings: { taskEmbedding: 4, projection: 8, blocks: 2 } }';
  writeFileSync(join(directory, 'tcn.yaml'), config(`epochs: 2\n${tcn}`));
  writeFileSync(
    join(directory, 'lstm.yaml'),
    config('epochs: 1\nmodel: { name: lstm, settings: { hidden: 6 } }'),
  );
  for (const name of ['tcn', 'lstm'])
    await done(['train', join(directory, `${name}.yaml`), '-o', join(directory, 'runs', name), '--quiet']);
}, 180_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const kernelOracle = (...args: string[]) => run('node', [cli, ...args]);
const runOf = (name: string) => join(directory, 'runs', name);

/** Stdout of what has to succeed. */
async function done(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await kernelOracle(...args);
  expect(status, stderr).toBe(0);
  return stdout;
}

async function failed(args: readonly string[], status: number, message: RegExp): Promise<void> {
  const outcome = await kernelOracle(...args);
  expect(outcome).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) as string });
}

test('runs list: the newest first, damaged ones among them', async () => {
  const damaged = runOf('damaged');
  mkdirSync(damaged);
  writeFileSync(join(damaged, 'run.json'), '{');
  writeFileSync(join(damaged, 'kernel-oracle.yaml'), 'dataset: data\n');
  try {
    const { status, stdout, stderr } = await kernelOracle('runs', 'list', join(directory, 'runs'));
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n').slice(2);
    expect(lines.map((line) => /runs\/(\w+) +(\w+)/.exec(line)?.slice(1))).toEqual([
      ['damaged', 'damaged'],
      ['lstm', 'finished'],
      ['tcn', 'finished'],
    ]);
    expect(lines[1]).toMatch(/ error [\d.]+, epoch 1 +1\/1 +data /);
    expect(lines[2]).toMatch(/ accuracy [\d.]+ %, epoch [12] +2\/2 +data /);
    expect(stderr).toMatch(/^warning: .*damaged\/run\.json is no JSON/);
    const told = JSON.parse(await done(['runs', 'list', directory, '--json'])) as object[];
    expect(told).toMatchObject([
      { problem: expect.stringMatching(/no JSON/) as string },
      { folder: runOf('lstm'), state: 'finished', run: { model: 'lstm' } },
      { state: 'finished', run: { model: 'tcn', epochs: 2 } },
    ]);
  } finally {
    rmSync(damaged, { recursive: true });
  }
  const none = await kernelOracle('runs', 'list', join(directory, 'data'));
  expect(none).toMatchObject({ status: 0, stdout: '', stderr: expect.stringMatching(/no run/) as string });
  await failed(['runs', 'list', join(directory, 'nowhere')], 1, /nowhere cannot be listed/);
});

test('runs show: facts, configuration, metrics beside baselines', async () => {
  const text = await done(['runs', 'show', runOf('tcn')]);
  expect(text).toMatch(/^state {8}finished\nmodel {8}tcn \(next-task\), \d+ parameters\nbest {9}accuracy /);
  expect(text).toMatch(/\n {4}settings:\n {6}taskEmbedding: 4\n/);
  expect(text).toMatch(/\nseen:\n.*accuracy.*\n[- ]+\ntcn +[\d.]+ .*\nconstant +- /);
  const told = JSON.parse(await done(['runs', 'show', runOf('tcn'), '--json'])) as Record<string, unknown>;
  expect(told).toMatchObject({
    state: 'finished',
    config: { model: { name: 'tcn' }, seed: 42 },
    history: [{ epoch: 1 }, { epoch: 2 }],
    metrics: { seen: { model: { task: 'next-task' } } },
  });
  await failed(['runs', 'show', directory], 1, /is no run: there is no run\.json/);
});

test('runs compare: differing settings and what came of it', async () => {
  const text = await done(['runs', 'compare', runOf('tcn'), runOf('lstm')]);
  expect(text).toMatch(/\nmodel\.name +tcn +lstm\n/);
  expect(text).toMatch(/\nmodel\.settings\.blocks +2 +-\n/);
  expect(text).toMatch(/\nepochs +2\/2 +1\/1\n/);
  expect(text).toMatch(/\nseen: accuracy +[\d.]+ % +-\n/);
  expect(text).not.toMatch(/\nbatchSize /);
  const told = JSON.parse(await done(['runs', 'compare', runOf('tcn'), runOf('tcn'), '--json'])) as object;
  expect(told).toMatchObject({ sameDataSet: true, differences: [], a: { run: { model: 'tcn' } } });
});

test('runs compare: of other data the metrics do not tell which is better', async () => {
  const other = join(directory, 'other-data');
  await done(['dataset', 'build', SAMPLE, '--split', '80-10-10', '-o', other, '--quiet']);
  const config = readFileSync(join(directory, 'lstm.yaml'), 'utf8').replace(
    'dataset: data',
    'dataset: other-data',
  );
  writeFileSync(join(directory, 'other.yaml'), config);
  await done(['train', join(directory, 'other.yaml'), '-o', join(directory, 'other-run'), '--quiet']);
  const outcome = await kernelOracle(
    'runs',
    'compare',
    runOf('lstm'),
    join(directory, 'other-run'),
    '--json',
  );
  expect(outcome).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/the data sets differ/) as string,
  });
  expect(JSON.parse(outcome.stdout)).toMatchObject({
    sameDataSet: false,
    differences: [{ path: 'dataset', a: join(directory, 'data'), b: other }],
  });
});

test('runs export: each form, whole, and never over what is there', async () => {
  const path = (name: string) => join(directory, name);
  await done(['runs', 'export', runOf('tcn'), '--to', 'onnx', '-o', path('tcn.onnx')]);
  const bytes = readFileSync(path('tcn.onnx'));
  expect(bytes.length).toBeGreaterThan(1000);
  await failed(['runs', 'export', runOf('lstm'), '--to', 'onnx', '-o', path('tcn.onnx')], 1, /exists/);
  expect(readFileSync(path('tcn.onnx')).equals(bytes)).toBe(true);
  await done(['runs', 'export', runOf('lstm'), '--to', 'onnx', '-o', path('tcn.onnx'), '--force']);
  await done(['runs', 'export', runOf('tcn'), '--to', 'onnx', '-o', path('tcn.onnx'), '--force']);
  expect(readFileSync(path('tcn.onnx')).equals(bytes)).toBe(true);

  const tfjs = ['runs', 'export', runOf('tcn'), '--to', 'tfjs', '--json', '-o'];
  const told = JSON.parse(await done([...tfjs, path('tfjs')])) as {
    files: { path: string; sizeBytes: number }[];
  };
  expect(readdirSync(path('tfjs')).sort()).toEqual([
    'group1-shard1of1.bin',
    'kernel-oracle.json',
    'model.json',
  ]);
  for (const file of told.files) expect(statSync(file.path).size).toBe(file.sizeBytes);
  await failed([...tfjs, path('tfjs')], 1, /exists: name another folder/);
  await done([...tfjs, path('tfjs'), '--force']);
  await failed([...tfjs, path('data'), '--force'], 1, /data exists: it is no such export/);
  expect(readdirSync(path('data'))).toContain('dataset_meta.json');

  await done(['runs', 'export', runOf('lstm'), '--to', 'safetensors', '-o', path('lstm.safetensors')]);
  const { tensors, metadata } = await readSafetensors(path('lstm.safetensors'));
  const best = await readSafetensors(join(runOf('lstm'), 'checkpoints', 'best', 'weights.safetensors'));
  expect(tensors).toEqual(best.tensors);
  expect(metadata).toMatchObject({ format: 'kernel-oracle-model', model: 'lstm', task: 'inter-arrival' });
  expect(JSON.parse(metadata['vocabulary']!)).toMatchObject({ kind: 'comm' });

  await failed(['runs', 'export', runOf('tcn'), '--to', 'pickle', '-o', path('x')], 2, /pickle/);
  await failed(['runs', 'export', directory, '--to', 'onnx', '-o', path('x')], 1, /is no run/);
  expect(readdirSync(directory).filter((name) => name.includes('.part'))).toEqual([]);
});

test('runs export: a data set that was moved, and another one in its place', async () => {
  const [data, moved] = [join(directory, 'data'), join(directory, 'moved')];
  const args = ['runs', 'export', runOf('lstm'), '--to', 'onnx', '-o', join(directory, 'moved.onnx')];
  renameSync(data, moved);
  try {
    await failed(args, 1, /which the run was trained on, is not there/);
    const other = join(directory, 'other');
    await done(['dataset', 'build', SAMPLE, '--split', '80-10-10', '-o', other, '--quiet']);
    await failed([...args, '--dataset', other], 1, /is not the data set that the run was trained on/);
    await done([...args, '--dataset', moved]);
  } finally {
    renameSync(moved, data);
  }
});
