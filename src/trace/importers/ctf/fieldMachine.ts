/**
 * Takes the fields of a CTF packet apart, bit by bit, by programs that `fieldProgram.ts` makes from the types.
 * Sources: Common Trace Format 1.8.3, section 4.1 (what a bit field is in each byte order).
 *
 *     little endian: bit 0 of a byte is its lowest, and a value's first bit is its lowest
 *     big endian:    bit 0 of a byte is its highest, and a value's first bit is its highest
 */

/** Operations of a program, each followed by its operands. */
export enum Op {
  End,
  /** mask: goes to the next multiple of mask + 1 bits. */
  Align,
  /** bits */
  Skip,
  /** slot, bits, flags: an integer. */
  Integer,
  /** slot, flags: an integer of 32 bits that begins at a byte. */
  Integer32,
  /** bits, flags: an integer that is the time. */
  Clock,
  /** slot, bytes: a text of fixed room, which ends at its first NUL. */
  Characters,
  /** slot (-1: none): a text up to a NUL. */
  String,
  /** slot of the length, slot of the text. */
  CharacterSequence,
  /** slot of the length, bits of an element, bits from one to the next. */
  SkipSequence,
  /** slot of the length, number of the program for an element. */
  RepeatSequence,
  /** how many, number of the program for an element. */
  Repeat,
  /** slot of the tag, number of the choice. */
  Variant,
}

export const SIGNED = 1;
export const LITTLE_ENDIAN = 2;

/** The options of a variant: which program by which values of its tag. */
export interface Choice {
  readonly low: bigint;
  readonly high: bigint;
  readonly program: Program;
}

export interface Program {
  readonly code: Int32Array;
  readonly programs: readonly Program[];
  readonly choices: readonly (readonly Choice[])[];
}

/** What a program came to: all read; beyond the end of the bytes; a value that the types have no meaning for. */
export type Outcome = 'read' | 'beyond' | 'damaged';

