import type { Tensor } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { needed, type Applied, type Layer, type Pass } from './layer.js';

/** Layers behind each other; at least one. */
export class Chain implements Layer {
  constructor(private readonly layers: readonly Layer[]) {
    if (layers.length === 0) throw new RangeError('a chain of no layers');
  }

  get width(): number {
    return this.layers.at(-1)!.width;
  }

  apply(x: Tensor, pass: Pass): Applied {
    const steps: Applied[] = [];
    for (const layer of this.layers) steps.push(layer.apply(steps.at(-1)?.output ?? x, pass));
    return {
      output: steps.at(-1)!.output,
      backward: (dOutput, gradients, wantsInput) => {
        let gradient: Tensor | null = dOutput;
        for (let at = steps.length - 1; at >= 0; at -= 1)
          gradient = steps[at]!.backward(needed(gradient), gradients, wantsInput || at > 0);
        return gradient;
      },
    };
  }

  nodes(input: string): readonly GraphNode[] {
    const nodes: GraphNode[] = [];
    for (const layer of this.layers) nodes.push(...layer.nodes(nodes.at(-1)?.name ?? input));
    return nodes;
  }
}
