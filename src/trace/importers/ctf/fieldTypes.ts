/** Types of fields, as the metadata of a CTF trace declare them. Source: Common Trace Format 1.8.3, section 4. */

/** `native`: that of the trace, which is often declared behind the types. */
export type ByteOrder = 'native' | 'le' | 'be';

export interface IntegerType {
  readonly kind: 'integer';
  /** 1…64 bits. */
  readonly sizeBits: number;
  /** A power of two; bits from the packet's beginning. */
  readonly alignBits: number;
  readonly isSigned: boolean;
  readonly byteOrder: ByteOrder;
  /** A character of a text: arrays of it are texts. */
  readonly isCharacter: boolean;
  /** Name of the clock whose value it is. */
  readonly clock: string | undefined;
}

export interface FloatType {
  readonly kind: 'float';
  readonly sizeBits: number;
  readonly alignBits: number;
}

/** Bytes up to a NUL. */
export interface StringType {
  readonly kind: 'string';
}

export interface EnumType {
  readonly kind: 'enum';
  readonly container: IntegerType;
  readonly ranges: LabelRanges;
}

/** By label: the values that have it. */
export type LabelRanges = ReadonlyMap<string, readonly ValueRange[]>;

export interface ValueRange {
  readonly low: bigint;
  readonly high: bigint;
}

export interface Field {
  /** As declared, with the leading `_` that LTTng sets before each name. */
  readonly name: string;
  readonly type: FieldType;
}

export interface StructType {
  readonly kind: 'struct';
  readonly fields: readonly Field[];
  /** The largest of what is declared and what its fields have. */
  readonly alignBits: number;
}

export interface VariantType {
  readonly kind: 'variant';
  /** Path of the enumeration that chooses; undefined in a declaration that is given its tag where it is used. */
  readonly tag: string | undefined;
  readonly options: readonly Field[];
}

export interface ArrayType {
  readonly kind: 'array';
  readonly element: FieldType;
  readonly length: number;
}

export interface SequenceType {
  readonly kind: 'sequence';
  readonly element: FieldType;
  /** Path of the integer that tells how many elements there are. */
  readonly lengthPath: string;
}

export type FieldType =
  IntegerType | FloatType | StringType | EnumType | StructType | VariantType | ArrayType | SequenceType;

/** Bits to which a value of the type is aligned. */
export function alignmentOf(type: FieldType): number {
  switch (type.kind) {
    case 'integer':
    case 'float':
    case 'struct':
      return type.alignBits;
    case 'string':
      return 8;
    case 'enum':
      return type.container.alignBits;
    case 'variant':
      // The chosen option is aligned by itself.
      return 1;
    case 'array':
    case 'sequence':
      return alignmentOf(type.element);
  }
}

const staticSizes = new WeakMap<FieldType, { readonly bits: number | undefined }>();

/**
 * Bits from the beginning of an aligned value to its end when that is the same for each value; undefined where it
 * depends on the data.
 */
export function staticBitsOf(type: FieldType): number | undefined {
  switch (type.kind) {
    case 'integer':
    case 'float':
      return type.sizeBits;
    case 'enum':
      return type.container.sizeBits;
    case 'string':
    case 'variant':
    case 'sequence':
      return undefined;
    case 'struct':
    case 'array': {
      const known = staticSizes.get(type);
      if (known !== undefined) return known.bits;
      const bits = type.kind === 'struct' ? structBits(type) : arrayBits(type);
      staticSizes.set(type, { bits });
      return bits;
    }
  }
}

function structBits(type: StructType): number | undefined {
  let at = 0;
  for (const field of type.fields) {
    const bits = staticBitsOf(field.type);
    if (bits === undefined) return undefined;
    at = alignedTo(at, alignmentOf(field.type)) + bits;
  }
  return at;
}

function arrayBits(type: ArrayType): number | undefined {
  if (type.length === 0) return 0;
  const bits = staticBitsOf(type.element);
  return bits === undefined ? undefined : strideOf(type.element, bits) * (type.length - 1) + bits;
}

/** Bits from one element of an array to the next. */
export function strideOf(element: FieldType, staticBits: number): number {
  return alignedTo(staticBits, alignmentOf(element));
}

export function alignedTo(at: number, alignBits: number): number {
  return Math.ceil(at / alignBits) * alignBits;
}
