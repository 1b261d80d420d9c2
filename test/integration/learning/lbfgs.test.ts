import { beforeAll, describe, expect, test } from 'vitest';
import type { Batch } from '../../../src/dataset/sequences.js';
import { kernelOracle2019 } from '../../../src/learning/models/kernelOracle2019.js';
import { LBFGS } from '../../../src/learning/models/trainingDefaults.js';
import { Lbfgs } from '../../../src/learning/trainer/optimizers/lbfgs.js';
import type { Evaluation } from '../../../src/learning/trainer/optimizers/optimizer.js';
import { pythonWithTorch } from '../../bench/peers.js';
import { createModel, randomBatch } from '../../support/modelBatches.js';
import { ReferenceEngine } from '../../support/referenceEngine.js';
import { answerOfTorch } from './torchAnswer.js';

// The model of KernelOracle as its code has it: LSTM cells and a linear layer of torch in float64, trained by torch's L-BFGS.

const INPUTS = { taskCount: 5, stateCount: 3, featureCount: 1 };
const HIDDEN = 4;
const WIDTH = INPUTS.taskCount + INPUTS.featureCount;

/** Torch's cells have a second bias, whose gradient is that of the first: it is kept at zero, for ours have one. */
const TORCH = `
import json, sys
import torch
torch.set_default_dtype(torch.float64)
problem = json.load(open(sys.argv[1]))
hidden, width = problem['hidden'], problem['width']
weights = {name: torch.tensor(each) for name, each in problem['weights'].items()}
data = torch.tensor(problem['events'])
cells, inputs = [], width
for at in range(2):
    cell = torch.nn.LSTMCell(inputs, hidden)
    weight = weights[f'lstm.layer{at}.weight'].reshape(inputs + hidden, 4 * hidden)
    with torch.no_grad():
        cell.weight_ih.copy_(weight[:inputs].T)
        cell.weight_hh.copy_(weight[inputs:].T)
        cell.bias_ih.copy_(weights[f'lstm.layer{at}.bias'])
        cell.bias_hh.zero_()
    cell.bias_hh.requires_grad_(False)
    cells.append(cell)
    inputs = hidden
linear = torch.nn.Linear(hidden, width)
with torch.no_grad():
    linear.weight.copy_(weights['linear.weight'].reshape(hidden, width).T)
    linear.bias.copy_(weights['linear.bias'])
parameters = [each for module in [*cells, linear] for each in module.parameters() if each.requires_grad]
optimizer = torch.optim.LBFGS(
    parameters, lr=0.8, max_iter=problem['iterations'], history_size=problem['history'])
def closure():
    optimizer.zero_grad()
    states = [(torch.zeros(data.shape[0], hidden), torch.zeros(data.shape[0], hidden)) for _ in cells]
    outputs = []
    for event in data[:, :-1].split(1, dim=1):
        x = event.squeeze(1)
        for at, cell in enumerate(cells):
            states[at] = cell(x, states[at])
            x = states[at][0]
        outputs.append(linear(x))
    loss = torch.nn.functional.mse_loss(torch.stack(outputs, 1), data[:, 1:])
    loss.backward()
    return loss
print(json.dumps([optimizer.step(closure).item() for _ in range(problem['steps'])] + [closure().item()]))
`;

let python: string | undefined;

beforeAll(() => {
  python = pythonWithTorch();
}, 60_000);

describe.each([
  // Of differences in rounding each step of twenty directions makes a thousand times as much.
  { iterations: 20, history: 100, steps: 3 },
  { iterations: 5, history: 3, steps: 8 },
  // Torch ends such a step when the loss was evaluated three times.
  { iterations: 3, history: 10, steps: 8 },
])('L-BFGS of $iterations directions and $history pairs', ({ iterations, history, steps }) => {
  test('takes the steps of torch on the model of 2019', async (context) => {
    if (python === undefined) {
      context.skip('there is no torch here: neither in .cache/torch nor that of python3');
      return;
    }
    const engine = new ReferenceEngine();
    const model = createModel(kernelOracle2019, engine, { hidden: HIDDEN }, INPUTS);
    const batch = randomBatch(6, 12, 3, INPUTS);
    const weights = [...model.parameters].map(([name, each]) => [name, [...engine.exact(each)]] as const);
    const problem = {
      ...{ hidden: HIDDEN, width: WIDTH, iterations, history, steps },
      weights: Object.fromEntries(weights),
      events: rowsOf(batch),
    };
    const theirs = await answerOfTorch(python, TORCH, problem);

    const evaluate = (values: Float64Array): Promise<Evaluation> => {
      let at = 0;
      for (const variable of model.parameters.values()) {
        const size = variable.rows * variable.columns;
        engine.write(variable, values.subarray(at, at + size));
        at += size;
      }
      return Promise.resolve(
        engine.scope(() => {
          const found = model.gradients(batch, { isTraining: true, step: 1, positions: 'all' });
          const gradient = [...found.gradients.values()].flatMap((each) => [...engine.exact(each)]);
          return { loss: found.loss, gradient: Float64Array.from(gradient) };
        }),
      );
    };
    const initial = Float64Array.from(weights.flatMap(([, values]) => values));
    const lbfgs = new Lbfgs({ ...LBFGS, iterations, history }, initial);
    const ours: number[] = [];
    for (let step = 0; step < steps; step += 1) ours.push(await lbfgs.step(evaluate, LBFGS.learningRate));
    ours.push((await evaluate(lbfgs.weights)).loss);

    expect(theirs).toHaveLength(steps + 1);
    expect(theirs.at(-1)).toBeLessThan(theirs[0]! * 0.9);
    for (const [step, loss] of ours.entries()) {
      expect(Math.abs(loss / theirs[step]! - 1), `step ${step}: ${loss}, torch ${theirs[step]}`).toBeLessThan(
        1e-6,
      );
    }
  }, 120_000);
});

/** Windows, events, and of each a one-hot name and the feature: what the model makes of a batch. */
function rowsOf({ size, length, task, features }: Batch): number[][][] {
  return Array.from({ length: size }, (_, window) =>
    Array.from({ length }, (__, event) => {
      const row = event * size + window;
      const names = Array.from({ length: INPUTS.taskCount }, (___, name) => (name === task[row] ? 1 : 0));
      return [...names, features[row]!];
    }),
  );
}
