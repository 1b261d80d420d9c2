import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/trace/formats.js';
import { FuzzInputs } from '../../fuzz/fuzzInput.js';
import { fuzzRun } from '../../fuzz/fuzzRun.js';
import { fuzzCorpus } from '../../fuzz/fuzzSeeds.js';

/** Few enough for every day; `npm run fuzz` does as many as one likes, and goes on from what reaches new code. */
const RUNS = 150;
const SEED = 20;
/** A format gets this long; on a busy machine it gets fewer runs. */
const LIMIT_MS = 3000;

const corpus = fuzzCorpus();

it('has something to start from for every format', () => {
  expect([...corpus.seeds.keys()].sort()).toEqual(FORMATS.map(({ name }) => name).sort());
});

it('makes the same input of the same seed and run', () => {
  const [format] = corpus.seeds.keys();
  const [a, b, c] = [SEED, SEED, SEED + 1].map((seed) => new FuzzInputs(corpus, format!, seed));
  const input = (inputs: FuzzInputs) => inputs.input(7, inputs.base(7, [5, 3]));
  expect(input(a!)).toEqual(input(b!));
  expect(input(a!)).not.toEqual(input(c!));
});

describe.each([...corpus.seeds.keys()])('%s', (format) => {
  it('gives a sound model or says what is wrong, whatever the damage', async () => {
    const inputs = new FuzzInputs(corpus, format, SEED);
    const began = performance.now();
    for (let run = 0; run < RUNS && performance.now() - began < LIMIT_MS; run += 1) {
      try {
        await fuzzRun(format, inputs.input(run, inputs.base(run, [])));
      } catch (error) {
        const again = `npm run fuzz -- --format ${format} --seed ${SEED} --only ${run}`;
        throw new Error(`run ${run}: see it again with "${again}"`, { cause: error });
      }
    }
  });
});
