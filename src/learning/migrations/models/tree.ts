import { binned } from '../../trees/binnedTable.js';
import { grownTree, leafOf, ruleOf, type Tree } from '../../trees/decisionTree.js';
import type { ClassifierKind } from '../classifier.js';
import { exampleWeights } from './classWeighting.js';
import { deployableTree } from './deployableTree.js';
import { columnsOf } from './rawColumns.js';

/** Questions that are asked of a call at most: sixteen leaves can still be read. */
const DEPTH = 4;

/** On columns as they were recorded, so that a person can read it. */
export const tree: ClassifierKind = {
  name: 'tree',
  title: 'Decision tree',
  isThesis: false,
  train({ raw, labels }, _experiment, { classWeights }) {
    const weights = exampleWeights(labels, classWeights);
    const task = { columns: binned(columnsOf(raw), labels, 2), labels, classes: 2, classWeights: weights };
    const grown = grownTree(
      task,
      Uint32Array.from(labels, (_, row) => row),
      DEPTH,
    );
    return Promise.resolve({
      scores: (table) => {
        const places = new Map(table.raw.names.map((name, at) => [name, at]));
        const { values, names, rows } = table.raw;
        return Float32Array.from({ length: rows }, (_, row) =>
          shareOf(leafOf(grown, (name) => values[row * names.length + places.get(name)!]!)),
        );
      },
      summary: `${leavesOf(grown)} leaves; first way to a positive one: ${ruleOf(grown, 1) ?? 'none'}`,
      body: () => deployableTree(grown, raw.names),
      dispose: () => undefined,
    });
  },
};

/** Of the weight of a leaf, what positive rows make. */
function shareOf({ masses }: { readonly masses: readonly number[] }): number {
  return masses[1]! / (masses[0]! + masses[1]!);
}

function leavesOf(node: Tree): number {
  return 'column' in node ? leavesOf(node.low) + leavesOf(node.high) : 1;
}
