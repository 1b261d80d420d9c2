/** Strings by small number, each held once. Number 0 is always the empty string: "nothing recorded". */
export class StringTable {
  readonly #values: string[] = [''];
  readonly #indexes = new Map<string, number>([['', 0]]);

  constructor(
    readonly what: string,
    readonly capacity: number,
  ) {}

  get size(): number {
    return this.#values.length;
  }

  /** Number of the string. When the table is full, 0: the caller's column has no room for more. */
  intern(value: string): number {
    const known = this.#indexes.get(value);
    if (known !== undefined) return known;
    if (this.#values.length >= this.capacity) return 0;
    this.#values.push(value);
    this.#indexes.set(value, this.#values.length - 1);
    return this.#values.length - 1;
  }

  get(index: number): string {
    return this.#values[index] ?? '';
  }

  values(): readonly string[] {
    return this.#values;
  }
}
