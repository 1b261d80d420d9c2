import { expect, test } from 'vitest';
import type { LayerView } from '../../../../src/protocol/modelPanelMessages.js';
import { BOX, layerLayout } from '../../../../webview/model/layers/layerLayout.js';

const layer = (name: string, ...inputs: string[]): LayerView => ({
  name,
  operation: 'Dense',
  inputs,
  shape: [4],
  detail: null,
  parameters: 1,
  statistics: 0,
  weights: [],
});

/** Two blocks with ways around them, below two inputs of which one is read as it is. */
const RESIDUAL = [
  layer('task'),
  layer('embedding', 'task'),
  layer('features'),
  layer('concat', 'embedding', 'features'),
  layer('a1', 'concat'),
  layer('a2', 'a1'),
  layer('aSum', 'concat', 'a2'),
  layer('b1', 'aSum'),
  layer('b2', 'b1'),
  layer('bSum', 'aSum', 'b2'),
];

test('each layer is below all that it reads, and no two overlap', () => {
  const { boxes, width, height } = layerLayout(RESIDUAL);
  const at = new Map(boxes.map((box) => [box.layer.name, box]));
  expect(boxes).toHaveLength(RESIDUAL.length);
  for (const { name, inputs } of RESIDUAL) {
    for (const input of inputs) expect(at.get(input)!.y + BOX.height).toBeLessThan(at.get(name)!.y);
  }
  for (const a of boxes) {
    expect(a.x).toBeGreaterThanOrEqual(0);
    expect(a.x + BOX.width).toBeLessThanOrEqual(width);
    expect(a.y + BOX.height).toBeLessThanOrEqual(height);
    for (const b of boxes) {
      if (a === b) continue;
      const isApart = Math.abs(a.x - b.x) >= BOX.width || Math.abs(a.y - b.y) >= BOX.height;
      expect(isApart).toBe(true);
    }
  }
  // What is read as it is stands just above its reader.
  expect(at.get('features')!.y).toBe(at.get('embedding')!.y);
});

test('residual ways go around the layers that they skip', () => {
  const { boxes, edges, width } = layerLayout(RESIDUAL);
  const around = edges.filter(({ isAround }) => isAround);
  expect(around.map(({ from, to }) => `${from} ${to}`)).toEqual(['concat aSum', 'aSum bSum']);
  expect(edges).toHaveLength(RESIDUAL.reduce((sum, { inputs }) => sum + inputs.length, 0));
  for (const { points } of around) {
    const x = Math.max(...points.map((point) => point.x));
    expect(x).toBeLessThan(width);
    for (const box of boxes) {
      const passes = box.y > points[0]!.y && box.y + BOX.height < points.at(-1)!.y;
      if (passes) expect(x).toBeGreaterThan(box.x + BOX.width);
    }
  }
});

test('no layers, and one that names what is not there', () => {
  expect(layerLayout([]).boxes).toEqual([]);
  const { boxes, edges } = layerLayout([layer('alone', 'missing')]);
  expect([boxes.length, edges.length]).toEqual([1, 0]);
});
