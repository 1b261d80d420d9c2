import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUILT_IN_BENCHMARKS } from '../../../../src/remote/benchmarks/catalogue.js';
import { suiteProblems } from '../../../../src/remote/benchmarks/suiteFile.js';
import { suiteSchema } from '../../../../src/remote/benchmarks/suiteSchema.js';

interface JsonSchema {
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly enumDescriptions?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: { readonly anyOf?: readonly JsonSchema[]; readonly properties?: JsonSchema['properties'] };
}

const schema = JSON.parse(readFileSync('media/bench.schema.json', 'utf8')) as JsonSchema;
const validate = new Ajv({ strict: false }).compile(schema);
const ONE = 'benchmarks: [{ use: nginx-ab }]';

const VALID = [
  ONE,
  `version: 1\nname: a b.c\nrepeats: 1\nwarmUps: 0\nseed: 0\npauseSeconds: 0.5\n${ONE}`,
  'benchmarks: [{ use: sysbench-cpu, timeLimitSeconds: 9 }]',
  'benchmarks: [{ phoronix: pts/compress-zstd, better: lower, unit: s, name: zstd }]',
  'benchmarks: [{ name: a, command: [make, -j, 8] }]',
  'benchmarks: [{ name: a, shell: "true", metrics: [{ name: x, pattern: "(\\\\d+)", better: higher, factor: 2 }] }]',
  `${ONE}\nvariants: [{ name: v, sysctl: { kernel.sched_autogroup_enabled: 0 }, setup: a, teardown: b }]`,
];

const INVALID = [
  'benchmarks: []',
  'repeats: 3',
  `${ONE}\nrepeat: 3`,
  `${ONE}\nrepeats: 0`,
  `${ONE}\nrepeats: 1.5`,
  `${ONE}\nseed: -1`,
  `${ONE}\npauseSeconds: 4000`,
  `${ONE}\nvariants: []`,
  `${ONE}\nvariants: [{ sysctl: {} }]`,
  `${ONE}\nvariants: [{ name: v, sysctl: { nonsense: 1 } }]`,
  'benchmarks: [{ use: nothing }]',
  'benchmarks: [{ use: nginx-ab, shell: x }]',
  'benchmarks: [{ phoronix: zstd, better: lower }]',
  'benchmarks: [{ phoronix: pts/zstd }]',
  'benchmarks: [{ shell: x }]',
  'benchmarks: [{ name: a, command: [] }]',
  'benchmarks: [{ name: a, shell: x, metrics: [{ name: X, pattern: "(a)", better: lower }] }]',
  'benchmarks: [{ name: a, shell: x, metrics: [{ name: x, better: lower }] }]',
  'version: 2\nbenchmarks: [{ use: nginx-ab }]',
];

describe('the schema of benchmarks for editors', () => {
  test.each(VALID)('%s is valid', (text) => {
    expect(suiteProblems(text)).toEqual([]);
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(INVALID)('%s is not', (text) => {
    expect(suiteProblems(text)).not.toEqual([]);
    expect(v.safeParse(suiteSchema, parse(text)).success).toBe(false);
    expect(validate(parse(text))).toBe(false);
  });

  test('knows the same keys and defaults', () => {
    const bare = { benchmarks: [{ use: 'nginx-ab' }] };
    expect(Object.keys(schema.properties!).sort()).toEqual(Object.keys(suiteSchema.entries).sort());
    for (const [name, { default: usual }] of Object.entries(schema.properties!)) {
      if (usual === undefined) continue;
      expect(v.parse(suiteSchema, { ...bare, [name]: usual }), name).toEqual(v.parse(suiteSchema, bare));
    }
  });

  test('knows the built-in benchmarks', () => {
    const { use } = schema.properties!['benchmarks']!.items!.anyOf![0]!.properties!;
    expect(use!.enum).toEqual(BUILT_IN_BENCHMARKS.map(({ name }) => name));
    expect(use!.enumDescriptions).toEqual(BUILT_IN_BENCHMARKS.map(({ title }) => title));
  });
});
