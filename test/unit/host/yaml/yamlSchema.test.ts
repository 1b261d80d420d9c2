import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { meaningAt, parseSchema, proposalsAt, type Schema } from '../../../../src/host/yaml/yamlSchema.js';
import { MODELS } from '../../../../src/learning/models/models.js';
import { BUILT_IN_BENCHMARKS } from '../../../../src/remote/benchmarks/catalogue.js';
import { WORKLOADS } from '../../../../src/remote/workloads/catalogue.js';
import { ENTRY, placeAt } from '../../../../src/host/yaml/yamlPlace.js';

/** Splits a text in which | stands for the cursor. */
function cursor(text: string): { lines: string[]; row: number; column: number } {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  return {
    lines: text.replace('|', '').split('\n'),
    row: before.length - 1,
    column: before.at(-1)!.length,
  };
}

function place(text: string) {
  const { lines, row, column } = cursor(text);
  return placeAt(lines, row, column);
}

describe('where a cursor stands', () => {
  it.each<[string, string, readonly (string | symbol)[], string | null]>([
    ['the top', 'run|', [], null],
    ['a value', 'runs: 3|', [], 'runs'],
    ['a mapping in a mapping', 'limits:\n  dur|', ['limits'], null],
    ['an entry', 'workloads:\n  - t|', ['workloads', ENTRY], null],
    ['an entry in the column of its key', 'workloads:\n- t|', ['workloads', ENTRY], null],
    ['a key in an entry', 'collectors:\n  - collector: tracefs\n    ev|', ['collectors', ENTRY], null],
    ['the head of an entry', 'collectors:\n  - coll|', ['collectors', ENTRY], null],
    ['a value in an entry', 'collectors:\n  - collector: |', ['collectors', ENTRY], 'collector'],
    [
      'a list in an entry',
      'collectors:\n  - events:\n      - s|',
      ['collectors', ENTRY, 'events', ENTRY],
      null,
    ],
    ['after a list', 'workloads:\n  - tcn\nru|', [], null],
    ['after an entry', 'a:\n  - b: 1\n    c:\n      d: 2\n  - |', ['a', ENTRY], null],
    ['behind comments and empty lines', 'limits:\n\n# note\n  |', ['limits'], null],
    ['a flow list', 'machines: [a, b|]', [], 'machines'],
  ])('%s', (_name, text, path, key) => {
    expect(place(text)).toMatchObject({ path, key });
  });

  it('knows the keys beside it', () => {
    expect(place('runs: 1\n|\norder: listed\nlimits:\n  durationSeconds: 1').siblings).toEqual(
      new Map([
        ['runs', '1'],
        ['order', 'listed'],
        ['limits', ''],
      ]),
    );
    expect(place('c:\n  - collector: x # note\n    name: y\n    |\n  - clock: z').siblings).toEqual(
      new Map([
        ['name', 'y'],
        ['collector', 'x'],
      ]),
    );
  });
});

const schema: Schema = {
  properties: {
    runs: { description: 'How often', type: 'integer', default: 3, examples: [1, 3] },
    order: {
      enum: ['listed', 'shuffled'],
      enumDescriptions: ['As they stand', 'By the seed'],
      default: 'listed',
    },
    workloads: { items: { anyOf: [{ enum: ['tcn', 'bare'] }, { $ref: '#/$defs/own' }] } },
    collectors: {
      items: {
        oneOf: [
          {
            properties: {
              collector: { const: 'tracefs', description: 'ftrace' },
              overwrite: { type: 'boolean' },
            },
          },
          {
            properties: { collector: { const: 'perf' }, events: { items: { enum: ['sched:a', 'sched:b'] } } },
          },
        ],
      },
    },
  },
  required: ['workloads'],
  $defs: { own: { properties: { name: { description: 'Its name' }, shell: { type: 'string' } } } },
};

function labels(text: string): string[] {
  const { lines, row, column } = cursor(text);
  return proposalsAt(schema, lines, row, column).map(({ label }) => label);
}

describe('what may stand there', () => {
  it('keys that are not there yet', () => {
    expect(labels('runs: 3\n|')).toEqual(['order', 'workloads', 'collectors']);
  });

  it('values: alternatives, booleans, examples, entries of flow lists', () => {
    expect(labels('order: |')).toEqual(['listed', 'shuffled']);
    expect(labels('collectors:\n  - overwrite: |')).toEqual(['true', 'false']);
    expect(labels('runs: |')).toEqual(['1', '3']);
    expect(labels('collectors:\n  - events: [sched:a, |]')).toEqual(['sched:a', 'sched:b']);
  });

  it('in an entry that is a name or a mapping, both', () => {
    expect(labels('workloads:\n  - |')).toEqual(['name', 'shell', 'tcn', 'bare']);
  });

  it('of alternatives all', () => {
    expect(labels('collectors:\n  - collector: |')).toEqual(['tracefs', 'perf']);
    expect(labels('collectors:\n  - collector: perf\n    |')).toEqual(['events']);
  });

  it('nothing where nothing is known', () => {
    expect(labels('no such key:\n  |')).toEqual([]);
    expect(labels('workloads:\n  - shell: |')).toEqual([]);
  });

  it('a key is followed by a blank, one with a part below it is not', () => {
    const { lines, row, column } = cursor('|');
    const inserts = proposalsAt(schema, lines, row, column).map(({ insert }) => insert);
    expect(inserts).toEqual(['runs: ', 'order: ', 'workloads:', 'collectors:']);
  });
});

