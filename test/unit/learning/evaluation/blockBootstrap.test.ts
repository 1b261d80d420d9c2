import { describe, expect, test } from 'vitest';
import { BlockBootstrap, blockLength } from '../../../../src/learning/evaluation/blockBootstrap.js';
import { normal, streamOf, uniform } from '../../../../src/learning/layers/chance.js';

/** Hits of a two-state chain: right in a share of the time, and as before with probability `stay`, else drawn anew. */
function chain(events: number, share: number, stay: number, seed: number): Float64Array {
  const stream = streamOf(seed, 'chain');
  let state = uniform(stream, 0) < share ? 1 : 0;
  return Float64Array.from({ length: events }, (_, at) => {
    const before = state;
    if (uniform(stream, 2 * at + 1) >= stay) state = uniform(stream, 2 * at + 2) < share ? 1 : 0;
    return before;
  });
}

/** x ← ρ x + e, from its stationary distribution, mean 0. */
function autoregression(events: number, rho: number, seed: number): Float64Array {
  const stream = streamOf(seed, 'autoregression');
  let value = normal(stream, 0) / Math.sqrt(1 - rho * rho);
  return Float64Array.from({ length: events }, (_, at) => {
    const before = value;
    value = rho * value + normal(stream, at + 1);
    return before;
  });
}

const SIMULATIONS = 200;

/** Share of intervals that hold the true mean. */
function coverage(series: (seed: number) => Float64Array, mean: number): number {
  let holding = 0;
  for (let seed = 1; seed <= SIMULATIONS; seed += 1) {
    const values = series(seed);
    const recording = new Uint8Array(values.length);
    const bootstrap = new BlockBootstrap(recording, blockLength(values, recording), seed, 300);
    const { low, high } = bootstrap.ratio(values).estimate();
    if (low! <= mean && mean <= high!) holding += 1;
  }
  return holding / SIMULATIONS;
}

describe('intervals of 95 %', () => {
  test.each([
    ['independent hits', (seed: number) => chain(600, 0.7, 0, seed), 0.7],
    ['hits that come in runs', (seed: number) => chain(1000, 0.7, 0.7, seed), 0.7],
    ['hits that come in long runs', (seed: number) => chain(2500, 0.7, 0.9, seed), 0.7],
    ['an autoregression of 0.6', (seed: number) => autoregression(1000, 0.6, seed), 0],
  ] as const)(
    'hold the truth as often as they say, or a little less: %s',
    { timeout: 60_000 },
    (_, series, mean) => {
      const found = coverage(series, mean);
      expect(found).toBeGreaterThanOrEqual(0.9);
      expect(found).toBeLessThanOrEqual(0.99);
    },
  );

  test('of events taken one by one would hold it far less often where hits come in runs', () => {
    let holding = 0;
    for (let seed = 1; seed <= SIMULATIONS; seed += 1) {
      const values = chain(500, 0.7, 0.92, seed);
      const { low, high } = new BlockBootstrap(new Uint8Array(500), 1, seed, 200).ratio(values).estimate();
      if (low! <= 0.7 && 0.7 <= high!) holding += 1;
    }
    expect(holding / SIMULATIONS).toBeLessThan(0.7);
  });

  test('of a difference are paired: what both share does not widen them', () => {
    const a = chain(2000, 0.7, 0.5, 3);
    // Differs at every fiftieth event.
    const b = a.map((hit, at) => (at % 50 === 0 ? 0 : hit));
    const bootstrap = new BlockBootstrap(new Uint8Array(2000), 20, 1);
    const [ofA, ofB] = [bootstrap.ratio(a), bootstrap.ratio(b)];
    const apart = ofA.less(ofB);
    const alone = ofA.estimate();
    expect(apart.value).toBeCloseTo(ofA.value - ofB.value, 12);
    expect(apart.low).toBeGreaterThan(0);
    expect(apart.high! - apart.low!).toBeLessThan((alone.high! - alone.low!) / 3);
    expect(ofA.less(ofA)).toEqual({ value: 0, low: 0, high: 0 });
  });

  test('are the same for the same seed, and null where there are fewer than ten blocks', () => {
    const values = autoregression(100, 0, 1);
    const estimate = (blockEvents: number, seed: number) =>
      new BlockBootstrap(new Uint8Array(100), blockEvents, seed).ratio(values).estimate();
    expect(estimate(5, 1)).toEqual(estimate(5, 1));
    expect(estimate(5, 2)).not.toEqual(estimate(5, 1));
    expect(estimate(10, 1).low).not.toBeNull();
    expect(estimate(11, 1)).toMatchObject({ low: null, high: null });
    // Weights that only nine blocks have.
    const weights = Uint8Array.from(values, (_, at) => (at < 45 ? 1 : 0));
    const { value, low } = new BlockBootstrap(new Uint8Array(100), 5, 1).ratio(values, weights).estimate();
    expect(low).toBeNull();
    expect(value).toBeCloseTo(values.subarray(0, 45).reduce((sum, each) => sum + each, 0) / 45, 12);
  });

  test('leave out values without a weight, whatever they are', () => {
    const values = Float64Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? NaN : 3));
    const weights = Uint8Array.from(values, (_, at) => at % 2);
    const { estimate } = {
      estimate: new BlockBootstrap(new Uint8Array(40), 2, 1).ratio(values, weights).estimate(),
    };
    expect(estimate).toEqual({ value: 3, low: 3, high: 3 });
  });
});

