/** Models by chance for every corner of LibML's formats, and values that reach their limits. */
import type { DeployableModel, DeployableTree } from '../../src/learning/migrations/deployableModel.js';
import { fixedAnswers } from '../../src/libml/fixedInterpreter.js';
import { FIXED_BOUNDS, type FixedModel, type WeightBits } from '../../src/libml/fixedModel.js';
import { LONG_MAX, LONG_MIN } from '../../src/libml/wholeRows.js';
import { oneOf, type RandomNumbers } from './randomNumbers.js';

const EXTREMES = [LONG_MIN, LONG_MIN + 1n, LONG_MAX, LONG_MAX - 1n, 0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 31n];

/** Numbers of 64 bits of all sizes, limits among them. */
export function wideValues(random: RandomNumbers, count: number): BigInt64Array {
  const values = new BigInt64Array(Uint32Array.from({ length: 2 * count }, () => random(2 ** 32)).buffer);
  for (let at = 0; at < count; at += 1) {
    const choice = random(40);
    values[at] = choice === 0 ? oneOf(random, EXTREMES) : values[at]! >> BigInt(random(64));
  }
  return values;
}

/** @param units of the layers; the last one has one. Its threshold is in the middle of what it says of some rows. */
export function randomFixedModel(
  random: RandomNumbers,
  inputs: number,
  units: readonly number[],
  bits: WeightBits,
): FixedModel {
  const model = randomWeights(random, inputs, units, bits);
  const rows = { rows: 501, values: wideValues(random, 501 * inputs) };
  return { ...model, threshold: fixedAnswers(model, rows).logits.sort()[250]! };
}

function randomWeights(
  random: RandomNumbers,
  inputs: number,
  units: readonly number[],
  bits: WeightBits,
): FixedModel {
  const most = 2 ** (bits - 1);
  const whole = (limit: number) => random(2 * limit + 1) - limit;
  return {
    bits,
    inputs: Array.from({ length: inputs }, () => {
      // Raw values have any size, so scales do.
      const before = random(64);
      return {
        offset:
          BigInt.asIntN(64, BigInt(random(2 ** 32)) << BigInt(random(32))) * (random(2) === 0 ? 1n : -1n),
        multiplier: 1 + random(FIXED_BOUNDS.multiplier),
        before,
        after: random(Math.min(40, FIXED_BOUNDS.shift)),
      };
    }),
    layers: units.map((count, layer) => {
      const width = layer === 0 ? inputs : units[layer - 1]!;
      const isLast = layer + 1 === units.length;
      return {
        units: count,
        // About as many bits as sums have more than activations.
        shift: isLast ? 0 : bits + random(4),
        weights: Int16Array.from({ length: count * width }, () =>
          random(50) === 0 ? -most : random(2 * most) - most,
        ),
        biases: Float64Array.from({ length: count }, () =>
          !isLast && random(10) === 0 ? whole(FIXED_BOUNDS.sum / 2) : whole(2 ** (bits + 14)),
        ),
      };
    }),
    threshold: 0,
    logitScale: 1,
  };
}

export function randomNetwork(
  random: RandomNumbers,
  inputs: number,
  units: readonly number[],
): DeployableModel {
  const real = (size: number) => Math.fround((2 * size * random(2 ** 24)) / 2 ** 24 - size);
  return {
    features: Array.from({ length: inputs }, (_, at) => {
      const deviation = 2 ** random(50) * (1 + random(1000) / 1000);
      return { name: `column_${at}`, mean: real(2) * deviation, deviation, least: 0, most: 1 };
    }),
    body: {
      kind: 'mlp',
      layers: units.map((count, layer) => ({
        units: count,
        weights: Array.from({ length: count * (layer === 0 ? inputs : units[layer - 1]!) }, () => real(1)),
        biases: Array.from({ length: count }, () => real(1)),
      })),
    },
    threshold: real(0.1),
  };
}

/** Each question down to `depth`, or with luck a leaf before. */
export function randomTree(random: RandomNumbers, inputs: number, depth: number): DeployableModel {
  const nodes: DeployableTree['nodes'][number][] = [];
  const grow = (level: number): number => {
    const at = nodes.length;
    nodes.push({ logit: (random(2000) - 1000) / 100 });
    if (level < depth && (level < 2 || random(5) > 0)) {
      const cut = (random(2 ** 20) - 2 ** 19) * 2 ** (random(64) - 20) + 0.25 * random(4);
      const [low, high] = [grow(level + 1), grow(level + 1)];
      nodes[at] = { feature: random(inputs), cut, low, high };
    }
    return at;
  };
  grow(0);
  const features = Array.from({ length: inputs }, (_, at) => ({
    ...{ name: `column_${at}`, mean: 0, deviation: 1, least: 0, most: 1 },
  }));
  return { features, body: { kind: 'tree', nodes }, threshold: 0.5 };
}
