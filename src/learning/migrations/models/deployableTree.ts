import type { Tree } from '../../trees/decisionTree.js';
import type { DeployableTree, TreeLeaf, TreeQuestion } from '../deployableModel.js';

/** A leaf without rows of one class is not certain: further out a sigmoid is 0 or 1 in any float. */
const MOST_LOGIT = 40;

/**
 * A tree on columns as they were recorded, as an array of nodes.
 * @param names of the columns, in the order of the features
 */
export function deployableTree(tree: Tree, names: readonly string[]): DeployableTree {
  const nodes: (TreeQuestion | TreeLeaf)[] = [];
  const add = (node: Tree): number => {
    const place = nodes.length;
    if (!('column' in node)) {
      nodes.push({ logit: logitOf(node.masses) });
      return place;
    }
    // A place for it: children stand behind their parent.
    nodes.push({ logit: 0 });
    const [low, high] = [add(node.low), add(node.high)];
    const cut = wholeCut(node.column.cuts[node.bin]!);
    nodes[place] = { feature: names.indexOf(node.column.name), cut, low, high };
    return place;
  };
  add(tree);
  return { kind: 'tree', nodes };
}

function logitOf(masses: readonly number[]): number {
  const logit = Math.log(masses[1]! / masses[0]!);
  return Math.max(-MOST_LOGIT, Math.min(MOST_LOGIT, logit));
}

/**
 * The tree was grown on float32, which whole numbers above 2^24 are rounded to; elsewhere it is asked about the numbers
 * themselves. @returns the largest whole number that float32 does not put above the cut
 */
export function wholeCut(cut: number): number {
  let below = Math.fround(cut);
  if (below > cut) below = neighbour(below, -1);
  const middle = (below + neighbour(below, 1)) / 2;
  // Half-way between two floats is rounded to the one whose last bit is 0.
  return Math.fround(middle) > cut ? Math.ceil(middle) - 1 : Math.floor(middle);
}

/** The next float32 above (1) or below (−1). */
function neighbour(value: number, side: 1 | -1): number {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  if (value === 0) return side * 2 ** -149;
  bits[0]! += value > 0 ? side : -side;
  return float[0]!;
}
