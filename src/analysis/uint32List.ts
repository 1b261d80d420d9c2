/** A growable column of unsigned 32-bit numbers. Reads index `values` directly, below `length`. */
export class Uint32List {
  values: Uint32Array;
  length = 0;

  constructor(capacity = 8) {
    this.values = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.#grow();
    this.values[this.length++] = value;
  }

  /** Forgets all values from `length` on. */
  truncate(length: number): void {
    if (length < this.length) this.length = length;
  }

  /** Bytes allocated. */
  get allocatedBytes(): number {
    return this.values.byteLength;
  }

  /** Gives back the room that growing kept in reserve. */
  trim(): void {
    if (this.values.length > this.length) this.values = this.values.slice(0, Math.max(1, this.length));
  }

  #grow(): void {
    // Most memory of the analysis is these lists: the long ones must not keep much in reserve.
    const factor = this.values.length < 65536 ? 1.5 : 1.25;
    const larger = new Uint32Array(Math.ceil(this.values.length * factor) + 8);
    larger.set(this.values);
    this.values = larger;
  }
}
