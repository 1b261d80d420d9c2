import { describe, expect, it } from 'vitest';
import type { LatencyFile } from '../../../../src/analysis/latency/latencyFile.js';
import { latencyDensities } from '../../../../src/analysis/latency/latencyDensities.js';
import { setsOf, usualBaseline, USUAL_SETTINGS } from '../../../../src/analysis/latency/latencyStudy.js';
import type { LoadedSet } from '../../../../src/analysis/latency/measuredSet.js';
import { SeededRandom } from '../../../../src/base/seededRandom.js';
import type { LatencyDensities, LatencySettings } from '../../../../src/protocol/latencyMessages.js';
import { readLatencyState } from '../../../../src/protocol/latencySchemas.js';

interface Made {
  readonly label: string;
  readonly values: readonly number[];
  readonly benchmark?: string;
  readonly probe?: string;
  readonly machine?: string;
  readonly tellsUnit?: boolean;
  readonly badLines?: number;
}

function fileOf({ label, values, tellsUnit = true, badLines = 0, ...told }: Made): LatencyFile {
  return {
    path: `/x/${label}.txt`,
    parts: [
      {
        key: '',
        name: 'all numbers',
        count: values.length,
        values: () => Float64Array.from(values).sort(),
      },
    ],
    addsAllParts: false,
    told: { label, unit: 'ns', ...told },
    tellsUnit,
    badLines,
    remarks: badLines > 0 ? ['line 3: half a line'] : [],
  };
}

function densitiesOf(made: readonly Made[], settings: Partial<LatencySettings> = {}): LatencyDensities {
  const loaded = made.map((each): LoadedSet => {
    const file = fileOf(each);
    return { set: setsOf(file)[0]!, file };
  });
  const sets = loaded.map(({ set }) => set);
  const study = { baseline: usualBaseline(sets), sets, settings: { ...USUAL_SETTINGS, ...settings } };
  return latencyDensities(study, loaded);
}

const random = new SeededRandom(5);
const around = (ns: number, count = 800) =>
  Array.from({ length: count }, () => Math.round(ns * Math.exp(0.3 * (random.unit() + random.unit() - 1))));

/** Table 5.9 of the NeuralCFS thesis: mean ns of can_migrate_task. */
const BENCHMARKS = ['hackbench', 'cassandra', 'compress-zstd', 'arrayfire', 'askap'];
const ORIGINAL = [669.02, 1578.89, 4871.05, 2051.96, 3743.49];
const WITH_ML = [47335.62, 43490.65, 67454.05, 31235.13, 37644.6];
/** Table 5.10: mean run time, s. */
const ORIGINAL_S = [16.59, 801.8, 385.6, 57, 432];
const WITH_ML_S = [16.19, 771.8, 384.8, 62.2, 431.2];

function tableOf(original: readonly number[], withMl: readonly number[]): Made[] {
  return BENCHMARKS.flatMap((benchmark, at) => [
    { label: 'original kernel', benchmark, values: [original[at]!] },
    { label: 'with ML', benchmark, values: [withMl[at]!] },
  ]);
}

