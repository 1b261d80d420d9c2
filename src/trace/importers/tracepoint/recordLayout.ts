import type { EventFormat, FormatField } from './eventFormat.js';

/** TASK_COMM_LEN */
export const COMM_BYTES = 16;

/** Where a text lies in the records of an event, and after `find` where it lies in one of them. */
export class TextPlace {
  /** Bytes `[start, end)` that the text was given: it ends at the first zero byte, or with them. */
  start = 0;
  end = 0;

  /**
   * The text itself begins at `offset` and has `sizeBytes`; where that is 0, a u32 there tells: in its low half where the
   * text begins, counted from `origin` on, in its high half how many bytes it has.
   */
  constructor(
    readonly offset: number,
    readonly sizeBytes: number,
    readonly origin: number,
    readonly isLittleEndian: boolean,
  ) {}

  /** Finds the text in the record `[at, at + length)`; false when it lies outside. */
  find(view: DataView, at: number, length: number): boolean {
    if (this.sizeBytes > 0) {
      this.start = at + this.offset;
      this.end = this.start + this.sizeBytes;
      return true;
    }
    const location = view.getUint32(at + this.offset, this.isLittleEndian);
    const textOffset = this.origin + (location & 0xffff);
    const textBytes = location >>> 16;
    this.start = at + textOffset;
    this.end = this.start + textBytes;
    return textOffset + textBytes <= length;
  }
}

/**
 * Where the fields of an event lie. Fields are asked for by name; whether all that must be there are, and have a
 * size that can be read, is known afterwards (`isUsable`), as is how long a record must be (`minimumBytes`).
 */
export class RecordLayout {
  /** Bytes from the record's beginning to the end of the last field that was asked for. */
  minimumBytes = 0;
  /** Names of fields that are missing or have a size no kernel gives them. */
  readonly missing: string[] = [];
  readonly #fields: ReadonlyMap<string, FormatField>;
  readonly #isLittleEndian: boolean;

  constructor(format: EventFormat, isLittleEndian: boolean) {
    this.#fields = format.fields;
    this.#isLittleEndian = isLittleEndian;
  }

  get isUsable(): boolean {
    return this.missing.length === 0;
  }

  /** Offset of an integer's low 32 bits, under the first of the names that is there. */
  int32(...names: readonly string[]): number {
    for (const name of names) {
      const offset = this.optionalInt32(name);
      if (offset !== undefined) return offset;
    }
    return this.#lacks(names[0]!);
  }

  optionalInt32(name: string): number | undefined {
    const field = this.#fields.get(name);
    if (field?.sizeBytes === 4) return this.#placed(field, 0);
    // On a 64-bit machine prev_state is a long.
    if (field?.sizeBytes === 8) return this.#placed(field, this.#isLittleEndian ? 0 : 4);
    return undefined;
  }

  int64(name: string): number {
    return this.optionalInt64(name) ?? this.#lacks(name);
  }

  optionalInt64(name: string): number | undefined {
    const field = this.#fields.get(name);
    return field?.sizeBytes === 8 ? this.#placed(field, 0) : undefined;
  }

  optionalByte(name: string): number | undefined {
    const field = this.#fields.get(name);
    return field?.sizeBytes === 1 ? this.#placed(field, 0) : undefined;
  }

  /** Offset of a comm in the kernel's own form, 16 bytes that end with zeros; undefined for any other. */
  optionalComm16(name: string): number | undefined {
    const field = this.#fields.get(name);
    return field?.storage === 'fixed' && field.sizeBytes === COMM_BYTES ? this.#placed(field, 0) : undefined;
  }

  text(name: string): TextPlace | undefined {
    const text = this.optionalText(name);
    if (text === undefined) this.#lacks(name);
    return text;
  }

  optionalText(name: string): TextPlace | undefined {
    const field = this.#fields.get(name);
    if (field === undefined) return undefined;
    const { offset, sizeBytes, storage } = field;
    if (storage === 'fixed') {
      // Without a byte of its own it would be taken for one that lies elsewhere.
      if (sizeBytes === 0) return undefined;
      this.#placed(field, 0);
      return new TextPlace(offset, sizeBytes, 0, this.#isLittleEndian);
    }
    if (sizeBytes !== 4) return undefined;
    this.#placed(field, 0);
    return new TextPlace(offset, 0, storage === 'relLoc' ? offset + sizeBytes : 0, this.#isLittleEndian);
  }

  #placed(field: FormatField, shift: number): number {
    this.minimumBytes = Math.max(this.minimumBytes, field.offset + field.sizeBytes);
    return field.offset + shift;
  }

  #lacks(name: string): number {
    this.missing.push(name);
    return 0;
  }
}
