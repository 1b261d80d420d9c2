import type { Batch } from '../../dataset/sequences.js';
import type { Tensor, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { Dense } from '../layers/dense.js';
import type { EventInput } from '../layers/eventInput.js';
import { needed, type Layer, type Parameters, type Pass } from '../layers/layer.js';
import type { LossPositions, Model, ModelOutputs, StepContext } from './model.js';
import { firstCountedRow, targetCount, type Objective } from './objective.js';

/** Events in, layers over time, a dense head: what all models of windows but that of 2019 are. */
export class SequenceModel implements Model {
  readonly graph: readonly GraphNode[];
  readonly #head: Dense;

  constructor(
    private readonly variables: Parameters,
    private readonly input: EventInput,
    private readonly body: Layer,
    private readonly objective: Objective,
  ) {
    this.#head = new Dense(variables, 'head', body.width, objective.width);
    const before = [...input.nodes(), ...body.nodes('input/concat')];
    this.graph = [...before, ...this.#head.nodes(before.at(-1)!.name)];
  }

  get parameters(): ReadonlyMap<string, Variable> {
    return this.variables.learnt;
  }

  get statistics(): ReadonlyMap<string, Variable> {
    return this.variables.statistics;
  }

  get outputs(): ModelOutputs {
    return this.objective.outputs;
  }

  gradients(batch: Batch, { isTraining, step, positions }: StepContext) {
    const { engine } = this.variables;
    const events = this.input.apply(batch);
    const hidden = this.body.apply(events.output, this.#pass(batch, isTraining, step));
    const first = firstCountedRow(batch, positions);
    // Of the last events alone the head is a T-th of the work.
    const counted = this.#rowsFrom(hidden.output, first);
    const head = this.#head.apply(counted);
    const { loss, dX } = this.objective.loss(engine, head.output, batch, first);
    const found = new Map<string, Tensor>();
    const dCounted = needed(head.backward(dX, found, true));
    const dHidden = first === 0 ? dCounted : engine.rowsGradient(hidden.output.rows, first, dCounted);
    events.backward(needed(hidden.backward(dHidden, found, true)), found);
    const gradients = new Map(
      [...this.parameters.keys()].map((name) => [name, needed(found.get(name) ?? null)]),
    );
    return { loss, gradients };
  }

  lossWeight(batch: Batch, positions: LossPositions): number {
    return targetCount(batch, positions, this.objective.task);
  }

  assess(batch: Batch, positions: LossPositions) {
    const { engine } = this.variables;
    return engine.scope(() => {
      const first = firstCountedRow(batch, positions);
      const output = this.#outputFrom(batch, first);
      const { loss } = this.objective.loss(engine, output, batch, first);
      return { loss, predicted: engine.read(this.#rowsFrom(output, output.rows - batch.size)) };
    });
  }

  predict(batch: Batch): Float32Array {
    const { engine } = this.variables;
    return engine.scope(() => engine.read(this.#outputFrom(batch, firstCountedRow(batch, 'last'))));
  }

  dispose(): void {
    this.variables.dispose();
  }

  #outputFrom(batch: Batch, first: number): Tensor {
    const events = this.input.apply(batch);
    const hidden = this.body.apply(events.output, this.#pass(batch, false, 0));
    return this.#head.apply(this.#rowsFrom(hidden.output, first)).output;
  }

  #rowsFrom(x: Tensor, first: number): Tensor {
    return first === 0 ? x : this.variables.engine.rows(x, first, x.rows - first);
  }

  #pass({ size }: Batch, isTraining: boolean, step: number): Pass {
    return { batch: size, isTraining, step, seed: this.variables.seed };
  }
}
