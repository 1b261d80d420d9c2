import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../../../../src/base/errors.js';
import { latencyDensities } from '../../../../../src/analysis/latency/latencyDensities.js';
import { LatencyFiles } from '../../../../../src/analysis/latency/latencyFiles.js';
import { setsOf, usualBaseline, USUAL_SETTINGS } from '../../../../../src/analysis/latency/latencyStudy.js';
import { measuredLines } from '../../../../../src/cli/deployMeasureText.js';
import type { DeployedStats, DeployedStatus } from '../../../../../src/protocol/deployment.js';
import { builtInSuite } from '../../../../../src/remote/benchmarks/catalogue.js';
import type { Connection } from '../../../../../src/remote/connection.js';
import { countedBetween } from '../../../../../src/remote/deploy/measure/deployedCounts.js';
import { ratioByRepeat } from '../../../../../src/remote/deploy/measure/derived.js';
import type { StepMeasurement, StepRequest } from '../../../../../src/remote/deploy/measure/latencyStep.js';
import {
  MEASURED_FILE,
  parseMeasured,
  readMeasured,
} from '../../../../../src/remote/deploy/measure/measured.js';
import {
  measureDeployed,
  modesFor,
  type MeasureOptions,
} from '../../../../../src/remote/deploy/measure/measureDeployed.js';
import {
  USUAL_REQUEST,
  type MeasureRequest,
} from '../../../../../src/remote/deploy/measure/measureRequest.js';
import { virtualName } from '../../../../../src/remote/deploy/measure/measuredMachine.js';
import { modeSuite } from '../../../../../src/remote/deploy/measure/modeSuite.js';
import { FAKE_CONTEXT, MODEL, STATS } from '../../../../support/fakeControl.js';

const NO_CONNECTION = {} as Connection;
const MACHINE = {
  name: 'lab',
  kernel: '6.1.0',
  cpuModel: 'QEMU TCG CPU',
  cpus: 4,
  virtualisation: 'qemu',
  clockSource: 'tsc',
};
const STATUS: DeployedStatus = {
  ...{ machine: 'lab', kernel: '6.1.0', bootId: 'b', state: 'running', way: 'module' },
  ...{ model: MODEL, stats: STATS, trouble: [] },
};

/** Latencies that differ by mode: 1,000 ns off, 1,400 in shadow, 1,500 active, and a little by repeat. */
function played(steps: string[], failing: (at: number) => Error | undefined = () => undefined) {
  const base = { off: 1000, shadow: 1400, active: 1500 };
  return (
    _connection: unknown,
    _context: unknown,
    { mode, probe }: StepRequest,
  ): Promise<StepMeasurement> => {
    const at = steps.push(`${mode} ${probe}`);
    const error = failing(at);
    if (error !== undefined) return Promise.reject(error);
    const sorted = Float64Array.from({ length: 600 }, (_, i) => base[mode] + (at % 3) * 5 + i);
    const counts = countedBetween({ ...STATS, mode }, moreOf({ ...STATS, mode }), mode);
    return Promise.resolve({
      ...{ sorted, counts, lost: mode === 'active' ? 2 : 0, stats: { ...STATS, mode } },
      ...{
        attachment: mode === 'off' ? null : 'kretprobe',
        hooks: '',
        tools: { bpftrace: '0.17' },
        remarks: [],
      },
    });
  };
}

function moreOf(stats: DeployedStats): DeployedStats {
  return {
    ...stats,
    allowed: [stats.allowed[0] + 10, stats.allowed[1] + 90],
    modelNs: stats.modelNs + 50_000,
  };
}

