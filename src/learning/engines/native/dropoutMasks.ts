import { hash32 } from '../dropoutMask.js';
import { DROPOUT_MASK_KERNEL } from '../embedded/generated/kernelBytes.js';
import { webAssembly, type OwnWasmMemory, type WasmModule } from '../../../base/webAssembly.js';

const PAGE_BYTES = 65536;
/** Of the compiled module. */
const LEAST_PAGES = 2;
/** Memories that are kept to be used again; a network has a layer of dropout or some more. */
const KEPT = 32;

interface Kernel {
  fill(end: number, key: number, below: number, factor: number): void;
}

interface Slot {
  readonly memory: OwnWasmMemory;
  readonly kernel: Kernel;
  readonly pages: number;
  /** Of whoever has the mask that is in it. */
  owner: { readonly isOpen: boolean };
}

let compiled: WasmModule | undefined;

/**
 * What `dropout` multiplies with: 0, or 1 / (1 - rate), the same elements as `isDropped` tells. A mask is made where TensorFlow
 * can read it as it is: a memory of WebAssembly begins at a page, while what begins elsewhere than at 64 bytes is copied.
 */
export class DropoutMasks {
  #slots: Slot[] = [];

  /** @returns a mask that stays as it is as long as its owner is open, and nobody else may change */
  factors(
    length: number,
    rate: number,
    seed: number,
    owner: { readonly isOpen: boolean },
  ): Float32Array<ArrayBuffer> {
    const { memory, kernel } = this.#slotFor(length, owner);
    // Hashes are whole numbers: one is below the rate's share of 2^32 exactly when it is below the next whole number.
    const below = Math.min(Math.ceil(rate * 2 ** 32), 2 ** 32 - 1);
    kernel.fill(Math.ceil(length / 4) * 16, hash32(seed), below, 1 / (1 - rate));
    return new Float32Array(memory.buffer, 0, length);
  }

  #slotFor(length: number, owner: { readonly isOpen: boolean }): Slot {
    const pages = Math.max(LEAST_PAGES, Math.ceil((length * 4) / PAGE_BYTES));
    const known = this.#slots.find((slot) => slot.pages === pages && !slot.owner.isOpen);
    if (known !== undefined) {
      known.owner = owner;
      return known;
    }
    compiled ??= new webAssembly.Module(Buffer.from(DROPOUT_MASK_KERNEL, 'base64'));
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = new webAssembly.Instance(compiled, { env: { memory } });
    const slot = { memory, kernel: exports as Kernel, pages, owner };
    // What was used longest ago goes; whoever still has its mask keeps it alive.
    this.#slots = [...this.#slots.slice(1 - KEPT), slot];
    return slot;
  }
}
