import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { silvermanBandwidth, usualStep } from '../../../../src/analysis/density/bandwidth.js';
import { evenly, kernelDensity } from '../../../../src/analysis/density/kernelDensity.js';
import { medianRatioInterval } from '../../../../src/analysis/density/medianRatio.js';
import { sheatherJonesBandwidth } from '../../../../src/analysis/density/sheatherJones.js';
import { SeededRandom } from '../../../../src/base/seededRandom.js';
import { ratioIntervals } from '../../../../src/remote/benchmarks/bootstrap.js';

/** By density_reference.py, which says how: `source` names the versions. */
const reference = JSON.parse(readFileSync(new URL('./density_reference.json', import.meta.url), 'utf8')) as {
  values: number[];
  silvermanOfLogs: number;
  silverman: number;
  sheatherJonesOfLogs: number;
  atLogs: number[];
  densityOfLogs: number[];
  at: number[];
  density: number[];
  reflected: { values: number[]; bandwidth: number; at: number[]; density: number[] };
};

const values = Float64Array.from(reference.values).sort();
const logs = values.map(Math.log10);

/** Area under a curve of straight lines. */
function area(at: Float64Array, density: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < at.length; i += 1) sum += ((at[i]! - at[i - 1]!) * (density[i]! + density[i - 1]!)) / 2;
  return sum;
}

describe('bandwidths', () => {
  it("are those of NumPy's by Silverman's rule", () => {
    expect(silvermanBandwidth(logs)).toBeCloseTo(reference.silvermanOfLogs, 12);
    expect(silvermanBandwidth(values)).toBeCloseTo(reference.silverman, 9);
  });

  it('are those of a sum over all pairs by the rule of Sheather and Jones, to a hundredth', () => {
    const bandwidth = sheatherJonesBandwidth(logs);
    expect(bandwidth / reference.sheatherJonesOfLogs).toBeCloseTo(1, 2);
    // Two peaks: Silverman's rule takes their distance for spread.
    expect(bandwidth).toBeLessThan(silvermanBandwidth(logs) / 2);
  });

  it.each([[[5]], [[7, 7, 7, 7]], [[1, 2]]])('are finite for %o', (few) => {
    const sorted = Float64Array.from(few);
    expect(silvermanBandwidth(sorted)).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(sheatherJonesBandwidth(sorted))).toBe(true);
  });

  it("find a clock's grid in the middle of the values", () => {
    expect(usualStep(Float64Array.from([1, 10, 20, 20, 30, 50, 55]))).toBe(10);
    expect(usualStep(Float64Array.from([3, 3, 3]))).toBe(0);
  });
});

describe('kernel density', () => {
  it("is SciPy's gaussian_kde on both axes", () => {
    const peak = Math.max(...reference.densityOfLogs);
    const ofLogs = kernelDensity(logs, Float64Array.from(reference.atLogs), {
      bandwidth: reference.silvermanOfLogs,
    });
    for (const [i, expected] of reference.densityOfLogs.entries()) {
      expect(Math.abs(ofLogs[i]! - expected)).toBeLessThan(0.001 * peak);
    }
    const linear = kernelDensity(values, Float64Array.from(reference.at), {
      bandwidth: reference.silverman,
    });
    for (const [i, expected] of reference.density.entries()) {
      expect(Math.abs(linear[i]! - expected)).toBeLessThan(0.001 * Math.max(...reference.density));
    }
  });

  it('is mirrored at 0 where values cannot be below', () => {
    const { values: near, bandwidth, at, density } = reference.reflected;
    const sorted = Float64Array.from(near);
    const ours = kernelDensity(sorted, Float64Array.from(at), { bandwidth, reflectsAtZero: true });
    for (const [i, expected] of density.entries()) expect(ours[i]! / expected).toBeCloseTo(1, 2);
    const places = evenly(0, 1200, 1200);
    const whole = kernelDensity(sorted, places, { bandwidth, reflectsAtZero: true });
    expect(area(places, whole)).toBeCloseTo(1, 3);
    const cut = kernelDensity(sorted, places, { bandwidth });
    expect(area(places, cut)).toBeLessThan(0.85);
  });

  it('has the area 1', () => {
    const places = evenly(2.3, 4.2, 800);
    for (const bandwidth of [0.01, 0.05, 0.1]) {
      expect(area(places, kernelDensity(logs, places, { bandwidth }))).toBeCloseTo(1, 3);
    }
  });

  it('of a million values takes about as long as of few', () => {
    const random = new SeededRandom(3);
    const many = Float64Array.from({ length: 1_000_000 }, () => 3 + random.unit());
    const before = performance.now();
    const [middle] = kernelDensity(many, Float64Array.from([3.5]), { bandwidth: 0.02 });
    expect(performance.now() - before).toBeLessThan(5000);
    expect(middle).toBeCloseTo(1, 1);
  });
});

describe('ratio of medians', () => {
  const options = { seed: 7, resamples: 4000, confidence: 0.95 };
  const random = new SeededRandom(11);
  const draw = (scale: number) =>
    Float64Array.from({ length: 301 }, () => scale * Math.exp(random.unit() + random.unit())).sort();

  it('has the interval of a bootstrap that draws value by value', () => {
    const [baseline, other] = [draw(1000), draw(1200)];
    const { low, high } = medianRatioInterval(baseline, other, options)!;
    const drawn = ratioIntervals([...baseline], [...other], options).medians!;
    expect(low / drawn.low).toBeCloseTo(1, 1);
    expect(high / drawn.high).toBeCloseTo(1, 1);
    expect(Math.abs(Math.log(high / low) / Math.log(drawn.high / drawn.low) - 1)).toBeLessThan(0.12);
  });

  it('is the same again with the same seed, and nothing where there is too little', () => {
    const [baseline, other] = [draw(1), draw(2)];
    expect(medianRatioInterval(baseline, other, options)).toEqual(
      medianRatioInterval(baseline, other, options),
    );
    expect(medianRatioInterval(Float64Array.of(1), other, options)).toBeNull();
    expect(medianRatioInterval(Float64Array.of(0, 0, 0), other, options)).toBeNull();
  });

  it('covers the true ratio about as often as it says', () => {
    let covered = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      const { low, high } = medianRatioInterval(draw(1), draw(1.3), {
        ...options,
        seed: trial,
        resamples: 400,
      })!;
      if (low <= 1.3 && high >= 1.3) covered += 1;
    }
    expect(covered).toBeGreaterThan(180);
  });
});
