import { describe, expect, test } from 'vitest';
import { builtInSuite, BUILT_IN_BENCHMARKS } from '../../../../src/remote/benchmarks/catalogue.js';
import { parseMachineState } from '../../../../src/remote/benchmarks/machineState.js';
import { metricValues, readMeasurement } from '../../../../src/remote/benchmarks/measurement.js';
import { parseResults } from '../../../../src/remote/benchmarks/results.js';
import { remaining, schedule, type ScheduleRequest } from '../../../../src/remote/benchmarks/schedule.js';
import { suiteDigest } from '../../../../src/remote/benchmarks/suite.js';
import { parseSuite, suiteProblems } from '../../../../src/remote/benchmarks/suiteFile.js';
import { TABLE_5_9 } from '../../../support/benchmarkResults.js';

const SUITE = `
name: mine
repeats: 5
benchmarks:
  - use: hackbench-pipe-small
    timeLimitSeconds: 60
  - phoronix: pts/compress-zstd
    better: lower
    unit: s
  - name: build
    command: [make, -j, 4]
  - name: rate
    shell: ./rate 10
    fixedDuration: true
    metrics:
      - name: speed
        pattern: 'speed: ([\\d.]+)'
        unit: MB/s
        better: higher
variants:
  - name: default
  - name: no autogroup
    sysctl: { kernel.sched_autogroup_enabled: 0 }
`;

describe('suite file', () => {
  test('built-in, Phoronix and own benchmarks, variants', () => {
    const suite = parseSuite(SUITE, 's.yaml');
    expect(suite).toMatchObject({ name: 'mine', repeats: 5, warmUps: 1, seed: 1, pauseMs: 1000 });
    expect(suite.benchmarks.map(({ name, primary, timeLimitMs }) => [name, primary, timeLimitMs])).toEqual([
      ['hackbench-pipe-small', 'run_time', 60_000],
      ['pts/compress-zstd', 'result', 3_600_000],
      ['build', 'run_time', 300_000],
      ['rate', 'speed', 300_000],
    ]);
    expect(suite.benchmarks[2]!.program).toEqual({ kind: 'command', argv: ['make', '-j', '4'] });
    expect(suite.benchmarks[3]!.metrics[0]).toMatchObject({ name: 'run_time', better: 'neither' });
    expect(suite.variants[1]!.sysctl).toEqual({ 'kernel.sched_autogroup_enabled': '0' });
    expect(suiteDigest(suite)).not.toBe(suiteDigest(parseSuite(SUITE.replace('speed:', 'rate:'), 's.yaml')));
    expect(suiteDigest(suite)).toBe(suiteDigest({ ...suite, repeats: 99 }));
  });

  test.each([
    ['benchmarks: []', '1:13', 'at least one benchmark'],
    ['benchmarks:\n  - use: hackbench', '2:10', '`use` is one of hackbench-pipe-small'],
    ['repeats: 0\nbenchmarks:\n  - use: zstd-bench', '1:10', 'whole number from 1 to 10000'],
    ['benchmarks:\n  - name: a', '2:5', 'either `command` or `shell`'],
    ['benchmarks:\n  - name: a\n    shell: x\n    comand: y', '4:5', 'comand'],
    ['benchmarks:\n  - use: zstd-bench\n  - use: zstd-bench', '3:5', 'two benchmarks "zstd-bench"'],
    [
      'benchmarks:\n  - name: a\n    shell: x\n    primary: speed',
      '4:14',
      'one of run_time, user_time, system_time',
    ],
    [
      `benchmarks:\n  - name: a\n    shell: x\n    metrics:\n      - {name: m, pattern: 'no group', better: lower}`,
      '5:28',
      'a pattern has a group',
    ],
    [
      `benchmarks:\n  - name: a\n    shell: x\n    metrics:\n      - {name: m, pattern: '(', better: lower}`,
      '5:28',
      'no regular expression',
    ],
    [
      'benchmarks:\n  - use: zstd-bench\nvariants:\n  - name: v\n    sysctl: {"../../etc/passwd": 1}',
      '5:14',
      'kernel parameter',
    ],
    ['name: a', '1:1', 'a suite needs the field "benchmarks"'],
    ['benchmarks:\n  - shell: x', '2:5', 'a benchmark needs the field "name"'],
    ['benchmarks:\n  - make', '2:5', 'a benchmark is a mapping of fields'],
    [
      'benchmarks:\n  - use: zstd-bench\nvariants:\n  - name: v\n    sysctl: 5',
      '5:13',
      '`sysctl` is a mapping of kernel parameters',
    ],
    ['benchmarks: [', '1:14', ''],
    ['- a', '1:1', 'a suite has `benchmarks:`'],
    ['', '1:1', 'a suite has'],
  ])('%j', (text, place, message) => {
    const problems = suiteProblems(text);
    expect(problems.map(({ line, column }) => `${line}:${column}`)).toContain(place);
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
    expect(() => parseSuite(text, 'b.yaml')).toThrow(`b.yaml:${place}: `);
  });

  test('built-in benchmarks name their primary metric and are all different', () => {
    for (const { metrics, primary } of BUILT_IN_BENCHMARKS) {
      expect(metrics.map(({ name }) => name)).toContain(primary);
    }
    expect(new Set(BUILT_IN_BENCHMARKS.map(({ name }) => name)).size).toBe(BUILT_IN_BENCHMARKS.length);
    expect(builtInSuite().repeats).toBeGreaterThanOrEqual(5);
  });
});

