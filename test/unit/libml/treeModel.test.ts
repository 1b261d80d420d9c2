import { describe, expect, it } from 'vitest';
import type { DeployableModel, DeployableTree } from '../../../src/learning/migrations/deployableModel.js';
import { packTree, treeAnswers, TREE_LOGIT_SCALE } from '../../../src/libml/treeModel.js';
import { LONG_MAX, LONG_MIN } from '../../../src/libml/wholeRows.js';
import { randomTree, wideValues } from '../../support/randomLibmlModels.js';
import { randomNumbers } from '../../support/randomNumbers.js';

const FEATURES = [{ name: 'delta', mean: 0, deviation: 1, least: 0, most: 1 }];

function treeOf(...nodes: DeployableTree['nodes']): DeployableModel {
  return { features: FEATURES, body: { kind: 'tree', nodes }, threshold: 0 };
}

/** As the tree was grown: cuts are floats. */
function grownAnswer({ body, threshold }: DeployableModel, row: Float64Array): readonly [number, boolean] {
  const { nodes } = body as DeployableTree;
  let node = nodes[0]!;
  while (!('logit' in node)) node = nodes[row[node.feature]! <= node.cut ? node.low : node.high]!;
  return [node.logit, node.logit > threshold];
}

describe('trees of whole cuts', () => {
  it('decide as those of float cuts', () => {
    const random = randomNumbers(8);
    for (let round = 0; round < 20; round += 1) {
      const model = randomTree(random, 5, 5);
      const values = Float64Array.from(wideValues(random, 500), (value) => Number(BigInt.asIntN(52, value)));
      const { logits, decisions } = treeAnswers(packTree(model), { rows: 100, values });
      for (let row = 0; row < 100; row += 1) {
        const [logit, decision] = grownAnswer(model, values.subarray(5 * row, 5 * row + 5));
        expect(decisions[row]).toBe(Number(decision));
        expect(logits[row]! * TREE_LOGIT_SCALE).toBeCloseTo(logit, 4);
      }
    }
  });

  it('cut next to whole numbers, below 0, too, and at the limits', () => {
    const cut = (at: number) =>
      packTree(treeOf({ feature: 0, cut: at, low: 1, high: 2 }, { logit: -1 }, { logit: 1 }));
    const decided = (at: number, ...values: bigint[]) => [
      ...treeAnswers(cut(at), { rows: values.length, values: BigInt64Array.from(values) }).decisions,
    ];
    expect(decided(2.5, 2n, 3n)).toEqual([0, 1]);
    expect(decided(3, 3n, 4n)).toEqual([0, 1]);
    expect(decided(-2.5, -3n, -2n)).toEqual([0, 1]);
    expect(decided(Infinity, LONG_MAX)).toEqual([0]);
    expect(decided(-(2 ** 63), LONG_MIN, LONG_MIN + 1n)).toEqual([0, 1]);
  });

  it('keep the decision of a leaf whose log-odds are beyond what is told', () => {
    const { logits, decisions } = treeAnswers(packTree(treeOf({ logit: Infinity })), {
      rows: 1,
      values: Float64Array.of(5),
    });
    expect([logits[0]! * TREE_LOGIT_SCALE, decisions[0]]).toEqual([2 ** 15, 1]);
  });

  it.for<{ what: string; model: DeployableModel; message: RegExp }>([
    {
      what: 'a child before its parent',
      model: treeOf({ feature: 0, cut: 1, low: 0, high: 1 }, { logit: 1 }),
      message: /node 0 .* behind/,
    },
    {
      what: 'a node with two parents',
      model: treeOf({ feature: 0, cut: 1, low: 1, high: 1 }, { logit: 1 }),
      message: /only parent/,
    },
    {
      what: 'a node that nothing leads to',
      model: treeOf({ logit: 1 }, { logit: 1 }),
      message: /not reached/,
    },
    {
      what: 'an input that there is not',
      model: treeOf({ feature: 1, cut: 1, low: 1, high: 2 }, { logit: 1 }, { logit: 1 }),
      message: /input that there is not/,
    },
    {
      what: 'a cut that is no number',
      model: treeOf({ feature: 0, cut: NaN, low: 1, high: 2 }, { logit: 1 }, { logit: 1 }),
      message: /cut of node 0/,
    },
    { what: 'too many nodes', model: randomTree(() => 1, 2, 8), message: /511 nodes/ },
  ])('cannot be had with $what', ({ model, message }) => {
    expect(() => packTree(model)).toThrow(message);
  });
});