describe('a study', () => {
  it('has figures that occurred, ratios to the baseline of the same benchmark, and words', () => {
    const { sets, facets, baseline } = densitiesOf([
      { label: 'model on', benchmark: 'hackbench', values: around(1500) },
      { label: 'model off', benchmark: 'hackbench', values: around(1000) },
      { label: 'model on', benchmark: 'askap', values: around(900) },
    ]);
    expect(baseline).toBe('model off');
    expect(facets).toEqual([
      { benchmark: 'hackbench', sets: [0, 1] },
      { benchmark: 'askap', sets: [2] },
    ]);
    const { ratios, figures } = sets[0]!;
    expect(ratios!.against).toBe(1);
    expect(ratios!.ofMedians).toBeCloseTo(1.5, 1);
    expect(ratios!.ofMediansInterval!.low).toBeLessThan(ratios!.ofMedians);
    expect(ratios!.ofMediansInterval!.high).toBeGreaterThan(ratios!.ofMedians);
    expect(ratios!.words).toMatch(
      /^The median of model on is 1\.\d+ times that of model off \(1\.\d+ to 1\.\d+ at 95 %\)/,
    );
    expect(Number.isInteger(figures!.p99Ns)).toBe(true);
    expect(sets[1]!.ratios).toBeNull();
    expect(sets[2]!.ratios).toBeNull();
  });

  it('says when the mean goes the other way, and when no difference can be seen', () => {
    const same = around(1000);
    const { sets } = densitiesOf([
      { label: 'off', values: [...around(1000), 9e6] },
      { label: 'slower', values: around(1300) },
      { label: 'same', values: same },
    ]);
    expect(sets[1]!.ratios!.words).toContain('goes the other way');
    expect(sets[2]!.ratios!.words).toContain('no difference of the medians can be seen');
  });

  it.each<[LatencySettings['axis'], LatencySettings['rule']]>([
    ['log', 'silverman'],
    ['linear', 'silverman'],
    ['log', 'sheather-jones'],
    ['linear', 'sheather-jones'],
  ])('has areas of 1 on a %s axis with the rule %s', (axis, rule) => {
    const { sets } = densitiesOf([{ label: 'a', values: [...around(1000), ...around(3000, 200)] }], {
      axis,
      rule,
    });
    const { ns, density } = sets[0]!.curve!;
    const at = axis === 'log' ? ns.map(Math.log10) : ns;
    const area = at.reduce(
      (sum, place, i) => (i === 0 ? 0 : sum + ((place - at[i - 1]!) * (density[i]! + density[i - 1]!)) / 2),
      0,
    );
    expect(area).toBeGreaterThan(0.97);
    expect(area).toBeLessThan(1.01);
  });

  it('ends its axis where it is told, and says what lies beyond', () => {
    const values = [...around(1000, 999), 5_000_000];
    const all = densitiesOf([{ label: 'a', values }]);
    expect(all.axis!.highNs).toBeGreaterThan(5_000_000);
    const cut = densitiesOf([{ label: 'a', values }], { range: 'p99' });
    expect(cut.axis!.highNs).toBeLessThan(3000);
    expect(cut.sets[0]!.curve!.beyond).toBeGreaterThan(0);
    expect(cut.cautions.map(({ text }) => text).join()).toMatch(/Right of the axis lie .* of a/);
  });

  it('multiplies its bandwidth', () => {
    const bandwidth = (factor: number) =>
      densitiesOf([{ label: 'a', values: ORIGINAL.map((ns) => ns) }], { factor }).sets[0]!.curve!.bandwidth;
    expect(bandwidth(2)).toBeCloseTo(2 * bandwidth(1), 12);
  });

  it.each([[[5]], [[0, 0, 0]], [[1000, 1000]]])('is finite for %o', (values) => {
    for (const axis of ['log', 'linear'] as const) {
      const { sets } = densitiesOf([{ label: 'a', values }], { axis });
      const { ns, density, histogram } = sets[0]!.curve!;
      expect([...ns, ...density, ...histogram].every(Number.isFinite)).toBe(true);
      expect(Math.max(...density)).toBeGreaterThan(0);
    }
  });

  it('tells a file that cannot be read in its place', () => {
    const set = setsOf(fileOf({ label: 'a', values: [1] }))[0]!;
    const study = { baseline: 'a', sets: [set, set], settings: USUAL_SETTINGS };
    const densities = latencyDensities(study, [
      { set, file: new Error('/x/a.txt does not exist.') },
      { set: { ...set, item: 'gone' }, file: fileOf({ label: 'a', values: [1] }) },
    ]);
    expect(densities.sets[0]!.failure).toBe('/x/a.txt does not exist.');
    expect(densities.sets[1]!.failure).toMatch(/has no "gone"/);
    expect(densities.axis).toBeNull();
    const state = { version: 1, study, file: null, isChanged: false, densities };
    expect(readLatencyState(JSON.parse(JSON.stringify(state)))).not.toBeNull();
  });
});

describe('cautions', () => {
  const texts = (made: readonly Made[]) =>
    densitiesOf(made)
      .cautions.map(({ text }) => text)
      .join('\n');

  it('name different probes, emulated machines, assumed units and bad lines', () => {
    const text = texts([
      { label: 'a', values: around(1000), probe: 'function_graph', machine: 'lab, QEMU Virtual CPU' },
      { label: 'b', values: around(1000), probe: 'fentry', tellsUnit: false, badLines: 2 },
    ]);
    expect(text).toContain('different probes: function_graph, fentry');
    expect(text).toContain('a: measured on an emulated machine (lab, QEMU Virtual CPU)');
    expect(text).toContain('no claim about hardware');
    expect(text).toContain('b: the file does not tell its unit; nanoseconds are assumed');
    expect(text).toContain('b: 2 lines were left out. line 3: half a line');
  });

  it('name the grid of a coarse clock, and few values', () => {
    const grid = Array.from({ length: 1000 }, (_, i) => 1000 + 10 * (i % 40));
    expect(texts([{ label: 'a', values: grid, probe: 'p' }])).toContain(
      'a has 40 different values in 1000, about 10 ns apart',
    );
    expect(texts([{ label: 'a', values: [1, 2, 3], probe: 'p' }])).toContain('3 values are few');
    expect(texts([{ label: 'a', values: around(1e6), probe: 'p' }])).toBe('');
  });
});

describe("the thesis's tables, of which only means are known", () => {
  it('5.9: "27 times" is the mean of the ratios; all calls together it is 17.6 times', () => {
    const [overall] = densitiesOf(tableOf(ORIGINAL, WITH_ML)).overall;
    expect(overall!.benchmarks).toEqual(BENCHMARKS);
    expect(overall!.ratioOfMeans).toBeCloseTo(17.59, 2);
    expect(overall!.meanOfRatios).toBeCloseTo(27.485, 3);
    expect(overall!.words).toContain('17.59 times');
  });

  it('5.10: of run times the two disagree about the sign', () => {
    const [overall] = densitiesOf(tableOf(ORIGINAL_S, WITH_ML_S)).overall;
    expect(overall!.meanOfRatios).toBeCloseTo(1.0052, 4);
    expect(overall!.ratioOfMeans).toBeCloseTo(0.9842, 4);
  });
});