describe('order of runs', () => {
  const request: ScheduleRequest = {
    subjects: [
      { id: 'A', kernel: null },
      { id: 'B', kernel: null },
    ],
    benchmarks: ['x', 'y', 'z'],
    repeats: 20,
    warmUps: 1,
    seed: 1,
    rounds: 1,
  };

  test('complete blocks; A and B of a benchmark follow each other; either comes first about as often', () => {
    const steps = schedule(request);
    expect(steps).toHaveLength(3 * 2 * 21);
    expect(steps.slice(0, 6).every(({ phase }) => phase === 'warm-up')).toBe(true);
    const measured = steps.slice(6);
    let aFirst = 0;
    for (let at = 0; at < measured.length; at += 2) {
      const [one, two] = [measured[at]!, measured[at + 1]!];
      expect([one.benchmark, one.block]).toEqual([two.benchmark, two.block]);
      expect([one.subject, two.subject].sort()).toEqual(['A', 'B']);
      aFirst += one.subject === 'A' ? 1 : 0;
    }
    expect(aFirst).toBeGreaterThan(18);
    expect(aFirst).toBeLessThan(42);
    const orders = new Set(
      Array.from({ length: 20 }, (_u, block) =>
        measured
          .slice(block * 6, block * 6 + 6)
          .map(({ benchmark }) => benchmark)
          .join(''),
      ),
    );
    expect(orders.size).toBeGreaterThan(3);
  });

  test('the seed decides', () => {
    expect(schedule(request)).toEqual(schedule(request));
    expect(schedule({ ...request, seed: 2 })).not.toEqual(schedule(request));
  });

  test('kernels are booted once a round, their repeats dealt to the rounds', () => {
    const steps = schedule({
      ...request,
      subjects: [
        { id: 'A', kernel: 'k1' },
        { id: 'B', kernel: 'k2' },
      ],
      repeats: 5,
      rounds: 2,
    });
    const boots = steps.filter(({ kernel }, at) => at === 0 || steps[at - 1]!.kernel !== kernel);
    expect(boots.length).toBeLessThanOrEqual(4);
    expect(boots.length).toBeGreaterThanOrEqual(3);
    for (const subject of ['A', 'B']) {
      const blocks = steps.filter(
        (step) => step.subject === subject && step.benchmark === 'x' && step.phase === 'measured',
      );
      expect(blocks.map(({ block }) => block)).toEqual([0, 1, 2, 3, 4]);
    }
  });

  test('what is left: no measured run again, warm-ups only before what is still measured', () => {
    const steps = schedule({ ...request, repeats: 2 });
    const done = steps.filter(({ benchmark }) => benchmark === 'x');
    const left = remaining(steps, done);
    expect(left.some(({ benchmark }) => benchmark === 'x')).toBe(false);
    expect(left.filter(({ phase }) => phase === 'warm-up')).toHaveLength(4);
    expect(remaining(steps, steps)).toEqual([]);
  });
});

