/** What scores are worth as an order, whatever threshold is put into it. */
export interface RankingFigures {
  /** Area under precision over recall as a sum of steps (scikit-learn's `average_precision_score`): prevalence by chance. */
  readonly averagePrecision: number;
  /** Probability that a positive is above a negative, ties half: ½ by chance. */
  readonly rocAuc: number;
  /** For each recall that was asked for: the highest precision among the thresholds that reach it. */
  readonly precisionAtRecall: readonly number[];
}

/** Rows in the order of their scores. Equal scores are one threshold: no order among them is made up. */
export class Ranking {
  /** [rows] the highest score first */
  readonly #order: Uint32Array;
  /** [rows] 1: the last of its score, in that order */
  readonly #isLast: Uint8Array;

  /** @param scores finite @param recalls that precision is wanted at */
  constructor(
    private readonly scores: Float32Array,
    private readonly labels: ArrayLike<number>,
    private readonly recalls: readonly number[],
  ) {
    this.#order = descending(scores);
    this.#isLast = Uint8Array.from(this.#order, (row, at) =>
      at + 1 === this.#order.length || scores[this.#order[at + 1]!] !== scores[row] ? 1 : 0,
    );
  }

  /**
   * @param blockOf [rows] the block of each row, and `counts` how often each block is there; every row once unless given
   * @returns NaN all, where one of the classes is not there
   */
  figures(blockOf: ArrayLike<number> | null = null, counts: ArrayLike<number> | null = null): RankingFigures {
    const weightOf = (row: number) => (blockOf === null || counts === null ? 1 : counts[blockOf[row]!]!);
    let positives = 0;
    for (let row = 0; row < this.labels.length; row += 1) positives += this.labels[row]! * weightOf(row);
    const best = this.recalls.map(() => 0);
    let [truePositives, falsePositives, ofSteps, below] = [0, 0, 0, 0];
    let [lastTrue, lastFalse] = [0, 0];
    for (let at = 0; at < this.#order.length; at += 1) {
      const row = this.#order[at]!;
      const weight = weightOf(row);
      if (this.labels[row] === 1) truePositives += weight;
      else falsePositives += weight;
      if (this.#isLast[at] === 0) continue;
      const called = truePositives + falsePositives;
      if (called === 0) continue;
      const precision = truePositives / called;
      ofSteps += (truePositives - lastTrue) * precision;
      below += (falsePositives - lastFalse) * (truePositives + lastTrue);
      for (let asked = 0; asked < best.length; asked += 1) {
        if (truePositives >= this.recalls[asked]! * positives)
          best[asked] = Math.max(best[asked]!, precision);
      }
      [lastTrue, lastFalse] = [truePositives, falsePositives];
    }
    const isTold = positives > 0 && falsePositives > 0;
    return {
      averagePrecision: isTold ? ofSteps / positives : NaN,
      rocAuc: isTold ? below / (2 * positives * falsePositives) : NaN,
      precisionAtRecall: best.map((each) => (isTold ? each : NaN)),
    };
  }

  /** Every score that is one, descending, with how many positives and negatives are not below it. */
  *thresholds(): Generator<{ threshold: number; truePositives: number; falsePositives: number }> {
    let [truePositives, falsePositives] = [0, 0];
    for (let at = 0; at < this.#order.length; at += 1) {
      const row = this.#order[at]!;
      if (this.labels[row] === 1) truePositives += 1;
      else falsePositives += 1;
      if (this.#isLast[at] === 1) yield { threshold: this.scores[row]!, truePositives, falsePositives };
    }
  }
}

/** Rows by descending score, equal ones as they came. */
function descending(scores: Float32Array): Uint32Array {
  return Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
}
