import { beforeAll, expect, test } from 'vitest';
import { logistic } from '../../../src/learning/migrations/models/logistic.js';
import { pythonWithTorch } from '../../bench/peers.js';
import { randomNumbers } from '../../support/randomNumbers.js';
import { answerOfTorch } from './torchAnswer.js';

const ROWS = 500;
const COLUMNS = 5;

/** scikit-learn's objective with its defaults, by torch's own cross entropy and L-BFGS in float64. */
const TORCH = `
import json, sys
import torch
torch.set_default_dtype(torch.float64)
problem = json.load(open(sys.argv[1]))
x, y = torch.tensor(problem['values']), torch.tensor(problem['labels'], dtype=torch.float64)
weights = torch.tensor(problem['weights'])[y.long()]
w = torch.zeros(x.shape[1] + 1, requires_grad=True)
optimizer = torch.optim.LBFGS([w], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-15,
                              line_search_fn='strong_wolfe')
def loss():
    logits = x @ w[:-1] + w[-1]
    costs = torch.nn.functional.binary_cross_entropy_with_logits(logits, y, weights, reduction='sum')
    return costs + (w[:-1] ** 2).sum() / 2
def closure():
    optimizer.zero_grad()
    value = loss()
    value.backward()
    return value
optimizer.step(closure)
print(json.dumps(torch.sigmoid(x @ w[:-1] + w[-1]).tolist()))
`;

let python: string | undefined;

// Looking for torch imports it: once.
beforeAll(() => {
  python = pythonWithTorch();
}, 60_000);

test.for<{ what: string; weights: readonly [number, number]; isSeparable: boolean }>([
  { what: 'a class that counts more', weights: [0.25, 4], isSeparable: false },
  { what: 'classes that a plane parts', weights: [1, 1], isSeparable: true },
])('logistic regression is that of torch: $what', async ({ weights, isSeparable }, context) => {
  if (python === undefined) {
    context.skip('there is no torch here: neither in .cache/torch nor that of python3');
    return;
  }
  const next = randomNumbers(11);
  const number = () => (next(2000) - 1000) / 500;
  const values = Float32Array.from({ length: ROWS * COLUMNS }, number);
  const labels = Uint8Array.from({ length: ROWS }, (_, row) => {
    const side = 2 * values[row * COLUMNS]! - values[row * COLUMNS + 1]! + 0.5;
    return Number(side + (isSeparable ? 0 : number()) > 1.5);
  });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const features = { rows: ROWS, names, values };
  const found = await logistic.train({ features, raw: features, labels }, 1, {
    seed: 1,
    classWeights: weights,
  });
  const ours = found.scores({ features, raw: features });

  const positives = labels.reduce((sum, label) => sum + label, 0);
  const scale = ROWS / ((ROWS - positives) * weights[0] + positives * weights[1]);
  const theirs = await answerOfTorch(python, TORCH, {
    values: Array.from({ length: ROWS }, (_, row) => [
      ...values.subarray(row * COLUMNS, (row + 1) * COLUMNS),
    ]),
    labels: [...labels],
    weights: weights.map((weight) => weight * scale),
  });
  expect(theirs).toHaveLength(ROWS);
  expect(Math.max(...theirs) - Math.min(...theirs)).toBeGreaterThan(0.9);
  for (const [row, score] of ours.entries()) expect(Math.abs(score - theirs[row]!)).toBeLessThan(1e-6);
});
