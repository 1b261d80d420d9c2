import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import type { Engine } from '../../../../src/learning/engines/engine.js';
import { modelOutline } from '../../../../src/learning/models/modelOutline.js';
import { MODELS } from '../../../../src/learning/models/models.js';

const INPUTS = { taskCount: 7, stateCount: 4, featureCount: 2 };
let engine: Engine;

beforeAll(async () => {
  engine = await EmbeddedEngine.create({ threads: 1 });
});
afterAll(() => engine.dispose());

test.each([...MODELS.values()].map((kind) => [kind.name, kind] as const))(
  'every weight of %s stands at one layer, and none is left out',
  (_name, kind) => {
    const settings = v.parse(kind.settings, {});
    const model = kind.create(engine, INPUTS, settings, 1);
    const outline = modelOutline(kind, INPUTS, settings);
    expect(outline.map(({ name }) => name)).toEqual(model.graph.map(({ name }) => name));
    const shown = outline.flatMap(({ weights }) => weights);
    expect(shown.map(({ name }) => name).sort()).toEqual([...model.parameters.keys()].sort());
    for (const { name, rows, columns } of shown) {
      expect(model.parameters.get(name)).toMatchObject({ rows, columns });
    }
    const kept = [...model.statistics.values()].reduce((sum, { rows, columns }) => sum + rows * columns, 0);
    expect(outline.reduce((sum, { statistics }) => sum + statistics, 0)).toBe(kept);
    // What a node reads stands before it.
    const known = new Set<string>();
    for (const { name, inputs } of outline) {
      for (const input of inputs) expect(known).toContain(input);
      known.add(name);
    }
    model.dispose();
  },
);

test('convolutions tell what they see', () => {
  const kind = MODELS.get('tcn')!;
  const outline = modelOutline(kind, INPUTS, v.parse(kind.settings, { blocks: 3 }));
  expect(outline.find(({ name }) => name === 'tcn/block2/conv1')?.detail).toBe('3 taps, dilation 4');
});
