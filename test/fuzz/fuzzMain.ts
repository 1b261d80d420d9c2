/** The leading process of `npm run fuzz`: hands out runs, watches, collects. See `USAGE` for what it takes. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_CHUNK_BYTES } from '../../src/base/byteSource.js';
import { messageOf } from '../../src/base/errors.js';
import { Campaign } from './campaign.js';
import { FuzzInputs, type FuzzInput } from './fuzzInput.js';
import { fuzzRun } from './fuzzRun.js';
import { fuzzCorpus } from './fuzzSeeds.js';

const USAGE = `npm run fuzz -- [--runs N] [--minutes M] [--seed S] [--format NAME] [--workers W]
npm run fuzz -- --format NAME --seed S --only RUN [--via RUN,RUN,…]
npm run fuzz -- --format NAME --replay FILE [--detect]

Reads damaged copies of the fixtures. --runs is the number for all formats together. The same seed makes the same
inputs, whatever the number of workers. Inputs that show a defect are kept in test/fuzz/findings.`;

const FINDINGS_FOLDER = 'test/fuzz/findings';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
    via: { type: 'string' },
    replay: { type: 'string' },
    detect: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const seed = wholeNumber(values.seed, 'seed');
  if (values.replay !== undefined) return replay(formatOfOne(), replayed(values.replay));
  const corpus = fuzzCorpus();
  if (values.only !== undefined) {
    const inputs = new FuzzInputs(corpus, formatOfOne(), seed);
    const run = wholeNumber(values.only, 'only');
    const lineage = (values.via ?? '')
      .split(',')
      .filter(Boolean)
      .map((each) => wholeNumber(each, 'via'));
    return replay(inputs.format, inputs.input(run, inputs.base(run, lineage)));
  }
  const campaign = new Campaign(corpus, {
    seed,
    formats: values.format === undefined ? [...corpus.seeds.keys()] : [values.format],
    runs: wholeNumber(values.runs, 'runs'),
    workers: wholeNumber(values.workers, 'workers'),
    minutes: values.minutes === undefined ? Infinity : Number(values.minutes),
    workerPath: join(dirname(process.argv[1]!), 'fuzzWorker.mjs'),
    findingsFolder: FINDINGS_FOLDER,
  });
  return campaign.run();
}

/** Runs one input here, and shows how it ends. */
async function replay(format: string, input: FuzzInput): Promise<number> {
  const began = performance.now();
  try {
    console.log(`${format}, ${input.bytes.length} bytes: ${await fuzzRun(format, input)}`);
    return 0;
  } catch (error) {
    console.log(error instanceof Error ? error.stack : messageOf(error));
    return 1;
  } finally {
    const peakMb = process.resourceUsage().maxRSS / 1024;
    console.log(`${(performance.now() - began).toFixed(0)} ms, ${peakMb.toFixed(0)} MB at most`);
  }
}

function replayed(path: string): FuzzInput {
  return {
    bytes: Uint8Array.from(readFileSync(path)),
    chunkBytes: DEFAULT_CHUNK_BYTES,
    byDetection: values.detect,
    isLookedAt: true,
    isExported: true,
  };
}

function formatOfOne(): string {
  if (values.format !== undefined) return values.format;
  throw new Error(`Which format? Add --format NAME.\n\n${USAGE}`);
}

function wholeNumber(text: string, option: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${option} takes a whole number, not "${text}".`);
}
