import { Failure, messageOf } from '../../../base/errors.js';
import type { Tensor } from '../engine.js';
import {
  DOUBLE,
  FLOAT,
  INT32,
  INT64,
  typed,
  type Attribute,
  type OutputInfo,
  type TensorFlowBinding,
} from './binding.js';
import { GraphSessions, type Program } from './graphSessions.js';
import { Operations } from './operations.js';

const BYTES: Readonly<Record<number, number>> = { [FLOAT]: 4, [INT32]: 4, [DOUBLE]: 8, [INT64]: 8 };
/** TF_Code of memory that runs out. */
const RESOURCE_EXHAUSTED = 'Invalid TF_Status: 8';

/** What TensorFlow knows by a number. */
export type Id = number;

interface Scope {
  isOpen: boolean;
  readonly ids: Set<Id>;
}

/** A tensor in TensorFlow's memory. */
export class Table implements Tensor {
  constructor(
    readonly rows: number,
    readonly columns: number,
    public id: Id,
    /** Whose end frees it. */
    readonly scope: { readonly isOpen: boolean },
    readonly owner: TensorFlow,
  ) {}
}

/**
 * What operations are made with: TensorFlow's operations on ids, and who frees them. Within `operation` all results are
 * temporary but those that are kept.
 */
export class TensorFlow extends Operations<Id> {
  readonly #binding: TensorFlowBinding;
  readonly #maxBytes: number;
  readonly #scopes: Scope[] = [{ isOpen: true, ids: new Set() }];
  /** What is temporary, per operation under way. */
  #temporary = new Set<Id>();
  readonly #bytes = new Map<Id, number>();
  #usedBytes = 0;

  readonly #sessions: GraphSessions;

  constructor(
    binding: TensorFlowBinding,
    maxBytes: number,
    readonly threads: number,
  ) {
    super();
    this.#binding = binding;
    this.#sessions = new GraphSessions(binding);
    this.#maxBytes = maxBytes;
  }

