import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { MODELS } from '../../../../src/learning/models/models.js';
import { configSchema } from '../../../../src/learning/trainer/config/configSchema.js';
import { configProblems, configText, parseConfig } from '../../../../src/learning/trainer/config/config.js';
import { INVALID_CONFIGS, VALID_CONFIGS } from './configExamples.js';

const PATH = '/lab/kernel-oracle.yaml';

function shown(text: string): string[] {
  return configProblems(text, PATH).map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

describe('reading a configuration', () => {
  test.each(VALID_CONFIGS)('%j is one', (text) => {
    expect(shown(text)).toEqual([]);
    // What is kept with a run reads as the same again, wherever it lies.
    const config = parseConfig(text, PATH);
    expect(parseConfig(configText(config), '/elsewhere/x.yaml')).toEqual(config);
  });

  test.each(INVALID_CONFIGS)('$text', ({ text, problems }) => {
    expect(shown(text)).toEqual(problems);
  });

  test.each(['a: [', 'dataset: *nothing', 'dataset: a\ndataset: b'])('%j is no YAML', (text) => {
    expect(shown(text)).toHaveLength(1);
  });

  test('the failure names file, line and column', () => {
    expect(() => parseConfig('dataset: a\nepochs: x', 'a/b.yaml')).toThrow(
      'a/b.yaml:2:9: epochs is a whole number from 1 to 100000',
    );
    expect(() => parseConfig('#'.repeat(300_000), 'p')).toThrow(/p:1:1: a configuration is at most/);
  });

  test('what is left out has the values of the TCN follow-up', () => {
    expect(parseConfig('dataset: ../sets/one', PATH)).toEqual({
      version: 1,
      dataset: '/sets/one',
      model: {
        name: 'tcn',
        settings: {
          taskEmbedding: 32,
          stateEmbedding: 8,
          projection: 128,
          blocks: 6,
          taps: 3,
          dropout: 0.1,
          labelSmoothing: 0,
        },
      },
      windows: { length: 64, stride: 4, features: ['cpu', 'logDelta'] },
      positions: 'all',
      optimizer: {
        name: 'adamw',
        learningRate: 0.001,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0.01,
        clipNorm: 1,
      },
      schedule: { name: 'plateau', factor: 0.5, patience: 3, leastRate: 0 },
      earlyStopping: { patience: 5 },
      epochs: 5,
      batchSize: 128,
      seed: 42,
      engine: { name: 'auto', threads: 0 },
      checkpoints: { everySeconds: 300 },
      evaluation: { maxWindows: 20_000 },
    });
  });

  test('an optimizer has what its model gives it, or what is usual for it', () => {
    const of = (text: string) => parseConfig(`dataset: a\n${text}`, PATH).optimizer;
    expect(of('model: { name: kernel-oracle-2019 }')).toEqual({
      name: 'lbfgs',
      learningRate: 0.8,
      iterations: 20,
      history: 100,
    });
    expect(of('model: { name: lstm }')).toMatchObject({ name: 'adam', clipNorm: null, weightDecay: 0 });
    expect(of('optimizer: { learningRate: 0.1 }')).toMatchObject({ learningRate: 0.1, clipNorm: 1 });
    expect(of('optimizer: { name: adam }')).toMatchObject({ name: 'adam', clipNorm: null });
  });

  test('the sample is one, of the usual values', () => {
    const sample = readFileSync('samples/kernel-oracle.yaml', 'utf8');
    expect(shown(sample)).toEqual([]);
    expect(parseConfig(sample, PATH)).toEqual(parseConfig('dataset: datasets/tcn', PATH));
  });
});

interface JsonSchema {
  readonly const?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly oneOf?: readonly JsonSchema[];
}

describe('the schema for editors', () => {
  const schema = JSON.parse(readFileSync('media/kernel-oracle.schema.json', 'utf8')) as JsonSchema;
  const validate = new Ajv({ strict: false }).compile(schema);

  test.each(VALID_CONFIGS)('%j is valid', (text) => {
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(INVALID_CONFIGS)('$text', ({ text, isContradiction = false }) => {
    expect(validate(parse(text))).toBe(isContradiction);
    expect(v.safeParse(configSchema, parse(text)).success && !Array.isArray(parse(text))).toBe(
      isContradiction,
    );
  });

  test('knows the same keys and defaults', () => {
    const parsed = v.parse(configSchema, { dataset: 'a' }) as Record<string, unknown>;
    expect(Object.keys(schema.properties!).sort()).toEqual(Object.keys(configSchema.entries).sort());
    for (const [name, { default: value, properties }] of Object.entries(schema.properties!)) {
      if (value !== undefined) {
        const withDefault = v.parse(configSchema, { dataset: 'a', [name]: value });
        expect(withDefault, name).toEqual(parsed);
      }
      for (const [key, { default: inner }] of Object.entries(properties ?? {})) {
        const usual = (parsed[name] as Record<string, unknown>)[key];
        expect(inner, `${name}.${key}`).toEqual(usual);
      }
    }
  });

  test('knows the models, their settings and what these are unless told', () => {
    const offered = schema.properties!['model']!.oneOf!.map(({ properties }) => properties!);
    expect(offered.map(({ name }) => name!.const)).toEqual([...MODELS.keys()]);
    for (const { name, settings } of offered) {
      const usual = v.parse(MODELS.get(name!.const as string)!.settings, {}) as Record<string, unknown>;
      const told = Object.entries(settings!.properties!).map(([key, each]) => [key, each.default]);
      expect(Object.fromEntries(told), name!.const as string).toEqual(usual);
    }
  });
});
