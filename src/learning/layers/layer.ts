import type { Engine, Tensor, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { streamOf } from './chance.js';
import type { Initialiser } from './initialisers.js';

/** What a pass through the layers of a model is: the windows' number, and what decides what is dropped. */
export interface Pass {
  /** B, windows: rows are time-major. */
  readonly batch: number;
  readonly isTraining: boolean;
  readonly seed: number;
  readonly step: number;
}

/** A layer applied: its output, and the way back, to be gone once at most, in the same scope of the engine. */
export interface Applied {
  readonly output: Tensor;
  /**
   * Takes the gradient of the output; adds those of the layer's parameters to `gradients` and returns that of its input.
   * `null` where nothing was asked for (`wantsInput` false).
   */
  backward(dOutput: Tensor, gradients: Gradients, wantsInput: boolean): Tensor | null;
}

/** By the parameters' names. */
export type Gradients = Map<string, Tensor>;

export interface Layer {
  apply(x: Tensor, pass: Pass): Applied;
  /** Columns of the output. */
  readonly width: number;
  /** For the graph of the model: what reads `input`; the last one is the output. */
  nodes(input: string): readonly GraphNode[];
}

/** Makes the variables of a model, by name, with initial values that follow from the seed and the name. */
export class Parameters {
  readonly learnt = new Map<string, Variable>();
  readonly statistics = new Map<string, Variable>();
  #layers = 0;

  constructor(
    readonly engine: Engine,
    readonly seed: number,
  ) {}

  parameter(name: string, rows: number, columns: number, initialiser: Initialiser): Variable {
    return this.#make(this.learnt, name, rows, columns, initialiser);
  }

  statistic(name: string, rows: number, columns: number, initialiser: Initialiser): Variable {
    return this.#make(this.statistics, name, rows, columns, initialiser);
  }

  /** A number for a layer that drops. */
  nextLayer(): number {
    this.#layers += 1;
    return this.#layers;
  }

  dispose(): void {
    for (const variable of [...this.learnt.values(), ...this.statistics.values()]) this.engine.drop(variable);
    this.learnt.clear();
    this.statistics.clear();
  }

  #make(
    to: Map<string, Variable>,
    name: string,
    rows: number,
    columns: number,
    initialiser: Initialiser,
  ): Variable {
    if (this.learnt.has(name) || this.statistics.has(name)) throw new RangeError(`${name} is there already`);
    const values = initialiser(rows, columns, streamOf(this.seed, name));
    const variable = this.engine.variable(rows, columns, values);
    to.set(name, variable);
    return variable;
  }
}

/** The gradient that a layer below needs to go on; a defect when a layer did not give one. */
export function needed(gradient: Tensor | null): Tensor {
  if (gradient === null) throw new Error('Broken invariant: the gradient of an input was not computed');
  return gradient;
}
