import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Forecast } from '../../../src/protocol/forecast.js';
import { buildCli, makeDirectory, run, SAMPLES } from '../cliProcess.js';

const SAMPLE = join(SAMPLES, 'mixed-io-and-cpu.ftrace.gz');

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  const output = join(directory, 'data');
  await done(['dataset', 'build', SAMPLE, '--split', 'walk-forward', '-o', output, '--quiet']);
  const config = (model: string) =>
    [
      'dataset: data',
      'epochs: 1',
      'windows: { length: 16, stride: 16 }',
      'batchSize: 16',
      'engine: { name: embedded, threads: 1 }',
      `model: ${model}`,
    ].join('\n');
  const models = {
    tcn: '{ name: tcn, settings: { taskEmbedding: 4, projection: 8, blocks: 2 } }',
    lstm: '{ name: inter-arrival-lstm, settings: { hidden: 6 } }',
    whole: '{ name: kernel-oracle-2019, settings: { hidden: 6, largestTimeToZero: true } }',
  };
  for (const [name, model] of Object.entries(models)) {
    const path = join(directory, `${name}.yaml`);
    writeFileSync(path, config(model));
    await done(['train', path, '-o', runOf(name), '--quiet']);
  }
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

test('of times: some steps as a table, with bands beside what came', async () => {
  const outcome = await kernelOracle('forecast', runOf('lstm'), SAMPLE, '--steps', '100', '--seed', '4');
  expect(outcome.status, outcome.stderr).toBe(0);
  expect(outcome.stdout).toMatch(
    /^model {8}inter-arrival-lstm \(inter-arrival\)\norigin {7}.*all CPUs, at \d+\.\d{9} s\n {13}chosen as the middle of the longest/,
  );
  expect(outcome.stdout).toMatch(/free runs {4}20 of 100 events, seed 4\ncompanion {4}Markov 3\n/);
  expect(outcome.stdout).toMatch(/step +came, µs +median +5 % +95 %\n/);
  expect(outcome.stdout).toMatch(/\n +100 +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+\n$/);
  expect(outcome.stderr).toMatch(/warning: The model forecasts times only/);
});

test('of tasks: how many of them came', async () => {
  const text = await done([
    'forecast',
    runOf('tcn'),
    '--part',
    'seen',
    '--row',
    '40',
    '--steps',
    '30',
    '--samples',
    '5',
  ]);
  expect(text).toMatch(/\n {13}row 40 of the part seen\n/);
  expect(text).toMatch(/right {8}\d+ of the first 10, \d+ of the first 30/);
  expect(text).toMatch(/step +came +commonest \(of the runs\)\n/);
});

test('of the model of 2019: one path, with the largest time read as 0', async () => {
  const text = await done(['forecast', runOf('whole'), '--steps', '1000']);
  expect(text).toMatch(/\n {13}row \d+ of the part seen, chosen as the middle of the longest sequence/);
  expect(text).toMatch(/free runs {4}1 of 1000 events/);
  expect(text).toMatch(/came, µs +forecast, µs/);
  const made = JSON.parse(await done(['forecast', runOf('whole'), '--json'])) as Forecast;
  expect(made.samples[0]!.deltaNs).toHaveLength(1000);
  expect(made.samples[0]!.deltaNs.every((ns) => ns !== null && ns >= 0)).toBe(true);
});

test('whole as JSON and as CSV, the same for the same seed', async () => {
  const csv = join(directory, 'forecast.csv');
  const args = [
    'forecast',
    runOf('lstm'),
    SAMPLE,
    '--at',
    '+10ms',
    '--steps',
    '20',
    '--samples',
    '3',
    '--observed',
    '5',
    '--json',
  ];
  const text = await done([...args, '-o', csv]);
  const made = JSON.parse(text) as Forecast;
  expect(made.samples.map(({ task }) => task.length)).toEqual([20, 20, 20]);
  expect(made.observed.task).toHaveLength(5);
  expect(made.quantiles!.map(({ level }) => level)).toEqual([0.05, 0.25, 0.5, 0.75, 0.95]);
  expect(await done(args)).toBe(text);
  const lines = readFileSync(csv, 'utf8').trimEnd().split('\n');
  expect(lines[0]).toBe('series,step,task,delta_ns');
  expect(lines).toHaveLength(1 + 5 + 20 + 3 * 20 + 5 * 20);
  expect(lines[5]).toBe(`observed,0,${made.taskNames[made.observed.task[4]!]},${made.observed.deltaNs[4]}`);
  expect(lines[6]).toMatch(/^actual,1,/);
  expect(lines.at(-1)).toBe(`quantile 0.95,20,,${made.quantiles![4]!.deltaNs[19]}`);
});

test('places that are not there say what is', async () => {
  const lstm = runOf('lstm');
  await failed(
    ['forecast', lstm, SAMPLE, '--at', '5'],
    2,
    /no switches at 5000000000 ns: they lie from \d+ to \d+ ns/,
  );
  await failed(['forecast', lstm, SAMPLE, '--at', 'noon'], 2, /--at noon is no time/);
  await failed(['forecast', lstm, SAMPLE, '--cpu', '0'], 2, /CPUs merged/);
  await failed(['forecast', lstm, SAMPLE, '--row', '1'], 2, /--row is of a part/);
  await failed(['forecast', lstm, '--at', '+1s'], 2, /name its file/);
  await failed(['forecast', lstm, '--row', '999999999'], 2, /its rows are 0 to \d+/);
  await failed(['forecast', lstm, '--part', 'unseen'], 1, /The part unseen of .* has no events/);
  await failed(['forecast', directory], 1, /is no run/);
  await failed(['forecast', lstm, '--steps', '0'], 2, /no whole number from 1 to 100000/);
  const missing = join(directory, 'nowhere', 'a.csv');
  await failed(['forecast', lstm, '-o', missing], 1, /cannot be written/);
  expect(existsSync(missing)).toBe(false);
});