  /** Of everything that is held, temporary results included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Runs an operation and frees what it made but did not keep, whatever happens. Operations nest. */
  operation<T>(work: () => T): T {
    const outer = this.#temporary;
    const own = (this.#temporary = new Set<Id>());
    try {
      return work();
    } finally {
      this.#temporary = outer;
      for (const id of own) this.#delete(id);
    }
  }

  within<T>(work: () => T): T {
    const scope: Scope = { isOpen: true, ids: new Set() };
    this.#scopes.push(scope);
    try {
      return work();
    } finally {
      this.#scopes.pop();
      this.#close(scope);
    }
  }

  override runMany(
    name: string,
    inputs: readonly Id[],
    attributes: readonly Attribute[],
    count: number,
  ): readonly Id[] {
    this.#requireRoom(0);
    try {
      return this.#results(this.#binding.executeOp(name, attributes, inputs, count));
    } catch (error) {
      throw this.#explained(name, error);
    }
  }

  /**
   * Runs a program as a graph, or one operation after the other where TensorFlow cannot load graphs.
   * @param bytes that it needs beside its results, for there is no count of what a graph holds meanwhile
   */
  runProgram(program: Program, inputs: readonly Id[], bytes: number): readonly Id[] {
    this.#requireRoom(bytes);
    let results: readonly OutputInfo[] | null;
    try {
      results = this.#sessions.run(program, inputs);
    } catch (error) {
      throw this.#explained(program.name, error);
    }
    return results === null ? program.build(this, inputs) : this.#results(results);
  }

  /** Who holds what is made now. */
  get innermostScope(): { readonly isOpen: boolean } {
    return this.#scopes.at(-1)!;
  }

  floats(shape: readonly number[], values: Float32Array): Id {
    // Its own memory: a caller may go on to change the values.
    return this.given(shape, values.slice());
  }

  /** The same without a copy: nobody may change the values afterwards. */
  given(shape: readonly number[], values: Float32Array): Id {
    return this.#create(shape, FLOAT, values);
  }

  ints(shape: readonly number[], values: Int32Array): Id {
    return this.#create(shape, INT32, values.slice());
  }

  override counts(...values: readonly number[]): Id {
    return this.#create([values.length], INT32, Int32Array.from(values));
  }

  override int(value: number): Id {
    return this.#create([], INT32, Int32Array.of(value));
  }

  long(value: number): Id {
    return this.#create([], INT64, Int32Array.of(value, 0));
  }

  float(value: number): Id {
    return this.#create([], FLOAT, Float32Array.of(value));
  }

  /** Rows of a table or of all tables of a series; shares memory where TensorFlow can. */
  slice(x: Id, first: readonly number[], size: readonly number[]): Id {
    const inputs = [x, this.counts(...first), this.counts(...size)];
    return this.run('Slice', inputs, typed(), typed('Index', INT32));
  }

  /** Zero rows before and after. */
  padded(x: Id, before: number, after: number): Id {
    const paddings = this.ints([2, 2], Int32Array.of(before, after, 0, 0));
    return this.run('Pad', [x, paddings], typed(), typed('Tpaddings', INT32));
  }

  zeros(...shape: readonly number[]): Id {
    return this.run('Fill', [this.counts(...shape), this.float(0)], typed(), typed('index_type', INT32));
  }

  override free(...ids: readonly Id[]): void {
    for (const id of ids) if (this.#temporary.delete(id)) this.#delete(id);
  }

  /** A tensor of the innermost scope, of a result of this operation. */
  keep(id: Id, rows: number, columns: number): Table {
    const scope = this.#scopes.at(-1)!;
    this.hold(id);
    return new Table(rows, columns, id, scope, this);
  }

  /** Lets a result live as long as the innermost scope. */
  hold(id: Id): Id {
    if (this.#temporary.delete(id)) this.#scopes.at(-1)!.ids.add(id);
    return id;
  }

  /** Lets a result live until it is released. */
  detach(id: Id): Id {
    this.#temporary.delete(id);
    return id;
  }

  release(id: Id): void {
    this.#delete(id);
  }

  /** A tensor of this engine that is not freed. */
  own(tensor: Tensor): Table {
    if (!(tensor instanceof Table) || tensor.owner !== this)
      throw new RangeError('A tensor of another engine.');
    if (!tensor.scope.isOpen) throw new RangeError('A tensor that was freed, with its scope or by `drop`.');
    return tensor;
  }

  /** A copy for the host. */
  read(id: Id): Float32Array {
    const values = this.#binding.tensorDataSync(id);
    if (!(values instanceof Float32Array)) throw new Error('TensorFlow gave something else than float32.');
    return values;
  }

  dispose(): void {
    for (const scope of this.#scopes) scope.isOpen = false;
    for (const id of [...this.#bytes.keys()]) this.#delete(id);
    this.#sessions.dispose();
  }

  #create(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): Id {
    this.#requireRoom(values.byteLength);
    try {
      return this.#temporarily(this.#binding.createTensor(shape, dtype, values), values.byteLength);
    } catch (error) {
      throw this.#explained('createTensor', error);
    }
  }

  #results(made: readonly OutputInfo[]): readonly Id[] {
    return made.map(({ id, shape, dtype }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return this.#temporarily(id, size * (BYTES[dtype] ?? 4));
    });
  }

  #temporarily(id: Id, bytes: number): Id {
    this.#temporary.add(id);
    this.#bytes.set(id, bytes);
    this.#usedBytes += bytes;
    return id;
  }

  #delete(id: Id): void {
    const bytes = this.#bytes.get(id);
    if (bytes === undefined) return;
    this.#bytes.delete(id);
    this.#usedBytes -= bytes;
    this.#binding.deleteTensor(id);
  }

  #close(scope: Scope): void {
    scope.isOpen = false;
    for (const id of scope.ids) this.#delete(id);
    scope.ids.clear();
  }

  #requireRoom(wanted: number): void {
    if (this.#usedBytes + wanted > this.#maxBytes) throw this.#noRoom();
  }

  #noRoom(cause?: unknown): Failure {
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
    return new Failure(
      'too-large',
      `The native engine has no room for more: ${megabytes(this.#usedBytes)} MB are in use, of ` +
        `${megabytes(this.#maxBytes)} MB that it may have. Make the batch, the window or the model (units, channels, ` +
        'layers) smaller.',
      { cause },
    );
  }

  #explained(name: string, error: unknown): unknown {
    if (error instanceof Failure) return error;
    const message = messageOf(error);
    if (
      message.startsWith(RESOURCE_EXHAUSTED) ||
      /allocation failed|out of memory|OOM when allocating/i.test(message)
    )
      return this.#noRoom(error);
    return new Error(
      `TensorFlow failed in ${name}: ${message.replace(/^Invalid TF_Status: (\d+)\nMessage: /, '')}`,
      {
        cause: error,
      },
    );
  }
}
