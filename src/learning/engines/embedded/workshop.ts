import type { Tensor } from '../engine.js';
import type { Arena, Scope } from './arena.js';
import type { LinearMemory } from './linearMemory.js';
import {
  ARGUMENTS_ADDRESS,
  OPERATION_ADDRESS,
  OPERATIONS,
  type Kernels,
  type Operation,
} from './kernelModule.js';

/** A tensor in the engine's memory. */
export class Table implements Tensor {
  constructor(
    readonly rows: number,
    readonly columns: number,
    readonly address: number,
    /** Whose end frees it. */
    readonly scope: Scope,
    readonly memory: LinearMemory,
  ) {}

  get length(): number {
    return this.rows * this.columns;
  }
}

/** What operations are made with: memory, tensors in it, and kernels that run on all threads. */
export class Workshop {
  readonly memory: LinearMemory;
  readonly threads: number;
  readonly #arena: Arena;
  readonly #kernels: Kernels;

  constructor(memory: LinearMemory, arena: Arena, kernels: Kernels, threads: number) {
    this.memory = memory;
    this.#arena = arena;
    this.#kernels = kernels;
    this.threads = threads;
  }

  /** A tensor of the innermost scope; whatever was there before is in it. */
  table(rows: number, columns: number): Table {
    return new Table(rows, columns, this.#arena.allocate(rows * columns * 4), this.#arena.scope, this.memory);
  }

  zeros(rows: number, columns: number): Table {
    const made = this.table(rows, columns);
    this.values(made).fill(0);
    return made;
  }

  filled(rows: number, columns: number, values: ArrayLike<number>): Table {
    const made = this.table(rows, columns);
    this.values(made).set(values);
    return made;
  }

  /** Rows of it, as a view that lives as long. */
  view(x: Table, first: number, count: number): Table {
    return new Table(count, x.columns, x.address + first * x.columns * 4, x.scope, this.memory);
  }

  /** A tensor of this engine that is not freed. */
  own(tensor: Tensor): Table {
    if (!(tensor instanceof Table) || tensor.memory !== this.memory)
      throw new RangeError('A tensor of another engine.');
    if (!tensor.scope.isOpen) throw new RangeError('A tensor that was freed, with its scope or by `drop`.');
    return tensor;
  }

  /** Good until memory grows, so: until the next tensor is made. */
  values(x: Table): Float32Array<SharedArrayBuffer> {
    return this.memory.floats(x.address, x.length);
  }

  /** Memory for the length of `work`: for what no tensor is. */
  borrow<T>(bytes: number, work: (address: number) => T): T {
    const block = this.memory.allocate(bytes);
    try {
      return work(block.address);
    } finally {
      this.memory.release(block);
    }
  }

  /** @param values addresses, counts, flags, and floats as `bitsOf` gives them */
  run(operation: Operation, tasks: number, values: readonly (number | boolean)[], isSmall = false): void {
    const ints = this.memory.ints(0, ARGUMENTS_ADDRESS / 4 + values.length);
    ints[OPERATION_ADDRESS / 4] = OPERATIONS[operation];
    values.forEach((value, index) => (ints[ARGUMENTS_ADDRESS / 4 + index] = Number(value)));
    if (isSmall || tasks === 1 || this.threads === 1) this.#kernels.runAlone(tasks);
    else if (this.#kernels.run(tasks) === 0)
      throw new Error(`A thread of the engine failed in ${operation}.`);
  }
}

const converter = new DataView(new ArrayBuffer(4));

/** A float32 as an argument of a job. */
export function bitsOf(value: number): number {
  converter.setFloat32(0, value);
  return converter.getInt32(0);
}
