/**
 * Chance as a function of what it is for (`dropoutMask.ts` has the hash): initial weights follow from the seed, the name of
 * the tensor and the place in it; what is dropped from the seed, the step and the layer.
 */
import { hash32 } from '../engines/dropoutMask.js';

/** Uniform on [0, 1) with 32 bits. */
export function uniform(stream: number, index: number): number {
  return hash32((index ^ stream) | 0) / 2 ** 32;
}

/** Normal with mean 0 and deviation 1, from two uniform numbers (Box and Muller 1958). */
export function normal(stream: number, index: number): number {
  // Never 0, whose logarithm there is not.
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(stream, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniform(stream, 2 * index + 1));
}

/** A stream of random numbers for a seed and a name. */
export function streamOf(seed: number, name: string): number {
  let hash = hash32(seed);
  for (let at = 0; at < name.length; at += 1) hash = hash32((hash ^ name.charCodeAt(at)) | 0);
  return hash;
}

/** The seed of one dropout: of step n (of the run) in layer l. */
export function dropoutSeed(seed: number, step: number, layer: number): number {
  return hash32((hash32((hash32(seed) ^ step) | 0) ^ Math.imul(layer + 1, 0x9e3779b1)) | 0);
}
