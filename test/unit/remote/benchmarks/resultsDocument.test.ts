import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  parseResults,
  RESULTS_FORMAT,
  type BenchmarkResults,
} from '../../../../src/remote/benchmarks/results.js';

const STATE = {
  kernel: '6.1.0',
  bootId: 'b',
  uptimeS: 1.5,
  loadAverage: [0.1, 0.2, 0.3],
  governors: ['performance'],
  frequencyKhz: 3e6,
  temperatureC: 50,
  throttleCount: 0,
  memoryAvailableKb: 1000,
};

/** Every field there is: its type sees to that. */
const WHOLE: BenchmarkResults = {
  format: RESULTS_FORMAT,
  version: 1,
  generator: 'kernel-oracle 1.0.0',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  state: 'complete',
  suite: { name: 's', digest: 'd', seed: 1, repeats: 1, warmUps: 0 },
  benchmarks: [
    {
      name: 'b',
      title: 'B',
      command: 'b',
      timeLimitMs: 1000,
      primary: 'm',
      metrics: [{ name: 'm', title: 'M', unit: 's', better: 'lower' }],
    },
  ],
  subjects: [
    {
      id: 'A',
      label: 'A',
      machine: 'lab',
      kernel: '6.1.0',
      variant: 'default',
      facts: {
        kernelVersion: '#1',
        architecture: 'x86_64',
        cpuModel: 'CPU',
        cpus: 2,
        memoryKb: 1000,
        distribution: 'Debian',
      },
    },
  ],
  repeats: [
    {
      subject: 'A',
      benchmark: 'b',
      phase: 'measured',
      block: 0,
      session: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      failure: null,
      exitCode: 0,
      values: { m: 1 },
      timer: { clock: 'date', resolutionS: 1e-9, overheadS: 0.002 },
      before: STATE,
      after: STATE,
      remarks: ['r'],
    },
  ],
  distributions: [
    { subject: 'A', benchmark: 'b', metric: 'm', count: 1, mean: 1, edges: [1, 2], counts: [1], source: 'f' },
  ],
};

type Fields = Record<string | number, unknown>;
type Place = readonly (string | number)[];

/** Where each field is. Values by metric have no names of their own, and what is in `after` is as in `before`. */
function places(value: unknown, at: Place = []): Place[] {
  if (Array.isArray(value)) return places(value[0], [...at, 0]);
  if (typeof value !== 'object' || value === null || at.at(-1) === 'values' || at.at(-1) === 'after')
    return [];
  return Object.entries(value).flatMap(([key, each]) => [[...at, key], ...places(each, [...at, key])]);
}

function valueAt(document: unknown, place: Place): unknown {
  return place.reduce<unknown>((value, key) => (value as Fields)[key], document);
}

/** `repeats[].timer.clock` */
function nameOf(place: Place): string {
  const name = place.map((key) => (key === 0 ? '[]' : `.${key}`)).join('');
  return `${name.slice(1)}${Array.isArray(valueAt(WHOLE, place)) ? '[]' : ''}`;
}

function isNeeded(place: Place): boolean {
  const copy = structuredClone(WHOLE);
  Reflect.deleteProperty(valueAt(copy, place.slice(0, -1)) as Fields, place.at(-1)!);
  try {
    parseResults(JSON.stringify(copy), 'r.json');
    return false;
  } catch {
    return true;
  }
}

test('the document names every field of a results file and no other; its stars are what a reader needs', () => {
  const text = readFileSync('src/remote/benchmarks/README.md', 'utf8');
  const section = text.slice(text.indexOf('## The results file'), text.indexOf('## How sets are compared'));
  const told = [...section.matchAll(/^\| `([^`]+)`( \\\*)? +\|/gm)].map(([, name, star]) => ({
    name: name!,
    needed: star !== undefined,
  }));
  expect(parseResults(JSON.stringify(WHOLE), 'r.json')).toEqual(WHOLE);
  expect(told).toEqual(places(WHOLE).map((place) => ({ name: nameOf(place), needed: isNeeded(place) })));
});
