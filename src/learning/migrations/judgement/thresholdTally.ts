import type { Estimate } from '../../../protocol/evaluation.js';
import type { ThresholdFigures } from '../../../protocol/neuralCfs.js';
import { estimateOf, LEAST_BLOCKS, type BlockBootstrap } from '../../evaluation/blockBootstrap.js';
import { confusionAt, sharesOf, type ConfusionCounts, type ConfusionShares } from './confusionCounts.js';

type Share = Exclude<keyof ConfusionShares, 'falsePositiveRate'>;
const SHARES: readonly Share[] = ['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1', 'mcc'];

/** What scores come to at one threshold: by block, so that a resample is a sum over blocks and not over rows. */
export class ThresholdTally {
  /** [blocks, 4] true positives, false positives, false negatives, true negatives */
  readonly #byBlock: Uint32Array;
  readonly #resampled: Readonly<Record<Share, Float64Array>>;
  readonly #counts: ConfusionCounts;

  constructor(
    scores: ArrayLike<number>,
    labels: ArrayLike<number>,
    private readonly threshold: number,
    blockOf: ArrayLike<number>,
    bootstrap: BlockBootstrap,
  ) {
    this.#counts = confusionAt(scores, labels, threshold);
    this.#byBlock = new Uint32Array(4 * bootstrap.blocks);
    for (let row = 0; row < labels.length; row += 1) {
      const isCalled = scores[row]! >= threshold;
      const cell = labels[row] === 1 ? (isCalled ? 0 : 2) : isCalled ? 1 : 3;
      this.#byBlock[4 * blockOf[row]! + cell]! += 1;
    }
    const empty = () => new Float64Array(bootstrap.resamples);
    this.#resampled = {
      ...{ accuracy: empty(), balancedAccuracy: empty(), precision: empty() },
      ...{ recall: empty(), f1: empty(), mcc: empty() },
    };
  }

  /** @param counts how often each block is in the resample */
  add(resample: number, counts: ArrayLike<number>): void {
    let [truePositives, falsePositives, falseNegatives, trueNegatives] = [0, 0, 0, 0];
    for (let block = 0; block < counts.length; block += 1) {
      const times = counts[block]!;
      truePositives += times * this.#byBlock[4 * block]!;
      falsePositives += times * this.#byBlock[4 * block + 1]!;
      falseNegatives += times * this.#byBlock[4 * block + 2]!;
      trueNegatives += times * this.#byBlock[4 * block + 3]!;
    }
    const shares = sharesOf({ truePositives, falsePositives, falseNegatives, trueNegatives });
    for (const share of SHARES) this.#resampled[share][resample] = shares[share];
  }

  /** Blocks with positives, or those with negatives, whichever are fewer. */
  get blocksOfBoth(): number {
    return Math.min(this.#blocksWith(0, 2), this.#blocksWith(1, 3));
  }

  figures(): ThresholdFigures {
    const shares = sharesOf(this.#counts);
    const blocks: Readonly<Record<Share, number>> = {
      accuracy: this.#byBlock.length / 4,
      balancedAccuracy: this.blocksOfBoth,
      precision: this.#blocksWith(0, 1),
      recall: this.#blocksWith(0, 2),
      f1: this.#blocksWith(0, 2),
      mcc: this.blocksOfBoth,
    };
    const estimate = (share: Share) =>
      ofBlocks(shares[share], this.#resampled[share], blocks[share], [share === 'mcc' ? -1 : 0, 1]);
    return {
      threshold: this.threshold,
      ...this.#counts,
      accuracy: estimate('accuracy'),
      balancedAccuracy: estimate('balancedAccuracy'),
      precision: Number.isNaN(shares.precision) ? null : estimate('precision'),
      recall: estimate('recall'),
      f1: estimate('f1'),
      mcc: estimate('mcc'),
    };
  }

  #blocksWith(first: number, second: number): number {
    let blocks = 0;
    for (let at = 0; at < this.#byBlock.length; at += 4) {
      if (this.#byBlock[at + first]! + this.#byBlock[at + second]! > 0) blocks += 1;
    }
    return blocks;
  }
}

/** An estimate with its interval; none where too few blocks have anything to tell. */
export function ofBlocks(
  value: number,
  resampled: Float64Array,
  blocks: number,
  range: readonly [least: number, most: number],
): Estimate {
  return estimateOf(value, blocks < LEAST_BLOCKS ? new Float64Array(0) : resampled, blocks, range);
}
