import { expect, test } from 'vitest';
import { OnnxGraph } from '../../../../src/learning/export/onnxGraph.js';

test('a value of a graph is made once, before it is read', () => {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', ['batch', 2], 'two numbers');
  expect(() => graph.node('Relu', ['y'], 'z')).toThrow(/Relu reads y, which nothing makes/);
  expect(graph.node('Relu', [x], 'y')).toBe('y');
  expect(() => graph.node('Relu', [x], 'y')).toThrow(/y is made twice/);
  expect(() => graph.integers('x', 1)).toThrow(/x is made twice/);
  expect(() => graph.output('nothing', [], '')).toThrow(/nothing makes nothing/);
});
