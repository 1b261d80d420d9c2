import type { EventFormat, FormatField } from './eventFormat.js';

/** TASK_COMM_LEN */
export const COMM_BYTES = 16;

/** Bytes `[start, end)` of a text in a record. */
export interface CommPlace {
  start: number;
  end: number;
}

/** Finds a text in the record `[at, at + length)`; false when it lies outside. */
export type FindText = (
  bytes: Uint8Array,
  view: DataView,
  at: number,
  length: number,
  place: CommPlace,
) => boolean;

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

  text(name: string): FindText {
    const text = this.optionalText(name);
    if (text !== undefined) return text;
    this.#lacks(name);
    return () => false;
  }

  optionalText(name: string): FindText | undefined {
    const field = this.#fields.get(name);
    if (field === undefined) return undefined;
    const { offset, sizeBytes } = field;
    if (field.storage === 'fixed') {
      this.#placed(field, 0);
      return (bytes, _view, at, _length, place) => {
        const start = at + offset;
        let end = start;
        const limit = start + sizeBytes;
        while (end < limit && bytes[end] !== 0) end += 1;
        place.start = start;
        place.end = end;
        return true;
      };
    }
    if (sizeBytes !== 4) return undefined;
    this.#placed(field, 0);
    const from = field.storage === 'relLoc' ? offset + sizeBytes : 0;
    const little = this.#isLittleEndian;
    return (bytes, view, at, length, place) => {
      const location = view.getUint32(at + offset, little);
      const textOffset = from + (location & 0xffff);
      const textBytes = location >>> 16;
      if (textOffset + textBytes > length) return false;
      const start = at + textOffset;
      let end = start;
      while (end < start + textBytes && bytes[end] !== 0) end += 1;
      place.start = start;
      place.end = end;
      return true;
    };
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
