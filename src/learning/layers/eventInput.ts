import type { Batch } from '../../dataset/sequences.js';
import type { Tensor, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { standardNormal } from './initialisers.js';
import type { Gradients, Parameters } from './layer.js';

export interface EventInputSettings {
  readonly taskCount: number;
  readonly stateCount: number;
  readonly featureCount: number;
  readonly taskWidth: number;
  readonly stateWidth: number;
}

/** Events as rows: an embedding of the task, one of the state it left the CPU in, and the features, side by side. */
export class EventInput {
  readonly width: number;
  readonly #tasks: Variable;
  readonly #states: Variable;

  constructor(
    private readonly parameters: Parameters,
    private readonly settings: EventInputSettings,
  ) {
    const { taskCount, stateCount, featureCount, taskWidth, stateWidth } = settings;
    this.width = taskWidth + stateWidth + featureCount;
    this.#tasks = parameters.parameter('input.task', taskCount, taskWidth, standardNormal);
    this.#states = parameters.parameter('input.state', stateCount, stateWidth, standardNormal);
  }

  apply({ task, state, features }: Batch): {
    readonly output: Tensor;
    backward(dOutput: Tensor, gradients: Gradients): void;
  } {
    const { engine } = this.parameters;
    const { featureCount, taskWidth, stateWidth, taskCount, stateCount } = this.settings;
    const parts = [engine.embedding(this.#tasks, task), engine.embedding(this.#states, state)];
    if (featureCount > 0) parts.push(engine.tensor(task.length, featureCount, features));
    const widths = [taskWidth, stateWidth, ...(featureCount > 0 ? [featureCount] : [])];
    return {
      output: engine.concat(parts),
      backward: (dOutput, gradients) => {
        const [dTask, dState] = engine.split(dOutput, widths);
        gradients.set('input.task', engine.embeddingGradient(taskCount, task, dTask!));
        gradients.set('input.state', engine.embeddingGradient(stateCount, state, dState!));
      },
    };
  }

  nodes(): readonly GraphNode[] {
    const { featureCount, taskWidth, stateWidth } = this.settings;
    const read = (name: string, width: number): GraphNode[] => [
      { name: `events/${name}`, operation: 'Placeholder', inputs: [] },
      { name: `input/${name}`, operation: 'Embedding', inputs: [`events/${name}`], shape: [width] },
    ];
    const features: GraphNode[] =
      featureCount === 0
        ? []
        : [{ name: 'events/features', operation: 'Placeholder', inputs: [], shape: [featureCount] }];
    return [
      ...read('task', taskWidth),
      ...read('state', stateWidth),
      ...features,
      {
        name: 'input/concat',
        operation: 'ConcatV2',
        inputs: ['input/task', 'input/state', ...features.map(({ name }) => name)],
        shape: [this.width],
      },
    ];
  }
}
