/**
 * Byte scanning for text importers. Lines stay bytes: making a string of each would cost more than all the rest.
 * A position of -1 means "not there".
 */

export const NEWLINE = 0x0a;
export const SPACE = 0x20;
export const HASH = 0x23;
export const OPEN_PARENTHESIS = 0x28;
export const CLOSE_PARENTHESIS = 0x29;
export const DIGIT_0 = 0x30;
export const DIGIT_9 = 0x39;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const LESS_THAN = 0x3c;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function ascii(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of the bytes `[start, end)`. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9;
}

export function skipSpaces(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] === SPACE) i += 1;
  return i;
}

/** Position of the first byte that is no digit. */
export function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i]! >= DIGIT_0 && bytes[i]! <= DIGIT_9) i += 1;
  return i;
}

/** Where the spaces begin that end at `from`; not before `start`. */
export function backOverSpaces(bytes: Uint8Array, start: number, from: number): number {
  let at = from;
  while (at > start && bytes[at - 1] === SPACE) at -= 1;
  return at;
}

/** Where the digits begin that end at `from`; `from` when there are none. */
export function backOverDigits(bytes: Uint8Array, start: number, from: number): number {
  let at = from;
  while (at > start && bytes[at - 1]! >= DIGIT_0 && bytes[at - 1]! <= DIGIT_9) at -= 1;
  return at;
}

/** Whether the bytes at `at` are exactly `key`. */
export function startsWith(bytes: Uint8Array, at: number, end: number, key: Uint8Array): boolean {
  if (at + key.length > end) return false;
  for (let i = 0; i < key.length; i += 1) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/** Position of the first `key` at or after `from`, or -1. */
export function find(bytes: Uint8Array, from: number, end: number, key: Uint8Array): number {
  const first = key[0]!;
  const last = end - key.length;
  for (let i = from; i <= last; i += 1) {
    if (bytes[i] === first && startsWith(bytes, i, end, key)) return i;
  }
  return -1;
}

/** Position of the last `key` that lies wholly in `[from, end)`, or -1. */
export function findLast(bytes: Uint8Array, from: number, end: number, key: Uint8Array): number {
  for (let i = end - key.length; i >= from; i -= 1) if (startsWith(bytes, i, end, key)) return i;
  return -1;
}

/**
 * Reads decimal numbers and remembers where they end, without allocating. `ok` says whether there was one.
 * One instance a session: it is not shared between threads of control.
 */
export class NumberReader {
  #end = 0;
  #ok = true;

  /** First position after the number read last. */
  get end(): number {
    return this.#end;
  }

  get ok(): boolean {
    return this.#ok;
  }

  /** A decimal integer, optionally negative; exact up to 2^53. */
  integer(bytes: Uint8Array, at: number, limit: number): number {
    let i = at;
    const negative = bytes[i] === MINUS;
    if (negative) i += 1;
    const start = i;
    let value = 0;
    while (i < limit) {
      const digit = bytes[i]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      i += 1;
    }
    this.#ok = i > start && value <= Number.MAX_SAFE_INTEGER;
    this.#end = i;
    return negative ? -value : value;
  }

  /** The digits of a fraction of a second as nanoseconds: `5` is 500,000,000; digits after the ninth are dropped. */
  fractionNs(bytes: Uint8Array, at: number, limit: number): number {
    let i = at;
    let value = 0;
    let digits = 0;
    while (i < limit) {
      const digit = bytes[i]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      if (digits < 9) {
        value = value * 10 + digit;
        digits += 1;
      }
      i += 1;
    }
    this.#ok = i > at;
    this.#end = i;
    return value * FRACTION_SCALE[digits]!;
  }
}

/** Nanoseconds a unit of the last of n digits is worth. */
const FRACTION_SCALE = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1];

/** More digits than any number of the formats has; within it values are exact. */
const MAX_DIGITS = 15;

/**
 * Reads unsigned numbers where the caller knows that the bytes do not end: no limit to compare with, for the inner
 * loops of the shortcuts. No digit at all reads as 0 with `end` where it began.
 */
export class DigitReader {
  /** First position after the number read last. */
  end = 0;

  read(bytes: Uint8Array, at: number): number {
    const limit = at + MAX_DIGITS;
    let i = at;
    let value = 0;
    while (i < limit) {
      const digit = bytes[i]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      i += 1;
    }
    this.end = i;
    return value;
  }
}