describe('what a word means', () => {
  it.each([
    ['ru|ns: 3', 'How often\n\nUsually `3`.'],
    ['ord|er: listed', 'Usually `listed`.'],
    ['order: shuf|fled', 'By the seed'],
    ['collectors:\n  - collector: trace|fs', 'ftrace'],
    ['workloads:\n  - na|me: x', 'Its name'],
    ['workloads:\n  - tcn|', null],
    ['unkn|own: 1', null],
  ])('%s', (text, meaning) => {
    const { lines, row, column } = cursor(text);
    expect(meaningAt(schema, lines, row, column)).toBe(meaning);
  });

  it('completes by the schema that ships', () => {
    const shipped = parseSchema(readFileSync('media/collect.schema.json', 'utf8'));
    const at = (text: string) => {
      const { lines, row, column } = cursor(text);
      return proposalsAt(shipped, lines, row, column);
    };
    expect(at('|').map(({ label }) => label)).toEqual(
      expect.arrayContaining(['workloads', 'runs', 'limits']),
    );
    expect(at('workloads:\n  - |').map(({ label }) => label)).toEqual(
      expect.arrayContaining([...WORKLOADS.map(({ name }) => name), 'tcn', 'name']),
    );
    expect(at('collectors:\n  - collector: |').map(({ label }) => label)).toEqual([
      'tracefs',
      'perf',
      'perf-map',
      'bpftrace',
    ]);
    expect(at('collectors:\n  - collector: perf\n    |').map(({ label }) => label)).toEqual([
      'name',
      'events',
      'bufferPages',
    ]);
    for (const { documentation } of at('|')) expect(documentation).not.toBe('');
  });

  it('only a JSON schema is one', () => {
    expect(() => parseSchema('{"properties": 3}')).toThrow();
    expect(parseSchema(JSON.stringify(schema)).required).toEqual(['workloads']);
  });

  it('completes a training configuration by the model that it names', () => {
    const shipped = parseSchema(readFileSync('media/kernel-oracle.schema.json', 'utf8'));
    const at = (text: string) => {
      const { lines, row, column } = cursor(text);
      return proposalsAt(shipped, lines, row, column);
    };
    const names = (text: string) => at(text).map(({ label }) => label);
    expect(names('model:\n  name: |')).toEqual([...MODELS.keys()]);
    for (const { name, settings } of MODELS.values()) {
      const own = Object.keys(v.parse(settings, {}) as object);
      expect(names(`dataset: data\nmodel:\n  name: ${name}\n  settings:\n    |`), name).toEqual(own);
      // The name may stand behind the settings.
      expect(names(`model:\n  settings:\n    |\n  name: ${name}\nseed: 1`), name).toEqual(own);
    }
    expect(names('engine:\n  name: |')).toEqual(['auto', 'embedded', 'native']);
    expect(names('windows:\n  features: [cpu, |]')).toEqual(['cpu', 'logDelta', 'delta']);
    for (const { label, documentation } of at('|')) expect(documentation, label).not.toBe('');
  });

  it('explains a training configuration by the model that it names', () => {
    const shipped = parseSchema(readFileSync('media/kernel-oracle.schema.json', 'utf8'));
    const meaning = (text: string) => {
      const { lines, row, column } = cursor(text);
      return meaningAt(shipped, lines, row, column);
    };
    expect(meaning('model:\n  name: tc|n')).toContain('TCN');
    expect(meaning('model:\n  na|me: lstm-next-task')).toBe(meaning('model:\n  name: lstm-next-ta|sk'));
    expect(meaning('model:\n  name: tcn\n  settings:\n    bloc|ks: 6')).toMatch(/dilation[^]*From 1 to 12/);
    expect(meaning('model:\n  name: lstm\n  settings:\n    bloc|ks: 6')).toBeNull();
    expect(meaning('model:\n  name: tcn\n  settings:\n    drop|out: 6')).toContain('Usually `0.1`.');
    expect(meaning('model:\n  name: lstm-next-task\n  settings:\n    drop|out: 6')).toContain(
      'Usually `0.2`.',
    );
    expect(meaning('batch|Size: 6')).toContain('From 1 to 65536.');
  });

  it('completes benchmarks by the kind of each', () => {
    const shipped = parseSchema(readFileSync('media/bench.schema.json', 'utf8'));
    const names = (text: string) => {
      const { lines, row, column } = cursor(text);
      return proposalsAt(shipped, lines, row, column).map(({ label }) => label);
    };
    expect(names('benchmarks:\n  - use: |')).toEqual(BUILT_IN_BENCHMARKS.map(({ name }) => name));
    expect(names('benchmarks:\n  - use: nginx-ab\n    |')).toEqual(['timeLimitSeconds']);
    expect(names('benchmarks:\n  - phoronix: pts/x\n    |')).toEqual([
      'name',
      'unit',
      'better',
      'timeLimitSeconds',
    ]);
    expect(names('benchmarks:\n  - name: a\n    metrics:\n      - better: |')).toEqual([
      'lower',
      'higher',
      'neither',
    ]);
  });
});