describe('blocks', () => {
  test('do not reach from one recording into the next, and are as equal as can be', () => {
    const recording = Uint8Array.from({ length: 47 }, (_, at) => (at < 25 ? 0 : at < 27 ? 1 : 2));
    // 25 in 10s: 2 or 3; 2: one; 20: two.
    expect(new BlockBootstrap(recording, 10, 1).blocks).toBe(3 + 1 + 2);
  });

  test('are as long as Carlstein has it for an autoregression of the first order', () => {
    const [events, rho] = [20_000, 0.6];
    const rule = ((2 * rho) / (1 - rho * rho)) ** (2 / 3) * Math.cbrt(events);
    const lengths = [1, 2, 3, 4, 5].map((seed) =>
      blockLength(autoregression(events, rho, seed), new Uint8Array(events)),
    );
    for (const length of lengths) {
      expect(length).toBeGreaterThan(0.6 * rule);
      expect(length).toBeLessThan(1.6 * rule);
    }
  });

  test('are not longer for what recordings differ in, and are 20 at least and 500 at most', () => {
    const recording = Uint8Array.from({ length: 8000 }, (_, at) => Math.floor(at / 1000));
    const noise = chain(8000, 0.5, 0, 7);
    const shifted = noise.map((value, at) => value + 10 * recording[at]!);
    expect(blockLength(shifted, recording)).toBe(blockLength(noise, recording));
    expect(blockLength(new Float64Array(100_000), new Uint8Array(100_000))).toBe(200);
    const slow = Float64Array.from({ length: 1000 }, (_, at) => (at < 500 ? 0 : 1));
    expect(blockLength(slow, new Uint8Array(1000))).toBe(50);
    expect(blockLength(new Float64Array(1), new Uint8Array(1))).toBe(1);
  });

  test('of 100,000 events give a hundred intervals in well under ten seconds on any machine', () => {
    const values = chain(100_000, 0.9, 0.5, 1);
    const recording = new Uint8Array(100_000);
    const startMs = performance.now();
    const bootstrap = new BlockBootstrap(recording, blockLength(values, recording), 1);
    for (let at = 0; at < 100; at += 1) bootstrap.ratio(values).estimate();
    // 0.2 s on a quiet machine: this is against a loop over events in each resample, which takes minutes.
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });
});