describe('measuring a deployed model', () => {
  let folder: string;
  let request: MeasureRequest;
  const options = (measure: MeasureOptions['measure']): MeasureOptions => ({
    ...(measure === undefined ? {} : { measure }),
    status: () => Promise.resolve(STATUS),
    machine: () => Promise.resolve(MACHINE),
  });
  const control = { signal: new AbortController().signal };
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'ko-measure-')), 'out');
    const workload = { name: 'load', program: { kind: 'shell', text: ':' }, timeoutMs: 1000 } as const;
    request = { ...USUAL_REQUEST, workload, folder };
  });
  afterEach(() => {
    rmSync(join(folder, '..'), { recursive: true });
  });

  test('in turns, in another order each time, the same for the same seed', async () => {
    const [first, second]: string[][] = [[], []];
    const measured = await measureDeployed(
      NO_CONNECTION,
      FAKE_CONTEXT,
      request,
      control,
      options(played(first!)),
    );
    await measureDeployed(
      ...([NO_CONNECTION, FAKE_CONTEXT, { ...request, folder: `${folder}/2` }, control] as const),
      options(played(second!)),
    );
    expect(second).toEqual(first);
    expect(first).toHaveLength(6 * 3 * 2);
    const blocks = Array.from({ length: 12 }, (_, at) => first!.slice(at * 3, at * 3 + 3));
    // A block is of one probe and has each mode once.
    expect(blocks.every((block) => new Set(block.map((each) => each.split(' ')[1])).size === 1)).toBe(true);
    expect(blocks.every((block) => new Set(block).size === 3)).toBe(true);
    expect(
      new Set(blocks.map((block) => block.map((each) => each.split(' ')[0]).join())).size,
    ).toBeGreaterThan(2);
    expect(measured.repeats.filter(({ phase }) => phase === 'warm-up')).toHaveLength(6);
  });

  test('what is written is read again, and opens as densities', async () => {
    const measured = await measureDeployed(
      NO_CONNECTION,
      FAKE_CONTEXT,
      request,
      control,
      options(played([])),
    );
    expect(await readMeasured(join(folder, MEASURED_FILE))).toEqual(measured);
    expect(measured).toMatchObject({
      state: 'complete',
      deployed: { way: 'module', attachment: 'kretprobe' },
    });
    const shadow = measured.results.find(({ mode, probe }) => mode === 'shadow' && probe === 'fentry')!;
    expect(shadow).toMatchObject({ repeats: 5, n: 3000, sees: 'nothing', lost: 0 });
    expect(shadow.ratio!.ofMedians).toBeCloseTo(1700 / 1300, 1);
    expect(shadow.ratio!.interval!.low).toBeLessThanOrEqual(shadow.ratio!.ofMedians);
    expect(shadow.ratio!.interval!.high).toBeGreaterThanOrEqual(shadow.ratio!.ofMedians);
    // Ten repeats of 100 calls, 90 of them right, among as many that are so.
    expect(measured.inKernel[0]).toMatchObject({
      mode: 'shadow',
      counts: { allowed: [100, 900], refused: [0, 0], modelNs: 500_000 },
      modelNsPerCall: 500,
      agreement: { accuracy: 0.9, baseline: 1, recall: 0.9 },
    });
    const paths = readdirSync(folder)
      .filter((name) => name.endsWith('.txt'))
      .map((name) => join(folder, name));
    expect(paths).toHaveLength(6);
    const files = new LatencyFiles({
      readResults: () => Promise.reject(new Error('none')),
      describe: () => Promise.resolve({}),
    });
    const sets = (await Promise.all(paths.map(async (path) => setsOf(await files.file(path))))).flat();
    const study = { baseline: usualBaseline(sets), sets, settings: USUAL_SETTINGS };
    const densities = latencyDensities(study, await files.load(study));
    expect(study.baseline).toBe('off');
    expect(densities.facets.map(({ benchmark }) => benchmark).sort()).toEqual([
      'load by fentry',
      'load by function_graph',
    ]);
    expect(densities.sets.map(({ failure }) => failure)).toEqual(Array<null>(6).fill(null));
    expect(densities.cautions.map(({ text }) => text).join('\n')).toMatch(/emulated machine.*QEMU/);
    const active = densities.sets.find(
      ({ set }) => set.label === 'active' && set.probe === 'bpftrace fentry',
    )!;
    expect(active.figures).toMatchObject({
      n: 3000,
      p50Ns: measured.results.find(({ mode, probe }) => mode === 'active' && probe === 'fentry')!.medianNs,
    });
    expect(active.ratios!.ofMedians).toBeCloseTo(1800 / 1300, 1);
  });

  test('the terminal names the virtual machine, what a probe cannot see, and the constant answer', async () => {
    const measured = await measureDeployed(
      NO_CONNECTION,
      FAKE_CONTEXT,
      request,
      control,
      options(played([])),
    );
    const text = [...measuredLines(measured)].join('\n');
    expect(text).toContain("QEMU without hardware's help (TCG)");
    expect(text).toMatch(/fentry +shadow +5 +3,000 .* NOTHING/);
    expect(text).toMatch(/shadow +1,000 +500 +90\.0 % +100\.0 %/);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('none of these times is a claim about hardware');
    expect(text).toContain('10 entries were lost');
  });

  test('a repeat that fails is kept with its reason; three in a row, or the first, end it', async () => {
    const why = new Failure('remote-failed', 'the load did not start');
    const one = await measureDeployed(
      NO_CONNECTION,
      FAKE_CONTEXT,
      request,
      control,
      options(played([], (at) => (at === 9 ? why : undefined))),
    );
    expect(one.repeats.filter(({ failure }) => failure === why.message)).toHaveLength(1);
    expect(one.remarks.join()).toContain('1 of 36 repeats failed');
    request = { ...request, folder: `${folder}/first` };
    const first = measureDeployed(
      NO_CONNECTION,
      FAKE_CONTEXT,
      request,
      control,
      options(played([], () => why)),
    );
    await expect(first).rejects.toBe(why);
    expect(existsSync(join(request.folder, MEASURED_FILE))).toBe(false);
    request = { ...request, folder: `${folder}/row` };
    const row = measureDeployed(
      NO_CONNECTION,
      FAKE_CONTEXT,
      request,
      control,
      options(played([], (at) => (at > 20 ? why : undefined))),
    );
    await expect(row).rejects.toBe(why);
    expect((await readMeasured(join(request.folder, MEASURED_FILE))).state).toBe('stopped');
  });

  test('stopped: what was measured is written; another measurement is not written over', async () => {
    const stop = new AbortController();
    const steps: string[] = [];
    const measure = played(steps, (at) => {
      if (at < 14) return undefined;
      stop.abort();
      return new Failure('cancelled', 'stopped');
    });
    const measured = await measureDeployed(
      NO_CONNECTION,
      FAKE_CONTEXT,
      request,
      { signal: stop.signal },
      options(measure),
    );
    expect(measured).toMatchObject({ state: 'stopped', repeats: { length: 13 } });
    await expect(
      measureDeployed(NO_CONNECTION, FAKE_CONTEXT, request, control, options(played([]))),
    ).rejects.toMatchObject({
      code: 'write-failed',
      message: expect.stringContaining('is there already') as string,
    });
  });

  test('modes that there are', () => {
    expect(modesFor(STATUS)).toEqual(['off', 'shadow', 'active']);
    expect(modesFor({ ...STATUS, way: 'ebpf' })).toEqual(['off', 'shadow']);
    expect(() => modesFor({ ...STATUS, way: 'ebpf' }, ['active'])).toThrow(/can only watch/);
    expect(() => modesFor({ ...STATUS, state: 'rebooted' })).toThrow(/No model runs in the kernel of lab/);
  });

  test('measured.json is checked when it is read', async () => {
    await measureDeployed(NO_CONNECTION, FAKE_CONTEXT, request, control, options(played([])));
    const path = join(folder, MEASURED_FILE);
    const text = readFileSync(path, 'utf8');
    expect(() => parseMeasured(text.replace('"module"', '"magic"'), path)).toThrow(/deployed\.way/);
    expect(() => parseMeasured(text.replace(/"medianNs": \d+/, '"medianNs": -1'), path)).toThrow(/medianNs/);
    writeFileSync(path, text.slice(0, -20));
    await expect(readMeasured(path)).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('parts', () => {
  test('counts are of one model in one mode', () => {
    const shadow = { ...STATS, mode: 'shadow' } as const;
    expect(countedBetween(shadow, moreOf(shadow), 'shadow')).toMatchObject({
      allowed: [10, 90],
      refused: [0, 0],
    });
    expect(() => countedBetween(shadow, { ...moreOf(shadow), swaps: 1 }, 'shadow')).toThrow(/swapped/);
    expect(() => countedBetween(moreOf(shadow), shadow, 'shadow')).toThrow(/loaded anew/);
    expect(() => countedBetween(shadow, { ...shadow, mode: 'off' }, 'shadow')).toThrow(/mode .* was changed/);
    expect(() => countedBetween(shadow, { ...shadow, selfTest: 'failed' }, 'shadow')).toThrow(/self-test/);
  });

  test('the ratio is of repeats: one repeat has no interval, none no ratio', () => {
    const of = { seed: 1, mode: 'shadow', probe: 'fentry' } as const;
    expect(ratioByRepeat([1000], [1500], of)).toEqual({ ofMedians: 1.5, interval: null });
    expect(ratioByRepeat([], [1500], of)).toBeNull();
    const { interval } = ratioByRepeat([1000, 1010, 990, 1005, 995], [1500, 1530, 1480, 1490, 1510], of)!;
    expect(interval!.low).toBeGreaterThan(1.4);
    expect(interval!.high).toBeLessThan(1.6);
  });

  test('machines that are none of their own', () => {
    expect(virtualName({ ...MACHINE, virtualisation: 'kvm', cpuModel: 'AMD EPYC' })).toBe(
      'virtualised by kvm',
    );
    expect(virtualName({ ...MACHINE, virtualisation: 'none', cpuModel: 'AMD EPYC' })).toBeNull();
    expect(virtualName({ ...MACHINE, virtualisation: null })).toMatch(/TCG/);
  });

  test('a suite whose variants are the modes, each of which goes back to the one that was', () => {
    const suite = modeSuite(builtInSuite(), ['off', 'shadow'], 'active', '/var/lib/it is');
    expect(suite.variants.map(({ name }) => name)).toEqual(['off', 'shadow']);
    expect(suite.variants[1]!.setup).toContain("cd '/var/lib/it is' && sh ./control mode shadow");
    expect(suite.variants[1]!.teardown).toContain('sh ./control mode active');
  });
});
