/** Labels and scores of a linear congruential generator that every language repeats: to be judged here and by scikit-learn. */
export interface DrawnScores {
  readonly rows: number;
  /** Of positives. */
  readonly share: number;
  /** Distinct scores between 0 and 1: the fewer, the more ties. */
  readonly steps: number;
}

export function drawnScores({ rows, share, steps }: DrawnScores): {
  readonly labels: Uint8Array;
  readonly scores: Float32Array;
} {
  let state = 12345;
  const next = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) / 2 ** 31;
  const labels = new Uint8Array(rows);
  const scores = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    labels[row] = next() < share ? 1 : 0;
    const score = 0.3 + 0.25 * labels[row]! + 0.6 * (next() - 0.5);
    scores[row] = Math.floor(Math.min(1, Math.max(0, score)) * steps) / steps;
  }
  return { labels, scores };
}

/** The same in Python: `labels`, `scores` of (rows, share, steps). */
export const DRAWN_SCORES_PYTHON = `
import numpy
def drawn(rows, share, steps):
    state, labels, scores = 12345, [], []
    def following():
        nonlocal state
        state = (state * 1103515245 + 12345) % 2 ** 31
        return state / 2 ** 31
    for _ in range(rows):
        label = 1 if following() < share else 0
        score = 0.3 + 0.25 * label + 0.6 * (following() - 0.5)
        labels.append(label)
        scores.append(int(min(1, max(0, score)) * steps) / steps)
    return numpy.array(labels), numpy.array(scores, dtype=numpy.float32)
`;
