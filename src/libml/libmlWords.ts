/** Words of the models of media/libml: 64-bit numbers are two, the low one first. */
import { Failure } from '../base/errors.js';

export function longAt(words: Uint32Array, at: number): bigint {
  return BigInt.asIntN(64, (BigInt(words[at + 1]!) << 32n) | BigInt(words[at]!));
}

export function setLong(words: Uint32Array, at: number, value: bigint): void {
  words[at] = Number(BigInt.asUintN(32, value));
  words[at + 1] = Number(BigInt.asUintN(32, value >> 32n));
}

const float = new DataView(new ArrayBuffer(4));

/** The float32 whose bits a word is. */
export function floatOf(word: number): number {
  float.setUint32(0, word);
  return float.getFloat32(0);
}

/** The bits of the float32 next to a number. */
export function bitsOf(value: number): number {
  float.setFloat32(0, value);
  return float.getUint32(0);
}

export function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Failure `bad-input` unless `isSound`. */
export function requireSound(isSound: boolean, what: string): void {
  if (!isSound) throw new Failure('bad-input', `LibML cannot use this model: ${what}.`);
}