describe('times of a run', () => {
  const status = (values: Record<string, string>) => ({
    kind: 'measured',
    values: new Map(Object.entries(values)),
  });
  const told = {
    begun: '1795261527.497310817',
    ended: '1795261528.152411912',
    begunUptime: '25377.25',
    endedUptime: '25377.90',
    begunCpu: '0m0.010000s 0m0.000000s',
    endedCpu: '1m0.450000s 0m0.020000s',
  };

  test('by date to the nanosecond, CPU time from the shell', () => {
    const measured = readMeasurement(status(told), [
      status({ begun: '1.000000000', ended: '1.003000000' }),
      status({ begun: '1.000000000', ended: '1.002000000' }),
    ])!;
    expect(measured.runTimeS).toBe(0.655101095);
    expect(measured).toMatchObject({ userTimeS: 60.44, systemTimeS: 0.02, remarks: [] });
    expect(measured.timer).toEqual({ clock: 'date', resolutionS: 1e-9, overheadS: 0.002 });
  });

  test('a date without nanoseconds, and a clock that was set: by uptime', () => {
    const busybox = readMeasurement(status({ ...told, begun: '1795261527.%N', ended: '1795261528.%N' }), [])!;
    expect(busybox.runTimeS).toBeCloseTo(0.65, 12);
    expect(busybox.timer).toEqual({ clock: 'uptime', resolutionS: 0.01, overheadS: null });
    const stepped = readMeasurement(status({ ...told, ended: '1795265128.152411912' }), [])!;
    expect(stepped.runTimeS).toBeCloseTo(0.65, 12);
    expect(stepped.remarks[0]).toContain('was set during the run');
  });

  test('nonsense is no measurement', () => {
    expect(readMeasurement(status({}), [])).toBeNull();
    expect(readMeasurement(status({ ...told, endedUptime: '1e99' }), [])).toBeNull();
    expect(readMeasurement(status({ ...told, endedCpu: 'm' }), [])!.userTimeS).toBeNull();
  });

  test('a number too large or none is left out; the last line counts', () => {
    const { metrics } = BUILT_IN_BENCHMARKS.find(({ name }) => name === 'zstd-bench')!;
    const output =
      ' 3#a : 10 -> 3 (x3.0),   40.1 MB/s,  600.0 MB/s\r 3#a : 10 -> 3 (x3.0),   50.2 MB/s,  656.1 MB/s \n';
    expect(Object.fromEntries(metricValues(metrics, output, null))).toEqual({
      compression: 50.2,
      decompression: 656.1,
    });
    expect(metricValues(metrics, ',  1.2.3 MB/s,  4.5.6 MB/s', null).size).toBe(0);
  });
});

test('the state of a machine from its lines; what is missing is unknown', () => {
  expect(
    parseMachineState(
      'kernel 6.1\nload 1.5 x 0.25\nthrottles 3\ntemperatureMilliC 54500\ngovernors powersave performance \n',
    ),
  ).toEqual({
    kernel: '6.1',
    bootId: '',
    uptimeS: null,
    loadAverage: [1.5, 0.25],
    governors: ['powersave', 'performance'],
    frequencyKhz: null,
    temperatureC: 54.5,
    throttleCount: 3,
    memoryAvailableKb: null,
  });
});

describe('results file', () => {
  const good = JSON.parse(JSON.stringify(TABLE_5_9)) as Record<string, unknown>;
  const parse = (document: unknown) => parseResults(JSON.stringify(document), 'r.json');

  test('round trip, and by hand with the least that is needed', () => {
    expect(parse(good)).toEqual(TABLE_5_9);
    const least = {
      format: good['format'],
      version: 1,
      suite: { name: 'printed' },
      benchmarks: [{ name: 'b', primary: 'm', metrics: [{ name: 'm', better: 'lower' }] }],
      subjects: [{ id: 'A', label: 'A' }],
      repeats: [{ subject: 'A', benchmark: 'b', values: { m: 1 } }],
    };
    expect(parse(least).repeats[0]).toMatchObject({ phase: 'measured', failure: null, before: null });
  });

  test.each([
    [{ ...good, version: 2 }, /version 2 .* reads version 1/],
    [{ ...good, format: 'x' }, /format/],
    [{}, /it has no "format"/],
    [
      { ...good, repeats: [{ subject: 'nobody', benchmark: 'hackbench', values: {} }] },
      /repeats\.0: there is no subject "nobody"/,
    ],
    [
      { ...good, repeats: [{ subject: 'with ML', benchmark: 'hackbench', values: { can_migrate: 1 } }] },
      /has no metric "can_migrate"/,
    ],
    [
      {
        ...good,
        repeats: [{ subject: 'with ML', benchmark: 'hackbench', values: { can_migrate_task: 'x' } }],
      },
      /repeats\.0\.values/,
    ],
    [
      {
        ...good,
        distributions: [
          {
            subject: 'with ML',
            benchmark: 'hackbench',
            metric: 'can_migrate_task',
            count: 1,
            mean: 1,
            edges: [2, 1],
            counts: [1],
          },
        ],
      },
      /edges must rise/,
    ],
  ])('%#: refused with the place', (document, message) => {
    expect(() => parse(document)).toThrow(message);
  });

  test('what is no JSON', () => {
    expect(() => parseResults('{', 'r.json')).toThrow(/^r\.json is no JSON/);
  });
});
