import { BlockBootstrap, blockLength } from '../../evaluation/blockBootstrap.js';

/** Resamples of the intervals. Each takes a pass over all rows in the order of their scores. */
const RESAMPLES = 400;

/** Rows as blocks that are drawn as a whole: no history group is in two, and calls that follow each other stay together. */
export interface GroupBlocks {
  /** [rows] */
  readonly blockOf: Uint16Array;
  readonly bootstrap: BlockBootstrap;
}

/**
 * Blocks of whole history groups: groups in the order of their first calls, taken together until a block is as long as calls
 * depend on each other (`blockLength`), within a recording. A group's calls are labelled together in experiment 2 and decided
 * alike in the others, so rows drawn one by one would make intervals too narrow.
 * @param groups [rows] the history group @param recording [rows] @param series [rows] each: what depends on its past, such as
 * labels or hits; the longest wins
 */
export function groupBlocks(
  groups: ArrayLike<number>,
  recording: ArrayLike<number>,
  series: readonly ArrayLike<number>[],
  seed: number,
): GroupBlocks {
  const wanted = Math.max(1, ...series.map((each) => blockLength(each, recording)));
  const blockOf = blocksOf(groups, recording, wanted);
  // The bootstrap wants the rows of a block side by side: how they lie within it does not matter.
  const sorted = Uint16Array.from(blockOf).sort();
  return { blockOf, bootstrap: new BlockBootstrap(sorted, Infinity, seed, RESAMPLES) };
}

function blocksOf(groups: ArrayLike<number>, recording: ArrayLike<number>, wanted: number): Uint16Array {
  const sizes = new Map<number, number>();
  for (let row = 0; row < groups.length; row += 1) {
    sizes.set(groups[row]!, (sizes.get(groups[row]!) ?? 0) + 1);
  }
  const blockOfGroup = new Map<number, number>();
  const blockOf = new Uint16Array(groups.length);
  let [block, filled] = [0, 0];
  for (let row = 0; row < groups.length; row += 1) {
    const group = groups[row]!;
    if (!blockOfGroup.has(group)) {
      const isNew = row > 0 && recording[row] !== recording[row - 1];
      if (filled >= wanted || (isNew && filled > 0)) [block, filled] = [block + 1, 0];
      blockOfGroup.set(group, block);
      filled += sizes.get(group)!;
    }
    blockOf[row] = blockOfGroup.get(group)!;
  }
  return blockOf;
}
