import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSchema, proposalsAt } from '../../../../src/host/yaml/yamlSchema.js';
import { CLAIMS_FILE_NAMES, claimsProblems } from '../../../../src/learning/audit/claims/claims.js';
import { claimsSchema } from '../../../../src/learning/audit/claims/claimsSchema.js';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly items?: JsonSchema;
}

const text = readFileSync('media/claims.schema.json', 'utf8');
const schema = JSON.parse(text) as JsonSchema;
const validate = new Ajv({ strict: false }).compile(schema);
const fileOf = (claim: string) => `title: t\nsource: s\nclaims:\n  - { name: n${claim} }\n`;

const VALID = [
  '',
  ', statement: x, accuracy: 0, constantAccuracy: 1, loss: -3, constantLoss: 0.5, idleShare: 0.5',
  ', baselines: [{ name: a, accuracy: 0.5 }], classes: [{ name: a, share: 0.5 }, { name: b, count: 0 }]',
  ', unknowns: { codedAs: idle }, scaling: { fittedOn: everything }, checkpoint: { chosenOn: last }',
  ', balanced: { accuracy: 1, prevalences: [{ of: a, share: 0.5 }] }',
  ', balanced: { recall: 1, falsePositiveRate: 0, prevalences: [{ of: a, share: 0.5 }] }',
  ', positives: [{ of: a, count: 0 }], latencies: [{ of: a, milliseconds: 0.1, batch: 1, isDivided: true }]',
  ', ratios: [{ of: a, quoted: 2, pairs: [{ of: b, before: 1, after: 2 }], beforeIs: x, afterIs: y }]',
  ', layout: { stored: [a, b], readAs: [b, a] }, windows: { cross: [] }, inputs: [a], repeats: 1',
  `, splits: { by: row, train: [a], validation: [{ name: b, sha256: ${'a0'.repeat(32)} }], test: [c] }`,
  ', rule: { says: a, accuracy: 0.5 }, table: { file: a.csv, label: b, inputs: [c] }',
  ', forecast: { deviation: 1, ofWhatCame: 2 }, lost: { events: 1, lost: 0 }, splits: {}',
];

const INVALID = [
  ', accuracy: 1.5',
  ', accuracy: high',
  ', accurracy: 0.5',
  ', statement: ""',
  ', baselines: []',
  ', baselines: [{ name: a }]',
  ', classes: [{ name: a }]',
  ', classes: [{ name: a, share: 0.5, count: 3 }]',
  ', classes: [{ name: a, count: 0.5 }]',
  ', unknowns: { codedAs: nothing }',
  ', balanced: { recall: 1, prevalences: [{ of: a, share: 0.5 }] }',
  ', balanced: { accuracy: 1 }',
  ', latencies: [{ of: a, milliseconds: 0, batch: 1, isDivided: true }]',
  ', latencies: [{ of: a, milliseconds: 1, batch: 0, isDivided: true }]',
  ', ratios: [{ of: a, pairs: [] }]',
  ', windows: { cross: [rows] }',
  ', splits: { by: chance }',
  ', splits: { train: [{ name: a, sha256: 12 }] }',
  ', table: { file: a.csv }',
  ', forecast: { deviation: 0, ofWhatCame: 1 }',
  ', lost: { events: 0, lost: 0 }',
  ', repeats: 0',
];

describe('the schema of claims for editors', () => {
  test.each(VALID)('a claim with nothing wrong%s', (claim) => {
    expect(claimsProblems(fileOf(claim))).toEqual([]);
    expect(validate(parse(fileOf(claim))), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(INVALID)('a claim with a fault%s', (claim) => {
    // The line of the claim: problems say where they are.
    expect(claimsProblems(fileOf(claim)).map(({ line }) => line)).toContain(4);
    expect(validate(parse(fileOf(claim)))).toBe(false);
  });

  test.each([
    'claims: []',
    'title: t\nsource: s\nclaims: []',
    'version: 2\ntitle: t\nsource: s\nclaims: [{ name: a }]',
  ])('%j is no file of claims', (file) => {
    expect(claimsProblems(file)).not.toEqual([]);
    expect(validate(parse(file))).toBe(false);
  });

  test('the claims of the earlier systems are valid', () => {
    for (const name of readdirSync('docs/claims').filter((each) => each.endsWith('.yaml'))) {
      const file = readFileSync(join('docs/claims', name), 'utf8');
      expect(validate(parse(file)), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });

  test('knows the same keys, and which of them there have to be', () => {
    expectSame(schema, claimsSchema, '');
  });

  test('completes them, and package.json names the same files for other editors', () => {
    const labels = (file: string) => {
      const lines = file.split('\n');
      return proposalsAt(parseSchema(text), lines, lines.length - 1, lines.at(-1)!.length).map(
        ({ label }) => label,
      );
    };
    expect(labels('')).toEqual(['version', 'title', 'source', 'claims']);
    expect(labels('claims:\n  - name: a\n    unknowns:\n      codedAs: ')).toEqual([
      ...['own-class', 'left-out', 'idle', 'real-task'],
    ]);
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: { yamlValidation: { fileMatch: string; url: string }[] };
    };
    const ours = contributes.yamlValidation.filter(({ url }) => url.endsWith('claims.schema.json'));
    expect(ours.map(({ fileMatch }) => fileMatch)).toEqual([...CLAIMS_FILE_NAMES]);
  });
});

/** Keys, required ones and choices, at every depth. */
function expectSame(json: JsonSchema, ours: v.GenericSchema, path: string): void {
  const inner = unwrapped(ours);
  if (json.enum !== undefined) {
    expect((inner as unknown as { options: readonly string[] }).options, path).toEqual(json.enum);
    if (json.enumDescriptions !== undefined)
      expect(json.enumDescriptions, path).toHaveLength(json.enum.length);
  }
  if (json.items !== undefined) {
    const { item } = inner as unknown as { item: v.GenericSchema };
    expectSame(json.items, item, `${path}[]`);
  }
  if (json.properties === undefined) return;
  const { entries } = inner as unknown as { entries: Record<string, v.GenericSchema> };
  expect(Object.keys(json.properties).sort(), path).toEqual(Object.keys(entries).sort());
  const required = Object.keys(entries).filter((key) => entries[key]!.type !== 'optional');
  expect([...(json.required ?? [])].sort(), path).toEqual(required.sort());
  for (const [key, property] of Object.entries(json.properties)) {
    expectSame(property, entries[key]!, `${path}.${key}`);
  }
}

function unwrapped(schemaOfOurs: v.GenericSchema): v.GenericSchema {
  const { wrapped } = schemaOfOurs as unknown as { wrapped?: v.GenericSchema };
  return wrapped === undefined ? schemaOfOurs : unwrapped(wrapped);
}
