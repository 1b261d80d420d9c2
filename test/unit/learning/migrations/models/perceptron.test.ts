import { expect, test } from 'vitest';
import {
  Adam,
  initialParameters,
  Perceptron,
} from '../../../../../src/learning/migrations/models/perceptron.js';

const SHAPE = { inputs: 4, hidden: 6 };
const VALUES = Float32Array.of(0.3, -1.2, 0.8, 2.1, -0.4, 0.9, 1.7, -0.6);

test.each([0, 1])('the gradient for label %i is the slope of differences', (label) => {
  const parameters = initialParameters(SHAPE, 5);
  const network = new Perceptron(SHAPE, parameters);
  const gradient = new Float64Array(parameters.length);
  network.addGradient(VALUES, 1, label, 2.5, gradient);
  const loss = () => {
    const score = network.score(VALUES, 1);
    return -2.5 * Math.log(label === 1 ? score : 1 - score);
  };
  expect(gradient.filter((slope) => slope !== 0).length).toBeGreaterThan(10);
  for (const [at, value] of parameters.entries()) {
    parameters[at] = value + 1e-6;
    const above = loss();
    parameters[at] = value - 1e-6;
    const below = loss();
    parameters[at] = value;
    expect(Math.abs((above - below) / 2e-6 - gradient[at]!), `parameter ${at}`).toBeLessThan(1e-8);
  }
});

test('the first step of Adam is the learning rate against the sign of slope and decay', () => {
  const parameters = Float64Array.of(1, -2, 3);
  new Adam({ learningRate: 0.01, weightDecay: 0.1 }, 3).step(parameters, Float64Array.of(0.5, 0, -0.4));
  expect([...parameters].map((value) => Number(value.toFixed(6)))).toEqual([0.99, -1.99, 3.01]);
});
