/**
 * Initial values, distributed as torch's for the same layers (their `reset_parameters`); the numbers themselves are ours.
 */
import { normal, uniform } from './chance.js';

/** Values for a table of that many rows and columns. `stream` is of the seed and the tensor's name. */
export type Initialiser = (rows: number, columns: number, stream: number) => Float32Array;

export const zeros: Initialiser = (rows, columns) => new Float32Array(rows * columns);
export const ones: Initialiser = (rows, columns) => new Float32Array(rows * columns).fill(1);

/** N(0, 1), as torch's Embedding. */
export const standardNormal: Initialiser = (rows, columns, stream) =>
  Float32Array.from({ length: rows * columns }, (_, at) => normal(stream, at));

/**
 * U(−1/√n, 1/√n). Linear and convolution, weights and bias: n is what one output reads (inputs × taps), which is what
 * Kaiming's uniform initialisation with a = √5 comes to. LSTM: n is the number of hidden units, for all of it.
 */
export function uniformByFan(fan: number): Initialiser {
  const bound = 1 / Math.sqrt(fan);
  return (rows, columns, stream) =>
    Float32Array.from({ length: rows * columns }, (_, at) => (2 * uniform(stream, at) - 1) * bound);
}

/** The sum of two draws of `uniformByFan`: torch's LSTM adds two biases, here it has one. */
export function doubleUniformByFan(fan: number): Initialiser {
  const bound = 1 / Math.sqrt(fan);
  return (rows, columns, stream) =>
    Float32Array.from(
      { length: rows * columns },
      (_, at) => (2 * (uniform(stream, 2 * at) + uniform(stream, 2 * at + 1)) - 2) * bound,
    );
}
