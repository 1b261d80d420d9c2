import type { Engine, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import type { ModelInputs, ModelKind } from './model.js';

/** A tensor of weights. */
export interface OutlineWeight {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

/** A node of a model's graph with what is learnt there. */
export interface OutlineNode extends GraphNode {
  readonly weights: readonly OutlineWeight[];
  /** How many numbers are learnt there. */
  readonly parameters: number;
  /** Running means and variances: kept, not learnt. */
  readonly statistics: number;
}

/**
 * The layers of a model with what each holds, in the order in which values pass: of the inputs and settings alone, without
 * its weights and without an engine. Weights go to the node whose name theirs begins with.
 */
export function modelOutline(kind: ModelKind, inputs: ModelInputs, settings: unknown): OutlineNode[] {
  const model = kind.create(new ShapesOnly() as unknown as Engine, inputs, settings, 0);
  const learnt = weightsOf(model.parameters);
  const kept = weightsOf(model.statistics);
  return model.graph.map((node) => {
    const prefix = node.name.replaceAll('/', '.');
    const isOfNode = ({ name }: OutlineWeight) => name === prefix || name.startsWith(`${prefix}.`);
    const weights = learnt.filter(isOfNode);
    return { ...node, weights, parameters: countOf(weights), statistics: countOf(kept.filter(isOfNode)) };
  });
}

/** What layers are made on when nothing is computed: a model asks its engine for variables only. */
class ShapesOnly implements Pick<Engine, 'name' | 'description' | 'variable' | 'drop'> {
  readonly name = 'embedded';
  readonly description = 'shapes only';

  variable(rows: number, columns: number): Variable {
    return { rows, columns, isVariable: true };
  }

  drop(): void {
    // Nothing was allocated.
  }
}

function weightsOf(variables: ReadonlyMap<string, Variable>): OutlineWeight[] {
  return [...variables].map(([name, { rows, columns }]) => ({ name, rows, columns }));
}

function countOf(weights: readonly OutlineWeight[]): number {
  return weights.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
}
