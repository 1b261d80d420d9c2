import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { parse } from 'yaml';
import { BPFTRACE_PROGRAMS } from '../../../../src/remote/collect/bpftraceCollector.js';
import { TCN_WORKLOADS, WORKLOADS } from '../../../../src/remote/workloads/catalogue.js';
import { newPlanText } from '../../../../src/remote/workloads/newPlan.js';
import { parsePlan, planProblems, summaryPathOf } from '../../../../src/remote/workloads/plan.js';
import { planSchema, WORKLOAD_NAMES } from '../../../../src/remote/workloads/planSchema.js';
import { BROKEN_PLANS, INVALID_PLANS, VALID_PLANS } from './planExamples.js';

const PATH = '/lab/kernel-oracle.collect.yaml';

function shown(text: string): string[] {
  return planProblems(text, PATH).map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

describe('reading a plan', () => {
  test.each(VALID_PLANS)('%j is one', (text) => {
    expect(shown(text)).toEqual([]);
  });

  test.each([...INVALID_PLANS, ...BROKEN_PLANS])('$text', ({ text, problems }) => {
    expect(shown(text)).toEqual(problems);
  });

  test('the failure names file, line and column of each problem', () => {
    expect(() => parsePlan('workloads: [tcn]\nruns: 0\nbad: 1', 'a/b.yaml')).toThrow(
      'a/b.yaml:2:7: runs is a whole number from 1 to 1000\na/b.yaml:3:1: bad is not known here',
    );
    const many = Array.from({ length: 40 }, () => '  - wrong').join('\n');
    expect(() => parsePlan(`workloads:\n${many}`, 'p')).toThrow(/p:11:5: wrong is .*\n… and 30 more\.$/);
  });

  test('what is left out has the values of the paper', () => {
    expect(parsePlan('workloads: [cpu_bound_4p]', PATH)).toEqual({
      path: PATH,
      folder: '/lab',
      machines: 'all',
      collectors: [
        {
          name: 'tracefs',
          settings: {
            collector: 'tracefs',
            events: [
              'sched_switch',
              'sched_wakeup',
              'sched_wakeup_new',
              'sched_waking',
              'sched_migrate_task',
            ],
            filters: {},
            bufferKbPerCpu: 16_384,
            overwrite: false,
            clock: 'mono',
            format: 'trace.dat',
          },
        },
      ],
      workloads: [
        {
          category: 'cpu_bound',
          command: {
            name: 'cpu_bound_4p',
            program: { kind: 'builtIn', name: 'workload-cpu', args: ['4', '10'] },
            timeoutMs: 300_000,
          },
        },
      ],
      runs: 3,
      order: 'listed',
      seed: 42,
      pauseMs: 2000,
      output: 'recordings/{machine}/{workload}.run{run}',
      durationMs: 300_000,
      stopsAtFailure: false,
    });
  });

  test("a user's workloads and collectors", () => {
    const plan = parsePlan(
      [
        'machines: [one]',
        'collectors: [{ collector: perf, name: mine }]',
        'workloads:',
        '  - { name: a, category: x, command: [sleep, "1"], timeoutSeconds: 2.5 }',
        '  - { name: b, category: y, shell: "ls | wc" }',
      ].join('\n'),
      PATH,
    );
    expect(plan.collectors).toMatchObject([{ name: 'mine', settings: { collector: 'perf' } }]);
    expect(plan.collectors[0]!.settings).not.toHaveProperty('name');
    expect(plan.workloads).toEqual([
      {
        category: 'x',
        command: { name: 'a', program: { kind: 'command', argv: ['sleep', '1'] }, timeoutMs: 2500 },
      },
      {
        category: 'y',
        command: { name: 'b', program: { kind: 'shell', text: 'ls | wc' }, timeoutMs: 300_000 },
      },
    ]);
  });

  test('a set stands for its workloads', () => {
    const plan = parsePlan('workloads: [tcn]', PATH);
    expect(plan.workloads.map(({ command }) => command.name)).toEqual(TCN_WORKLOADS.map(({ name }) => name));
  });

  test('a text without end is refused', () => {
    expect(shown('#'.repeat(300_000))).toEqual(['1:1: a plan is at most 262144 characters long']);
  });

  test('new plans and the sample are plans; the sample is that of the TCN paper', () => {
    expect(shown(newPlanText())).toEqual([]);
    expect(shown(newPlanText('https://example.com/schema.json'))).toEqual([]);
    const sample = parsePlan(readFileSync('samples/kernel-oracle.collect.yaml', 'utf8'), PATH);
    expect(sample.workloads).toEqual(parsePlan('workloads: [tcn]', PATH).workloads);
    // What is commented out in a new plan is right, too.
    const all = newPlanText().replaceAll(
      /^( *)# (?=- | {2}(?:program|category|command|timeout|shell))/gm,
      '$1',
    );
    const withCollectors = all.replace(/^output: .*$/m, "output: '{machine}/{collector}/{workload}.{run}'");
    expect(shown(withCollectors.replace('  - bare\n', ''))).toEqual([]);
    expect(parse(withCollectors)).toMatchObject({ collectors: { length: 4 }, workloads: { length: 6 } });
  });

  test('the summary stands beside the plan', () => {
    expect(summaryPathOf(PATH)).toBe('/lab/kernel-oracle.collect.summary.json');
  });
});

describe('the schema for editors', () => {
  const schema = JSON.parse(readFileSync('media/collect.schema.json', 'utf8')) as {
    properties: Record<string, { default?: unknown }> & {
      workloads: { default?: unknown; items: { anyOf: { const?: string; description: string }[] } };
      collectors: {
        default?: unknown;
        items: {
          oneOf: {
            properties: Record<string, { default?: unknown }> & { collector: { const: string } };
          }[];
        };
      };
    };
  };
  const validate = new Ajv({ strict: false }).compile(schema);

  test.each(VALID_PLANS)('%j is valid', (text) => {
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(INVALID_PLANS)('$text', ({ text, isContradiction = false }) => {
    expect(validate(parse(text))).toBe(isContradiction);
    expect(v.safeParse(planSchema, parse(text)).success && !Array.isArray(parse(text))).toBe(isContradiction);
  });

  test('names and describes the workloads of the catalogue', () => {
    const offered = schema.properties.workloads.items.anyOf.filter((each) => each.const !== undefined);
    expect(offered.map((each) => each.const)).toEqual(WORKLOAD_NAMES);
    expect(offered.slice(0, WORKLOADS.length).map(({ description }) => description)).toEqual(
      WORKLOADS.map(({ description }) => description),
    );
  });

  test('names the programs for bpftrace', () => {
    const ofBpftrace = schema.properties.collectors.items.oneOf.find(
      ({ properties }) => properties.collector.const === 'bpftrace',
    );
    expect(ofBpftrace?.properties['program']).toMatchObject({ enum: Object.keys(BPFTRACE_PROGRAMS) });
  });

  test('knows the same keys and defaults', () => {
    const parsed = v.parse(planSchema, { workloads: ['tcn'] });
    expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(planSchema.entries).sort());
    for (const [name, { default: value }] of Object.entries(schema.properties)) {
      if (value === undefined) continue;
      const withDefault = v.parse(planSchema, { workloads: ['tcn'], [name]: value });
      expect(withDefault, name).toEqual(parsed);
    }
    for (const { properties } of schema.properties.collectors.items.oneOf) {
      const collector = properties.collector.const;
      const bare = v.parse(planSchema, { workloads: ['tcn'], collectors: [{ collector }] });
      for (const [name, value] of Object.entries(bare.collectors[0]!)) {
        if (name !== 'collector') expect(properties[name]?.default, `${collector}.${name}`).toEqual(value);
      }
    }
  });
});
