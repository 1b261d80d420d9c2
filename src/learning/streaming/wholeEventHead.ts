import type { DenseLayer, Table } from '../export/architecture.js';
import type { TrainedModel } from '../export/trainedModel.js';

/** Whether it predicts the features of the next event beside its task: the model of 2019. */
export function tellsFeatures({ weights }: TrainedModel): boolean {
  return weights.has('linear.weight');
}

/**
 * The head of the model of 2019 with all its columns: logits of tasks, then the features, which it was taught scaled to 0 … 1 by
 * the range of the training part. The way back is in the weights, so that they come out standardised, as they went in.
 * @param trained whose weights `architectureOf` has found sound @param head of tasks alone
 */
export function wholeEventHead({ weights, inputs }: TrainedModel, head: DenseLayer): DenseLayer {
  const taskCount = head.bias.columns;
  const back = (table: Table, isBias: boolean): Table => {
    const values = table.values.slice();
    for (let at = 0; at < values.length; at += 1) {
      const range = inputs.featureRanges?.[(at % table.columns) - taskCount];
      // As the model scales: a range of no extent leaves values as they are.
      if (range === undefined || range.greatest === range.least) continue;
      values[at] = values[at]! * (range.greatest - range.least) + (isBias ? range.least : 0);
    }
    return { ...table, values };
  };
  const table = (name: string, rows: number): Table => {
    const { shape, values } = weights.get(`linear.${name}`)!;
    return { rows, columns: shape[1]!, values: Float32Array.from(values) };
  };
  return {
    ...head,
    weight: back(table('weight', head.weight.rows), false),
    bias: back(table('bias', 1), true),
  };
}
