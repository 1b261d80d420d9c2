import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputInfo, TensorFlowBinding } from './binding.js';
import { GRAPH_TAG, GraphDef, type Output } from './graphDef.js';
import type { Operations } from './operations.js';

/** Operations that run as one: those that do not wait for each other side by side, on as many threads as there are. */
export interface Program {
  /** Programs with the same name do the same. */
  readonly name: string;
  /** TF_DataType of what it is fed with. */
  readonly inputTypes: readonly number[];
  /** The results, of what it is fed with. Called for a graph, or on tensors where graphs cannot be loaded. */
  readonly build: <Value>(on: Operations<Value>, inputs: readonly Value[]) => readonly Value[];
}

interface Session {
  readonly id: number;
  readonly inputs: string;
  readonly outputs: string;
}

/** A model needs two for its layers; windows of several lengths need more. */
const MOST_SESSIONS = 16;

/** Programs as graphs that TensorFlow has loaded, the last ones used. */
export class GraphSessions {
  readonly #binding: TensorFlowBinding;
  /** `null` for a program that could not be loaded. In the order of their use. */
  readonly #sessions = new Map<string, Session | null>();

  constructor(binding: TensorFlowBinding) {
    this.#binding = binding;
  }

  /** @returns `null` where it cannot be loaded; an error of TensorFlow when it fails */
  run(program: Program, inputs: readonly number[]): readonly OutputInfo[] | null {
    const session = this.#sessionOf(program);
    if (session === null) return null;
    return this.#binding.runSavedModel(session.id, inputs, session.inputs, session.outputs);
  }

  dispose(): void {
    for (const session of this.#sessions.values()) this.#close(session);
    this.#sessions.clear();
  }

  #sessionOf(program: Program): Session | null {
    let session = this.#sessions.get(program.name);
    this.#sessions.delete(program.name);
    session ??= this.#loaded(program);
    this.#sessions.set(program.name, session);
    if (this.#sessions.size > MOST_SESSIONS) {
      const [oldest] = this.#sessions.keys();
      this.#close(this.#sessions.get(oldest!) ?? null);
      this.#sessions.delete(oldest!);
    }
    return session;
  }

  #loaded({ inputTypes, build }: Program): Session | null {
    const graph = new GraphDef();
    const inputs = inputTypes.map((type) => graph.input(type));
    const outputs: readonly Output[] = build(graph, inputs);
    let folder: string | null = null;
    try {
      folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-graph-'));
      writeFileSync(join(folder, 'saved_model.pb'), graph.savedModel());
      const id = this.#binding.loadSavedModel(folder, GRAPH_TAG);
      return { id, inputs: inputs.join(','), outputs: outputs.join(',') };
    } catch {
      return null;
    } finally {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    }
  }

  #close(session: Session | null): void {
    if (session !== null) this.#binding.deleteSavedModel(session.id);
  }
}
