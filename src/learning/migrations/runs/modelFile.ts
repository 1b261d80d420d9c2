/** A trained model as plain numbers in a file: what it may hold, so that nothing that reads it needs to doubt its sizes. */
import * as v from 'valibot';
import type { DeployableBody, DeployableModel } from '../deployableModel.js';

const MODEL_FORMAT = 'kernel-oracle-deployable-model';
const MODEL_VERSION = 1;

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** It goes into C as a name. */
const columnName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]*$/, 'is no name of a column'));

const feature = v.object({
  name: columnName,
  mean: finite,
  deviation: v.pipe(finite, v.notValue(0)),
  least: finite,
  most: finite,
});

const network = v.object({
  kind: v.literal('mlp'),
  layers: v.pipe(
    v.array(
      v.object({
        units: v.pipe(count, v.minValue(1)),
        weights: v.array(finite),
        biases: v.array(finite),
      }),
    ),
    v.minLength(1),
  ),
});
const linear = v.object({ kind: v.literal('linear'), weights: v.array(finite), bias: finite });
const tree = v.object({
  kind: v.literal('tree'),
  nodes: v.pipe(
    v.array(
      v.union([
        v.object({ feature: count, cut: finite, low: count, high: count }),
        v.object({ logit: finite }),
      ]),
    ),
    v.minLength(1),
  ),
});

export const modelFileSchema: v.GenericSchema<unknown, DeployableModel> = v.pipe(
  v.object({
    format: v.literal(MODEL_FORMAT),
    version: v.literal(MODEL_VERSION),
    features: v.pipe(v.array(feature), v.minLength(1)),
    body: v.variant('kind', [network, linear, tree]),
    threshold: finite,
  }),
  v.check(({ features, body }) => isWhole(body, features.length), 'has sizes that do not fit together'),
  v.transform(({ features, body, threshold }) => ({ features, body, threshold })),
);

export function modelFileText(model: DeployableModel): string {
  return `${JSON.stringify({ format: MODEL_FORMAT, version: MODEL_VERSION, ...model }, null, 1)}\n`;
}

/** Whether weights are as many as the units ask for, and questions of a tree are about features and nodes that there are. */
function isWhole(body: DeployableBody, inputs: number): boolean {
  switch (body.kind) {
    case 'linear':
      return body.weights.length === inputs;
    case 'mlp': {
      let width = inputs;
      for (const { units, weights, biases } of body.layers) {
        if (weights.length !== units * width || biases.length !== units) return false;
        width = units;
      }
      return width === 1;
    }
    case 'tree':
      return body.nodes.every(
        (node, at) =>
          'logit' in node ||
          (node.feature < inputs && [node.low, node.high].every((to) => to > at && to < body.nodes.length)),
      );
  }
}
