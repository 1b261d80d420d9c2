import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli, makeDirectory, run, SAMPLES } from '../cliProcess.js';

const SAMPLE = join(SAMPLES, 'mixed-io-and-cpu.ftrace.gz');

let directory: string;
let cli: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  const data = join(directory, 'data');
  await done(['dataset', 'build', SAMPLE, '--split', 'walk-forward', '-o', data, '--quiet']);
  const config = (model: string) =>
    [
      'dataset: data',
      'windows: { length: 16, stride: 16 }',
      'batchSize: 16',
      'epochs: 1',
      'engine: { name: embedded, threads: 1 }',
      `model: ${model}`,
    ].join('\n');
  const models = {
    tcn: '{ name: tcn, settings: { taskEmbedding: 4, projection: 8, blocks: 5 } }',
    times: '{ name: inter-arrival-lstm, settings: { hidden: 6 } }',
  };
  for (const [name, model] of Object.entries(models)) {
    const path = join(directory, `${name}.yaml`);
    writeFileSync(path, config(model));
    await done(['train', path, '-o', join(directory, name), '--quiet']);
  }
}, 180_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const kernelOracle = (...args: string[]) => run('node', [cli, ...args]);
const runOf = (name: string) => join(directory, name);

/** Stdout of what has to succeed. */
async function done(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await kernelOracle(...args);
  expect(status, stderr).toBe(0);
  return stdout;
}

interface Told {
  readonly scores: { readonly targets: number; readonly accuracy: number };
  readonly latency: { readonly events: number; readonly p50Ns: number; readonly maxNs: number };
  readonly events: readonly {
    readonly timeNs: string;
    readonly cpu: number;
    readonly task: string;
    readonly guesses: readonly { readonly task: string; readonly probability: number }[];
  }[];
}

test('predict: a recording event by event, and a part of the data set', async () => {
  const told = JSON.parse(
    await done(['predict', runOf('tcn'), SAMPLE, '--limit', '300', '--events', '--json']),
  ) as Told;
  expect(told.events).toHaveLength(300);
  expect(told.scores.targets).toBe(300);
  expect(told.latency.events).toBe(300);
  const right = told.events.filter(({ task, guesses }) => task !== 'UNK' && guesses[0]!.task === task);
  expect(told.scores.accuracy).toBeCloseTo(right.length / 300, 12);
  const times = told.events.map(({ timeNs }) => BigInt(timeNs));
  expect(times.every((time, at) => at === 0 || time >= times[at - 1]!)).toBe(true);

  const text = await kernelOracle('predict', runOf('tcn'), '--limit', '50');
  expect(text).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^model +tcn\ntargets +50\n[^]*latency +[\d.]+ µs median, /) as string,
    // With windows of 16 events, dilation 16 reaches beyond them.
    stderr: expect.stringMatching(/taps of the convolutions reach further back than the 16 events/) as string,
  });
});

test('predict: a table of events, of one CPU, of a model of times', async () => {
  const lines = (await done(['predict', runOf('times'), SAMPLE, '--events', '--limit', '5', '--cpu', '0']))
    .trimEnd()
    .split('\n');
  expect(lines[0]).toMatch(/time +cpu +task +µs +since the last one, predicted/);
  for (const line of lines.slice(1, 6))
    expect(line).toMatch(/^ *\d+\.\d{9} +0 +\S.* µs, [\d.]+ \([\d.-]+ to [\d.]+\)$/);
  expect(lines.join('\n')).toMatch(/\nmaeLog +[\d.]+\n/);
});

test('predict: what cannot be', async () => {
  const failed = async (args: readonly string[], status: number, message: RegExp) =>
    expect(await kernelOracle('predict', ...args)).toMatchObject({
      ...{ status, stdout: '' },
      stderr: expect.stringMatching(message) as string,
    });
  await failed([runOf('tcn'), SAMPLE, '--cpu', '77'], 2, /on CPU 77: there are CPUs 0/);
  await failed([directory], 1, /is no run/);
  await failed([runOf('tcn'), join(directory, 'none')], 1, /none/);
  await failed([runOf('tcn'), '--limit', 'x'], 2, /no whole number/);
});
