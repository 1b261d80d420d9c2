import type { Block, LinearMemory } from './linearMemory.js';

const SEGMENT_BYTES = 8 * 2 ** 20;
const ALIGNMENT = 64;

/** Whose tensors live as long as it is open. */
export interface Scope {
  isOpen: boolean;
}

interface Mark extends Scope {
  readonly segments: number;
  readonly used: number;
  readonly takenBytes: number;
}

/** Memory of tensors, given back all at once when a scope ends: segments of the engine's memory, filled one after the other. */
export class Arena {
  readonly #memory: LinearMemory;
  readonly #segments: Block[] = [];
  /** Of the last segment. */
  #used = 0;
  #takenBytes = 0;
  readonly #marks: Mark[] = [{ isOpen: true, segments: 0, used: 0, takenBytes: 0 }];

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** The innermost. */
  get scope(): Scope {
    return this.#marks.at(-1)!;
  }

  allocate(bytes: number): number {
    const wanted = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    let segment = this.#segments.at(-1);
    if (segment === undefined || this.#used + wanted > segment.bytes) {
      segment = this.#memory.allocate(Math.max(wanted, SEGMENT_BYTES));
      this.#segments.push(segment);
      this.#used = 0;
    }
    const address = segment.address + this.#used;
    this.#used += wanted;
    this.#takenBytes += wanted;
    return address;
  }

  within<T>(work: () => T): T {
    const mark: Mark = {
      isOpen: true,
      segments: this.#segments.length,
      used: this.#used,
      takenBytes: this.#takenBytes,
    };
    this.#marks.push(mark);
    try {
      return work();
    } finally {
      this.#marks.pop();
      mark.isOpen = false;
      for (const segment of this.#segments.splice(mark.segments)) this.#memory.release(segment);
      this.#used = mark.used;
      this.#takenBytes = mark.takenBytes;
    }
  }
}
