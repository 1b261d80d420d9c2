/** Below lie constants of the kernels. */
const FIRST_FREE = 65536;
/** A cache line. */
const ALIGNMENT = 64;

/** Places in a memory that is not made yet, one behind the other, and what will be there at first. */
export class MemoryLayout {
  #bytes = FIRST_FREE;
  readonly #contents: { readonly address: number; readonly values: Float32Array | Int32Array }[] = [];

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns the address of that many bytes, zeros */
  reserve(bytes: number): number {
    const address = this.#bytes;
    this.#bytes += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** @returns the address of a copy, made by `fill` */
  place(values: Float32Array | Int32Array): number {
    const address = this.reserve(values.byteLength);
    this.#contents.push({ address, values });
    return address;
  }

  fill(memory: ArrayBuffer): void {
    for (const { address, values } of this.#contents) {
      const place = new Uint8Array(memory, address, values.byteLength);
      place.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
}