export class FieldMachine {
  bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.bytes.buffer);
  /** Where it stands, and where the bytes end: bits from the beginning of `bytes`. */
  bit = 0;
  endBit = 0;
  /** By slot: the value's low and high 32 bits (of a signed one extended), or where a text begins and ends. */
  low = new Int32Array(64);
  high = new Int32Array(64);
  /** Cycles of the clock, as updated by the values read last. */
  clockLow = 0;
  clockHigh = 0;

  /** Makes room for the slots of the programs to come. */
  reserve(slots: number): void {
    if (slots <= this.low.length) return;
    const size = 2 * slots;
    const { low, high } = this;
    this.low = new Int32Array(size);
    this.low.set(low);
    this.high = new Int32Array(size);
    this.high.set(high);
  }

  /** The bytes to read from, and of how many of their bits. */
  load(bytes: Uint8Array, endBit: number): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.endBit = Math.min(endBit, bytes.length * 8);
  }

  /** Value of a slot, exact up to 2^53. */
  number(slot: number): number {
    return this.high[slot]! * 2 ** 32 + (this.low[slot]! >>> 0);
  }

  /** Value of a slot whose integer is unsigned. */
  unsigned(slot: number): number {
    return (this.high[slot]! >>> 0) * 2 ** 32 + (this.low[slot]! >>> 0);
  }

  big(slot: number): bigint {
    return (BigInt(this.high[slot]!) << 32n) | BigInt(this.low[slot]! >>> 0);
  }

  run(program: Program): Outcome {
    const { code } = program;
    for (let at = 0; ;) {
      const op: number | undefined = code[at];
      switch (op) {
        case Op.End:
          return 'read';
        case Op.Align: {
          const mask = code[at + 1]!;
          this.bit += (mask + 1 - (this.bit & mask)) & mask;
          if (this.bit > this.endBit) return 'beyond';
          at += 2;
          break;
        }
        case Op.Skip:
          this.bit += code[at + 1]!;
          if (this.bit > this.endBit) return 'beyond';
          at += 2;
          break;
        case Op.Integer32: {
          if (this.bit + 32 > this.endBit) return 'beyond';
          const slot = code[at + 1]!;
          const flags = code[at + 2]!;
          const value = this.#view.getInt32(this.bit >>> 3, (flags & LITTLE_ENDIAN) !== 0);
          this.low[slot] = value;
          this.high[slot] = (flags & SIGNED) === 0 ? 0 : value >> 31;
          this.bit += 32;
          at += 3;
          break;
        }
        case Op.Integer:
          if (!this.#integer(code[at + 1]!, code[at + 2]!, code[at + 3]!)) return 'beyond';
          at += 4;
          break;
        case Op.Clock:
          if (!this.#clock(code[at + 1]!, code[at + 2]!)) return 'beyond';
          at += 3;
          break;
        case Op.Characters:
          if (!this.#characters(code[at + 1]!, code[at + 2]!)) return 'beyond';
          at += 3;
          break;
        case Op.String:
          if (!this.#string(code[at + 1]!)) return 'beyond';
          at += 2;
          break;
        case Op.CharacterSequence:
          if (!this.#characters(code[at + 2]!, this.unsigned(code[at + 1]!))) return 'beyond';
          at += 3;
          break;
        default: {
          const outcome = this.#compound(program, at);
          if (outcome !== 'read') return outcome;
          at += op === Op.SkipSequence ? 4 : 3;
        }
      }
    }
  }

  #compound({ code, programs, choices }: Program, at: number): Outcome {
    const op: number | undefined = code[at];
    switch (op) {
      case Op.SkipSequence: {
        const length = this.unsigned(code[at + 1]!);
        if (length > 0) this.bit += (length - 1) * code[at + 3]! + code[at + 2]!;
        return this.bit > this.endBit ? 'beyond' : 'read';
      }
      case Op.RepeatSequence:
        return this.#repeat(this.unsigned(code[at + 1]!), programs[code[at + 2]!]!);
      case Op.Repeat:
        return this.#repeat(code[at + 1]! >>> 0, programs[code[at + 2]!]!);
      default: {
        const tag = this.big(code[at + 1]!);
        for (const { low, high, program } of choices[code[at + 2]!]!) {
          if (tag >= low && tag <= high) return this.run(program);
        }
        return 'damaged';
      }
    }
  }

  #repeat(count: number, element: Program): Outcome {
    for (let i = 0; i < count; i += 1) {
      const before = this.bit;
      const outcome = this.run(element);
      if (outcome !== 'read') return outcome;
      // An element of no bits changes nothing, nor do all that follow it: their number may be any.
      if (this.bit === before) return 'read';
    }
    return 'read';
  }

  #integer(slot: number, size: number, flags: number): boolean {
    if (this.bit + size > this.endBit) return false;
    const isLittle = (flags & LITTLE_ENDIAN) !== 0;
    const into = this.bit & 7;
    const at = this.bit >>> 3;
    if (size === 64 && into === 0) {
      this.low[slot] = this.#view.getInt32(isLittle ? at : at + 4, isLittle);
      this.high[slot] = this.#view.getInt32(isLittle ? at + 4 : at, isLittle);
      this.bit += 64;
    } else if (into + size <= 32 && at + 4 <= this.bytes.length) {
      // All of it lies in one word of 32 bits: it goes to the upper end, and back down with or without its sign.
      const word = this.#view.getUint32(at, isLittle);
      const upper = isLittle ? word << (32 - size - into) : word << into;
      const isSigned = (flags & SIGNED) !== 0;
      const low = isSigned ? upper >> (32 - size) : upper >>> (32 - size);
      this.low[slot] = low;
      this.high[slot] = isSigned ? low >> 31 : 0;
      this.bit += size;
    } else this.#bits(slot, size, flags);
    return true;
  }

  /** As `#integer`, byte by byte: whatever lies across words. */
  #bits(slot: number, size: number, flags: number): void {
    const isLittle = (flags & LITTLE_ENDIAN) !== 0;
    const { bytes } = this;
    let at = this.bit;
    let low = 0;
    let high = 0;
    for (let done = 0; done < size;) {
      const into = at & 7;
      const taken = Math.min(8 - into, size - done);
      const byte = bytes[at >>> 3]!;
      if (isLittle) {
        const part = (byte >>> into) & (0xff >>> (8 - taken));
        if (done < 32) {
          low |= part << done;
          if (done + taken > 32) high |= part >>> (32 - done);
        } else high |= part << (done - 32);
      } else {
        const part = (byte >>> (8 - into - taken)) & (0xff >>> (8 - taken));
        high = (high << taken) | (low >>> (32 - taken));
        low = (low << taken) | part;
      }
      done += taken;
      at += taken;
    }
    this.bit = at;
    if ((flags & SIGNED) !== 0) {
      if (size <= 32) {
        low = (low << (32 - size)) >> (32 - size);
        high = low >> 31;
      } else high = (high << (64 - size)) >> (64 - size);
    }
    this.low[slot] = low;
    this.high[slot] = high;
  }

  /**
   * A value of fewer than 64 bits holds the low bits of the clock, and less than one turn of them has passed since
   * the value before: where it is smaller, they have wrapped.
   */
  #clock(size: number, flags: number): boolean {
    if (!this.#integer(CLOCK_SLOT, size, flags & LITTLE_ENDIAN)) return false;
    const low = this.low[CLOCK_SLOT]! >>> 0;
    const high = this.high[CLOCK_SLOT]! >>> 0;
    if (size === 64) {
      this.clockLow = low;
      this.clockHigh = high;
    } else if (size <= 32) {
      // Differences of 32 bits wrap as the clock does.
      const passed = (low - this.clockLow) >>> 0;
      this.clockLow += size === 32 ? passed : passed & ((1 << size) - 1);
      if (this.clockLow >= 2 ** 32) {
        this.clockLow -= 2 ** 32;
        this.clockHigh += 1;
      }
    } else {
      const turn = 2 ** (size - 32);
      const known = this.clockHigh % turn;
      const isWrapped = high < known || (high === known && low < this.clockLow);
      this.clockHigh += high - known + (isWrapped ? turn : 0);
      this.clockLow = low;
    }
    return true;
  }

  #characters(slot: number, length: number): boolean {
    const next = this.bit + length * 8;
    if (next > this.endBit) return false;
    if (slot >= 0) {
      const start = this.bit >>> 3;
      let end = start;
      while (end < start + length && this.bytes[end] !== 0) end += 1;
      this.#setText(slot, start, end);
    }
    this.bit = next;
    return true;
  }

  #string(slot: number): boolean {
    const start = this.bit >>> 3;
    const end = this.bytes.indexOf(0, start);
    if (end < 0 || (end + 1) * 8 > this.endBit) return false;
    if (slot >= 0) this.#setText(slot, start, end);
    this.bit = (end + 1) * 8;
    return true;
  }

  #setText(slot: number, start: number, end: number): void {
    this.low[slot] = start;
    this.high[slot] = end;
  }
}

/** Where the bits of a time are put first. */
export const CLOCK_SLOT = 0;
